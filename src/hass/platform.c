/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/platform.h"

#include <stddef.h>
#include <string.h>

#include "util/defer.h"

#define MEASURED "measurement"
#define ADDED_UP "total_increasing"

/* What stands between units, of which one may be none, and between classes. */
#define BAR "|"

#define MICROGRAMS   "\xc2\xb5g/m\xc2\xb3"
#define CUBIC_METRES "m\xc2\xb3"
#define ENERGIES     "Wh|kWh|MWh|GWh|TWh|mWh|J|kJ|MJ|GJ|cal|kcal|Mcal|Gcal"
#define LENGTHS      "mm|cm|m|km|in|ft|yd|mi|nmi"
#define PRESSURES    "hPa|Pa|kPa|bar|cbar|mbar|mmHg|inHg|psi"
#define SPEEDS       "m/s|km/h|mm/s|ft/s|in/s|mph|kn"
#define TEMPERATURES                                                                               \
        "\xc2\xb0"                                                                                 \
        "C|\xc2\xb0"                                                                               \
        "F|K"
#define VOLUMES        "L|mL|" CUBIC_METRES "|ft\xc2\xb3|gal|CCF"
#define RATES_OF_DEPTH "mm/h|mm/d|in/h|in/d"

/*
 * The classes of numbers (home-assistant/core, components/sensor/const.py and
 * components/number/const.py): their units, and how a sensor of that class counts. They are those
 * that every version knows which knows discovery by device.
 */
/* clang-format off */
static const struct {
        const char *class, *units, *state_class;
} numbers[] = {
        {"apparent_power", "VA", MEASURED},
        {"aqi", "", MEASURED},
        {"area", "m\xc2\xb2|cm\xc2\xb2|km\xc2\xb2|mm\xc2\xb2|in\xc2\xb2|ft\xc2\xb2|yd\xc2\xb2|mi\xc2\xb2|ac|ha", MEASURED},
        {"atmospheric_pressure", PRESSURES, MEASURED},
        {"battery", "%", MEASURED},
        {"blood_glucose_concentration", "mg/dL|mmol/L", MEASURED},
        {"carbon_dioxide", "ppm", MEASURED},
        {"carbon_monoxide", "ppm", MEASURED},
        {"conductivity", "S/cm|mS/cm|\xc2\xb5S/cm", MEASURED},
        {"current", "A|mA", MEASURED},
        {"data_rate", "bit/s|kbit/s|Mbit/s|Gbit/s|B/s|kB/s|MB/s|GB/s|KiB/s|MiB/s|GiB/s", MEASURED},
        {"data_size", "bit|kbit|Mbit|Gbit|B|kB|MB|GB|TB|PB|EB|ZB|YB|KiB|MiB|GiB|TiB|PiB|EiB|ZiB|YiB", MEASURED},
        {"distance", LENGTHS, MEASURED},
        {"duration", "s|min|h|d|ms", MEASURED},
        {"energy", ENERGIES, ADDED_UP},
        {"energy_storage", ENERGIES, MEASURED},
        {"frequency", "Hz|kHz|MHz|GHz", MEASURED},
        {"gas", CUBIC_METRES "|ft\xc2\xb3|CCF", ADDED_UP},
        {"humidity", "%", MEASURED},
        {"illuminance", "lx", MEASURED},
        {"irradiance", "W/m\xc2\xb2|BTU/(h\xe2\x8b\x85" "ft\xc2\xb2)", MEASURED},
        {"moisture", "%", MEASURED},
        {"nitrogen_dioxide", MICROGRAMS, MEASURED},
        {"nitrogen_monoxide", MICROGRAMS, MEASURED},
        {"nitrous_oxide", MICROGRAMS, MEASURED},
        {"ozone", MICROGRAMS, MEASURED},
        {"ph", "", MEASURED},
        {"pm1", MICROGRAMS, MEASURED},
        {"pm10", MICROGRAMS, MEASURED},
        {"pm25", MICROGRAMS, MEASURED},
        {"power", "W|kW|MW|GW|TW", MEASURED},
        {"power_factor", "%" BAR, MEASURED},
        {"precipitation", "mm|cm|in", MEASURED},
        {"precipitation_intensity", RATES_OF_DEPTH, MEASURED},
        {"pressure", PRESSURES, MEASURED},
        {"reactive_power", "var", MEASURED},
        {"signal_strength", "dBm|dB", MEASURED},
        {"sound_pressure", "dB|dBA", MEASURED},
        {"speed", SPEEDS "|" RATES_OF_DEPTH, MEASURED},
        {"sulphur_dioxide", MICROGRAMS, MEASURED},
        {"temperature", TEMPERATURES, MEASURED},
        {"volatile_organic_compounds", MICROGRAMS, MEASURED},
        {"volatile_organic_compounds_parts", "ppm|ppb", MEASURED},
        {"voltage", "V|mV|\xc2\xb5V|kV|MV", MEASURED},
        {"volume", VOLUMES, ADDED_UP},
        {"volume_flow_rate", "L/min|m\xc2\xb3/h|ft\xc2\xb3/min|gal/min|mL/s", MEASURED},
        {"volume_storage", VOLUMES, MEASURED},
        {"water", "L|" CUBIC_METRES "|ft\xc2\xb3|gal|CCF", ADDED_UP},
        {"weight", "kg|g|mg|\xc2\xb5g|oz|lb|st", MEASURED},
        {"wind_direction", "\xc2\xb0", NULL},
        {"wind_speed", SPEEDS, MEASURED},
};

static const struct {
        const char *name;
        bool only_shows, names_by_class;
        const char *classes; /* of those without units (components/NAME/__init__.py) */
} platforms[] = {
        [PLATFORM_SENSOR] = {"sensor", true, true, ""},
        [PLATFORM_BINARY_SENSOR] = {"binary_sensor", true, true,
                "battery|battery_charging|carbon_monoxide|cold|connectivity|door|garage_door|gas|heat|light|lock|"
                "moisture|motion|moving|occupancy|opening|plug|power|presence|problem|running|safety|smoke|sound|"
                "tamper|update|vibration|window"},
        [PLATFORM_NUMBER] = {"number", false, true, ""},
        [PLATFORM_SWITCH] = {"switch", false, false, "outlet|switch"},
        [PLATFORM_SELECT] = {"select", false, false, ""},
        [PLATFORM_TEXT] = {"text", false, false, ""},
        [PLATFORM_BUTTON] = {"button", false, true, "identify|restart|update"},
        [PLATFORM_EVENT] = {"event", true, false, "button|doorbell|motion"},
        [PLATFORM_LIGHT] = {"light", false, false, ""},
        [PLATFORM_LOCK] = {"lock", false, false, ""},
        [PLATFORM_COVER] = {"cover", false, false,
                "awning|blind|curtain|damper|door|garage|gate|shade|shutter|window"},
        [PLATFORM_CLIMATE] = {"climate", false, false, ""},
};
/* clang-format on */

_Static_assert(ELEMENTSOF(platforms) == PLATFORM_MAX, "every platform has a row");

const char *platform_name(enum platform platform)
{
        return platforms[platform].name;
}

bool platform_only_shows(enum platform platform)
{
        return platforms[platform].only_shows;
}

bool platform_names_by_class(enum platform platform)
{
        return platforms[platform].names_by_class;
}

/* Whether @one is among @all, with bars between them; "" may be, too. */
static bool is_among(const char *all, const char *one)
{
        size_t n_one = strlen(one);

        for (const char *at = all; at; at = strchr(at, BAR[0])) {
                at += *at == BAR[0] && at != all;
                if (strcspn(at, BAR) == n_one && strncmp(at, one, n_one) == 0)
                        return true;
        }
        return false;
}

bool platform_has_class(enum platform platform, const char *class, const char *unit)
{
        if (!class[0])
                return false;
        if (platform != PLATFORM_SENSOR && platform != PLATFORM_NUMBER)
                return is_among(platforms[platform].classes, class);
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (strcmp(numbers[i].class, class) == 0)
                        return is_among(numbers[i].units, unit);
        return false;
}

const char *platform_state_class(const char *class)
{
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (strcmp(numbers[i].class, class) == 0)
                        return numbers[i].state_class;
        return MEASURED;
}
