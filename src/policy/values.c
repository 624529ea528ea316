/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/values.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/words.h"

#define POSITION_SCALE 1e7 /* doc/code.md: 1e-7 degrees */
#define ALTITUDE_SCALE 1e2 /* cm */

/* Room for a value that is made here. */
struct scratch {
        char text[VALUES_TEXT_SIZE];
        uint8_t bytes[VALUE_STRING_MAX];
};

static bool value_from_text(struct value *value, const char *text)
{
        if (!text || !text[0])
                return false;
        *value = (struct value){.kind = VALUE_TEXT, .span = {(const uint8_t *)text, strlen(text)}};
        return true;
}

static bool value_from_bytes(struct value *value, const uint8_t *bytes, size_t n_bytes)
{
        if (!bytes)
                return false;
        *value = (struct value){.kind = VALUE_BYTES, .span = {bytes, n_bytes}};
        return true;
}

static bool value_from_number(struct value *value, bool has, double number)
{
        if (!has)
                return false;
        *value = (struct value){.kind = VALUE_INTEGER, .number = llround(number)};
        return true;
}

/* Where and whose a device is, and what for, holds for its successor; what the hub is does not. */
static bool value_from_former(const struct values_source *s, unsigned number, struct value *value)
{
        switch (number) {
        case PROGRAM_PARAMETER_NAME:
        case PROGRAM_PARAMETER_SYSTEM:
        case PROGRAM_PARAMETER_SYSTEM_KEY:
        case PROGRAM_PARAMETER_GATEWAY:
        case PROGRAM_PARAMETER_GATEWAY_KEY:
        case PROGRAM_PARAMETER_TIME:
                return false;
        default:
                return (number < PROGRAM_OWN_MIN || s->former_is_alike) && s->former.n_bytes > 0 &&
                       value_find(s->former, number, value);
        }
}

/* What the hub has itself, or its site settings. */
static bool value_from_hub(const struct values_source *s, unsigned number, struct scratch *scratch,
                           struct value *value)
{
        switch ((enum program_parameter)number) {
        case PROGRAM_PARAMETER_NAME:
                return value_from_text(value, s->name);
        case PROGRAM_PARAMETER_LOCATION:
                return value_from_text(value, s->site->location);
        case PROGRAM_PARAMETER_OWNER:
                return value_from_text(value, s->site->owner);
        case PROGRAM_PARAMETER_SYSTEM:
                (void)snprintf(scratch->text, sizeof(scratch->text), "enrolld/%s", s->hub);
                return value_from_text(value, scratch->text);
        case PROGRAM_PARAMETER_SYSTEM_KEY:
                return value_from_bytes(value, s->system_key, 32);
        case PROGRAM_PARAMETER_GATEWAY:
                return value_from_text(value, s->hub);
        case PROGRAM_PARAMETER_GATEWAY_KEY:
                return value_from_bytes(value, s->gateway_key, 32);
        case PROGRAM_PARAMETER_TIME:
                return value_from_number(value, true, (double)s->now);
        case PROGRAM_PARAMETER_LATITUDE:
                return value_from_number(value, s->site->has_position,
                                         s->site->latitude * POSITION_SCALE);
        case PROGRAM_PARAMETER_LONGITUDE:
                return value_from_number(value, s->site->has_position,
                                         s->site->longitude * POSITION_SCALE);
        case PROGRAM_PARAMETER_ALTITUDE:
                return value_from_number(value, s->site->has_altitude,
                                         s->site->altitude * ALTITUDE_SCALE);
        case PROGRAM_PARAMETER_ORGANIZATION:
                return value_from_text(value, s->site->organization);
        case PROGRAM_PARAMETER_ROOM:
                return value_from_text(value, s->site->room);
        case PROGRAM_PARAMETER_PURPOSE:
                break;
        }
        return false;
}

/* Whether an earlier one of what the person gave is for the same parameter. */
static bool given_before(const struct values_source *s, size_t i, unsigned number)
{
        for (size_t k = 0; k < i; k++)
                if (given_number(&s->given[k]) == number)
                        return true;
        return false;
}

/* Nothing the person gave is passed over in silence. */
static int values_check_given(const struct values_source *s,
                              const bool wanted[PROGRAM_NUMBER_MAX + 1], struct values *v)
{
        uint8_t bytes[VALUE_STRING_MAX];
        struct value value;

        for (size_t i = 0; i < s->n_given; i++) {
                unsigned number = given_number(&s->given[i]);

                v->given = &s->given[i];
                if (number == 0 || !given_value(&s->given[i], number, bytes, &value))
                        return VALUES_E_GIVEN;
                if (!wanted[number])
                        return VALUES_E_UNWANTED;
                if (given_before(s, i, number))
                        return VALUES_E_TWICE;
        }
        return 0;
}

/* What the person, the former device or the hub has for this number; else what the code has. */
static bool values_find(const struct values_source *s, unsigned number, struct scratch *scratch,
                        struct values *v, struct value *value)
{
        uint32_t personal = program_is_personal(number) ? UINT32_C(1) << number : 0;

        for (size_t i = 0; i < s->n_given; i++)
                if (given_number(&s->given[i]) == number) {
                        v->n_from_person++;
                        v->personal |= personal;
                        return given_value(&s->given[i], number, scratch->bytes, value);
                }
        if (value_from_former(s, number, value)) {
                v->personal |= personal;
                return true;
        }
        if (value_from_hub(s, number, scratch, value)) {
                v->n_from_site += personal != 0; /* all of these are settings of the site */
                v->personal |= personal;
                return true;
        }
        return s->configuration.n_bytes > 0 && value_find(s->configuration, number, value);
}

int values_collect(const struct values_source *source, const bool wanted[PROGRAM_NUMBER_MAX + 1],
                   struct values *ret_values)
{
        struct cbor_writer w;
        unsigned n = 0;
        bool is_missing = false;
        int r;

        memset(ret_values, 0, sizeof(*ret_values));
        r = values_check_given(source, wanted, ret_values);
        if (r)
                return r;
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++)
                n += wanted[number];

        cbor_writer_init(&w, ret_values->bytes, sizeof(ret_values->bytes));
        cbor_put_map(&w, n);
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++) {
                struct value value = {0};
                struct scratch scratch;

                if (!wanted[number])
                        continue;
                if (!values_find(source, number, &scratch, ret_values, &value)) {
                        ret_values->missing[number] = is_missing = true;
                        continue;
                }
                cbor_put_uint(&w, number);
                value_put(&w, &value);
        }
        if (is_missing)
                return VALUES_E_MISSING;
        ret_values->n_bytes = w.n_written;
        ret_values->n_values = n;
        return cbor_writer_fits(&w) ? 0 : VALUES_E_LONG;
}
