/* SPDX-License-Identifier: Apache-2.0 */

#include "program/words.h"

#include <string.h>

#define WORD_UNITS 128

#define VERB_ROW(verb, number, sides, shape, space, timeout_sec, name, text, undo)                 \
        {verb, name, text, undo},
static const struct program_words verbs[] = {PROGRAM_VERBS(VERB_ROW)};

#define PARAMETER_ROW(constant, number, type, name) {PROGRAM_PARAMETER, number, name},
#define ITEM_ROW(constant, number, type, name)      {PROGRAM_ITEM, number, name},
#define ARGUMENT_ROW(constant, number, type, name)  {PROGRAM_ARGUMENT, number, name},
static const struct {
        uint8_t space, number;
        const char *name;
} numbers[] = {
        /* clang-format off */
        PROGRAM_PARAMETERS(PARAMETER_ROW)
        PROGRAM_ITEMS(ITEM_ROW)
        PROGRAM_ARGUMENTS(ARGUMENT_ROW)
        /* clang-format on */
};

struct named {
        unsigned number;
        const char *name;
};
#define NAMED_ROW(constant, number, name) {number, name},
static const struct named spaces[] = {PROGRAM_SPACES(NAMED_ROW)};
static const struct named errors[] = {PROGRAM_ERRORS(NAMED_ROW)};
static const struct named channel_types[] = {PROGRAM_CHANNEL_TYPES(NAMED_ROW)};
static const struct named categories[] = {PROGRAM_CATEGORIES(NAMED_ROW)};
#define TYPE_ROW(constant, number, kind, least, most, text) {number, text},
static const struct named types[] = {PROGRAM_TYPES(TYPE_ROW)};

/* clang-format off */
/* Section 4.5: from 1 on, and the units from WORD_UNITS on. */
static const char *const words[] = {
        "temperature", "humidity", "pressure", "illuminance", "battery", "voltage", "current", "power",
        "energy", "carbon_dioxide", "carbon_monoxide", "pm25", "pm10", "aqi", "gas", "moisture",
        "motion", "occupancy", "presence", "door", "window", "opening", "garage_door", "vibration",
        "smoke", "sound", "tamper", "problem", "connectivity", "water", "distance", "speed",
        "weight", "frequency", "signal_strength", "duration", "level", "brightness", "colour", "mode",
        "state", "target", "fan", "switch", "light", "outlet", "valve", "lock",
        "cover", "button", "identify", "restart", "update", "event", "count", "locked",
        "unlocked", "unlock", "locking", "unlocking", "jammed", "open", "close", "closed",
        "closing", "stop", "on", "off", "auto", "heat", "cool", "heat_cool",
        "dry", "fan_only", "eco", "low", "medium", "high", "single", "double",
        "long", "press", "release", "ring", "position", "colour_temp", "volume", "command",
};
static const char *const units[] = {
        "°C", "°F", "K", "%", "hPa", "Pa", "bar", "lx", "V", "mV",
        "A", "mA", "W", "kW", "Wh", "kWh", "ppm", "ppb", "µg/m³", "s",
        "min", "h", "m", "cm", "mm", "km", "m/s", "km/h", "kg", "g",
        "Hz", "dB", "dBm", "L", "m³", "L/min", "m³/h", "°",
};
/* clang-format on */

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

const struct program_words *program_verb_words(unsigned verb)
{
        for (size_t i = 0; i < N(verbs); i++)
                if (verbs[i].verb == verb)
                        return &verbs[i];
        return NULL;
}

const struct program_row *program_verb_from_name(const char *name)
{
        for (size_t i = 0; i < N(verbs); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return program_verb_row(verbs[i].verb);
        return NULL;
}

const char *program_number_name(enum program_space space, unsigned number)
{
        for (size_t i = 0; i < N(numbers); i++)
                if (numbers[i].space == space && numbers[i].number == number)
                        return numbers[i].name;
        return NULL;
}

unsigned program_number_from_name(enum program_space space, const char *name)
{
        for (size_t i = 0; i < N(numbers); i++)
                if (numbers[i].space == space && strcmp(numbers[i].name, name) == 0)
                        return numbers[i].number;
        return 0;
}

bool program_is_personal(unsigned parameter)
{
        switch ((enum program_parameter)parameter) {
        case PROGRAM_PARAMETER_LOCATION:
        case PROGRAM_PARAMETER_OWNER:
        case PROGRAM_PARAMETER_LATITUDE:
        case PROGRAM_PARAMETER_LONGITUDE:
        case PROGRAM_PARAMETER_ALTITUDE:
        case PROGRAM_PARAMETER_ORGANIZATION:
        case PROGRAM_PARAMETER_ROOM:
                return true;
        case PROGRAM_PARAMETER_NAME:
        case PROGRAM_PARAMETER_SYSTEM:
        case PROGRAM_PARAMETER_SYSTEM_KEY:
        case PROGRAM_PARAMETER_GATEWAY:
        case PROGRAM_PARAMETER_GATEWAY_KEY:
        case PROGRAM_PARAMETER_TIME:
        case PROGRAM_PARAMETER_PURPOSE:
                break;
        }
        return false;
}

static const char *named_find(const struct named *rows, size_t n_rows, unsigned number)
{
        for (size_t i = 0; i < n_rows; i++)
                if (rows[i].number == number)
                        return rows[i].name;
        return NULL;
}

const char *program_side_name(enum program_side side)
{
        return side == PROGRAM_HUB ? "hub" : "device";
}

const char *program_space_name(enum program_space space)
{
        return named_find(spaces, N(spaces), space);
}

const char *program_type_text(enum program_type type)
{
        return named_find(types, N(types), type);
}

const char *program_error_text(enum program_error error)
{
        return named_find(errors, N(errors), error);
}

const char *program_channel_type_name(unsigned type)
{
        return named_find(channel_types, N(channel_types), type);
}

const char *program_category_name(unsigned category)
{
        return named_find(categories, N(categories), category);
}

const char *program_word(unsigned number)
{
        if (number >= 1 && number <= N(words))
                return words[number - 1];
        if (number >= WORD_UNITS && number < WORD_UNITS + N(units))
                return units[number - WORD_UNITS];
        return NULL;
}

unsigned program_word_from_text(const char *text)
{
        for (unsigned i = 1; i < 256; i++) {
                const char *word = program_word(i);

                if (word && strcmp(word, text) == 0)
                        return i;
        }
        return 0;
}
