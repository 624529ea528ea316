/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/enrollments.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/json.h"
#include "ctl/catalogue.h"
#include "ctl/client.h"
#include "ctl/fault.h"
#include "ctl/follow.h"
#include "ctl/input.h"
#include "util/free.h"

static void input_deferred(struct input *input)
{
        input_done(input);
}

/* Shows why an enrollment did not start; that of a device may be because of its name. */
static int start_fault(const struct invocation *inv, struct client *client, const char *replaced,
                       struct fault *fault)
{
        return replaced ? invocation_device_fault(inv, client, replaced, fault)
                        : output_fault(&inv->output, fault);
}

/* Reads a code with the camera, and enrolls its device, in the place of @replaced if not NULL. */
static int scan(struct invocation *inv, const char *replaced)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(free) char *transaction = NULL;
        struct fault fault;
        int r;

        if (inv->seconds > 0)
                (void)json_object_set_new(inv->options, "seconds", json_integer(inv->seconds));
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (follow_new(client, &inv->output, inv->timeout_s, &follow, &fault) == 0 &&
            client_scan(client, replaced, inv->options, &transaction, &fault) == 0)
                return follow_enrollment(follow, transaction);
        return start_fault(inv, client, replaced, &fault);
}

static int read_input(const struct invocation *inv, char **arguments, struct input *ret_input,
                      struct fault *ret_fault)
{
        if (inv->file)
                return input_from_file(inv->file, ret_input, ret_fault);
        if (strcmp(arguments[0], "-") == 0 && !arguments[1]) {
                if (isatty(STDIN_FILENO) && !inv->output.quiet)
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

/* The same as scan() with a code from the command line, a file or standard input. */
static int enroll(struct invocation *inv, const char *replaced, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(follow_free) struct follow *follow = NULL;
        _defer_(input) struct input input = INPUT_NONE;
        _defer_(free) char *transaction = NULL;
        struct fault fault;
        int r;

        if (read_input(inv, arguments, &input, &fault) != 0)
                return output_fault(&inv->output, &fault);
        (void)json_object_set_new(inv->options, "source",
                                  json_string(event_source_name(input.source)));
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (inv->later)
                return catalogue_add(client, &inv->output, &input, inv->options);
        if (follow_new(client, &inv->output, inv->timeout_s, &follow, &fault) == 0 &&
            client_enroll(client, replaced, &input, inv->options, &transaction, &fault) == 0)
                return follow_enrollment(follow, transaction);
        return start_fault(inv, client, replaced, &fault);
}

int enrollments_scan(struct invocation *inv)
{
        return scan(inv, NULL);
}

int enrollments_enroll(struct invocation *inv, char **arguments)
{
        if (!inv->file == !arguments[0])
                return invocation_usage_fault(
                        inv, inv->file ? "enroll takes --file or an argument, not both"
                                       : "enroll needs a file, a code, - or --file");
        return enroll(inv, NULL, arguments);
}

int enrollments_replace(struct invocation *inv, char **arguments)
{
        bool has_code = inv->file || arguments[1];

        if (!invocation_printable(arguments[0]))
                return invocation_usage_fault(inv, "replace takes a printable DEVICE");
        if (inv->file && arguments[1])
                return invocation_usage_fault(inv, "replace takes --file or a code, not both");
        if (has_code && inv->seconds > 0)
                return invocation_usage_fault(inv,
                                              "--seconds is for the camera, and there is a code");
        return has_code ? enroll(inv, arguments[0], arguments + 1) : scan(inv, arguments[0]);
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

int enrollments_cancel(struct invocation *inv, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *status = NULL;
        const char *transaction = arguments[0];
        struct fault fault;
        int r;

        if (transaction && !invocation_printable(transaction))
                return invocation_usage_fault(inv, "cancel takes a printable ID");
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (!transaction && client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&inv->output, &fault);
        if (!transaction)
                transaction = only_running(status);
        if (!transaction)
                fault_nothing_to_do(&fault);
        else if (client_cancel(client, transaction, &fault) == 0)
                return EXIT_OK;
        else if (strcmp(fault.code, reason_code(REASON_REQUEST_INVALID)) == 0)
                fault_advise(&fault, "See enrollctl status for the enrollments that are running.");
        return output_fault(&inv->output, &fault);
}
