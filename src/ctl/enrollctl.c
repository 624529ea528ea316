/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enrollctl: the person at the hub. Parses the command line, runs one verb of the table, and ends
 * with an exit code that says what happened.
 */

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/json.h"
#include "config.h"
#include "ctl/client.h"
#include "ctl/fault.h"
#include "ctl/follow.h"
#include "ctl/input.h"
#include "ctl/output.h"
#include "ctl/table.h"
#include "util/free.h"

#define TIMEOUT_MAX 86400 /* s */

static struct output arg_output = {.form = OUTPUT_PEOPLE};
static const char *arg_bus;
static const char *arg_file;
static unsigned arg_timeout_s;
static json_t *arg_options; /* as in api/options.h */

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

/* Asks the daemon one thing; shows the answer as JSON, or with @table. */
static int ask(const char *method, const char *argument,
               int (*table)(const json_t *value, FILE *file))
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *value = NULL;
        struct fault fault;
        int r;

        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, method, argument, &value, &fault) != 0)
                return output_fault(&arg_output, &fault);
        if (arg_output.form != OUTPUT_PEOPLE) {
                output_json(&arg_output, value);
                return EXIT_OK;
        }
        r = table(value, stdout);
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

static int verb_scan(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(free) char *transaction = NULL;
        struct fault fault;
        int r;

        (void)arguments;
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (follow_new(client, &arg_output, arg_timeout_s, &follow, &fault) != 0 ||
            client_scan(client, arg_options, &transaction, &fault) != 0)
                return output_fault(&arg_output, &fault);
        return follow_enrollment(follow, transaction);
}

static int read_input(char **arguments, struct input *ret_input, struct fault *ret_fault)
{
        if (arg_file)
                return input_from_file(arg_file, ret_input, ret_fault);
        if (strcmp(arguments[0], "-") == 0)
                return input_from_stdin(STDIN_FILENO, ret_input, ret_fault);
        if (input_from_text(arguments[0], ret_input, ret_fault) != 0)
                return INPUT_E_FAULT;
        /* Others can read the arguments of a process; from here on there is nothing to see. */
        memset(arguments[0], '*', strlen(arguments[0]));
        return 0;
}

static int verb_enroll(char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(input) struct input input = INPUT_NONE;
        _defer_(free) char *transaction = NULL;
        struct fault fault;
        int r;

        if (!arg_file == !arguments[0])
                return usage_fault("enroll takes either a code, or -, or --file");
        if (read_input(arguments, &input, &fault) != 0)
                return output_fault(&arg_output, &fault);
        (void)json_object_set_new(arg_options, "source",
                                  json_string(event_source_name(input.source)));
        r = connect_client(&client);
        if (r != EXIT_OK)
                return r;
        if (follow_new(client, &arg_output, arg_timeout_s, &follow, &fault) != 0 ||
            client_enroll(client, &input, arg_options, &transaction, &fault) != 0)
                return output_fault(&arg_output, &fault);
        return follow_enrollment(follow, transaction);
}

/* For scripts and completion: the names alone. */
static int print_names(const json_t *devices, FILE *file)
{
        json_t *device;
        size_t i;

        json_array_foreach(devices, i, device)(void)
                fprintf(file, "%s\n", json_string_value(json_object_get(device, "friendly_name")));
        return 0;
}

static int verb_list(char **arguments)
{
        (void)arguments;
        return ask("ListDevices", NULL, arg_output.quiet ? print_names : table_devices);
}

static int verb_info(char **arguments)
{
        return ask("GetDevice", arguments[0], table_device);
}

static int verb_status(char **arguments)
{
        (void)arguments;
        return ask("GetStatus", NULL, table_status);
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
        if (follow_new(client, &arg_output, 0, &follow, &fault) != 0 ||
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
        return output_fault(&arg_output, &fault);
}

/* clang-format off */
static const struct verb {
        const char *name;
        int min, max; /* arguments */
        bool enrolls; /* takes the options that say how */
        int (*run)(char **arguments);
} verbs[] = {
        { "scan",    0, 0, true,  verb_scan },
        { "enroll",  0, 1, true,  verb_enroll },
        { "list",    0, 0, false, verb_list },
        { "info",    1, 1, false, verb_info },
        { "monitor", 0, 0, false, verb_monitor },
        { "status",  0, 0, false, verb_status },
        { "cancel",  0, 1, false, verb_cancel },
};

static const char help[] =
        "Usage: enrollctl [OPTION...] VERB [ARGUMENT]\n"
        "\n"
        "Enroll devices on this hub and see what it has.\n"
        "\n"
        "  scan               read a code with the camera and enroll its device\n"
        "  enroll CODE        enroll from a code's text (visible to other users: see enroll -)\n"
        "  enroll -           enroll from a code, or a picture of one, on the standard input\n"
        "  enroll --file F    enroll from a file: a code, or a PNG, JPEG or PGM picture of one\n"
        "  list               the devices of this hub; -q: their names alone (the default verb)\n"
        "  info DEVICE        everything about one device, by name or identifier\n"
        "  monitor            the events of all enrollments, until interrupted\n"
        "  status             the hub's condition\n"
        "  cancel [ID]        end the running enrollment; with several, the one with this ID\n"
        "\n"
        "      --name=NAME          how the device is called on this hub\n"
        "      --set=PARAM=VALUE    a value the device needs (may be repeated)\n"
        "      --seconds=N          how long to look at the camera\n"
        "      --dry-run            check and preview the code, leave the device alone\n"
        "      --json[=lines]       for programs: one document, or one line for each event\n"
        "      --timeout=SECONDS    give up after this time\n"
        "      --color=WHEN         auto, always or never\n"
        "      --bus=ADDRESS        another bus than the system bus\n"
        "  -q, --quiet              no progress\n"
        "  -h, --help               this text\n"
        "      --version            the version\n"
        "\n"
        "Exit codes: 0 done, 1 failure, 2 usage, 3 timeout, 4 enrollment failed,\n"
        "5 nothing to do (already enrolled), 8 enrolld is not running, 10 no such device,\n"
        "77 not permitted. See enrollctl(1).\n";

enum {
        OPTION_NAME = 256,
        OPTION_SET,
        OPTION_SECONDS,
        OPTION_DRY_RUN,
        OPTION_JSON,
        OPTION_TIMEOUT,
        OPTION_COLOR,
        OPTION_BUS,
        OPTION_FILE,
        OPTION_VERSION,
};

static const struct option options[] = {
        { "name",    required_argument, NULL, OPTION_NAME },
        { "set",     required_argument, NULL, OPTION_SET },
        { "seconds", required_argument, NULL, OPTION_SECONDS },
        { "dry-run", no_argument,       NULL, OPTION_DRY_RUN },
        { "json",    optional_argument, NULL, OPTION_JSON },
        { "timeout", required_argument, NULL, OPTION_TIMEOUT },
        { "color",   required_argument, NULL, OPTION_COLOR },
        { "bus",     required_argument, NULL, OPTION_BUS },
        { "file",    required_argument, NULL, OPTION_FILE },
        { "quiet",   no_argument,       NULL, 'q' },
        { "help",    no_argument,       NULL, 'h' },
        { "version", no_argument,       NULL, OPTION_VERSION },
        { NULL,      0,                 NULL, 0 },
};
/* clang-format on */

/* NULL, or what is wrong with the option; the same for the following. */
static const char *parse_number(const char *text, unsigned max, unsigned *ret_number)
{
        unsigned long number;
        char *end;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno || end == text || *end || text[0] == '-' || number < 1 || number > max)
                return "a number of seconds is out of range";
        *ret_number = (unsigned)number;
        return NULL;
}

static const char *parse_seconds(const char *text)
{
        unsigned seconds;
        const char *wrong = parse_number(text, INT_MAX, &seconds);

        if (!wrong)
                (void)json_object_set_new(arg_options, "seconds", json_integer(seconds));
        return wrong;
}

static const char *parse_text(const char *key, const char *text)
{
        if (json_object_set_new(arg_options, key, json_string(text)) < 0)
                return "an argument is not UTF-8";
        return NULL;
}

static const char *parse_set(const char *text)
{
        json_t *values = json_object_get(arg_options, "values");
        const char *equals = strchr(text, '=');
        _defer_(free) char *parameter = NULL;

        if (!equals || equals == text)
                return "--set takes PARAM=VALUE";
        if (!values) {
                values = json_object();
                (void)json_object_set_new(arg_options, "values", values);
        }
        parameter = strndup(text, (size_t)(equals - text));
        if (!parameter || json_object_set_new(values, parameter, json_string(equals + 1)) < 0)
                return "an argument is not UTF-8";
        return NULL;
}

static const char *parse_json(const char *text)
{
        arg_output.form = text ? OUTPUT_LINES : OUTPUT_JSON;
        return text && strcmp(text, "lines") != 0 ? "--json takes nothing or 'lines'" : NULL;
}

static const char *parse_color(const char *text)
{
        bool always = strcmp(text, "always") == 0;

        if (!always && strcmp(text, "never") != 0 && strcmp(text, "auto") != 0)
                return "--color takes auto, always or never";
        if (strcmp(text, "auto") != 0)
                arg_output.colour = arg_output.colour_errors = always;
        return NULL;
}

/* getopt has said what is wrong with the syntax. */
static const char *parse_option(int option)
{
        switch (option) {
        case OPTION_NAME:
                return parse_text("name", optarg);
        case OPTION_SET:
                return parse_set(optarg);
        case OPTION_SECONDS:
                return parse_seconds(optarg);
        case OPTION_DRY_RUN:
                (void)json_object_set_new(arg_options, "dry_run", json_true());
                return NULL;
        case OPTION_JSON:
                return parse_json(optarg);
        case OPTION_TIMEOUT:
                return parse_number(optarg, TIMEOUT_MAX, &arg_timeout_s);
        case OPTION_COLOR:
                return parse_color(optarg);
        case OPTION_BUS:
                arg_bus = optarg;
                return NULL;
        case OPTION_FILE:
                arg_file = optarg;
                return NULL;
        case 'q':
                arg_output.quiet = true;
                return NULL;
        default:
                return "there is an unknown option, or one without its argument";
        }
}

/* What the surroundings say, before the options overrule it (no-color.org). */
static void look_around(void)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
        bool plain = (no_color && no_color[0]) || !term || strcmp(term, "dumb") == 0;
        struct winsize size = {.ws_col = 0};

        arg_output.terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
        arg_output.colour = arg_output.terminal && !plain;
        arg_output.colour_errors = isatty(STDERR_FILENO) && !plain;
        if (arg_output.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
                arg_output.width = size.ws_col;
}

static int run_verb(int n_words, char **words)
{
        const char *name = n_words > 0 ? words[0] : "list";
        int n = n_words > 0 ? n_words - 1 : 0;
        char *none[] = {NULL};

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                if (strcmp(verbs[i].name, name) != 0)
                        continue;
                if (n < verbs[i].min || n > verbs[i].max)
                        return usage_fault("there are too few or too many arguments");
                if (!verbs[i].enrolls && (arg_file || json_object_size(arg_options) > 0))
                        return usage_fault("this verb takes no option of scan or enroll");
                return verbs[i].run(n_words > 0 ? words + 1 : none);
        }
        return usage_fault("there is no such verb");
}

static int run(int argc, char **argv)
{
        _defer_(json_free) json_t *given = json_object();
        const char *wrong = NULL;
        int option;

        if (!given)
                return EXIT_FAULT;
        arg_options = given;
        while ((option = getopt_long(argc, argv, "qh", options, NULL)) >= 0) {
                if (option == 'h') {
                        (void)fputs(help, stdout);
                        return EXIT_OK;
                }
                if (option == OPTION_VERSION) {
                        (void)puts("enrollctl " PACKAGE_VERSION);
                        return EXIT_OK;
                }
                wrong = wrong ? wrong : parse_option(option);
        }
        if (wrong)
                return usage_fault(wrong);
        return run_verb(argc - optind, argv + optind);
}

/* A list that nobody could read is no success. */
static int finish_output(int exit_code)
{
        struct fault fault;
        int r;

        r = fflush(stdout) != 0 ? -errno : ferror(stdout) ? -EIO : 0;
        if (r == 0)
                return exit_code;
        fault_output(&fault, r);
        fault_show(&fault, arg_output.colour_errors, stderr);
        return exit_code != EXIT_OK ? exit_code : (int)fault.exit_code;
}

int main(int argc, char **argv)
{
        (void)setlocale(LC_ALL, "");
        look_around();
        json_wipe_freed_memory();
        opterr = 0;
        return finish_output(run(argc, argv));
}
