/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The daemon's side of org.enrolld1 on a private bus, in the test's own process, with a backend
 * that plays scripts; and programs that are run against it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "bus/bus.h"
#include "event/condition.h"
#include "event/event.h"
#include "event/state.h"
#include "support/private-bus.h"
#include "util/defer.h"

#define TRANSACTION "0011223344556677"
#define OUTPUT_MAX  16384

/* What the program did. */
struct run {
        pid_t pid;
        int out_fd;
        bool ended;
        int exit_code;
        char out[OUTPUT_MAX], err[OUTPUT_MAX];
};

struct hub {
        struct private_bus private_bus;
        sd_event *event;
        struct bus *bus;
        struct store *store;
        char store_path[256];
        sd_event_source *play, *look;

        /* the script: what happens after a request was accepted */
        const struct event *script;
        size_t n_script, n_played;
        struct api_answer answer; /* to the request itself, if it is refused */
        bool leaves;              /* the daemon goes away when the script is over */
        int signal;               /* for the program, when the script is over */
        bool play_on_status;

        /* what GetStatus and GetDevice say */
        struct api_status status;
        struct state *state;
        struct conditions conditions;

        /* what it was asked */
        enum event_source source;
        char asked[32], name[40], value[80], cancelled[32];
        uint8_t code[64];
        size_t n_code, n_values;
        unsigned seconds;
        bool dry_run, force, other_model;
        char device[40];    /* to be renamed, removed, replaced or commanded */
        char command[80];   /* "1:leaf=7 ", the integers of its values */
        bool answers_later; /* in another turn of the loop */
        struct api_later later;
        sd_event_source *settle;

        struct run run;
};

/* On a bus with this policy, asked nothing yet; hub_start() also waits until it is served. */
void hub_prepare(struct hub *hub, const char *policy);
void hub_start(struct hub *hub, const char *policy);
void hub_stop(struct hub *hub);

/* Serves its bus; a second time, too. */
void hub_serve(struct hub *hub, struct bus **ret_bus);
void hub_wait_until_up(struct hub *hub);

/* The first @n of two enrollments run: one with a name and TRANSACTION, one with its code only. */
void hub_set_running(struct hub *hub, size_t n);

void hub_tell(struct hub *hub, const struct event *event);

/* What follows a request that was accepted. */
void hub_set_script(struct hub *hub, const struct event *script, size_t n_script);
#define SCRIPT(hub, events) hub_set_script((hub), (events), ELEMENTSOF(events))

#define EVENT(s, ...)                                                                              \
        {                                                                                          \
                .status = (s), .transaction = TRANSACTION, .source = EVENT_SOURCE_TEXT,            \
                __VA_ARGS__                                                                        \
        }

/* An enrollment that succeeds; the last event is of another one. */
#define GOOD_EVENTS 6
extern const struct event hub_good[GOOD_EVENTS];

/* Becomes @program, on the bus at @address. */
_Noreturn void hub_execute(const char *program, const char *address, const char *const *arguments,
                           int in, int out, int err);

/* Runs @program to its end while the hub serves; @input is what it reads, or NULL. */
void hub_run(struct hub *hub, const char *program, const char *input, const char *const *arguments);

/* Runs enrollctl; ENROLLCTL is where it is. */
#define RUN(hub, ...) hub_run((hub), ENROLLCTL, NULL, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_INPUT(hub, input, ...)                                                                 \
        hub_run((hub), ENROLLCTL, (input), (const char *const[]){__VA_ARGS__, NULL})

/* What was written to @fd, which is closed. */
void hub_read_back(int fd, char ret_text[OUTPUT_MAX]);

/* The program's stdout is one JSON document with this error, and its stderr is empty. */
void hub_expect_json_error(const struct run *run, const char *code);
