/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/fault.h"

#include <errno.h>
#include <string.h>

#include "api/json.h"
#include "ctl/charset.h"
#include "ctl/text.h"
#include "util/free.h"
#include "wire/utf8.h"

/* The daemon's error names (doc/dbus-api.md) end in the reason's code. */
#define ERROR_PREFIX "org.enrolld1.Error."

static void fault_set(struct fault *fault, enum exit_code exit_code, const char *code,
                      const char *text, const char *remedy)
{
        *fault = (struct fault){.exit_code = exit_code};
        (void)snprintf(fault->code, sizeof(fault->code), "%s", code);
        (void)snprintf(fault->text, sizeof(fault->text), "%s", text);
        (void)snprintf(fault->remedy, sizeof(fault->remedy), "%s", remedy);
        utf8_make_printable(fault->code);
        utf8_make_printable(fault->text);
        utf8_make_printable(fault->remedy);
}

static enum exit_code exit_code_of(enum reason reason, bool enrolling)
{
        if (reason == REASON_ALREADY_ENROLLED)
                return EXIT_NOTHING_TO_DO;
        if (reason == REASON_NO_SUCH_DEVICE)
                return EXIT_NO_SUCH_DEVICE;
        if (reason == REASON_REQUEST_INVALID || reason == REASON_NAME_TAKEN ||
            reason == REASON_MODEL_DIFFERS || reason == REASON_PARAMETER_UNKNOWN ||
            reason == REASON_PARAMETER_INVALID || reason == REASON_PARAMETER_UNWANTED ||
            reason == REASON_CHANNEL_UNKNOWN || reason == REASON_CHANNEL_ACCESS ||
            reason == REASON_VALUE_REFUSED)
                return EXIT_USAGE;
        return enrolling ? EXIT_ENROLLMENT : EXIT_FAULT;
}

void fault_from_reason(struct fault *ret_fault, enum reason reason, const char *text,
                       bool enrolling)
{
        fault_set(ret_fault, exit_code_of(reason, enrolling), reason_code(reason),
                  text[0] ? text : reason_text(reason), reason_remedy(reason));
}

/*
 * The daemon's message is its sentence and its remedy; the daemon may be newer than this program
 * and have more codes, and the message may have more detail.
 */
static void fault_from_daemon(struct fault *fault, const char *code, const char *message,
                              bool enrolling)
{
        enum reason reason = reason_from_code(code);
        bool known = strcmp(reason_code(reason), code) == 0;
        const char *remedy = known ? reason_remedy(reason) : "";
        char text[FAULT_TEXT_SIZE];
        size_t n;

        (void)snprintf(text, sizeof(text), "%s", message);
        n = strlen(text);
        if (n > strlen(remedy) + 1 && strcmp(text + n - strlen(remedy), remedy) == 0)
                text[n - strlen(remedy) - (remedy[0] ? 1 : 0)] = 0;
        fault_set(fault,
                  known       ? exit_code_of(reason, enrolling)
                  : enrolling ? EXIT_ENROLLMENT
                              : EXIT_FAULT,
                  code, text, remedy);
}

void fault_not_running(struct fault *ret_fault)
{
        fault_set(ret_fault, EXIT_NOT_RUNNING, "not_running", "The service enrolld is not running.",
                  "Start it with systemctl start enrolld.");
}

/* The bus says so; a call that waits too long ends with another error. */
static void fault_stopped(struct fault *ret_fault)
{
        fault_set(ret_fault, EXIT_NOT_RUNNING, "not_running",
                  "The service enrolld stopped before it answered.",
                  "Start it with systemctl start enrolld, and see what has been done.");
}

void fault_timeout(struct fault *ret_fault)
{
        fault_set(ret_fault, EXIT_TIMEOUT, "timeout", "The operation timed out.",
                  "Try again, or allow more time with --timeout.");
}

void fault_nothing_to_do(struct fault *ret_fault)
{
        fault_set(ret_fault, EXIT_NOTHING_TO_DO, "nothing_to_do", "No enrollment is running.",
                  "Nothing to do.");
}

void fault_usage(struct fault *ret_fault, const char *wrong)
{
        char text[FAULT_TEXT_SIZE];

        (void)snprintf(text, sizeof(text), "The command line is not valid: %s.", wrong);
        fault_set(ret_fault, EXIT_USAGE, "usage", text, "See enrollctl --help.");
}

static void fault_permission(struct fault *fault)
{
        fault_set(fault, EXIT_PERMISSION, "permission", "You are not allowed to use enrolld.",
                  "Run enrollctl as root or as a member of the group enrolld.");
}

/* clang-format off */
static const struct {
        const char *error; /* a name, or what it begins with */
        void (*fault)(struct fault *ret_fault);
} bus_faults[] = {
        { "org.freedesktop.DBus.Error.ServiceUnknown", fault_not_running },
        { "org.freedesktop.DBus.Error.NameHasNoOwner", fault_not_running },
        { "org.freedesktop.DBus.Error.NoServer",       fault_not_running },
        { "org.freedesktop.DBus.Error.Disconnected",   fault_not_running },
        { "org.freedesktop.DBus.Error.Spawn.",         fault_not_running },
        { "org.freedesktop.DBus.Error.NoReply",        fault_stopped },
        { "org.freedesktop.DBus.Error.Timeout",        fault_timeout },
        { "org.freedesktop.DBus.Error.AccessDenied",   fault_permission },
        { "org.freedesktop.DBus.Error.AuthFailed",     fault_permission },
};

static const struct {
        int error;
        void (*fault)(struct fault *ret_fault);
} errno_faults[] = {
        { ENOENT,       fault_not_running },
        { ECONNREFUSED, fault_not_running },
        { ECONNRESET,   fault_not_running },
        { ENOTCONN,     fault_not_running },
        { EPIPE,        fault_not_running },
        { ETIMEDOUT,    fault_timeout },
        { EACCES,       fault_permission },
        { EPERM,        fault_permission },
};
/* clang-format on */

void fault_local(struct fault *ret_fault, int r)
{
        fault_set(ret_fault, EXIT_FAULT, "failed", strerror(-r), "See enrollctl(1).");
}

void fault_from_bus(struct fault *ret_fault, const sd_bus_error *error, int r, bool enrolling)
{
        const char *name = error && error->name ? error->name : "";
        const char *message = error && error->message ? error->message : name;

        if (strncmp(name, ERROR_PREFIX, strlen(ERROR_PREFIX)) == 0) {
                fault_from_daemon(ret_fault, name + strlen(ERROR_PREFIX), message, enrolling);
                return;
        }
        for (size_t i = 0; i < ELEMENTSOF(bus_faults); i++)
                if (strncmp(name, bus_faults[i].error, strlen(bus_faults[i].error)) == 0) {
                        bus_faults[i].fault(ret_fault);
                        return;
                }
        for (size_t i = 0; i < ELEMENTSOF(errno_faults); i++)
                if (errno_faults[i].error == -r) {
                        errno_faults[i].fault(ret_fault);
                        return;
                }
        if (name[0])
                fault_set(ret_fault, EXIT_FAULT, "failed", message, "See the journal.");
        else
                fault_local(ret_fault, r);
}

static const char *input_error(int r)
{
        switch (-r) {
        case EFBIG:
                return "it is longer than 32 KiB, or a picture of more than 128 MiB";
        case EMSGSIZE:
                return "the terminal has cut a line after 4,095 characters";
        case ENODATA:
                return "it is empty";
        default:
                return strerror(-r);
        }
}

void fault_input(struct fault *ret_fault, const char *what, int r)
{
        char text[FAULT_TEXT_SIZE];

        (void)snprintf(text, sizeof(text), "The code cannot be read from %s: %s.", what,
                       input_error(r));
        fault_set(ret_fault, EXIT_FAULT, "input", text,
                  r == -EMSGSIZE ? "Give the code as a file, with enrollctl enroll FILE."
                                 : "Give the text of a code, or a picture of one.");
}

void fault_output(struct fault *ret_fault, int r)
{
        char text[FAULT_TEXT_SIZE];

        (void)snprintf(text, sizeof(text), "The output cannot be written: %s.", strerror(-r));
        fault_set(ret_fault, EXIT_FAULT, "output", text,
                  "Check where the output goes. What enrolld has done is not undone.");
}

void fault_advise(struct fault *fault, const char *remedy)
{
        (void)snprintf(fault->remedy, sizeof(fault->remedy), "%s", remedy);
        utf8_make_printable(fault->remedy);
}

void fault_place(struct fault *fault, const char *transaction, enum event_step step)
{
        (void)snprintf(fault->transaction, sizeof(fault->transaction), "%s", transaction);
        fault->step = step;
}

/* What a terminal shows of a line, to be freed; NULL if memory is short. */
static char *shown(const char *line, size_t width)
{
        _defer_(free) char *localized = charset_localize(line);

        return localized ? text_wrap(localized, width, 0) : NULL;
}

void fault_show(const struct fault *fault, bool colour, size_t width, FILE *file)
{
        static const char heading[] = "error:";
        const size_t n_heading = sizeof(heading) - 1;
        _defer_(free) char *text = NULL, *remedy = NULL;
        char line[2 * FAULT_TEXT_SIZE];

        (void)snprintf(line, sizeof(line), "%s %s (%s)", heading, fault->text, fault->code);
        text = shown(line, width);
        if (text)
                (void)fprintf(file, "%s%s%s%s\n", colour ? "\033[31m" : "", heading,
                              colour ? "\033[0m" : "", text + n_heading);
        if (!fault->remedy[0])
                return;
        (void)snprintf(line, sizeof(line), "remedy: %s", fault->remedy);
        remedy = shown(line, width);
        if (remedy)
                (void)fprintf(file, "%s\n", remedy);
}

void fault_show_json(const struct fault *fault, bool compact, FILE *file)
{
        json_t *failure = json_from_failure(fault->code, fault->text, fault->remedy);
        _defer_(json_free) json_t *json = json_pack("{s:o}", "error", failure);
        int r = json ? 0 : -1;

        if (r == 0 && fault->transaction[0])
                r = json_object_set_new(failure, "transaction", json_string(fault->transaction)) |
                    json_add_step(failure, fault->step);
        if (r == 0 && json_dumpf(json, file, compact ? JSON_COMPACT : JSON_INDENT(2)) == 0)
                (void)fputc('\n', file);
}
