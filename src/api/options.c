/* SPDX-License-Identifier: Apache-2.0 */

#include "api/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/device.h"
#include "util/defer.h"
#include "util/series.h"
#include "util/word.h"
#include "wire/utf8.h"

#define OPTIONS_LIST_SIZE 64
#define OPTIONS_NAME_MAX  64 /* bytes of a key, or of a parameter's name */

/*
 * One reading of options: what is read, and the phrase that says what is wrong. Each of the
 * functions below says whether a value is right.
 */
struct options_reading {
        struct api_request request;
        char *wrong;
};

static bool wrong(struct options_reading *reading, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static bool wrong(struct options_reading *reading, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(reading->wrong, API_DETAIL_SIZE, format, arguments);
        va_end(arguments);
        return false;
}

/* The name stands in topics. */
static bool read_name(json_t *value, struct options_reading *reading)
{
        if (!json_is_string(value) ||
            !store_name_valid(json_string_value(value), json_string_length(value)))
                return wrong(reading, "'name' is not 1 to 32 letters, digits, - and _, or it is "
                                      "bridge, which the hub needs for itself");
        reading->request.name = json_string_value(value);
        return true;
}

static bool read_source(json_t *value, struct options_reading *reading)
{
        const char *text = json_string_value(value);
        enum event_source source = event_source_from_name(text ? text : "");

        if (source != EVENT_SOURCE_CAMERA && source != EVENT_SOURCE_FILE &&
            source != EVENT_SOURCE_TEXT)
                return wrong(reading, "'source' is not camera, file or text");
        reading->request.source = source;
        return true;
}

static bool read_dry_run(json_t *value, struct options_reading *reading)
{
        if (!json_is_boolean(value))
                return wrong(reading, "'dry_run' is not true or false");
        reading->request.dry_run = json_is_true(value);
        return true;
}

static bool read_force(json_t *value, struct options_reading *reading)
{
        if (!json_is_boolean(value))
                return wrong(reading, "'force' is not true or false");
        reading->request.force = json_is_true(value);
        return true;
}

static bool read_other_model(json_t *value, struct options_reading *reading)
{
        if (!json_is_boolean(value))
                return wrong(reading, "'other_model' is not true or false");
        reading->request.other_model = json_is_true(value);
        return true;
}

static bool read_hub(json_t *value, struct options_reading *reading)
{
        if (!json_is_string(value) ||
            !word_valid(json_string_value(value), json_string_length(value)))
                return wrong(reading, "'hub' is not 1 to 32 letters, digits, - and _");
        reading->request.hub = json_string_value(value);
        return true;
}

static bool read_seconds(json_t *value, struct options_reading *reading)
{
        json_int_t seconds = json_integer_value(value);

        if (seconds < 1 || seconds > OPTIONS_SECONDS_MAX)
                return wrong(reading, "'seconds' is not a number from 1 to %d",
                             OPTIONS_SECONDS_MAX);
        reading->request.seconds = (unsigned)seconds;
        return true;
}

static bool is_short_text(const char *text, size_t n)
{
        return n > 0 && n <= OPTIONS_NAME_MAX && utf8_printable((const uint8_t *)text, n);
}

/* What it may be beyond that is checked where its parameter is known. */
static bool is_printable(const char *text, size_t n)
{
        return text && utf8_printable((const uint8_t *)text, n);
}

static bool read_values(json_t *values, struct options_reading *reading)
{
        struct api_request *request = &reading->request;
        const char *parameter;
        json_t *value;

        if (!json_is_object(values) || json_object_size(values) > API_VALUES_MAX)
                return wrong(reading, "'values' is not an object of at most %d texts",
                             API_VALUES_MAX);
        json_object_foreach(values, parameter, value)
        {
                if (!is_short_text(parameter, strlen(parameter)))
                        return wrong(reading,
                                     "a name in 'values' is not a printable text of 1 to %d bytes",
                                     OPTIONS_NAME_MAX);
                if (!is_printable(json_string_value(value), json_string_length(value)))
                        return wrong(reading, "the value of '%s' is not a printable text",
                                     parameter);
                request->values[request->n_values].parameter = parameter;
                request->values[request->n_values].value = json_string_value(value);
                request->n_values++;
        }
        return true;
}

/* clang-format off */
static const struct {
        const char *key;
        unsigned option;
        bool (*read)(json_t *value, struct options_reading *reading);
} options[] = {
        { "name",        OPTIONS_NAME,        read_name },
        { "source",      OPTIONS_SOURCE,      read_source },
        { "dry_run",     OPTIONS_DRY_RUN,     read_dry_run },
        { "seconds",     OPTIONS_SECONDS,     read_seconds },
        { "values",      OPTIONS_VALUES,      read_values },
        { "force",       OPTIONS_FORCE,       read_force },
        { "other_model", OPTIONS_OTHER_MODEL, read_other_model },
        { "hub",         OPTIONS_HUB,         read_hub },
};
/* clang-format on */

static void list_allowed(unsigned allowed, char ret_list[OPTIONS_LIST_SIZE])
{
        struct series series;

        series_init(&series, ret_list, OPTIONS_LIST_SIZE, (size_t)__builtin_popcount(allowed),
                    "and");
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].option & allowed)
                        series_add(&series, options[i].key);
        if (allowed == 0)
                series_add(&series, "none");
}

static bool read_option(const char *key, json_t *value, unsigned allowed,
                        struct options_reading *reading)
{
        char list[OPTIONS_LIST_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (strcmp(options[i].key, key) == 0 && (options[i].option & allowed))
                        return options[i].read(value, reading);
        list_allowed(allowed, list);
        if (!is_short_text(key, strlen(key)))
                return wrong(reading, "it has a key that it does not take; its options are: %s",
                             list);
        return wrong(reading, "'%s' is not a key that it takes; its options are: %s", key, list);
}

bool options_read(json_t *object, unsigned allowed, struct api_request *ret_request,
                  char ret_wrong[API_DETAIL_SIZE])
{
        struct options_reading reading = {.request = {.source = EVENT_SOURCE_NONE},
                                          .wrong = ret_wrong};
        const char *key;
        json_t *value;

        if (!json_is_object(object))
                return wrong(&reading, "its options are not an object");
        json_object_foreach(object, key, value)
        {
                if (!read_option(key, value, allowed, &reading))
                        return false;
        }
        *ret_request = reading.request;
        return true;
}

void options_refuse_twice(const char *key, char ret_wrong[API_DETAIL_SIZE])
{
        struct options_reading reading = {.wrong = ret_wrong};

        if (is_short_text(key, strlen(key)))
                (void)wrong(&reading, "the key '%s' is there twice", key);
        else
                (void)wrong(&reading, "it has a key twice");
}
