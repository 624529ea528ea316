/* SPDX-License-Identifier: Apache-2.0 */

#include "api/options.h"

#include <string.h>

#include "util/defer.h"
#include "util/word.h"
#include "wire/utf8.h"

/* The name stands in topics. */
static const char *read_name(json_t *value, struct api_request *request)
{
        if (!json_is_string(value) ||
            !word_valid(json_string_value(value), json_string_length(value)))
                return "'name' is not 1 to 32 letters, digits, - and _";
        request->name = json_string_value(value);
        return NULL;
}

static const char *read_source(json_t *value, struct api_request *request)
{
        const char *text = json_string_value(value);
        enum event_source source = event_source_from_name(text ? text : "");

        if (source != EVENT_SOURCE_CAMERA && source != EVENT_SOURCE_FILE &&
            source != EVENT_SOURCE_TEXT)
                return "'source' is not camera, file or text";
        request->source = source;
        return NULL;
}

static const char *read_dry_run(json_t *value, struct api_request *request)
{
        if (!json_is_boolean(value))
                return "'dry_run' is not true or false";
        request->dry_run = json_is_true(value);
        return NULL;
}

static const char *read_seconds(json_t *value, struct api_request *request)
{
        json_int_t seconds = json_integer_value(value);

        if (seconds < 1 || seconds > OPTIONS_SECONDS_MAX)
                return "'seconds' is not a number from 1 to 600";
        request->seconds = (unsigned)seconds;
        return NULL;
}

static bool is_short_text(const char *text, size_t n)
{
        return n > 0 && n <= OPTIONS_VALUE_MAX && utf8_printable((const uint8_t *)text, n);
}

static const char *read_values(json_t *values, struct api_request *request)
{
        const char *parameter;
        json_t *value;

        if (!json_is_object(values) || json_object_size(values) > API_VALUES_MAX)
                return "'values' is not an object of at most 16 texts";
        json_object_foreach(values, parameter, value)
        {
                if (!is_short_text(parameter, strlen(parameter)))
                        return "a name in 'values' is not a printable text of 1 to 64 bytes";
                if (!is_short_text(json_string_value(value), json_string_length(value)))
                        return "a value is not a printable text of 1 to 64 bytes";
                request->values[request->n_values].parameter = parameter;
                request->values[request->n_values].value = json_string_value(value);
                request->n_values++;
        }
        return NULL;
}

/* clang-format off */
static const struct {
        const char *key;
        unsigned option;
        const char *(*read)(json_t *value, struct api_request *request);
} options[] = {
        { "name",    OPTIONS_NAME,    read_name },
        { "source",  OPTIONS_SOURCE,  read_source },
        { "dry_run", OPTIONS_DRY_RUN, read_dry_run },
        { "seconds", OPTIONS_SECONDS, read_seconds },
        { "values",  OPTIONS_VALUES,  read_values },
};
/* clang-format on */

static const char *read_option(const char *key, json_t *value, unsigned allowed,
                               struct api_request *request)
{
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (strcmp(options[i].key, key) == 0 && (options[i].option & allowed))
                        return options[i].read(value, request);
        return "there is a key that this request does not take";
}

const char *options_read(json_t *object, unsigned allowed, struct api_request *ret_request)
{
        struct api_request request = {.source = EVENT_SOURCE_NONE};
        const char *key;
        json_t *value;

        if (!json_is_object(object))
                return "it is not an object";
        json_object_foreach(object, key, value)
        {
                const char *wrong = read_option(key, value, allowed, &request);

                if (wrong)
                        return wrong;
        }
        *ret_request = request;
        return NULL;
}
