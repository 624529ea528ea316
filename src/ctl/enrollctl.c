/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enrollctl: the person at the hub. Parses the command line, runs one verb of the table, and ends
 * with an exit code that says what happened.
 */

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/json.h"
#include "api/options.h"
#include "ctl/catalogue.h"
#include "ctl/client.h"
#include "ctl/fault.h"
#include "ctl/follow.h"
#include "ctl/input.h"
#include "ctl/output.h"
#include "ctl/summary.h"
#include "ctl/table.h"
#include "program/table.h"
#include "util/file.h"
#include "util/free.h"
#include "util/nearest.h"
#include "util/options.h"
#include "util/word.h"
#include "wire/utf8.h"

#define TIMEOUT_MAX  86400 /* s */
#define CHANNELS_MAX 16    /* of one command */
#define CHOICES_MAX  2     /* options of a device */
#define WORDS_MAX    4096  /* into which a shell may split a code that is not in quotes */

static struct output arg_output = {.form = OUTPUT_PEOPLE};
static const char *arg_bus;
static const char *arg_file;
static bool arg_force, arg_later, arg_all;
static unsigned arg_timeout_s, arg_seconds;
static json_t *arg_options; /* as in api/options.h */
static char arg_wrong[80];  /* what is wrong with an option, where that has a name in it */

static void input_deferred(struct input *input)
{
        input_done(input);
}

/* Starts nothing yet: connects, and shows the fault if that fails. */
static int connect_client(struct client **ret_client)
{
        struct fault fault;

        if (client_new(arg_bus, arg_timeout_s, ret_client, &fault) == 0)
                return EXIT_OK;
        return output_fault(&arg_output, &fault);
}

/* Shows a value as JSON, or with @table. */
static int show(const json_t *value, int (*table)(const json_t *value, size_t width, FILE *file))
{
        struct fault fault;
        int r;

        if (arg_output.form != OUTPUT_PEOPLE) {
                output_json(&arg_output, value);
                return EXIT_OK;
        }
        r = table(value, arg_output.width, stdout);
        if (r == 0)
                return EXIT_OK;
        fault_local(&fault, r);
        return output_fault(&arg_output, &fault);
}

static int usage_fault(const char *wrong)
{
        struct fault fault;

        fault_usage(&fault, wrong);
        return output_fault(&arg_output, &fault);
}

/* Says which name was meant, if there is one like it. */
static void suggest_device(struct client *client, const char *wrong, struct fault *fault)
{
        _defer_(json_free) json_t *devices = NULL;
        const json_t *device;
        struct nearest nearest;
        struct fault other;
        char remedy[FAULT_TEXT_SIZE];
        size_t i;

        if (client_ask(client, "ListDevices", NULL, &devices, &other) != 0)
                return;
        nearest_init(&nearest, wrong);
        json_array_foreach(devices, i, device)
        {
                const char *name = json_string_value(json_object_get(device, "friendly_name"));

                if (name)
                        nearest_offer(&nearest, name);
        }
        if (!nearest.best)
                return;
        (void)snprintf(remedy, sizeof(remedy), "Did you mean %s? See enrollctl list for the names.",
                       nearest.best);
        fault_advise(fault, remedy);
}

/* Shows why a verb with a device failed, and which one was meant if there is none of that name. */
static int device_fault(struct client *client, const char *device, struct fault *fault)
{
        if (fault->exit_code == EXIT_NO_SUCH_DEVICE)
                suggest_device(client, device, fault);
        return output_fault(&arg_output, fault);
}

/* Whether the daemon may take it; not everything else can be sent to it. */
static bool is_printable(const char *text)
{
        return utf8_printable((const uint8_t *)text, strlen(text));
}

/* Shows why an enrollment did not start; that of a device may be because of its name. */
static int start_fault(struct client *client, const char *replaced, struct fault *fault)
{
        return replaced ? device_fault(client, replaced, fault) : output_fault(&arg_output, fault);
}

/* Reads a code with the camera, and enrolls its device, in the place of @replaced if not NULL. */
static int scan(const char *replaced)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(free) char *transaction = NULL;
        struct fault fault;
        int r;

        if (arg_seconds > 0)
                (void)json_object_set_new(arg_options, "seconds", json_integer(arg_seconds));
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (follow_new(client, &arg_output, arg_timeout_s, &follow, &fault) == 0 &&
            client_scan(client, replaced, arg_options, &transaction, &fault) == 0)
                return follow_enrollment(follow, transaction);
        return start_fault(client, replaced, &fault);
}

static int verb_scan(char **arguments)
{
        (void)arguments;
        return scan(NULL);
}

static int verb_open(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        unsigned seconds;
        int r;

        (void)arguments;
        if (arg_seconds > 0)
                (void)json_object_set_new(arg_options, "seconds", json_integer(arg_seconds));
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_open(client, arg_options, &seconds, &fault) != 0)
                return output_fault(&arg_output, &fault);
        if (!arg_output.quiet && arg_output.form == OUTPUT_PEOPLE)
                (void)printf("The hub looks for codes for %u s; see enrollctl monitor.\n", seconds);
        return EXIT_OK;
}

static int verb_close(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        return client_close(client, &fault) == 0 ? EXIT_OK : output_fault(&arg_output, &fault);
}

static int read_input(char **arguments, struct input *ret_input, struct fault *ret_fault)
{
        if (arg_file)
                return input_from_file(arg_file, ret_input, ret_fault);
        if (strcmp(arguments[0], "-") == 0 && !arguments[1]) {
                if (isatty(STDIN_FILENO) && !arg_output.quiet)
                        (void)fprintf(stderr, "Paste the code, then press Enter and Ctrl-D.\n");
                return input_from_stdin(STDIN_FILENO, ret_input, ret_fault);
        }
        if (!arguments[1] && input_is_file(arguments[0]))
                return input_from_file(arguments[0], ret_input, ret_fault);
        if (input_are_files(arguments)) {
                fault_usage(ret_fault, "there is more than one file");
                return INPUT_E_FAULT;
        }
        if (input_from_words(arguments, ret_input, ret_fault) != 0)
                return INPUT_E_FAULT;
        /* Others can read the arguments of a process, so the code is blanked here. */
        for (; arguments[0]; arguments++)
                memset(arguments[0], '*', strlen(arguments[0]));
        return 0;
}

/* The same with a code from the command line, a file or standard input. */
static int enroll(const char *replaced, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(input) struct input input = INPUT_NONE;
        _defer_(free) char *transaction = NULL;
        struct fault fault;
        int r;

        if (read_input(arguments, &input, &fault) != 0)
                return output_fault(&arg_output, &fault);
        (void)json_object_set_new(arg_options, "source",
                                  json_string(event_source_name(input.source)));
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (arg_later)
                return catalogue_add(client, &arg_output, &input, arg_options);
        if (follow_new(client, &arg_output, arg_timeout_s, &follow, &fault) == 0 &&
            client_enroll(client, replaced, &input, arg_options, &transaction, &fault) == 0)
                return follow_enrollment(follow, transaction);
        return start_fault(client, replaced, &fault);
}

static int verb_enroll(char **arguments)
{
        if (!arg_file == !arguments[0])
                return usage_fault(arg_file ? "enroll takes --file or an argument, not both"
                                            : "enroll needs a file, a code, - or --file");
        return enroll(NULL, arguments);
}

static int verb_replace(char **arguments)
{
        bool has_code = arg_file || arguments[1];

        if (!is_printable(arguments[0]))
                return usage_fault("replace takes a printable DEVICE");
        if (arg_file && arguments[1])
                return usage_fault("replace takes --file or a code, not both");
        if (has_code && arg_seconds > 0)
                return usage_fault("--seconds is for the camera, and there is a code");
        return has_code ? enroll(arguments[0], arguments + 1) : scan(arguments[0]);
}

/* The form of a list for programs: an object, so that there is room for more. */
static int output_list(const char *key, json_t *list)
{
        _defer_(json_free) json_t *object = json_pack("{s:O}", key, list);

        output_json(&arg_output, object);
        return EXIT_OK;
}

/* For scripts and completion: the names alone. */
static int print_names(const json_t *devices, FILE *file)
{
        json_t *device;
        size_t i;

        json_array_foreach(devices, i, device)(void)
                fprintf(file, "%s\n", json_string_value(json_object_get(device, "friendly_name")));
        return EXIT_OK;
}

static int show_devices(struct client *client, json_t *devices)
{
        _defer_(json_free) json_t *status = NULL;
        struct fault fault;

        if (arg_output.form != OUTPUT_PEOPLE)
                return output_list("devices", devices);
        if (arg_output.quiet)
                return print_names(devices, stdout);
        if (json_array_size(devices) > 0)
                return show(devices, table_devices);
        if (client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&arg_output, &fault);
        (void)summary_begin(status, arg_output.width, stdout);
        return EXIT_OK;
}

static int verb_list(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *devices = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, "ListDevices", NULL, &devices, &fault) != 0)
                return output_fault(&arg_output, &fault);
        return show_devices(client, devices);
}

static int verb_info(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *device = NULL;
        struct fault fault;
        int r;

        if (!is_printable(arguments[0]))
                return usage_fault("info takes a printable DEVICE");
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, "GetDevice", arguments[0], &device, &fault) == 0)
                return show(device, table_device);
        return device_fault(client, arguments[0], &fault);
}

static int verb_status(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *status = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&arg_output, &fault);
        return show(status, summary_print);
}

static int verb_monitor(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(json_free) json_t *status = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        if (arg_output.form == OUTPUT_JSON)
                arg_output.form = OUTPUT_LINES;
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (follow_new(client, &arg_output, arg_timeout_s, &follow, &fault) != 0 ||
            client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&arg_output, &fault);
        return follow_everything(follow);
}

/*
 * The enrollment to cancel if none is named: the only one; "" if there are several, which the
 * daemon refuses with their names; NULL if there is none.
 */
static const char *only_running(const json_t *status)
{
        const json_t *running = json_object_get(status, "enrollments");
        const json_t *first = json_array_get(running, 0);

        if (json_array_size(running) > 1)
                return "";
        return json_string_value(json_object_get(first, "transaction"));
}

static int verb_cancel(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *status = NULL;
        const char *transaction = arguments[0];
        struct fault fault;
        int r;

        if (transaction && !is_printable(transaction))
                return usage_fault("cancel takes a printable ID");
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (!transaction && client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&arg_output, &fault);
        if (!transaction)
                transaction = only_running(status);
        if (!transaction)
                fault_nothing_to_do(&fault);
        else if (client_cancel(client, transaction, &fault) == 0)
                return EXIT_OK;
        else if (strcmp(fault.code, reason_code(REASON_REQUEST_INVALID)) == 0)
                fault_advise(&fault, "See enrollctl status for the enrollments that are running.");
        return output_fault(&arg_output, &fault);
}

static int verb_catalogue(char **arguments)
{
        struct catalogue_wish wish = {.joins = arg_later, .all = arg_all};
        _defer_(client_free) struct client *client = NULL;
        const char *wrong = catalogue_read(arguments, &wish);
        int r;

        if (wrong)
                return usage_fault(wrong);
        r = connect_client(&client);
        return r == EXIT_OK ? catalogue_run(client, &arg_output, &wish) : r;
}

static int verb_fetch(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        int r = connect_client(&client);

        return r == EXIT_OK ? catalogue_fetch(client, &arg_output, arguments, arg_later) : r;
}

static bool are_printable(char **arguments)
{
        for (; *arguments; arguments++)
                if (!is_printable(*arguments))
                        return false;
        return true;
}

static int verb_rename(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        if (!are_printable(arguments))
                return usage_fault("rename takes a printable DEVICE and NAME");
        r = connect_client(&client);
        if (r == EXIT_OK && client_rename(client, arguments[0], arguments[1], &fault) != 0)
                r = device_fault(client, arguments[0], &fault);
        return r;
}

static int verb_keys(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        if (!are_printable(arguments))
                return usage_fault("keys takes a printable DEVICE");
        r = connect_client(&client);
        if (r == EXIT_OK && client_send_keys(client, arguments[0], &fault) != 0)
                r = device_fault(client, arguments[0], &fault);
        return r;
}

static int verb_remove(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        if (!are_printable(arguments))
                return usage_fault("remove takes a printable DEVICE");
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_remove(client, arguments[0], arg_force, &fault) != 0)
                return device_fault(client, arguments[0], &fault);
        if (arg_force && arg_output.form == OUTPUT_PEOPLE && !arg_output.quiet)
                (void)printf("%s is removed. It will be released when it is next seen.\n",
                             arguments[0]);
        return EXIT_OK;
}

/* Shows what is in force under this key: one a line, or as one object. */
static int show_values(const char *key, json_t *values)
{
        _defer_(json_free) json_t *object = json_pack("{s:O}", key, values);

        if (arg_output.form != OUTPUT_PEOPLE) {
                output_json(&arg_output, object);
                return EXIT_OK;
        }
        return arg_output.quiet ? EXIT_OK : show(values, table_values);
}

/* A number, true or false is that, and everything else a text, also in quote marks. */
static json_t *parse_value(const char *text)
{
        json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

        if (json_is_number(value) || json_is_boolean(value) || json_is_string(value))
                return value;
        (void)json_free(value);
        return json_string(text);
}

/* Pairs of names and values, as an object: {}. NULL, or what is wrong with them. */
static const char *read_pairs(char **arguments, json_t *pairs)
{
        char **at;

        if (!are_printable(arguments))
                return "the arguments are not printable text in UTF-8";
        for (at = arguments; at[0] && at[1]; at += 2) {
                if (json_object_get(pairs, at[0]))
                        return "a name is given twice";
                (void)json_object_set_new(pairs, at[0], parse_value(at[1]));
        }
        return at[0] ? "each name takes a VALUE" : NULL;
}

/* Sets what the pairs behind a device say, with @set, and shows what is in force then. */
static int set_pairs(char **arguments, const char *key,
                     int (*set)(struct client *client, const char *device, json_t *pairs,
                                json_t **ret_values, struct fault *ret_fault))
{
        _defer_(json_free) json_t *wanted = json_object(), *values = NULL;
        _defer_(client_free) struct client *client = NULL;
        const char *wrong = read_pairs(arguments + 1, wanted);
        struct fault fault;
        int r;

        if (wrong || !is_printable(arguments[0]))
                return usage_fault(wrong ? wrong : "DEVICE is not printable text in UTF-8");
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (set(client, arguments[0], wanted, &values, &fault) == 0)
                return show_values(key, values);
        return device_fault(client, arguments[0], &fault);
}

static int verb_set(char **arguments)
{
        return set_pairs(arguments, "values", client_set);
}

static int verb_options(char **arguments)
{
        return set_pairs(arguments, "options", client_set_options);
}

static int verb_get(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *values = NULL;
        struct fault fault;
        int r;

        if (!are_printable(arguments))
                return usage_fault("get takes printable text in UTF-8");
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_get(client, arguments[0], arguments + 1, &values, &fault) == 0)
                return show_values("values", values);
        return device_fault(client, arguments[0], &fault);
}

/* What was removed, a topic a line. */
static int print_topics(const json_t *report, size_t width, FILE *file)
{
        const json_t *topics = json_object_get(report, "topics"), *topic;
        size_t i;

        (void)width;
        if (json_array_size(topics) == 0 && !arg_output.quiet)
                (void)fprintf(file, "There is nothing to remove.\n");
        json_array_foreach(topics, i, topic)(void) fprintf(file, "%s\n", json_string_value(topic));
        return 0;
}

static int verb_clean(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *report = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_clean(client, arg_options, &report, &fault) != 0)
                return output_fault(&arg_output, &fault);
        return show(report, print_topics);
}

/* NULL, or what is wrong with the option; the same for the following. */
static const char *parse_name(const char *text)
{
        if (!word_valid(text, strlen(text)))
                return "--name takes 1 to 32 letters, digits, - and _";
        (void)json_object_set_new(arg_options, "name", json_string(text));
        return NULL;
}

static const char *parse_set(const char *text)
{
        json_t *values = json_object_get(arg_options, "values");
        const char *equals = strchr(text, '=');
        _defer_(free) char *parameter = NULL;

        if (!equals || equals == text)
                return "--set takes PARAM=VALUE, for instance location=Hall";
        if (!is_printable(text))
                return "--set takes printable text in UTF-8";
        if (!values) {
                values = json_object();
                (void)json_object_set_new(arg_options, "values", values);
        }
        parameter = strndup(text, (size_t)(equals - text));
        if (parameter && json_object_get(values, parameter)) {
                (void)snprintf(arg_wrong, sizeof(arg_wrong), "%s is given twice",
                               strlen(parameter) <= WORD_MAX ? parameter : "a parameter");
                return arg_wrong;
        }
        if (!parameter || json_object_set_new(values, parameter, json_string(equals + 1)) < 0)
                return "there is not enough memory for --set";
        return NULL;
}

static const char *parse_hub(const char *text)
{
        if (!word_valid(text, strlen(text)))
                return "--hub takes 1 to 32 letters, digits, - and _";
        (void)json_object_set_new(arg_options, "hub", json_string(text));
        return NULL;
}

static const char *parse_dry_run(const char *text)
{
        (void)text;
        (void)json_object_set_new(arg_options, "dry_run", json_true());
        return NULL;
}

static const char *parse_other_model(const char *text)
{
        (void)text;
        (void)json_object_set_new(arg_options, "other_model", json_true());
        return NULL;
}

static const char *parse_json(const char *text)
{
        arg_output.form = text ? OUTPUT_LINES : OUTPUT_JSON;
        return NULL;
}

static const char *parse_color(const char *text)
{
        if (strcmp(text, "auto") != 0)
                arg_output.colour = arg_output.colour_errors = strcmp(text, "always") == 0;
        return NULL;
}

/* The names of all parameters, as one text. */
#define NAME_ROW(constant, number, type, name) name ", "

/* clang-format off */
static const struct options_verb verbs[] = {
        { .name = "scan",    .arguments = "",                    .run = verb_scan,
          .help = "read a code with the camera and enroll its device" },
        { .name = "open",    .arguments = "",                    .run = verb_open,
          .help = "open the window: the hub looks for codes, one after\nthe other, until its time has expired" },
        { .name = "close",   .arguments = "",                    .run = verb_close,
          .help = "close the window; no enrollment is ended" },
        { .name = "enroll",  .arguments = "FILE|CODE|-", .max = WORDS_MAX, .run = verb_enroll,
          .help = "enroll from a file with a code or a picture of one,\n"
                  "from a code's text, which other users can see, or\n"
                  "with - from standard input" },
        { .name = "replace", .arguments = "DEVICE [FILE|CODE|-]", .min = 1, .max = 1 + WORDS_MAX,
          .run = verb_replace,
          .help = "enroll a new device in the place of a dead one: it\ntakes its name, topics and entities; without a code\nthe camera looks for it" },
        { .name = "catalogue", .arguments = "[ACTION [ARGUMENT...]]", .max = WORDS_MAX, .run = verb_catalogue,
          .help = "list the codes of devices that are not enrolled yet,\nimport FILE... adds codes, allow and forbid ID... say\nwhose devices may join, remove ID..." },
        { .name = "fetch",   .arguments = "NUMBER...|-", .min = 1, .max = WORDS_MAX, .run = verb_fetch,
          .help = "get codes from the web service into the catalogue" },
        { .name = "list",    .arguments = "",                    .run = verb_list,
          .help = "list the devices of this hub, with -q only their\nnames (the default verb)" },
        { .name = "info",    .arguments = "DEVICE", .min = 1, .max = 1, .run = verb_info,
          .help = "show a device, by its name or identifier" },
        { .name = "rename",  .arguments = "DEVICE NAME", .min = 2, .max = 2, .run = verb_rename,
          .help = "give a device another name" },
        { .name = "keys",    .arguments = "DEVICE", .min = 1, .max = 1, .run = verb_keys,
          .help = "send the keys of a device over MQTT again" },
        { .name = "remove",  .arguments = "DEVICE", .min = 1, .max = 1, .run = verb_remove,
          .help = "release a device and remove it from this hub" },
        { .name = "forget",  .arguments = "DEVICE", .min = 1, .max = 1, .run = verb_remove,
          .help = "the same" },
        { .name = "set",     .arguments = "DEVICE CHANNEL VALUE...", .min = 3, .max = 1 + 2 * CHANNELS_MAX,
          .limit = "16 channels", .run = verb_set,
          .help = "set channels of a device, and show the values that\nare in force then" },
        { .name = "get",     .arguments = "DEVICE [CHANNEL...]", .min = 1, .max = 1 + CHANNELS_MAX,
          .limit = "16 channels", .run = verb_get,
          .help = "ask a device for the values of its channels, all\nthat can be asked for if none is named" },
        { .name = "options", .arguments = "DEVICE [OPTION VALUE...]", .min = 1, .max = 1 + 2 * CHOICES_MAX,
          .limit = "2 options", .run = verb_options,
          .help = "set how what a device reports is published, and show\nit: retain (true, false), throttle (s)" },
        { .name = "monitor", .arguments = "",                    .run = verb_monitor,
          .help = "show the events of all enrollments until\ninterrupted, or for the time of --timeout" },
        { .name = "status",  .arguments = "",                    .run = verb_status,
          .help = "show the status of the hub" },
        { .name = "clean-mqtt", .arguments = "",                 .run = verb_clean,
          .help = "remove what the broker keeps of this hub, or of the\none of --hub, and that hub does not publish" },
        { .name = "cancel",  .arguments = "[ID]",      .max = 1, .run = verb_cancel,
          .help = "cancel the enrollment with this ID, or the only one\nthat is running" },
};

static const struct options_row rows[] = {
        { .name = "name",    .argument = "NAME",        .verbs = "scan, enroll", .parse = parse_name,
          .help = "the name of the device on this hub" },
        { .name = "set",     .argument = "PARAM=VALUE", .verbs = "scan, enroll, replace", .parse = parse_set,
          .help = "a value that the device needs; may be repeated. PARAM is " PROGRAM_PARAMETERS(NAME_ROW)
                  "or the number of a maker's own, 64 to 127" },
        { .name = "dry-run",                            .verbs = "scan, enroll, replace, clean-mqtt", .parse = parse_dry_run,
          .help = "check and preview the code, leave the device alone;\nshow what would be removed from the broker" },
        { .name = "hub",     .argument = "NAME",        .verbs = "clean-mqtt",   .parse = parse_hub,
          .help = "the name of another hub, which does not run" },
        { .name = "seconds", .argument = "N",           .verbs = "scan, replace, open", .number = &arg_seconds,
          .max = OPTIONS_SECONDS_MAX,
          .help = "how long to watch the camera, or to look for codes" },
        { .name = "file",    .argument = "FILE",        .verbs = "enroll, replace", .text = &arg_file,
          .help = "a code, or a picture of one" },
        { .name = "force",                              .verbs = "remove, forget", .flag = &arg_force,
          .help = "remove the device without releasing it; that is\ndone when it is next seen" },
        { .name = "later",                              .verbs = "enroll, catalogue, fetch", .flag = &arg_later,
          .help = "enroll the device when it is first switched on" },
        { .name = "all",                                .verbs = "catalogue",    .flag = &arg_all,
          .help = "all codes of the catalogue" },
        { .name = "other-model",                        .verbs = "replace",      .parse = parse_other_model,
          .help = "the new device may be of another maker or model" },
        { .name = "json",    .argument = "lines",       .optional = true,        .parse = parse_json,
          .words = "lines",
          .help = "write JSON: one document, or one line for each\nevent" },
        { .name = "timeout", .argument = "SECONDS",     .max = TIMEOUT_MAX,      .number = &arg_timeout_s,
          .help = "give up after this time" },
        { .name = "color",   .argument = "WHEN",                                 .parse = parse_color,
          .words = "auto, always, never",
          .help = "auto, always or never" },
        { .name = "bus",     .argument = "ADDRESS",                              .text = &arg_bus,
          .help = "a bus other than the system bus" },
        { .name = "quiet",                              .letter = 'q',           .flag = &arg_output.quiet,
          .help = "show no progress" },
};
/* clang-format on */

static const struct options options = {
        .program = "enrollctl",
        .usage = "enrollctl [OPTION...] VERB [ARGUMENT...]",
        .about = "Enrolls devices on this hub, commands them, and shows its devices and status.",
        .ending =
                "Exit codes: 0 done, 1 failure, 2 usage, 3 timeout, 4 enrollment failed,\n"
                "5 nothing to do (already enrolled), 8 enrolld is not running, 10 no such device,\n"
                "77 not permitted. See enrollctl(1).",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
        .verbs = verbs,
        .n_verbs = ELEMENTSOF(verbs),
        .verb = "list",
};

/* A file or a code in the place of the verb is what enroll takes. */
static int usage_fault_of(const struct options_call *call)
{
        const char *word = call->arguments && !call->verb ? call->arguments[0] : NULL;
        struct fault fault;

        fault_usage(&fault, call->wrong);
        if (word && (access(word, F_OK) == 0 || !input_is_file(word)))
                fault_advise(&fault, "To enroll a device from it, use enrollctl enroll.");
        return output_fault(&arg_output, &fault);
}

static int run(int argc, char **argv)
{
        _defer_(json_free) json_t *given = json_object();
        struct options_call call;
        int r;

        if (!given)
                return EXIT_FAULT;
        arg_options = given;
        r = options_parse(&options, argc, argv, &call);
        if (r == OPTIONS_E_SHOWN)
                return EXIT_OK;
        if (r != 0)
                return usage_fault_of(&call);
        return call.verb->run(call.arguments);
}

/* A list that could not be written is a failure. */
static int finish_output(int exit_code)
{
        struct fault fault;
        int r;

        r = arg_output.error ? arg_output.error : file_flush(stdout);
        if (r == 0)
                return exit_code;
        fault_output(&fault, r);
        fault_show(&fault, arg_output.colour_errors, arg_output.width_errors, stderr);
        return exit_code != EXIT_OK ? exit_code : (int)fault.exit_code;
}

int main(int argc, char **argv)
{
        static char buffer[16384];

        (void)setlocale(LC_ALL, "");
        output_init(&arg_output);
        /* A write that fails before the end would leave nobody to say why. */
        if (!isatty(STDOUT_FILENO))
                (void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        json_wipe_freed_memory();
        return finish_output(run(argc, argv));
}
