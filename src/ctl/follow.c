/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/follow.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-event.h>

#include "api/json.h"
#include "ctl/progress.h"
#include "util/loop.h"
#include "util/time.h"

#define CANCEL_PATIENCE_MSEC 5000
#define CLOCK_SIZE           16

struct follow {
        struct client *client;
        struct output *output;
        sd_event *event;
        sd_event_source *interrupt, *terminate, *timer;
        struct progress progress;
        unsigned timeout_s;
        const char *transaction; /* NULL: all of them */
        enum event_step step;    /* of its last event */
        json_t *preview;         /* its preview event's, for the document at the end; or NULL */
        enum reason shown;       /* why it failed, if a document has shown that already */
        bool cancelling;
        struct fault fault; /* exit_code EXIT_OK: none */
};

struct follow *follow_free(struct follow *follow)
{
        if (!follow)
                return NULL;
        follow->interrupt = sd_event_source_unref(follow->interrupt);
        follow->terminate = sd_event_source_unref(follow->terminate);
        loop_drop(&follow->timer);
        follow->preview = json_free(follow->preview);
        follow->event = sd_event_unref(follow->event);
        free(follow);
        return NULL;
}

static void finish(struct follow *follow)
{
        progress_clear(&follow->progress);
        (void)sd_event_exit(follow->event, 0);
}

static void follow_on_gone(void *userdata)
{
        struct follow *follow = userdata;

        fault_not_running(&follow->fault);
        finish(follow);
}

static const char *clock_text(char text[CLOCK_SIZE])
{
        time_t now = time(NULL);
        struct tm tm;

        (void)localtime_r(&now, &tm);
        (void)strftime(text, CLOCK_SIZE, "%H:%M:%S", &tm);
        return text;
}

/* One line of monitor: when, whose, what. */
static void show_line(struct follow *follow, const struct event *event)
{
        char clock[CLOCK_SIZE];

        progress_log(&follow->progress, clock_text(clock), event);
}

/* A line of monitor that is about the daemon. */
static void show_service(struct follow *follow, bool running)
{
        char when[TIME_TEXT_SIZE], clock[CLOCK_SIZE];
        _defer_(json_free) json_t *json = NULL;

        if (follow->output->form == OUTPUT_PEOPLE) {
                if (!follow->output->quiet)
                        progress_note(&follow->progress, clock_text(clock),
                                      running ? "enrolld is running again."
                                              : "enrolld has stopped; waiting for it.");
                return;
        }
        json = json_pack("{s:s, s:s}", "service", running ? "running" : "stopped", "time",
                         time_text(time(NULL), when));
        if (json)
                output_json(follow->output, json);
}

static void show(struct follow *follow, const json_t *json, const struct event *event)
{
        if (follow->output->form == OUTPUT_LINES)
                output_json(follow->output, json);
        else if (follow->output->form == OUTPUT_JSON || follow->output->quiet)
                return;
        else if (follow->transaction)
                progress_show(&follow->progress, event);
        else
                show_line(follow, event);
}

/* An enrollment ends with the daemon; a watch over all of them goes on with the next one. */
static void follow_on_service(void *userdata, bool running)
{
        struct follow *follow = userdata;

        if (!follow->transaction)
                show_service(follow, running);
        else if (!running)
                follow_on_gone(follow);
}

/* The document of an enrollment that went well: its last event, with what the preview said. */
static void show_success(struct follow *follow, json_t *json)
{
        if (follow->preview)
                (void)json_object_set(json, "preview", follow->preview);
        output_json(follow->output, json);
}

static void end_enrollment(struct follow *follow, json_t *json, const struct event *event)
{
        if (event->status == EVENT_SUCCESSFUL) {
                follow->fault.exit_code = EXIT_OK;
                if (follow->output->form == OUTPUT_JSON)
                        show_success(follow, json);
        } else {
                if (follow->fault.exit_code == EXIT_OK)
                        fault_from_reason(&follow->fault, event->reason, event->text, true);
                if (follow->output->form == OUTPUT_LINES)
                        follow->shown = event->reason;
        }
        finish(follow);
}

static void follow_on_event(void *userdata, json_t *json)
{
        struct follow *follow = userdata;
        struct event event;

        if (json_to_event(json, &event) < 0)
                return;
        if (follow->transaction && strcmp(event.transaction, follow->transaction) != 0)
                return;
        show(follow, json, &event);
        if (!follow->transaction)
                return;
        follow->step = event.step;
        if (event.status == EVENT_PREVIEW && !follow->preview)
                follow->preview = json_incref(json_object_get(json, "preview"));
        if (event_is_over(&event))
                end_enrollment(follow, json, &event);
}

/*
 * The enrollment goes on without us; if our time is up, that stays the exit code. Any other refusal
 * means that it has ended, of which there is an event.
 */
static void follow_on_not_cancelled(void *userdata, const struct fault *fault)
{
        struct follow *follow = userdata;
        bool timed_out = follow->fault.exit_code == EXIT_TIMEOUT;

        if (strcmp(fault->code, reason_code(REASON_COMMITTED)) != 0)
                return;
        follow->fault = *fault;
        if (timed_out)
                follow->fault.exit_code = EXIT_TIMEOUT;
        finish(follow);
}

static const struct client_handler follow_client_handler = {
        .on_event = follow_on_event,
        .on_not_cancelled = follow_on_not_cancelled,
        .on_service = follow_on_service,
        .on_gone = follow_on_gone,
};

/* The daemon did not answer the cancellation in time. */
static int follow_on_patience(sd_event_source *source, uint64_t now, void *userdata)
{
        struct follow *follow = userdata;

        (void)source;
        (void)now;
        finish(follow);
        return 0;
}

/* Cancels, and gives the daemon a moment to confirm it; @fault is not changed. */
static void cancel(struct follow *follow)
{
        if (follow->cancelling) {
                finish(follow);
                return;
        }
        follow->cancelling = true;
        client_cancel_later(follow->client, follow->transaction);
        loop_drop(&follow->timer); /* it may be the one of the whole enrollment */
        if (loop_arm_timer(follow->event, &follow->timer, CANCEL_PATIENCE_MSEC, follow_on_patience,
                           follow) < 0)
                finish(follow);
}

static int follow_on_timeout(sd_event_source *source, uint64_t now, void *userdata)
{
        struct follow *follow = userdata;

        (void)source;
        (void)now;
        if (!follow->transaction) {
                finish(follow);
                return 0;
        }
        fault_timeout(&follow->fault);
        cancel(follow);
        return 0;
}

static int follow_on_interrupt(sd_event_source *source, const struct signalfd_siginfo *info,
                               void *userdata)
{
        struct follow *follow = userdata;

        (void)source;
        (void)info;
        if (!follow->transaction) {
                finish(follow);
                return 0;
        }
        if (follow->fault.exit_code == EXIT_OK)
                fault_from_reason(&follow->fault, REASON_CANCELLED, "", true);
        cancel(follow);
        return 0;
}

static int prepare(struct follow *follow)
{
        sigset_t signals;
        int r;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGTERM);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        r = sd_event_new(&follow->event);
        if (r < 0)
                return r;
        r = sd_event_add_signal(follow->event, &follow->interrupt, SIGINT, follow_on_interrupt,
                                follow);
        if (r < 0)
                return r;
        return sd_event_add_signal(follow->event, &follow->terminate, SIGTERM, follow_on_interrupt,
                                   follow);
}

int follow_new(struct client *client, struct output *output, unsigned timeout_s,
               struct follow **ret_follow, struct fault *ret_fault)
{
        _defer_(follow_free) struct follow *follow = calloc(1, sizeof(*follow));
        int r;

        r = follow ? prepare(follow) : -ENOMEM;
        if (r < 0) {
                fault_local(ret_fault, r);
                return CLIENT_E_FAULT;
        }
        follow->client = client;
        follow->output = output;
        follow->timeout_s = timeout_s;
        progress_init(&follow->progress, stdout, output->terminal, output->colour, output->width);
        if (client_watch(client, &follow_client_handler, follow, ret_fault) != 0)
                return CLIENT_E_FAULT;
        *ret_follow = take(follow);
        return 0;
}

/* Shows why it failed, unless the last event has said so already. */
static int show_fault(struct follow *follow)
{
        struct fault *fault = &follow->fault;

        if (follow->shown != REASON_NONE && strcmp(fault->code, reason_code(follow->shown)) == 0)
                return (int)fault->exit_code;
        if (follow->transaction)
                fault_place(fault, follow->transaction, follow->step);
        return output_fault(follow->output, fault);
}

/* Runs until finish(); returns the exit code. */
static int run(struct follow *follow)
{
        int r;

        if (client_attach(follow->client, follow->event, &follow->fault) != 0)
                return show_fault(follow);
        r = sd_event_loop(follow->event);
        if (r < 0)
                fault_local(&follow->fault, r);
        return follow->fault.exit_code == EXIT_OK ? EXIT_OK : show_fault(follow);
}

/* Runs until finish() or the end of the time. */
static int run_in_time(struct follow *follow)
{
        int r = 0;

        if (follow->timeout_s > 0)
                r = loop_arm_timer(follow->event, &follow->timer,
                                   follow->timeout_s * UINT64_C(1000), follow_on_timeout, follow);
        if (r >= 0)
                return run(follow);
        fault_local(&follow->fault, r);
        return show_fault(follow);
}

int follow_enrollment(struct follow *follow, const char *transaction)
{
        follow->transaction = transaction;
        return run_in_time(follow);
}

int follow_everything(struct follow *follow)
{
        if (follow->output->form == OUTPUT_PEOPLE && !follow->output->quiet)
                progress_hint(&follow->progress, "Waiting for enrollments; Ctrl-C ends this.");
        return run_in_time(follow);
}
