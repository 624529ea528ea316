/* SPDX-License-Identifier: Apache-2.0 */

#include "api/scalar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/utf8.h"

#define DIGITS 15 /* that a double has for certain */

/* The shortest exact way from mantissa and exponent to a number is its decimal text. */
static json_t *decimal_json(int64_t mantissa, int exponent)
{
        char text[40];

        (void)snprintf(text, sizeof(text), "%lldE%d", (long long)mantissa, exponent);
        return json_real(strtod(text, NULL));
}

/* A device may send any UTF-8, and D-Bus does not carry all of it. */
static json_t *text_json(struct cbor_span span)
{
        char text[MESSAGE_TEXT_MAX + 1];

        utf8_copy_printable(span.bytes, span.n_bytes, text, sizeof(text));
        return json_string(text);
}

json_t *scalar_json(const struct message_value *value)
{
        switch ((enum message_value_type)value->type) {
        case MESSAGE_INTEGER:
                return json_integer(value->integer);
        case MESSAGE_DECIMAL:
                return decimal_json(value->integer, value->exponent);
        case MESSAGE_BOOLEAN:
                return json_boolean(value->integer);
        case MESSAGE_TEXT:
                return text_json(value->text);
        }
        return NULL;
}

/* And back: "-2.15000000000000e+01" is -215 * 10^-1. */
static bool read_real(double real, struct message_value *value)
{
        char text[40];
        long exponent;

        (void)snprintf(text, sizeof(text), "%.*e", DIGITS - 1, real);
        if (!strchr(text, 'e')) /* infinite, or not a number */
                return false;
        exponent = strtol(strchr(text, 'e') + 1, NULL, 10) - (DIGITS - 1);
        value->integer = 0;
        for (const char *at = text; *at != 'e'; at++)
                if (*at >= '0' && *at <= '9')
                        value->integer = 10 * value->integer + (*at - '0');
        while (value->integer != 0 && value->integer % 10 == 0 && exponent < 0) {
                value->integer /= 10;
                exponent++;
        }
        if (value->integer == 0)
                exponent = 0;
        if (text[0] == '-')
                value->integer = -value->integer;
        value->type = exponent == 0 ? MESSAGE_INTEGER : MESSAGE_DECIMAL;
        value->exponent = (int8_t)exponent;
        return exponent >= -MESSAGE_EXPONENT_MAX && exponent <= MESSAGE_EXPONENT_MAX;
}

static bool read_text(const json_t *json, struct message_value *value)
{
        value->type = MESSAGE_TEXT;
        value->text = (struct cbor_span){(const uint8_t *)json_string_value(json),
                                         json_string_length(json)};
        return value->text.n_bytes <= MESSAGE_TEXT_MAX &&
               utf8_printable(value->text.bytes, value->text.n_bytes);
}

bool scalar_read(const json_t *json, struct message_value *ret_value)
{
        struct message_value value = {.type = MESSAGE_INTEGER};
        bool good = true;

        if (json_is_integer(json)) {
                value.integer = json_integer_value(json);
        } else if (json_is_boolean(json)) {
                value.type = MESSAGE_BOOLEAN;
                value.integer = json_is_true(json);
        } else if (json_is_real(json)) {
                good = read_real(json_real_value(json), &value);
        } else {
                good = json_is_string(json) && read_text(json, &value);
        }
        if (good)
                *ret_value = value;
        return good;
}
