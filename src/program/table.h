/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The language of halves (doc/code.md, section 4): a row a verb, a row a number, a row a fault, and
 * everything about each in its row.
 *
 * A list is expanded with a macro that takes the columns it wants. program.h makes the enums of it,
 * program.c the table that firmware carries, words.c the texts for people. So firmware leaves the
 * texts out by not compiling words.c.
 */

/* clang-format off */

/*
 * Verbs, section 4.1: constant, number, side, shape of the arguments, space of their numbers,
 * timeout in s; name, what it does, what undoes it.
 *
 * Each side handles its verbs: src/enrollment/half.c the hub's, src/device/ownership.c the
 * device's. A verb of a shape that exists needs its row and its handler, and one of the hub's its
 * place in the order (verify.c). A new shape is also read in program.c, or, if only a hub reads it,
 * in a file of its own; described in describe.c and compiled in src/tool/step.c.
 */
#define PROGRAM_VERBS(ROW) \
        ROW(PROGRAM_SUPPLY,   1, PROGRAM_HUB,    PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_SOME, PROGRAM_PARAMETER,  5, \
            "supply",  "find the values the device needs",           "nothing to undo") \
        ROW(PROGRAM_DELIVER,  2, PROGRAM_HUB,    PROGRAM_SHAPE_HALF,                         PROGRAM_NO_SPACE,  30, \
            "deliver", "send the device its half and the values",    "the device's fail-safe timer") \
        ROW(PROGRAM_EXPECT,   3, PROGRAM_HUB,    PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_SOME, PROGRAM_ITEM,       5, \
            "expect",  "check that the report holds these items",    "the device's fail-safe timer") \
        ROW(PROGRAM_CHANNEL,  4, PROGRAM_HUB,    PROGRAM_SHAPE_CHANNEL,                      PROGRAM_NO_SPACE,   5, \
            "channel", "become the gateway of a channel",            "the channel is not stored") \
        ROW(PROGRAM_FORWARD,  5, PROGRAM_HUB,    PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_SOME, PROGRAM_ITEM,       5, \
            "forward", "queue these items for the key topic",        "the message is not queued") \
        ROW(PROGRAM_SYNC,     6, PROGRAM_BOTH,   PROGRAM_SHAPE_POINT,                        PROGRAM_NO_SPACE,  15, \
            "sync",    "wait for the other half",                    "nothing to undo") \
        ROW(PROGRAM_PRESENCE, 7, PROGRAM_HUB,    PROGRAM_SHAPE_PRESENCE,                     PROGRAM_NO_SPACE,   5, \
            "presence", "note when the device can be reached",       "the note is not stored") \
        ROW(PROGRAM_GROUP,    8, PROGRAM_HUB,    PROGRAM_SHAPE_GROUP,                        PROGRAM_NO_SPACE,   5, \
            "group",   "show channels as one thing",                 "the group is not stored") \
        ROW(PROGRAM_REQUIRE, 16, PROGRAM_DEVICE, PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_SOME, PROGRAM_PARAMETER,  1, \
            "require", "check that these values were supplied",      "nothing to undo") \
        ROW(PROGRAM_SET,     17, PROGRAM_DEVICE, PROGRAM_SHAPE_PAIRS | PROGRAM_SHAPE_SOME,   PROGRAM_PARAMETER,  5, \
            "set",     "stage these values in the configuration",    "the staged configuration is dropped") \
        ROW(PROGRAM_CALL,    18, PROGRAM_DEVICE, PROGRAM_SHAPE_FUNCTION | PROGRAM_SHAPE_PAIRS, PROGRAM_ARGUMENT, 10, \
            "call",    "run a function of the device",               "the function's own undo") \
        ROW(PROGRAM_REPORT,  19, PROGRAM_DEVICE, PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_SOME, PROGRAM_ITEM,       5, \
            "report",  "put these items into the report",            "nothing to undo") \
        ROW(PROGRAM_FINISH,  20, PROGRAM_DEVICE, PROGRAM_SHAPE_FLAGS,                        PROGRAM_NO_SPACE,   5, \
            "finish",  "end the enrollment for good, on the commit", "nothing to undo: it runs after the commit")

/*
 * Parameters, section 4.2; items, 4.3; arguments of functions, 4.4. Numbers go up to
 * PROGRAM_NAMED_MAX, and from PROGRAM_OWN_MIN on each is the maker's own.
 */
#define PROGRAM_PARAMETERS(ROW) \
        ROW(PROGRAM_PARAMETER_NAME,          1, PROGRAM_TYPE_TEXT,     "name") \
        ROW(PROGRAM_PARAMETER_LOCATION,      2, PROGRAM_TYPE_TEXT,     "location") \
        ROW(PROGRAM_PARAMETER_OWNER,         3, PROGRAM_TYPE_TEXT,     "owner") \
        ROW(PROGRAM_PARAMETER_SYSTEM,        4, PROGRAM_TYPE_TEXT,     "system") \
        ROW(PROGRAM_PARAMETER_SYSTEM_KEY,    5, PROGRAM_TYPE_BYTES32,  "system_key") \
        ROW(PROGRAM_PARAMETER_GATEWAY,       6, PROGRAM_TYPE_TEXT,     "gateway") \
        ROW(PROGRAM_PARAMETER_GATEWAY_KEY,   7, PROGRAM_TYPE_BYTES32,  "gateway_key") \
        ROW(PROGRAM_PARAMETER_TIME,          8, PROGRAM_TYPE_UNSIGNED, "time") \
        ROW(PROGRAM_PARAMETER_LATITUDE,      9, PROGRAM_TYPE_INTEGER,  "latitude") \
        ROW(PROGRAM_PARAMETER_LONGITUDE,    10, PROGRAM_TYPE_INTEGER,  "longitude") \
        ROW(PROGRAM_PARAMETER_ALTITUDE,     11, PROGRAM_TYPE_INTEGER,  "altitude") \
        ROW(PROGRAM_PARAMETER_ORGANIZATION, 12, PROGRAM_TYPE_TEXT,     "organization") \
        ROW(PROGRAM_PARAMETER_ROOM,         13, PROGRAM_TYPE_TEXT,     "room") \
        ROW(PROGRAM_PARAMETER_PURPOSE,      14, PROGRAM_TYPE_TEXT,     "purpose")

#define PROGRAM_ITEMS(ROW) \
        ROW(PROGRAM_ITEM_SERIAL,     1, PROGRAM_TYPE_LABEL,   "serial") \
        ROW(PROGRAM_ITEM_PUBLIC_KEY, 2, PROGRAM_TYPE_BYTES32, "public_key") \
        ROW(PROGRAM_ITEM_SOFTWARE,   3, PROGRAM_TYPE_LABEL,   "software") \
        ROW(PROGRAM_ITEM_FUNCTIONS,  4, PROGRAM_TYPE_LIST,    "functions") \
        ROW(PROGRAM_ITEM_MODEL,      5, PROGRAM_TYPE_LABEL,   "model") \
        ROW(PROGRAM_ITEM_IDENTITY,   6, PROGRAM_TYPE_BYTES16, "identity") \
        ROW(PROGRAM_ITEM_SECRET_KEY, 7, PROGRAM_TYPE_BYTES32, "secret_key")

#define PROGRAM_ARGUMENTS(ROW) \
        ROW(PROGRAM_ARGUMENT_INTERVAL, 1, PROGRAM_TYPE_UNSIGNED, "interval") \
        ROW(PROGRAM_ARGUMENT_LEVEL,    2, PROGRAM_TYPE_INTEGER,  "level") \
        ROW(PROGRAM_ARGUMENT_MODE,     3, PROGRAM_TYPE_UNSIGNED, "mode") \
        ROW(PROGRAM_ARGUMENT_TEXT,     4, PROGRAM_TYPE_TEXT,     "text") \
        ROW(PROGRAM_ARGUMENT_LOW,      5, PROGRAM_TYPE_INTEGER,  "low") \
        ROW(PROGRAM_ARGUMENT_HIGH,     6, PROGRAM_TYPE_INTEGER,  "high")

/* The three spaces of numbers above. */
#define PROGRAM_SPACES(ROW) \
        ROW(PROGRAM_PARAMETER, 0, "parameter") \
        ROW(PROGRAM_ITEM,      1, "item") \
        ROW(PROGRAM_ARGUMENT,  2, "argument")

/*
 * The types of values: of which kind a value of the type is, and how many bytes it has at least
 * and at most if it is a text or a byte string. Beyond that, UNSIGNED is not negative, and ANY is
 * of any kind but a list.
 */
#define PROGRAM_TYPES(ROW) \
        ROW(PROGRAM_TYPE_UNKNOWN,  0, VALUE_NOTHING,  0, 0,                 "nothing") \
        ROW(PROGRAM_TYPE_ANY,      1, VALUE_NOTHING,  0, 0,                 "an integer, a text, bytes, or yes or no") \
        ROW(PROGRAM_TYPE_TEXT,     2, VALUE_TEXT,     0, VALUE_STRING_MAX,  "a text") \
        ROW(PROGRAM_TYPE_LABEL,    3, VALUE_TEXT,     1, PROGRAM_LABEL_MAX, "a text of 1 to 32 bytes") \
        ROW(PROGRAM_TYPE_UNSIGNED, 4, VALUE_INTEGER,  0, UINT8_MAX,         "an integer that is not negative") \
        ROW(PROGRAM_TYPE_INTEGER,  5, VALUE_INTEGER,  0, UINT8_MAX,         "an integer") \
        ROW(PROGRAM_TYPE_BYTES16,  6, VALUE_BYTES,   16, 16,                "16 bytes") \
        ROW(PROGRAM_TYPE_BYTES32,  7, VALUE_BYTES,   32, 32,                "32 bytes") \
        ROW(PROGRAM_TYPE_LIST,     8, VALUE_LIST,     0, UINT8_MAX,         "a list")

/* What a channel carries, section 4.6: constant, number, name. */
#define PROGRAM_CHANNEL_TYPES(ROW) \
        ROW(PROGRAM_CHANNEL_NUMBER,      0, "number") \
        ROW(PROGRAM_CHANNEL_SWITCH,      1, "switch") \
        ROW(PROGRAM_CHANNEL_ENUMERATION, 2, "enumeration") \
        ROW(PROGRAM_CHANNEL_TEXT,        3, "text") \
        ROW(PROGRAM_CHANNEL_BUTTON,      4, "button") \
        ROW(PROGRAM_CHANNEL_EVENT,       5, "event")

/* What a channel is beside the purpose of the device. */
#define PROGRAM_CATEGORIES(ROW) \
        ROW(PROGRAM_CATEGORY_NONE,       0, "none") \
        ROW(PROGRAM_CATEGORY_CONFIG,     1, "config") \
        ROW(PROGRAM_CATEGORY_DIAGNOSTIC, 2, "diagnostic")

/* The kinds of groups, section 4.7: constant, number, name; and what one is to people. */
#define PROGRAM_GROUPS(ROW) \
        ROW(PROGRAM_LIGHT,   1, "light",   "a light") \
        ROW(PROGRAM_LOCK,    2, "lock",    "a lock") \
        ROW(PROGRAM_COVER,   3, "cover",   "a cover") \
        ROW(PROGRAM_CLIMATE, 4, "climate", "a climate control")

/*
 * The roles of each kind, in the order of a step's arguments: kind, name, whether a group of this
 * kind has it in any case, directions that its channel has at least, types that it may have, words
 * that it has if it is an enumeration; and all of that for people.
 */
#define PROGRAM_ROLES(ROW) \
        ROW(PROGRAM_LIGHT,   "state",       true,  PROGRAM_COMMANDED, PROGRAM_FITS_SWITCH, "", \
            "a switch that takes commands") \
        ROW(PROGRAM_LIGHT,   "brightness",  false, PROGRAM_COMMANDED, PROGRAM_FITS_RANGE, "", \
            "a number with a range that takes commands") \
        ROW(PROGRAM_LIGHT,   "colour_temp", false, PROGRAM_COMMANDED, PROGRAM_FITS_RANGE, "", \
            "a number with a range that takes commands") \
        ROW(PROGRAM_LOCK,    "state",       true,  PROGRAM_PUBLISHED, \
            PROGRAM_FITS_SWITCH | PROGRAM_FITS_WORDS, "locked unlocked", \
            "a switch, or an enumeration with locked and unlocked, that is published") \
        ROW(PROGRAM_LOCK,    "command",     false, PROGRAM_COMMANDED, \
            PROGRAM_FITS_SWITCH | PROGRAM_FITS_WORDS, "lock unlock", \
            "a switch, or an enumeration with lock and unlock, that takes commands") \
        ROW(PROGRAM_COVER,   "position",    false, PROGRAM_PUBLISHED, PROGRAM_FITS_RANGE, "", \
            "a number with a range that is published") \
        ROW(PROGRAM_COVER,   "state",       false, PROGRAM_PUBLISHED, PROGRAM_FITS_WORDS, "open closed", \
            "an enumeration with open and closed that is published") \
        ROW(PROGRAM_COVER,   "command",     false, PROGRAM_COMMANDED, PROGRAM_FITS_WORDS, "open close", \
            "an enumeration with open and close that takes commands") \
        ROW(PROGRAM_CLIMATE, "target",      true,  PROGRAM_COMMANDED, PROGRAM_FITS_RANGE, "", \
            "a number with a range that takes commands") \
        ROW(PROGRAM_CLIMATE, "current",     false, PROGRAM_PUBLISHED, PROGRAM_FITS_NUMBER, "", \
            "a number that is published") \
        ROW(PROGRAM_CLIMATE, "mode",        false, PROGRAM_COMMANDED, PROGRAM_FITS_WORDS, "", \
            "an enumeration that takes commands")

/* What can be wrong with a half or a map of values. */
#define PROGRAM_ERRORS(ROW) \
        ROW(PROGRAM_OK,              0, "nothing is wrong") \
        ROW(PROGRAM_E_ENCODING,      1, "it is not encoded as it must be") \
        ROW(PROGRAM_E_TOO_LARGE,     2, "there are too many bytes, steps or arguments") \
        ROW(PROGRAM_E_VERB,          3, "there is no such verb") \
        ROW(PROGRAM_E_SIDE,          4, "the verb belongs to the other half") \
        ROW(PROGRAM_E_ARGUMENTS,     5, "the verb takes other arguments") \
        ROW(PROGRAM_E_NUMBER,        6, "there is no parameter, item or argument with this number") \
        ROW(PROGRAM_E_TYPE,          7, "the value is of the wrong type") \
        ROW(PROGRAM_E_NOT_REQUIRED,  8, "it refers to a parameter that no step before it requires") \
        ROW(PROGRAM_E_ORDER,         9, "the step is not allowed here") \
        ROW(PROGRAM_E_DOUBLE,       10, "a second deliver, or a number or leaf used twice") \
        ROW(PROGRAM_E_DELIVER,      11, "the hub half never delivers the device half") \
        ROW(PROGRAM_E_LEAF,         12, "leaf, class or unit has characters or a length it must not have") \
        ROW(PROGRAM_E_SYNC,         13, "the halves do not wait for each other at the same points") \
        ROW(PROGRAM_E_NOT_SUPPLIED, 14, "the device half requires a parameter that nothing supplies") \
        ROW(PROGRAM_E_NOT_REPORTED, 15, "the hub half needs an item that the device half does not report") \
        ROW(PROGRAM_E_LIMITS,       16, "the channel's type does not allow its limits, direction, period or unit") \
        ROW(PROGRAM_E_GROUP,        17, "a role of the group has no channel, or one that does not fit it")

/* clang-format on */
