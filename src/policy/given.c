/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/given.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/words.h"
#include "util/defer.h"
#include "util/hex.h"
#include "util/nearest.h"
#include "wire/utf8.h"

/* A parameter that people give as a decimal number, for which the device has a finer unit. */
static const struct measure {
        unsigned number;
        double min, max, scale;
        const char *suffixes; /* what may follow the number; the last one makes it negative */
        const char *kind;
} measures[] = {
        /* clang-format off */
        { PROGRAM_PARAMETER_LATITUDE,   -90,   90,    1e7, "NS", "degrees from -90 to 90 such as 53.55 or 53.55N" },
        { PROGRAM_PARAMETER_LONGITUDE,  -180,  180,   1e7, "EW", "degrees from -180 to 180 such as 9.99 or 9.99E" },
        { PROGRAM_PARAMETER_ALTITUDE,   -1000, 10000, 1e2, "",   "metres from -1000 to 10000 such as 12.5" },
        /* clang-format on */
};

static const struct measure *find_measure(unsigned number)
{
        for (size_t i = 0; i < ELEMENTSOF(measures); i++)
                if (measures[i].number == number)
                        return &measures[i];
        return NULL;
}

/* "-53.55", or with a suffix instead of the sign; strtod() alone would accept more. */
static bool value_from_measure(const struct measure *m, const char *text, struct value *ret_value)
{
        size_t n = strspn(text, "-.0123456789");
        const char *suffix = text[n] ? strchr(m->suffixes, text[n]) : NULL;
        char digits[32], *end;
        double number;

        if (n == 0 || n >= sizeof(digits))
                return false;
        if (text[n] && (!suffix || text[n + 1] || text[0] == '-'))
                return false;
        memcpy(digits, text, n);
        digits[n] = '\0';
        number = strtod(digits, &end);
        if (*end || number < m->min || number > m->max)
                return false;
        if (suffix && !suffix[1])
                number = -number;
        *ret_value = (struct value){.kind = VALUE_INTEGER, .number = llround(number * m->scale)};
        return true;
}

static bool parse_integer(const char *text, int64_t *ret_number)
{
        char *end;
        long long number;

        if (!text[strspn(text, "-")] || text[strspn(text, "-0123456789")])
                return false;
        errno = 0;
        number = strtoll(text, &end, 10);
        if (errno || end == text || *end)
                return false;
        *ret_number = number;
        return true;
}

static bool value_from_hex(const char *text, size_t n_bytes, uint8_t bytes[VALUE_STRING_MAX],
                           struct value *ret_value)
{
        if (hex_decode(text, bytes, n_bytes) < 0)
                return false;
        *ret_value = (struct value){.kind = VALUE_BYTES, .span = {bytes, n_bytes}};
        return true;
}

/* A maker's own parameter is a number if it looks like one. */
static bool value_from_text(const char *text, enum program_type type,
                            uint8_t bytes[VALUE_STRING_MAX], struct value *ret_value)
{
        *ret_value =
                (struct value){.kind = VALUE_TEXT, .span = {(const uint8_t *)text, strlen(text)}};
        switch (type) {
        case PROGRAM_TYPE_BYTES16:
                return value_from_hex(text, 16, bytes, ret_value);
        case PROGRAM_TYPE_BYTES32:
                return value_from_hex(text, 32, bytes, ret_value);
        case PROGRAM_TYPE_ANY:
        case PROGRAM_TYPE_UNSIGNED:
        case PROGRAM_TYPE_INTEGER:
                if (parse_integer(text, &ret_value->number))
                        ret_value->kind = VALUE_INTEGER;
                break;
        case PROGRAM_TYPE_TEXT:
        case PROGRAM_TYPE_LABEL:
        case PROGRAM_TYPE_LIST:
        case PROGRAM_TYPE_UNKNOWN:
                break;
        }
        return text[0] && strlen(text) <= VALUE_STRING_MAX && program_value_fits(ret_value, type);
}

unsigned given_number(const struct given *given)
{
        unsigned number = program_number_from_name(PROGRAM_PARAMETER, given->parameter);
        int64_t typed;

        if (number == 0 && parse_integer(given->parameter, &typed) && typed >= PROGRAM_OWN_MIN &&
            typed <= PROGRAM_NUMBER_MAX)
                number = (unsigned)typed;
        return number;
}

bool given_value(const struct given *given, unsigned number, uint8_t bytes[VALUE_STRING_MAX],
                 struct value *ret_value)
{
        const struct measure *measure = find_measure(number);

        if (measure)
                return value_from_measure(measure, given->value, ret_value);
        return value_from_text(given->value, program_type_of(PROGRAM_PARAMETER, number), bytes,
                               ret_value);
}

/* What a person gives for it: "a text of 1 to 64 bytes". */
static const char *kind_of(unsigned number)
{
        const struct measure *measure = find_measure(number);

        if (measure)
                return measure->kind;
        switch (program_type_of(PROGRAM_PARAMETER, number)) {
        case PROGRAM_TYPE_BYTES16:
                return "32 hexadecimal digits";
        case PROGRAM_TYPE_BYTES32:
                return "64 hexadecimal digits";
        case PROGRAM_TYPE_UNSIGNED:
                return "a whole number that is not negative";
        case PROGRAM_TYPE_INTEGER:
                return "a whole number";
        case PROGRAM_TYPE_TEXT:
                return "a text of 1 to 64 bytes";
        case PROGRAM_TYPE_LABEL:
                return "a text of 1 to 32 bytes";
        case PROGRAM_TYPE_ANY:
                return "a whole number or a text of 1 to 64 bytes";
        case PROGRAM_TYPE_LIST:
        case PROGRAM_TYPE_UNKNOWN:
                break;
        }
        return "no value from a person";
}

static void say_unknown(const struct given *given, char ret_detail[GIVEN_DETAIL_SIZE])
{
        struct nearest nearest;

        nearest_init(&nearest, given->parameter);
        for (unsigned number = 1; number <= PROGRAM_NAMED_MAX; number++) {
                const char *name = program_number_name(PROGRAM_PARAMETER, number);

                if (name)
                        nearest_offer(&nearest, name);
        }
        (void)snprintf(ret_detail, GIVEN_DETAIL_SIZE, "%.64s%s%s%s", given->parameter,
                       nearest.best ? " (did you mean " : "", nearest.best ? nearest.best : "",
                       nearest.best ? "?)" : "");
        utf8_make_printable(ret_detail); /* it may have been cut within a character */
}

enum reason given_check(const struct given *given, char ret_detail[GIVEN_DETAIL_SIZE])
{
        unsigned number = given_number(given);
        uint8_t bytes[VALUE_STRING_MAX];
        struct value value;

        if (number == 0) {
                say_unknown(given, ret_detail);
                return REASON_PARAMETER_UNKNOWN;
        }
        if (!given_value(given, number, bytes, &value)) {
                (void)snprintf(ret_detail, GIVEN_DETAIL_SIZE, "%s takes %s", given->parameter,
                               kind_of(number));
                return REASON_PARAMETER_INVALID;
        }
        return REASON_NONE;
}
