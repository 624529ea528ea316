/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/enrollment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "enrollment/failure.h"
#include "enrollment/progress.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

#define LAST_SIZE     (PLAN_TEXT_SIZE + 160) /* of what an attempt failed with, and what follows */
#define RETRY_MS      500                    /* before the next attempt */
#define RETRY_BUSY_MS 5000 /* the same, if the device is busy with somebody else */

struct enrollment {
        const struct enrollment_means *means;
        const struct enrollment_handler *handler;
        void *userdata;

        struct request request;
        bool resumed;
        uint8_t *input; /* the code as it came, until it is opened; holds the secret */
        size_t n_input;

        struct plan plan;

        /* where it is */
        struct progress progress;
        enum message_state state; /* of the device, as it announced last */
        bool ask_owner; /* the device does not answer its owner's session: ask who owns it */
        bool is_ours;   /* it has said so, with the epoch of the row */
        bool was_found; /* in this attempt, or an earlier one; and how: */
        char found[32];
        bool has_boot_id;
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES]; /* of the last HELLO */
        enum keys_kind keys;
        enum airtime_rank rank;
        struct meeting *meeting;
        void (*then)(struct enrollment *e); /* start, next attempt, or end */
        sd_event_source *soon, *later;      /* when */
        void (*attempt)(struct enrollment *e);
        bool committed; /* it has said COMMIT: nobody can take that back */
        bool over;
        enum reason why;
        char last[LAST_SIZE]; /* what the last event says, if it failed */
};

static void enrollment_on_event(void *userdata, const struct event *event)
{
        struct enrollment *e = userdata;

        e->handler->on_event(e->userdata, event);
}

static const struct progress_handler enrollment_progress_handler = {
        .on_event = enrollment_on_event,
};

static struct cbor_writer *enrollment_body(struct enrollment *e)
{
        return conversation_body(meeting_conversation(e->meeting));
}

/* What cannot be said ends the conversation, and that gives the reason. */
static bool enrollment_say(struct enrollment *e, enum message_kind kind, unsigned more_sec)
{
        return conversation_say(meeting_conversation(e->meeting), kind, more_sec) == 0;
}

static void enrollment_stop(struct enrollment *e)
{
        e->meeting = meeting_free(e->meeting);
        loop_disarm(e->soon);
        loop_disarm(e->later);
}

/* Goes on with @then in a later turn of the loop, out of whatever callback we are in. */
static void enrollment_later(struct enrollment *e, uint64_t ms, void (*then)(struct enrollment *e))
{
        e->then = then;
        course_stop(&e->progress.course);
        loop_disarm(e->soon);
        loop_disarm(e->later);
        if (ms == 0)
                loop_rearm(e->soon);
        else
                loop_rearm_timer(e->later, ms);
}

static int enrollment_on_soon(sd_event_source *source, void *userdata)
{
        struct enrollment *e = userdata;

        (void)source;
        e->then(e);
        return 0;
}

static int enrollment_on_later(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct enrollment *e = userdata;

        (void)source;
        (void)usec;
        e->then(e);
        return 0;
}

static void enrollment_parted(struct enrollment *e)
{
        enrollment_stop(e);
        if (e->why != REASON_NONE)
                progress_emit(&e->progress, EVENT_FAILED, false, e->why, e->last);
        e->handler->on_ended(e->userdata, e->why);
}

static void enrollment_end(struct enrollment *e, enum reason why)
{
        e->over = true;
        e->why = why;
        course_stop(&e->progress.course);
        if (e->meeting)
                meeting_part(e->meeting);
        else
                enrollment_later(e, 0, enrollment_parted);
}

/*
 * Whether this failure is not the end: the row is unsettled, from this attempt or an earlier one,
 * and the hub finishes the enrollment. That of an owned device is nobody's to finish.
 */
static bool enrollment_is_unfinished(const struct enrollment *e, enum reason why)
{
        return e->progress.attempts > 0 && e->plan.known && !e->plan.row_settled &&
               why != REASON_DEVICE_OWNED;
}

/* Reported when the device has heard it: after a failure a person may begin again at once. */
static void enrollment_fail(struct enrollment *e, enum reason why, const char *text)
{
        char when[TIME_TEXT_SIZE];

        if (!text)
                text = reason_text(why);
        if (enrollment_is_unfinished(e, why) && why != REASON_STOPPING && e->handler->on_unfinished)
                e->progress.next_try = e->handler->on_unfinished(e->userdata, &e->plan.device);
        if (e->progress.next_try)
                (void)snprintf(e->last, sizeof(e->last),
                               "%s The hub finishes this by itself, as soon as it hears the "
                               "device: it looks for it again from %s on.",
                               text, time_text(e->progress.next_try, when));
        else
                (void)snprintf(e->last, sizeof(e->last), "%s%s", text,
                               enrollment_is_unfinished(e, why)
                                       ? " The hub finishes this by itself when the device is back."
                                       : "");
        enrollment_end(e, why);
}

/* Tells the device that it will not be ours, and ends. */
static void enrollment_reject(struct enrollment *e, enum message_failure failure, enum reason why,
                              const char *text)
{
        const struct message_fail fail = {.failure = (uint8_t)failure, .step = -1};

        message_put_fail(enrollment_body(e), &fail);
        (void)enrollment_say(e, MESSAGE_FAIL, 0);
        enrollment_fail(e, why, text);
}

/* --- the conversation, in the order of its messages --- */

/* Whether the device has restarted since it said HELLO in an earlier attempt. */
static bool enrollment_note_boot(struct enrollment *e, const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES])
{
        bool restarted = e->has_boot_id && memcmp(e->boot_id, boot_id, sizeof(e->boot_id)) != 0;

        e->has_boot_id = true;
        memcpy(e->boot_id, boot_id, sizeof(e->boot_id));
        return restarted;
}

static void enrollment_stage(struct enrollment *e, struct cbor_span body)
{
        struct message_hello hello = {0};
        uint32_t epoch;

        (void)message_get_hello(body, &hello);
        if (!plan_next_epoch(&e->plan, hello.epoch, &epoch)) {
                enrollment_fail(e, REASON_EPOCH_REFUSED, NULL);
                return;
        }
        progress_end(&e->progress, "%s",
                     enrollment_note_boot(e, hello.boot_id)
                             ? "both sides; the device has restarted meanwhile"
                             : "both sides");
        progress_begin(&e->progress, EVENT_STEP_SUPPLY, 0);
        plan_put_stage(&e->plan, epoch, enrollment_body(e));
        if (!enrollment_say(e, MESSAGE_STAGE, plan_device_sec(&e->plan)))
                return;
        progress_end(&e->progress, "%u value%s, %u from the site settings", e->plan.values.n_values,
                     e->plan.values.n_values == 1 ? "" : "s", e->plan.values.n_from_site);
        progress_begin(&e->progress, EVENT_STEP_CONFIGURE,
                       plan_device_sec(&e->plan) + SESSION_ANSWER_S);
}

static void enrollment_sync(struct enrollment *e, struct cbor_span body)
{
        uint8_t point = 0;

        (void)message_get_point(body, &point);
        if (half_sync(&e->plan.half, point) != 0) {
                enrollment_reject(e, MESSAGE_FAILURE_STEP, REASON_PROTOCOL_VIOLATED, NULL);
                return;
        }
        plan_device_goes_on(&e->plan);
        message_put_number(enrollment_body(e), point);
        course_wait_on(&e->progress.course, plan_device_sec(&e->plan) + SESSION_ANSWER_S);
        (void)enrollment_say(e, MESSAGE_SYNC, plan_device_sec(&e->plan));
}

static void enrollment_say_commit(struct enrollment *e)
{
        e->committed = true;
        message_put_number(enrollment_body(e), e->plan.row_epoch);
        (void)enrollment_say(e, MESSAGE_COMMIT, 0);
}

static void enrollment_commit(struct enrollment *e, struct cbor_span body)
{
        char text[PLAN_TEXT_SIZE];
        struct cbor_span items = {0};
        bool replaces = e->plan.replacement.is_due;
        enum reason why;

        (void)message_get_report(body, &items);
        why = plan_take_report(
                &e->plan, items,
                &(const struct plan_contact){
                        .link = conversation_link_name(meeting_conversation(e->meeting)),
                        .now = time(NULL),
                },
                text);
        if (why != REASON_NONE) {
                enrollment_reject(e, MESSAGE_FAILURE_REPORT, why, text);
                return;
        }
        plan_device_text(&e->plan, text);
        progress_end(&e->progress, "%s", text);

        progress_begin(&e->progress, EVENT_STEP_OWN, SESSION_ANSWER_S);
        why = plan_commit(&e->plan);
        if (why != REASON_NONE) {
                enrollment_reject(e, MESSAGE_FAILURE_HUB_STORE, why, NULL);
                return;
        }
        progress_name_device(&e->progress);
        if (replaces)
                e->handler->on_replaced(e->userdata, &e->plan);
        e->handler->on_committed(e->userdata, &e->plan);
        enrollment_say_commit(e);
}

static void enrollment_succeed(struct enrollment *e)
{
        char text[PLAN_TEXT_SIZE];

        progress_end(&e->progress, "committed");
        progress_begin(&e->progress, EVENT_STEP_GATEWAY, 0);
        progress_end(&e->progress, "enrolld/%s/%s", e->plan.means->hub, e->plan.device.name);
        (void)snprintf(text, sizeof(text), "Enrolled as %s.", e->plan.device.name);
        progress_emit(&e->progress, EVENT_SUCCESSFUL, true, REASON_NONE, text);
        e->handler->on_owned(e->userdata, take(e->meeting), &e->plan);
        enrollment_end(e, REASON_NONE);
}

static void enrollment_settle(struct enrollment *e, struct cbor_span body)
{
        struct message_done done = {.epoch = 0};
        enum reason why;

        (void)message_get_done(body, &done);
        if (done.epoch != e->plan.row_epoch) {
                enrollment_fail(e, REASON_PROTOCOL_VIOLATED, NULL);
                return;
        }
        if (e->plan.row_settled) {
                enrollment_fail(e, REASON_ALREADY_ENROLLED, NULL);
                return;
        }
        /* If this note cannot be written the device is asked again, and confirms again; success is
         * reported once. */
        why = plan_settle(&e->plan);
        if (why == REASON_NONE && e->plan.replacement.is_due)
                why = REASON_ALREADY_ENROLLED; /* under its own name: nothing has been replaced */
        if (why != REASON_NONE && (e->resumed || e->plan.replacement.is_due)) {
                enrollment_fail(e, why, NULL);
                return;
        }
        enrollment_succeed(e);
}

static void enrollment_on_ready(void *userdata)
{
        struct enrollment *e = userdata;

        progress_end(&e->progress, "both sides");
        progress_begin(&e->progress, EVENT_STEP_OWN, SESSION_ANSWER_S);
        enrollment_say_commit(e);
}

static void enrollment_on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        struct enrollment *e = userdata;

        switch (kind) {
        case MESSAGE_HELLO:
                enrollment_stage(e, body);
                return;
        case MESSAGE_SYNC:
                enrollment_sync(e, body);
                return;
        case MESSAGE_REPORT:
                enrollment_commit(e, body);
                return;
        case MESSAGE_DONE:
                enrollment_settle(e, body);
                return;
        default:
                return; /* the session lets nothing else through before DONE */
        }
}

/* --- ends of attempts --- */

/* Tries again if that may help; else this was the last word. */
static void enrollment_again(struct enrollment *e, enum reason why, const char *text)
{
        char both[LAST_SIZE];

        e->meeting = meeting_free(e->meeting);
        if (failure_passes(why) && e->progress.attempts < ENROLLMENT_ATTEMPTS) {
                (void)snprintf(both, sizeof(both), "%s Trying again, attempt %u of %d.",
                               text ? text : reason_text(why), e->progress.attempts + 1,
                               ENROLLMENT_ATTEMPTS);
                progress_emit(&e->progress, EVENT_PROGRESS, false, why, both);
                enrollment_later(e, why == REASON_DEVICE_BUSY ? RETRY_BUSY_MS : RETRY_MS,
                                 e->attempt);
                return;
        }
        enrollment_fail(e, why, text);
}

static void enrollment_device_failed(struct enrollment *e, const struct conversation_end *end)
{
        char text[FAILURE_TEXT_SIZE];

        failure_describe(end, e->plan.verdict.application->device, text);
        enrollment_fail(e, end->why, text);
}

/* With a reason that this hub does not know it tries again, too: the device is not owned. */
static void enrollment_device_busy(struct enrollment *e, uint8_t refusal)
{
        char text[96];

        (void)snprintf(text, sizeof(text),
                       "The device refuses for the reason %u, which this hub does not know.",
                       refusal);
        enrollment_again(e, REASON_DEVICE_BUSY, refusal == MESSAGE_REFUSAL_BUSY ? NULL : text);
}

/* The device says it is owned, and by which epoch: by us, by somebody after us, or by a stranger.
 */
static void enrollment_device_owned(struct enrollment *e, uint32_t epoch)
{
        struct store_device dropped = e->plan.device;

        if (e->plan.known && epoch == e->plan.row_epoch) {
                e->ask_owner = false;
                e->is_ours = true;
                enrollment_again(e, REASON_LINK_LOST, "The device belongs to this hub.");
                return;
        }
        if (e->plan.known && !e->plan.row_settled && epoch > e->plan.row_epoch &&
            plan_drop(&e->plan) == REASON_NONE)
                e->handler->on_dropped(e->userdata, &dropped);
        enrollment_fail(e, REASON_DEVICE_OWNED, NULL);
}

static void enrollment_on_ended(void *userdata, const struct conversation_end *end)
{
        struct enrollment *e = userdata;

        if (end->failed) {
                enrollment_device_failed(e, end);
        } else if (end->why == REASON_DEVICE_OWNED) {
                enrollment_device_owned(e, end->refused_epoch);
        } else if (end->why == REASON_DEVICE_BUSY) {
                enrollment_device_busy(e, end->refusal);
        } else if (end->unproven && e->keys == KEYS_OF_OWNERSHIP) {
                e->ask_owner = true;
                e->is_ours = false;
                enrollment_again(e, end->why, "The device does not accept this hub's key.");
        } else {
                enrollment_again(e, end->why == REASON_NONE ? REASON_PROTOCOL_VIOLATED : end->why,
                                 end->unproven && end->why == REASON_LINK_TIMEOUT
                                         ? "The device was found, but it does not answer."
                                         : NULL);
        }
}

/* --- finding --- */

/*
 * Which session to try: its owner's if the store has an ownership that the device may know, else
 * that of its code. The state it announces is only a hint, because anybody can repeat an
 * advertisement: whether it is owned is what it answers to M1.
 */
static enum keys_kind enrollment_choose_keys(const struct enrollment *e)
{
        bool announced = e->state == MESSAGE_STATE_OWNED ||
                         (e->state == MESSAGE_STATE_PENDING && !e->plan.row_settled);

        if (e->plan.known && !e->ask_owner && (e->is_ours || announced))
                return KEYS_OF_OWNERSHIP;
        return KEYS_OF_CODE;
}

static void enrollment_on_found(void *userdata, const struct finder_found *found)
{
        char text[PLAN_TEXT_SIZE];
        struct enrollment *e = userdata;

        e->was_found = true;
        if (found->has_rssi)
                (void)snprintf(e->found, sizeof(e->found), "found, %d dBm", found->rssi);
        else
                (void)snprintf(e->found, sizeof(e->found), "found");
        progress_end(&e->progress, "%s", e->found);
        progress_begin(&e->progress, EVENT_STEP_CONNECT, found->waits ? 0 : found->limit_sec);
        if (found->waits) {
                (void)snprintf(text, sizeof(text), "Waiting for a free connection on %s.",
                               found->place);
                progress_emit(&e->progress, EVENT_PROGRESS, false, REASON_NONE, text);
        }
}

/* How long connecting may take is known while it is this device's turn. */
static void enrollment_on_turn(void *userdata, const struct finder_found *found)
{
        struct enrollment *e = userdata;

        course_wait_on(&e->progress.course, found->waits ? 0 : found->limit_sec);
}

static void enrollment_on_link(void *userdata, const struct finder_found *found,
                               struct keys *ret_keys)
{
        struct enrollment *e = userdata;

        e->state = found->state;
        e->keys = enrollment_choose_keys(e);
        progress_end(&e->progress, "connected over %s", found->place);
        /* for M2 or K2, and for HELLO */
        progress_begin(&e->progress, EVENT_STEP_PROVE, 2 * SESSION_ANSWER_S);
        plan_keys(&e->plan, e->keys, found->nonce);
        *ret_keys = e->plan.keys;
}

/* Something more important needed the connection: nothing is lost. */
static void enrollment_on_again(void *userdata)
{
        struct enrollment *e = userdata;

        progress_begin(&e->progress, EVENT_STEP_FIND, e->means->find_sec);
}

/* A device that was there in an earlier attempt is not unknown to anybody, only gone. */
static void enrollment_on_failed(void *userdata, enum reason why, const char *text)
{
        struct enrollment *e = userdata;
        char both[PLAN_TEXT_SIZE];

        if (!e->was_found || (why != REASON_DEVICE_NOT_FOUND && why != REASON_WRONG_SECRET)) {
                enrollment_again(e, why, text);
                return;
        }
        (void)snprintf(both, sizeof(both),
                       "The device was there before (%s), and is not any more. %s", e->found, text);
        enrollment_again(e, REASON_DEVICE_NOT_FOUND, both);
}

static void enrollment_on_parted(void *userdata)
{
        enrollment_parted(userdata);
}

static const struct meeting_handler enrollment_meeting_handler = {
        .on_found = enrollment_on_found,
        .on_turn = enrollment_on_turn,
        .on_link = enrollment_on_link,
        .on_ready = enrollment_on_ready,
        .on_body = enrollment_on_body,
        .on_again = enrollment_on_again,
        .on_failed = enrollment_on_failed,
        .on_ended = enrollment_on_ended,
        .on_parted = enrollment_on_parted,
};

static void enrollment_begin_attempt(struct enrollment *e)
{
        uint8_t adv_key[KDF_KEY_BYTES];
        const struct finder_wish wish = {
                .reach = e->plan.code.payload.reach,
                .adv_key = adv_key,
                .seconds = e->means->find_sec,
                .rank = e->rank,
        };
        int r;

        e->progress.attempts++;
        progress_begin(&e->progress, EVENT_STEP_FIND, e->means->find_sec);
        kdf_adv_key(e->plan.code.payload.secret, adv_key);
        r = meeting_new(&e->means->finder, &wish, &enrollment_meeting_handler, e, &e->meeting);
        sodium_memzero(adv_key, sizeof(adv_key));
        if (r < 0) {
                (void)log_errno(r, "%s: cannot look for the device", e->plan.device.name);
                enrollment_fail(e, REASON_INTERNAL, NULL);
        }
}

/* --- beginning --- */

static void enrollment_forget_input(struct enrollment *e)
{
        if (e->input)
                sodium_memzero(e->input, e->n_input);
        free(e->input);
        e->input = NULL;
}

static void enrollment_start(struct enrollment *e)
{
        struct given given[REQUEST_GIVEN_MAX];
        struct plan_wish wish = request_wish(&e->request, given);
        char text[PLAN_TEXT_SIZE];
        enum reason why;

        wish.is_name_taken = e->handler->is_name_taken;
        wish.userdata = e->userdata;
        why = plan_make(&e->plan, &e->means->plan, e->input, e->n_input, &wish, text);
        enrollment_forget_input(e);
        /* Before the preview, so that a code whose device is taken changes nothing. */
        if (why == REASON_NONE && !e->request.dry_run)
                why = e->handler->on_claim(e->userdata, e->plan.device.device_id, text);
        if (why != REASON_NONE) {
                enrollment_fail(e, why, text);
                return;
        }
        progress_name_device(&e->progress);
        progress_emit(&e->progress, EVENT_PREVIEW, false, REASON_NONE, text);
        if (!e->request.dry_run) {
                enrollment_begin_attempt(e);
                return;
        }
        progress_emit(&e->progress, EVENT_SUCCESSFUL, true, REASON_NONE,
                      "The code is good; nothing was changed.");
        enrollment_end(e, REASON_NONE);
}

/* A person waits for what a person has asked for; the hub does the rest by itself. */
static enum airtime_rank enrollment_rank(enum event_source source)
{
        return source == EVENT_SOURCE_RESUME || source == EVENT_SOURCE_CATALOGUE
                       ? AIRTIME_UNFINISHED
                       : AIRTIME_PERSON;
}

static int enrollment_alloc(const struct enrollment_means *means, const struct request *request,
                            const struct enrollment_handler *handler, void *userdata,
                            struct enrollment **ret_enrollment)
{
        _defer_(enrollment_free) struct enrollment *e = NULL;
        int r;

        e = sodium_malloc(sizeof(*e)); /* it holds the code's secret */
        if (!e)
                return -ENOMEM;
        memset(e, 0, sizeof(*e));
        e->means = means;
        e->handler = handler;
        e->userdata = userdata;
        e->request = *request;
        e->rank = enrollment_rank(request->source);
        e->attempt = enrollment_begin_attempt;
        r = loop_add_defer(means->finder.event, &e->soon, enrollment_on_soon, e);
        if (r < 0)
                return r;
        r = loop_add_timer(means->finder.event, &e->later, enrollment_on_later, e);
        if (r < 0)
                return r;
        r = progress_init(&e->progress, means->finder.event, &e->request, &e->plan,
                          &enrollment_progress_handler, e);
        if (r < 0)
                return r;
        e->progress.attempts_max = ENROLLMENT_ATTEMPTS;
        *ret_enrollment = take(e);
        return 0;
}

int enrollment_new(const struct enrollment_means *means, const struct request *request,
                   const uint8_t *code, size_t n_code, const struct enrollment_handler *handler,
                   void *userdata, struct enrollment **ret_enrollment)
{
        _defer_(enrollment_free) struct enrollment *e = NULL;
        int r;

        r = enrollment_alloc(means, request, handler, userdata, &e);
        if (r < 0)
                return r;
        e->input = malloc(n_code + 1);
        if (!e->input)
                return -ENOMEM;
        memcpy(e->input, code, n_code);
        e->n_input = n_code;
        enrollment_later(e, 0, enrollment_start);
        *ret_enrollment = take(e);
        return 0;
}

int enrollment_new_resume(const struct enrollment_means *means, const struct store_device *device,
                          const struct enrollment_handler *handler, void *userdata,
                          struct enrollment **ret_enrollment)
{
        _defer_(enrollment_free) struct enrollment *e = NULL;
        struct request request;
        int r;

        request_init(&request, EVENT_SOURCE_RESUME);
        r = enrollment_alloc(means, &request, handler, userdata, &e);
        if (r < 0)
                return r;
        e->resumed = true;
        r = plan_make_again(&e->plan, &means->plan, device);
        if (r < 0)
                return r;
        progress_name_device(&e->progress);
        enrollment_later(e, 0, enrollment_begin_attempt);
        *ret_enrollment = take(e);
        return 0;
}

/* False if it is too late. */
static bool enrollment_call_off(struct enrollment *e, enum reason why)
{
        if (e->over)
                return true;
        if (e->committed)
                return false;
        if (e->meeting && meeting_conversation(e->meeting) &&
            e->progress.course.step >= EVENT_STEP_SUPPLY)
                enrollment_reject(e, MESSAGE_FAILURE_CANCELLED, why, NULL);
        else
                enrollment_fail(e, why, NULL);
        return true;
}

bool enrollment_cancel(struct enrollment *e)
{
        return enrollment_call_off(e, REASON_CANCELLED);
}

void enrollment_abandon(struct enrollment *e)
{
        if (!enrollment_call_off(e, REASON_STOPPING))
                enrollment_fail(e, REASON_STOPPING, NULL);
}

void enrollment_yield(struct enrollment *e)
{
        if (e->over)
                return;
        enrollment_end(e, REASON_NONE);
}

struct enrollment *enrollment_free(struct enrollment *e)
{
        if (!e)
                return NULL;
        enrollment_stop(e);
        loop_drop(&e->soon);
        loop_drop(&e->later);
        progress_done(&e->progress);
        enrollment_forget_input(e);
        plan_done(&e->plan);
        sodium_free(e); /* wipes */
        return NULL;
}

const struct store_device *enrollment_device(const struct enrollment *e)
{
        return e->progress.device_id[0] ? &e->plan.device : NULL;
}

enum event_step enrollment_step(const struct enrollment *e)
{
        return e->progress.course.step;
}
