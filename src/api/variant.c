/* SPDX-License-Identifier: Apache-2.0 */

#include "api/variant.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "api/json.h"

/* What sd-bus writes a basic type to. */
union basic {
        const char *text;
        int boolean;
        uint8_t byte;
        int16_t int16;
        uint16_t uint16;
        int32_t int32;
        uint32_t uint32;
        int64_t int64;
        uint64_t uint64;
        double real;
};

/* The D-Bus type of @value, or NULL if it has none. */
static const char *signature_of(const json_t *value)
{
        const json_t *first = json_array_get(value, 0);

        switch (json_typeof(value)) {
        case JSON_STRING:
                return "s";
        case JSON_INTEGER:
                return "x";
        case JSON_REAL:
                return "d";
        case JSON_TRUE:
        case JSON_FALSE:
                return "b";
        case JSON_OBJECT:
                return "a{sv}";
        case JSON_ARRAY:
                if (!first || json_is_string(first))
                        return "as";
                return json_is_object(first) ? "aa{sv}" : json_is_integer(first) ? "ax" : NULL;
        case JSON_NULL:
                return NULL;
        }
        return NULL;
}

static int append_basic(sd_bus_message *message, const json_t *value)
{
        switch (json_typeof(value)) {
        case JSON_STRING:
                return sd_bus_message_append(message, "s", json_string_value(value));
        case JSON_INTEGER:
                return sd_bus_message_append(message, "x", (int64_t)json_integer_value(value));
        case JSON_REAL:
                return sd_bus_message_append(message, "d", json_real_value(value));
        case JSON_TRUE:
        case JSON_FALSE:
                return sd_bus_message_append(message, "b", (int)json_is_true(value));
        case JSON_OBJECT:
        case JSON_ARRAY:
        case JSON_NULL:
                break;
        }
        return -EINVAL;
}

static int append_array(sd_bus_message *message, json_t *array, const char *element)
{
        json_t *value;
        size_t i;
        int r;

        r = sd_bus_message_open_container(message, 'a', element);
        if (r < 0)
                return r;
        json_array_foreach(array, i, value)
        {
                const char *signature = signature_of(value);

                if (!signature || strcmp(signature, element) != 0)
                        return -EINVAL;
                r = json_is_object(value) ? variant_append(message, value)
                                          : append_basic(message, value);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(message);
}

static int append_value(sd_bus_message *message, json_t *value)
{
        if (json_is_object(value))
                return variant_append(message, value);
        if (json_is_array(value))
                return append_array(message, value, signature_of(value) + 1);
        return append_basic(message, value);
}

static int append_entry(sd_bus_message *message, const char *key, json_t *value)
{
        const char *signature = signature_of(value);
        int r;

        if (!signature)
                return -EINVAL;
        r = sd_bus_message_open_container(message, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(message, "s", key);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(message, 'v', signature);
        if (r < 0)
                return r;
        r = append_value(message, value);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(message);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(message);
}

int variant_append(sd_bus_message *message, json_t *object)
{
        const char *key;
        json_t *value;
        int r;

        r = sd_bus_message_open_container(message, 'a', "{sv}");
        if (r < 0)
                return r;
        json_object_foreach(object, key, value)
        {
                if (json_is_null(value))
                        continue;
                r = append_entry(message, key, value);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(message);
}

static int read_value(sd_bus_message *message, const char **twice, json_t **ret_value);

static int read_list(sd_bus_message *message, const char **twice, json_t *list)
{
        int r;

        for (;;) {
                json_t *value = NULL;

                r = sd_bus_message_at_end(message, 0);
                if (r != 0)
                        return r < 0 ? r : 0;
                r = read_value(message, twice, &value);
                if (r < 0)
                        return r;
                if (json_array_append_new(list, value) < 0)
                        return -ENOMEM;
        }
}

static int read_dictionary(sd_bus_message *message, const char *entry, const char **twice,
                           json_t *object)
{
        int r;

        while ((r = sd_bus_message_enter_container(message, 'e', entry)) > 0) {
                json_t *value = NULL;
                const char *key;

                r = sd_bus_message_read(message, "s", &key);
                if (r < 0)
                        return r;
                if (json_object_get(object, key)) {
                        *twice = key;
                        return -EEXIST;
                }
                r = read_value(message, twice, &value);
                if (r < 0)
                        return r;
                if (json_object_set_new(object, key, value) < 0)
                        return -ENOMEM;
                r = sd_bus_message_exit_container(message);
                if (r < 0)
                        return r;
        }
        return r;
}

/* An array of dictionary entries is an object, any other an array. */
static int read_array(sd_bus_message *message, const char *contents, const char **twice,
                      json_t **ret_value)
{
        bool dictionary = contents[0] == '{';
        _defer_(json_free) json_t *value = dictionary ? json_object() : json_array();
        char entry[64];
        int r;

        if (!value)
                return -ENOMEM;
        if (dictionary && (contents[1] != 's' || strlen(contents) >= sizeof(entry)))
                return -EBADMSG;
        r = sd_bus_message_enter_container(message, 'a', contents);
        if (r < 0)
                return r;
        if (dictionary) {
                memcpy(entry, contents + 1, strlen(contents) - 2);
                entry[strlen(contents) - 2] = 0;
                r = read_dictionary(message, entry, twice, value);
        } else {
                r = read_list(message, twice, value);
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(message);
        if (r < 0)
                return r;
        *ret_value = take(value);
        return 0;
}

static int read_variant(sd_bus_message *message, const char *contents, const char **twice,
                        json_t **ret_value)
{
        _defer_(json_free) json_t *value = NULL;
        int r;

        r = sd_bus_message_enter_container(message, 'v', contents);
        if (r < 0)
                return r;
        r = read_value(message, twice, &value);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(message);
        if (r < 0)
                return r;
        *ret_value = take(value);
        return 0;
}

static json_t *value_from_basic(char type, const union basic *basic)
{
        switch (type) {
        case 's':
        case 'o':
        case 'g':
                return json_string(basic->text);
        case 'b':
                return json_boolean(basic->boolean);
        case 'y':
                return json_integer(basic->byte);
        case 'n':
                return json_integer(basic->int16);
        case 'q':
                return json_integer(basic->uint16);
        case 'i':
                return json_integer(basic->int32);
        case 'u':
                return json_integer(basic->uint32);
        case 'x':
                return json_integer(basic->int64);
        case 't':
                return json_integer((json_int_t)basic->uint64);
        case 'd':
                return json_real(basic->real);
        default:
                return NULL;
        }
}

static int read_basic(sd_bus_message *message, char type, json_t **ret_value)
{
        union basic basic;
        json_t *value;
        int r;

        if (!strchr("sogbynqiuxtd", type))
                return -EBADMSG;
        r = sd_bus_message_read_basic(message, type, &basic);
        if (r < 0)
                return r;
        value = value_from_basic(type, &basic);
        if (!value)
                return -EBADMSG;
        *ret_value = value;
        return 0;
}

static int read_value(sd_bus_message *message, const char **twice, json_t **ret_value)
{
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(message, &type, &contents);
        if (r < 0)
                return r;
        if (r == 0)
                return -EBADMSG;
        if (type == 'a')
                return read_array(message, contents, twice, ret_value);
        if (type == 'v')
                return read_variant(message, contents, twice, ret_value);
        return read_basic(message, type, ret_value);
}

int variant_read(sd_bus_message *message, json_t **ret_value, const char **ret_twice)
{
        return read_value(message, ret_twice, ret_value);
}
