/* SPDX-License-Identifier: Apache-2.0 */

/* Words for verbs, numbers and faults. Firmware does not link this. */

#include "wire/program.h"

#include <string.h>

#define WORD_UNITS 128

/* clang-format off */
static const struct {
        enum program_verb verb;
        const char *name, *text, *undo;
} verbs[] = {
        { PROGRAM_SUPPLY,  "supply",  "find the values the device needs",            "nothing to undo" },
        { PROGRAM_DELIVER, "deliver", "send the device its half and the values",     "the device's fail-safe timer" },
        { PROGRAM_EXPECT,  "expect",  "check that the report holds these items",     "the device's fail-safe timer" },
        { PROGRAM_CHANNEL, "channel", "become the gateway of a channel",             "the channel is not stored" },
        { PROGRAM_FORWARD, "forward", "queue these items for the key topic",         "the message is not queued" },
        { PROGRAM_SYNC,    "sync",    "wait for the other half",                     "nothing to undo" },
        { PROGRAM_REQUIRE, "require", "check that these values were supplied",       "nothing to undo" },
        { PROGRAM_SET,     "set",     "stage these values in the configuration",     "the staged configuration is dropped" },
        { PROGRAM_CALL,    "call",    "run a function of the device",                "the function's own undo" },
        { PROGRAM_REPORT,  "report",  "put these items into the report",             "nothing to undo" },
        { PROGRAM_FINISH,  "finish",  "end the enrollment for good, on the commit",  "nothing to undo: it runs after the commit" },
};

static const char *const parameter_names[] = {
        "name", "location", "owner", "system", "system_key", "gateway", "gateway_key", "time",
        "latitude", "longitude", "altitude", "organization", "room", "purpose",
};
static const char *const item_names[] = {
        "serial", "public_key", "software", "functions", "model", "identity",
};
static const char *const argument_names[] = {
        "interval", "level", "mode", "text", "low", "high",
};
/* Section 4.5: from 1 on, and the units from WORD_UNITS on. */
static const char *const words[] = {
        "temperature", "humidity", "pressure", "illuminance", "battery", "voltage", "current", "power",
        "energy", "carbon_dioxide", "carbon_monoxide", "pm25", "pm10", "aqi", "gas", "moisture",
        "motion", "occupancy", "presence", "door", "window", "opening", "garage_door", "vibration",
        "smoke", "sound", "tamper", "problem", "connectivity", "water", "distance", "speed",
        "weight", "frequency", "signal_strength", "duration", "level", "brightness", "colour", "mode",
        "state", "target", "fan", "switch", "light", "outlet", "valve", "lock",
        "cover", "button", "identify", "restart", "update", "event", "count",
};
static const char *const units[] = {
        "°C", "°F", "K", "%", "hPa", "Pa", "bar", "lx", "V", "mV",
        "A", "mA", "W", "kW", "Wh", "kWh", "ppm", "ppb", "µg/m³", "s",
        "min", "h", "m", "cm", "mm", "km", "m/s", "km/h", "kg", "g",
        "Hz", "dB", "dBm", "L", "m³", "L/min", "m³/h", "°",
};
static const struct {
        const char *const *names;
        unsigned n_names;
} spaces[] = {
        [PROGRAM_PARAMETER] = { parameter_names, sizeof(parameter_names) / sizeof(parameter_names[0]) },
        [PROGRAM_ITEM]      = { item_names,      sizeof(item_names) / sizeof(item_names[0]) },
        [PROGRAM_ARGUMENT]  = { argument_names,  sizeof(argument_names) / sizeof(argument_names[0]) },
};

static const char *const errors[PROGRAM_E_MAX] = {
        [PROGRAM_OK]             = "nothing is wrong",
        [PROGRAM_E_ENCODING]     = "it is not encoded as it must be",
        [PROGRAM_E_TOO_LARGE]    = "there are too many bytes, steps or arguments",
        [PROGRAM_E_VERB]         = "there is no such verb",
        [PROGRAM_E_SIDE]         = "the verb belongs into the other half",
        [PROGRAM_E_ARGUMENTS]    = "the verb takes other arguments",
        [PROGRAM_E_NUMBER]       = "there is no parameter, item or argument with this number",
        [PROGRAM_E_TYPE]         = "the value is of the wrong type",
        [PROGRAM_E_NOT_REQUIRED] = "it refers to a parameter that no step before it requires",
        [PROGRAM_E_ORDER]        = "the step must not stand here",
        [PROGRAM_E_DOUBLE]       = "a second deliver, or a channel number or leaf used twice",
        [PROGRAM_E_DELIVER]      = "the hub half never delivers the device half",
        [PROGRAM_E_LEAF]         = "leaf, class or unit has characters or a length it must not have",
        [PROGRAM_E_SYNC]         = "the halves do not wait for each other at the same points",
        [PROGRAM_E_NOT_SUPPLIED] = "the device half requires a parameter that nothing supplies",
        [PROGRAM_E_NOT_REPORTED] = "the hub half needs an item that the device half does not report",
};
/* clang-format on */

static size_t verb_index(unsigned verb)
{
        size_t i = 0;

        while (i < sizeof(verbs) / sizeof(verbs[0]) && verbs[i].verb != verb)
                i++;
        return i;
}

const char *program_verb_name(unsigned verb)
{
        size_t i = verb_index(verb);

        return i < sizeof(verbs) / sizeof(verbs[0]) ? verbs[i].name : NULL;
}

const char *program_verb_text(enum program_verb verb)
{
        size_t i = verb_index(verb);

        return i < sizeof(verbs) / sizeof(verbs[0]) ? verbs[i].text : NULL;
}

const char *program_verb_undo(enum program_verb verb)
{
        size_t i = verb_index(verb);

        return i < sizeof(verbs) / sizeof(verbs[0]) ? verbs[i].undo : NULL;
}

unsigned program_verb_from_name(const char *name)
{
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return verbs[i].verb;
        return 0;
}

const char *program_number_name(enum program_space space, unsigned number)
{
        if (number == 0 || number > spaces[space].n_names)
                return NULL;
        return spaces[space].names[number - 1];
}

unsigned program_number_from_name(enum program_space space, const char *name)
{
        for (unsigned i = 0; i < spaces[space].n_names; i++)
                if (strcmp(spaces[space].names[i], name) == 0)
                        return i + 1;
        return 0;
}

const char *program_error_text(enum program_error error)
{
        return errors[error];
}

const char *program_word(unsigned number)
{
        if (number >= 1 && number <= sizeof(words) / sizeof(words[0]))
                return words[number - 1];
        if (number >= WORD_UNITS && number < WORD_UNITS + sizeof(units) / sizeof(units[0]))
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
