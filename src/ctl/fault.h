/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Why enrollctl fails: a stable code, a sentence, a remedy and an exit code.
 *
 * Most come from the daemon (reason/reason.h); the rest are the program's own.
 */

#include <stdbool.h>
#include <stdio.h>

#include <systemd/sd-bus.h>

#include "event/event.h"
#include "reason/reason.h"

/* Documented in enrollctl(1); from 4 on, the code alone identifies the failure. */
enum exit_code {
        EXIT_OK = 0,
        EXIT_FAULT = 1,
        EXIT_USAGE = 2,
        EXIT_TIMEOUT = 3,
        EXIT_ENROLLMENT = 4,
        EXIT_NOTHING_TO_DO = 5,
        EXIT_NOT_RUNNING = 8,
        EXIT_NO_SUCH_DEVICE = 10,
        EXIT_PERMISSION = 77,
};

#define FAULT_TEXT_SIZE 512 /* a sentence, what exactly (api/backend.h), and a remedy */

struct fault {
        enum exit_code exit_code;
        char code[40];
        char text[FAULT_TEXT_SIZE];
        char remedy[FAULT_TEXT_SIZE];

        /* The enrollment that it ended, and how far that had come; "" if there was none. */
        char transaction[EVENT_TRANSACTION_CHARS + 1];
        enum event_step step;
};

/*
 * What the daemon said: @text, or if that is empty the reason's own. @enrolling distinguishes a
 * failed enrollment from a failed query.
 */
void fault_from_reason(struct fault *ret_fault, enum reason reason, const char *text,
                       bool enrolling);

/* What a bus call said: @error if set, else the -errno @r. */
void fault_from_bus(struct fault *ret_fault, const sd_bus_error *error, int r, bool enrolling);

/* The program's own: the daemon is not there; it does not answer in time; there is nothing to
 * cancel; the command line is wrong, @wrong being a phrase that says how. */
void fault_not_running(struct fault *ret_fault);
void fault_timeout(struct fault *ret_fault);
void fault_nothing_to_do(struct fault *ret_fault);
void fault_usage(struct fault *ret_fault, const char *wrong);

/* The input cannot be read: @what is its name, @r the -errno. */
void fault_input(struct fault *ret_fault, const char *what, int r);

/* A remedy that fits better than the daemon's, which does not know what was typed. */
void fault_advise(struct fault *fault, const char *remedy);

/* The output cannot be written, @r the -errno. */
void fault_output(struct fault *ret_fault, int r);

/* Something local failed with -errno @r. */
void fault_local(struct fault *ret_fault, int r);

/* It ended this enrollment in this step. */
void fault_place(struct fault *fault, const char *transaction, enum event_step step);

/*
 * "error: <text> (<code>)" and "remedy: ..." as two lines, or more where the terminal has only
 * @width columns, 0: any number; as JSON {"error": {...}}, compact or indented.
 */
void fault_show(const struct fault *fault, bool colour, size_t width, FILE *file);
void fault_show_json(const struct fault *fault, bool compact, FILE *file);
