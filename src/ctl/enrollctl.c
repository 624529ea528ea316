/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enrollctl: the person at the hub. Parses the command line, runs one verb of the table, and ends
 * with an exit code that says what happened.
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/json.h"
#include "api/options.h"
#include "ctl/catalogue.h"
#include "ctl/client.h"
#include "ctl/devices.h"
#include "ctl/enrollments.h"
#include "ctl/fault.h"
#include "ctl/follow.h"
#include "ctl/input.h"
#include "ctl/invocation.h"
#include "ctl/output.h"
#include "ctl/summary.h"
#include "program/table.h"
#include "util/file.h"
#include "util/free.h"
#include "util/options.h"
#include "util/word.h"

#define TIMEOUT_MAX  86400 /* s */
#define CHANNELS_MAX 16    /* of one command */
#define CHOICES_MAX  2     /* options of a device */
#define WORDS_MAX    4096  /* into which a shell may split a code that is not in quotes */

static struct invocation arg_invocation = {.output.form = OUTPUT_PEOPLE};
static char arg_wrong[80]; /* what is wrong with an option, where that has a name in it */

static int verb_scan(char **arguments)
{
        (void)arguments;
        return enrollments_scan(&arg_invocation);
}

static int verb_open(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        unsigned seconds;
        int r;

        (void)arguments;
        if (arg_invocation.seconds > 0)
                (void)json_object_set_new(arg_invocation.options, "seconds",
                                          json_integer(arg_invocation.seconds));
        r = invocation_connect(&arg_invocation, &client);
        if (r != EXIT_OK)
                return r;
        if (client_open(client, arg_invocation.options, &seconds, &fault) != 0)
                return output_fault(&arg_invocation.output, &fault);
        if (!arg_invocation.output.quiet && arg_invocation.output.form == OUTPUT_PEOPLE)
                (void)printf("The hub looks for codes for %u s; see enrollctl monitor.\n", seconds);
        return EXIT_OK;
}

static int verb_close(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = invocation_connect(&arg_invocation, &client);
        if (r != EXIT_OK)
                return r;
        return client_close(client, &fault) == 0 ? EXIT_OK
                                                 : output_fault(&arg_invocation.output, &fault);
}

static int verb_enroll(char **arguments)
{
        return enrollments_enroll(&arg_invocation, arguments);
}

static int verb_replace(char **arguments)
{
        return enrollments_replace(&arg_invocation, arguments);
}

static int verb_list(char **arguments)
{
        (void)arguments;
        return devices_list(&arg_invocation);
}

static int verb_info(char **arguments)
{
        return devices_info(&arg_invocation, arguments);
}

static int verb_status(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *status = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = invocation_connect(&arg_invocation, &client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&arg_invocation.output, &fault);
        return invocation_show(&arg_invocation, status, summary_print);
}

static int verb_monitor(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(json_free) json_t *status = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        if (arg_invocation.output.form == OUTPUT_JSON)
                arg_invocation.output.form = OUTPUT_LINES;
        r = invocation_connect(&arg_invocation, &client);
        if (r != EXIT_OK)
                return r;
        if (follow_new(client, &arg_invocation.output, arg_invocation.timeout_s, &follow, &fault) !=
                    0 ||
            client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&arg_invocation.output, &fault);
        return follow_everything(follow);
}

static int verb_cancel(char **arguments)
{
        return enrollments_cancel(&arg_invocation, arguments);
}

static int verb_catalogue(char **arguments)
{
        struct catalogue_wish wish = {.joins = arg_invocation.later, .all = arg_invocation.all};
        _defer_(client_free) struct client *client = NULL;
        const char *wrong = catalogue_read(arguments, &wish);
        int r;

        if (wrong)
                return invocation_usage_fault(&arg_invocation, wrong);
        r = invocation_connect(&arg_invocation, &client);
        return r == EXIT_OK ? catalogue_run(client, &arg_invocation.output, &wish) : r;
}

static int verb_fetch(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        int r = invocation_connect(&arg_invocation, &client);

        return r == EXIT_OK ? catalogue_fetch(client, &arg_invocation.output, arguments,
                                              arg_invocation.later)
                            : r;
}

static int verb_rename(char **arguments)
{
        return devices_rename(&arg_invocation, arguments);
}

static int verb_keys(char **arguments)
{
        return devices_keys(&arg_invocation, arguments);
}

static int verb_remove(char **arguments)
{
        return devices_remove(&arg_invocation, arguments);
}

static int verb_set(char **arguments)
{
        return devices_set(&arg_invocation, arguments);
}

static int verb_get(char **arguments)
{
        return devices_get(&arg_invocation, arguments);
}

static int verb_options(char **arguments)
{
        return devices_options(&arg_invocation, arguments);
}

/* What was removed, a topic a line. */
static int print_topics(const json_t *report, size_t width, FILE *file)
{
        const json_t *topics = json_object_get(report, "topics"), *topic;
        size_t i;

        (void)width;
        if (json_array_size(topics) == 0 && !arg_invocation.output.quiet)
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
        r = invocation_connect(&arg_invocation, &client);
        if (r != EXIT_OK)
                return r;
        if (client_clean(client, arg_invocation.options, &report, &fault) != 0)
                return output_fault(&arg_invocation.output, &fault);
        return invocation_show(&arg_invocation, report, print_topics);
}

/* NULL, or what is wrong with the option; the same for the following. */
static const char *parse_name(const char *text)
{
        if (!word_valid(text, strlen(text)))
                return "--name takes 1 to 32 letters, digits, - and _";
        (void)json_object_set_new(arg_invocation.options, "name", json_string(text));
        return NULL;
}

static const char *parse_set(const char *text)
{
        json_t *values = json_object_get(arg_invocation.options, "values");
        const char *equals = strchr(text, '=');
        _defer_(free) char *parameter = NULL;

        if (!equals || equals == text)
                return "--set takes PARAM=VALUE, for instance location=Hall";
        if (!invocation_printable(text))
                return "--set takes printable text in UTF-8";
        if (!values) {
                values = json_object();
                (void)json_object_set_new(arg_invocation.options, "values", values);
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
        (void)json_object_set_new(arg_invocation.options, "hub", json_string(text));
        return NULL;
}

static const char *parse_dry_run(const char *text)
{
        (void)text;
        (void)json_object_set_new(arg_invocation.options, "dry_run", json_true());
        return NULL;
}

static const char *parse_other_model(const char *text)
{
        (void)text;
        (void)json_object_set_new(arg_invocation.options, "other_model", json_true());
        return NULL;
}

static const char *parse_json(const char *text)
{
        arg_invocation.output.form = text ? OUTPUT_LINES : OUTPUT_JSON;
        return NULL;
}

static const char *parse_color(const char *text)
{
        if (strcmp(text, "auto") != 0)
                arg_invocation.output.colour = arg_invocation.output.colour_errors =
                        strcmp(text, "always") == 0;
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
        { .name = "seconds", .argument = "N",           .verbs = "scan, replace, open", .number = &arg_invocation.seconds,
          .max = OPTIONS_SECONDS_MAX,
          .help = "how long to watch the camera, or to look for codes" },
        { .name = "file",    .argument = "FILE",        .verbs = "enroll, replace", .text = &arg_invocation.file,
          .help = "a code, or a picture of one" },
        { .name = "force",                              .verbs = "remove, forget", .flag = &arg_invocation.force,
          .help = "remove the device without releasing it; that is\ndone when it is next seen" },
        { .name = "later",                              .verbs = "enroll, catalogue, fetch", .flag = &arg_invocation.later,
          .help = "enroll the device when it is first switched on" },
        { .name = "all",                                .verbs = "catalogue",    .flag = &arg_invocation.all,
          .help = "all codes of the catalogue" },
        { .name = "other-model",                        .verbs = "replace",      .parse = parse_other_model,
          .help = "the new device may be of another maker or model" },
        { .name = "json",    .argument = "lines",       .optional = true,        .parse = parse_json,
          .words = "lines",
          .help = "write JSON: one document, or one line for each\nevent" },
        { .name = "timeout", .argument = "SECONDS",     .max = TIMEOUT_MAX,      .number = &arg_invocation.timeout_s,
          .help = "give up after this time" },
        { .name = "color",   .argument = "WHEN",                                 .parse = parse_color,
          .words = "auto, always, never",
          .help = "auto, always or never" },
        { .name = "bus",     .argument = "ADDRESS",                              .text = &arg_invocation.bus,
          .help = "a bus other than the system bus" },
        { .name = "quiet",                              .letter = 'q',           .flag = &arg_invocation.output.quiet,
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
        return output_fault(&arg_invocation.output, &fault);
}

static int run(int argc, char **argv)
{
        _defer_(json_free) json_t *given = json_object();
        struct options_call call;
        int r;

        if (!given)
                return EXIT_FAULT;
        arg_invocation.options = given;
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

        r = arg_invocation.output.error ? arg_invocation.output.error : file_flush(stdout);
        if (r == 0)
                return exit_code;
        fault_output(&fault, r);
        fault_show(&fault, arg_invocation.output.colour_errors, arg_invocation.output.width_errors,
                   stderr);
        return exit_code != EXIT_OK ? exit_code : (int)fault.exit_code;
}

int main(int argc, char **argv)
{
        static char buffer[16384];

        (void)setlocale(LC_ALL, "");
        output_init(&arg_invocation.output);
        /* A write that fails before the end would leave nobody to say why. */
        if (!isatty(STDOUT_FILENO))
                (void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        json_wipe_freed_memory();
        return finish_output(run(argc, argv));
}
