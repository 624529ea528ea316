/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "code/payload.h"
#include "store/channel.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"
#include "wire/utf8.h"

struct visit {
        const struct visit_means *means;
        const struct visit_handler *handler;
        void *userdata;

        struct meeting *meeting;
        sd_event_source *deadline;
        sd_event_source *overdue; /* of the errand that has the least time left */
        bool found;
        enum message_state state; /* as it was announced last */
        bool adopted;             /* from an enrollment */
        bool is_open;             /* COMMIT and DONE are behind it */
        bool has_met;             /* that has been so, in this session or an earlier one */
        bool has_heard;           /* a reading */
        bool polled;              /* has asked for what the device did not say by itself */
        bool parts;
        enum reason why; /* it parts, if that is the device's fault */

        struct errand *errands; /* the first one is being answered if it has been asked */
        bool asked;
        uint32_t id; /* of the last one that was asked */

        struct store_device device;
        struct store_channel channels[PROGRAM_STEPS_MAX];
        size_t n_channels;
        uint32_t awaited, heard; /* a bit for each channel; awaited: what it comes for */
};

/* The index of the channel with this number, or n_channels. */
static size_t channel_index(const struct store_channel *channels, size_t n_channels,
                            unsigned number)
{
        size_t i;

        for (i = 0; i < n_channels; i++)
                if (channels[i].number == number)
                        break;
        return i;
}

size_t visit_read(struct message_values *values, const struct store_channel *channels,
                  size_t n_channels, struct reading ret_readings[VISIT_READINGS_MAX])
{
        struct message_value value;
        size_t n = 0;

        while (n < VISIT_READINGS_MAX && message_values_next(values, &value)) {
                size_t i = channel_index(channels, n_channels, value.channel);

                if (i < n_channels)
                        ret_readings[n++] = (struct reading){
                                .leaf = channels[i].leaf,
                                .value = value,
                                .is_event = channels[i].type == STORE_EVENT,
                        };
        }
        return n;
}

void visit_end(struct visit *v)
{
        loop_disarm(v->deadline);
        if (v->parts)
                return;
        v->parts = true;
        meeting_part(v->meeting);
}

/* What the device has said ends the session. */
static void visit_reproach(struct visit *v)
{
        log_warning("%s: %s (%s)", v->device.name, reason_text(REASON_PROTOCOL_VIOLATED),
                    reason_code(REASON_PROTOCOL_VIOLATED));
        v->why = REASON_PROTOCOL_VIOLATED;
        visit_end(v);
}

/* --- how long it stays --- */

/* Whether it has done what it came for. */
static bool visit_is_done(const struct visit *v)
{
        return !v->errands && (v->heard & v->awaited) == v->awaited;
}

/*
 * A device on the mains keeps its session for as long as nobody else needs the connection. One that
 * sleeps is let go soon, but not before it has said all that it woke up for.
 */
static void visit_linger(struct visit *v)
{
        meeting_set_rank(v->meeting, AIRTIME_STAY);
        if (v->device.presence == STORE_MAINS)
                loop_disarm(v->deadline);
        else
                loop_rearm_timer(v->deadline, v->device.presence == STORE_SLEEPS
                                                      ? VISIT_LINGER_MS
                                                      : VISIT_SECONDS * 1000);
        if (v->handler->on_done)
                v->handler->on_done(v->userdata, &v->device);
}

/* The device has said something: the visit goes on for a while. */
static void visit_stay(struct visit *v)
{
        if (v->parts)
                return;
        if (!visit_is_done(v))
                loop_rearm_timer(v->deadline, VISIT_SECONDS * 1000);
        else if (v->adopted && v->device.presence != STORE_MAINS)
                visit_end(v);
        else
                visit_linger(v);
}

static bool visit_poll_missing(struct visit *v);

static int visit_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct visit *v = userdata;

        (void)source;
        (void)usec;
        if (v->asked || visit_poll_missing(v)) /* whose answer has a time of its own */
                return 0;
        visit_end(v);
        return 0;
}

/* --- errands --- */

static void visit_put_errand(struct visit *v, const struct errand *e)
{
        struct cbor_writer *w = conversation_body(meeting_conversation(v->meeting));
        uint8_t channels[ERRAND_VALUES_MAX];

        switch (e->kind) {
        case ERRAND_SET:
                message_put_set(w, v->id, e->values, e->n_values);
                return;
        case ERRAND_GET:
                for (size_t i = 0; i < e->n_values; i++)
                        channels[i] = e->values[i].channel;
                message_put_get(w, v->id, channels, e->n_values);
                return;
        case ERRAND_RELEASE:
                message_put_number(w, v->device.ownership.epoch);
                return;
        }
}

static enum message_kind visit_errand_message(const struct errand *e)
{
        return e->kind == ERRAND_SET   ? MESSAGE_SET
               : e->kind == ERRAND_GET ? MESSAGE_GET
                                       : MESSAGE_RELEASE;
}

/* Whether it may let itself go unheard from now on. */
static void visit_set_leaving(struct visit *v, bool leaving)
{
        if (v->device.ownership.leaving == leaving)
                return;
        v->device.ownership.leaving = leaving;
        if (v->handler->on_leaving)
                v->handler->on_leaving(v->userdata, &v->device, leaving);
}

/* 0 or -errno. */
static int visit_say_errand(struct visit *v, const struct errand *e)
{
        bool was_leaving = v->device.ownership.leaving;
        int r;

        if (e->kind == ERRAND_RELEASE) /* before it is said: the hub may be killed meanwhile */
                visit_set_leaving(v, true);
        visit_put_errand(v, e);
        r = conversation_say(meeting_conversation(v->meeting), visit_errand_message(e), 0);
        if (r < 0)
                visit_set_leaving(v, was_leaving);
        return r;
}

/*
 * Asks the device for the next thing, if it is its turn. What cannot be said has not been asked:
 * the session is over, or the meeting parts with the device to come back.
 */
static void visit_go_on(struct visit *v)
{
        const struct errand *e = v->errands;

        if (!e || v->asked || !v->is_open || v->parts)
                return;
        v->id++;
        v->asked = true;
        if (visit_say_errand(v, e) < 0)
                v->asked = v->is_open = false;
}

/* The one that has been asked, or NULL; there is none then. */
static struct errand *visit_take_asked(struct visit *v)
{
        struct errand *e = v->asked ? v->errands : NULL;

        v->asked = false;
        if (e)
                v->errands = e->next;
        return e;
}

/* Where the errands begin that the device has not been asked. */
static struct errand **visit_unasked(struct visit *v)
{
        return v->asked ? &v->errands->next : &v->errands;
}

static void visit_arm_overdue(struct visit *v)
{
        uint64_t now = time_now_usec(), first = UINT64_MAX;

        for (const struct errand *e = *visit_unasked(v); e; e = e->next)
                if (e->until < first)
                        first = e->until;
        if (first == UINT64_MAX)
                loop_disarm(v->overdue);
        else
                loop_rearm_timer(v->overdue, first > now ? (first - now) / 1000 + 1 : 0);
}

/* The first errand whose time is over, and which is not one any more; NULL if there is none. */
static struct errand *visit_take_overdue(struct visit *v)
{
        for (struct errand **at = visit_unasked(v); *at; at = &(*at)->next)
                if ((*at)->until <= time_now_usec()) {
                        struct errand *e = *at;

                        *at = e->next;
                        return e;
                }
        return NULL;
}

static int visit_on_overdue(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct visit *v = userdata;
        struct errand *e;

        (void)source;
        (void)usec;
        while ((e = visit_take_overdue(v)))
                if (v->is_open)
                        errand_fail(e, REASON_COMMANDS_UNAVAILABLE,
                                    "it was busy with other commands");
                else if (v->found)
                        errand_fail(e, REASON_BUSY, "it had no connection to spare in time");
                else
                        errand_fail(e, REASON_DEVICE_NOT_FOUND, NULL);
        visit_arm_overdue(v);
        if (!v->errands && !v->is_open)
                visit_end(v);
        return 0;
}

bool visit_ask(struct visit *v, struct errand *errand_take)
{
        struct errand **at = &v->errands;

        if (v->parts)
                return false;
        while (*at)
                at = &(*at)->next;
        errand_take->next = NULL;
        *at = errand_take;
        if (!errand_take->is_patient)
                meeting_set_rank(v->meeting, AIRTIME_COMMAND);
        visit_go_on(v);
        visit_arm_overdue(v);
        return true;
}

/* The readings count as heard already; that the device cannot be asked for one is no failure. */
static void visit_on_polled(void *userdata, const struct errand_answer *answer)
{
        (void)userdata;
        (void)answer;
}

/* Asks for the readings of these channels, a bit for each. False if it cannot, or there are none.
 */
static bool visit_get(struct visit *v, uint32_t wanted)
{
        struct message_value values[ERRAND_VALUES_MAX];
        struct errand_wish wish = {.kind = ERRAND_GET, .values = values, .seconds = VISIT_SECONDS};
        struct errand *e;

        if (!v->is_open || v->parts || v->errands)
                return false;
        for (size_t i = 0; i < v->n_channels && wish.n_values < ERRAND_VALUES_MAX; i++)
                if (wanted & (UINT32_C(1) << i))
                        values[wish.n_values++] =
                                (struct message_value){.channel = (uint8_t)v->channels[i].number};
        if (wish.n_values == 0 || errand_new(&wish, visit_on_polled, NULL, &e) < 0)
                return false;
        v->errands = e;
        visit_go_on(v);
        return true;
}

/* Asks, once, for the readings that it came for and that the device has not said by itself. */
static bool visit_poll_missing(struct visit *v)
{
        if (v->polled)
                return false;
        v->polled = true;
        return visit_get(v, v->awaited & ~v->heard);
}

void visit_poll(struct visit *v)
{
        uint32_t readable = 0;

        for (size_t i = 0; i < v->n_channels; i++)
                if ((v->channels[i].direction & STORE_PUBLISH) &&
                    v->channels[i].type != STORE_EVENT)
                        readable |= UINT32_C(1) << i;
        (void)visit_get(v, readable);
}

void visit_hurry(struct visit *v)
{
        if (!v->is_open && !v->parts)
                meeting_set_rank(v->meeting, AIRTIME_COMMAND);
}

struct errand *visit_take_errands(struct visit *v)
{
        v->asked = false;
        loop_disarm(v->overdue);
        return take(v->errands);
}

bool visit_parts(const struct visit *v)
{
        return v->parts;
}

/* What an outcome means to people. */
static enum reason outcome_reason(uint8_t outcome)
{
        switch (outcome) {
        case MESSAGE_OUTCOME_DONE:
                return REASON_NONE;
        case MESSAGE_OUTCOME_CHANNEL:
                return REASON_CHANNEL_UNKNOWN;
        case MESSAGE_OUTCOME_DIRECTION:
                return REASON_CHANNEL_ACCESS;
        case MESSAGE_OUTCOME_VALUE:
                return REASON_VALUE_REFUSED;
        case MESSAGE_OUTCOME_BUSY:
                return REASON_COMMANDS_UNAVAILABLE;
        default:
                return REASON_COMMAND_FAILED;
        }
}

/* What the device itself said about it. */
static void answer_quote(struct errand_answer *answer, const struct message_result *result)
{
        char said[MESSAGE_TEXT_MAX + 1];

        if (result->text.n_bytes == 0)
                return;
        utf8_copy_printable(result->text.bytes, result->text.n_bytes, said, sizeof(said));
        (void)snprintf(answer->text, sizeof(answer->text), "the device says '%s'", said);
}

/* --- the session --- */

/* Only in a session that the visit has opened: an enrollment's has its COMMIT behind it. */
static void visit_on_ready(void *userdata)
{
        struct visit *v = userdata;
        struct conversation *conversation = meeting_conversation(v->meeting);

        message_put_number(conversation_body(conversation), v->device.ownership.epoch);
        (void)conversation_say(conversation, MESSAGE_COMMIT, 0);
}

static void visit_opened(struct visit *v, struct cbor_span body)
{
        struct message_done done = {.epoch = 0};

        (void)message_get_done(body, &done);
        if (done.epoch != v->device.ownership.epoch) {
                visit_reproach(v);
                return;
        }
        v->is_open = v->has_met = true;
        visit_set_leaving(v, false);
        if (v->handler->on_met)
                v->handler->on_met(v->userdata, &v->device, meeting_place(v->meeting));
        visit_stay(v);
        visit_go_on(v);
}

/* What has been said counts as heard, whether by itself or in an answer, if it is published. */
static void visit_hear(struct visit *v, const struct reading *readings, size_t n_readings)
{
        struct reading published[VISIT_READINGS_MAX];
        size_t n = 0;

        for (size_t i = 0; i < n_readings; i++) {
                size_t at = channel_index(v->channels, v->n_channels, readings[i].value.channel);

                if (!(v->channels[at].direction & STORE_PUBLISH))
                        continue;
                v->heard |= UINT32_C(1) << at;
                v->has_heard = true;
                published[n++] = readings[i];
        }
        if (n > 0)
                v->handler->on_readings(v->userdata, &v->device, published, n);
}

/* One that it has said already, in this session or an earlier one, is not taken. */
static bool visit_is_news(const struct visit *v, uint32_t number)
{
        const uint8_t *boot_id = meeting_boot_id(v->meeting);

        return !v->handler->on_data || !boot_id ||
               v->handler->on_data(v->userdata, &v->device, boot_id, number);
}

static void visit_take_data(struct visit *v, struct cbor_span body)
{
        struct reading readings[VISIT_READINGS_MAX];
        struct message_values values;
        uint32_t number;

        (void)message_get_data(body, &values, &number);
        v->has_heard = true; /* also what it repeats, because the last link was lost */
        if (visit_is_news(v, number))
                visit_hear(v, readings, visit_read(&values, v->channels, v->n_channels, readings));
        visit_stay(v);
}

static void visit_take_result(struct visit *v, struct cbor_span body)
{
        struct reading readings[VISIT_READINGS_MAX];
        struct errand_answer answer = {.readings = readings};
        struct message_values values;
        struct message_result result;
        struct errand *e;

        (void)message_get_result(body, &result, &values);
        e = visit_take_asked(v);
        if (result.id != v->id) {
                visit_reproach(v);
                errand_fail(e, REASON_PROTOCOL_VIOLATED, NULL);
                return;
        }
        answer.why = outcome_reason(result.outcome);
        answer.n_readings = visit_read(&values, v->channels, v->n_channels, readings);
        answer_quote(&answer, &result);
        visit_hear(v, readings, answer.n_readings);
        errand_answer(e, &answer);
        visit_stay(v);
        visit_go_on(v);
}

static void visit_on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        struct visit *v = userdata;

        switch (kind) {
        case MESSAGE_DONE:
                visit_opened(v, body);
                break;
        case MESSAGE_DATA:
                visit_take_data(v, body);
                break;
        case MESSAGE_RESULT:
                visit_take_result(v, body);
                break;
        default:
                return;
        }
}

/*
 * What the device had been asked when the session ended: it has let itself go, or nobody knows
 * whether it did what it was asked.
 */
static void visit_answer_asked(struct visit *v, const struct conversation_end *end)
{
        struct errand_answer answer = {.why = REASON_NONE};
        struct errand *e = visit_take_asked(v);

        if (!e)
                return;
        if (end->released)
                errand_answer(e, &answer);
        else if (end->why == REASON_NONE)
                errand_fail(e, REASON_LINK_LOST, "the device ended it without an answer");
        else
                errand_fail(e, end->why, NULL);
}

/*
 * A device that was asked to let itself go, that announces now that it has no owner, and that does
 * not answer its owner, has done so, and its RELEASED was lost. Where it was not asked, its
 * announcement and its silence mean nothing: anyone can repeat the one and keep the other.
 */
static void visit_notice_release(struct visit *v, const struct conversation_end *end)
{
        const struct errand_answer answer = {.why = REASON_NONE, .is_inferred = true};
        struct errand **at = &v->errands;
        struct errand *e;

        if (!v->device.ownership.leaving || !end->unproven || v->state != MESSAGE_STATE_FACTORY)
                return;
        while (*at && (*at)->kind != ERRAND_RELEASE)
                at = &(*at)->next;
        e = *at;
        if (!e)
                return;
        *at = e->next;
        errand_answer(e, &answer);
}

static void visit_on_ended(void *userdata, const struct conversation_end *end)
{
        struct visit *v = userdata;

        if (end->why == REASON_PROTOCOL_VIOLATED)
                log_warning("%s: %s (%s)", v->device.name, reason_text(end->why),
                            reason_code(end->why));
        v->parts = true;
        visit_answer_asked(v, end);
        visit_notice_release(v, end);
        v->handler->on_ended(v->userdata, end->why, reason_text(end->why));
}

static void visit_on_parted(void *userdata)
{
        struct visit *v = userdata;

        v->handler->on_ended(v->userdata, v->why, v->why == REASON_NONE ? "" : reason_text(v->why));
}

/* --- calling --- */

/* Somebody more important needed the connection: what had been asked is not asked twice. */
static void visit_on_again(void *userdata)
{
        const struct conversation_end end = {.why = REASON_LINK_LOST};
        struct visit *v = userdata;

        v->is_open = v->found = false;
        visit_answer_asked(v, &end);
        loop_disarm(v->deadline);
        if (visit_is_done(v))
                visit_end(v);
}

static void visit_on_found(void *userdata, const struct finder_found *found)
{
        struct visit *v = userdata;

        v->found = true;
        v->state = found->state;
}

static void visit_on_link(void *userdata, const struct finder_found *found, struct keys *ret_keys)
{
        struct visit *v = userdata;

        v->state = found->state;
        keys_begin(ret_keys, v->means->master, v->device.ownership.public_key);
        keys_of_ownership(ret_keys, v->means->master, v->device.ownership.epoch, found->nonce);
}

static void visit_on_failed(void *userdata, enum reason why, const char *text)
{
        struct visit *v = userdata;

        log_debug("%s: %s (%s)", v->device.name, text, reason_code(why));
        v->parts = true;
        v->handler->on_ended(v->userdata, why, text);
}

static const struct meeting_handler visit_meeting_handler = {
        .on_found = visit_on_found,
        .on_link = visit_on_link,
        .on_ready = visit_on_ready,
        .on_body = visit_on_body,
        .on_again = visit_on_again,
        .on_failed = visit_on_failed,
        .on_ended = visit_on_ended,
        .on_parted = visit_on_parted,
};

/* --- beginning and end --- */

/*
 * Whether the device says this channel by itself at once: an event comes when it happens, and what
 * can be set when it is.
 */
static bool visit_awaits(const struct store_channel *channel)
{
        return channel->direction == STORE_PUBLISH && channel->type != STORE_EVENT;
}

static int visit_make(const struct visit_means *means, const struct visit_wish *wish,
                      bool for_readings, const struct visit_handler *handler, void *userdata,
                      struct visit **ret_visit)
{
        _defer_(visit_free) struct visit *v = NULL;
        int r;

        v = calloc(1, sizeof(*v));
        if (!v)
                return -ENOMEM;
        v->means = means;
        v->handler = handler;
        v->userdata = userdata;
        v->device = *wish->device;
        v->n_channels = wish->n_channels < PROGRAM_STEPS_MAX ? wish->n_channels : PROGRAM_STEPS_MAX;
        memcpy(v->channels, wish->channels, v->n_channels * sizeof(v->channels[0]));
        for (size_t i = 0; i < v->n_channels; i++)
                if (for_readings && visit_awaits(&v->channels[i]))
                        v->awaited |= UINT32_C(1) << i;

        r = loop_add_timer(means->event, &v->deadline, visit_on_deadline, v);
        if (r < 0)
                return r;
        r = loop_add_timer(means->event, &v->overdue, visit_on_overdue, v);
        if (r < 0)
                return r;
        *ret_visit = take(v);
        return 0;
}

int visit_new(const struct visit_means *means, const struct visit_wish *wish,
              struct meeting *meeting_take, const struct visit_handler *handler, void *userdata,
              struct visit **ret_visit)
{
        struct visit *v;
        int r;

        r = visit_make(means, wish, true, handler, userdata, &v);
        if (r < 0) {
                (void)meeting_free(meeting_take);
                return r;
        }
        v->meeting = meeting_take;
        v->adopted = v->is_open = v->has_met = true;
        v->polled = true; /* a device that has just been enrolled says what it has to say */
        loop_rearm_timer(v->deadline, v->awaited ? VISIT_SECONDS * 1000 : 0);
        meeting_hand_over(v->meeting, AIRTIME_VISIT, VISIT_FIND_SECONDS, &visit_meeting_handler, v);
        *ret_visit = v;
        return 0;
}

int visit_new_calling(const struct visit_means *means, const struct visit_wish *wish,
                      unsigned seconds, enum airtime_rank rank, const struct visit_handler *handler,
                      void *userdata, struct visit **ret_visit)
{
        _defer_(visit_free) struct visit *v = NULL;
        const struct finder_wish where = {
                .reach = PAYLOAD_REACH_BLE | PAYLOAD_REACH_STREAM,
                .adv_key = wish->device->ownership.adv_key,
                .seconds = seconds,
                .rank = rank,
        };
        int r;

        r = visit_make(means, wish, rank == AIRTIME_VISIT, handler, userdata, &v);
        if (r < 0)
                return r;
        r = meeting_new(means->finder, &where, &visit_meeting_handler, v, &v->meeting);
        if (r < 0)
                return r;
        *ret_visit = take(v);
        return 0;
}

struct visit *visit_free(struct visit *v)
{
        if (!v)
                return NULL;
        v->meeting = meeting_free(v->meeting);
        loop_drop(&v->deadline);
        loop_drop(&v->overdue);
        while (v->errands) {
                struct errand *next = v->errands->next;

                (void)errand_free(v->errands);
                v->errands = next;
        }
        sodium_memzero(&v->device.ownership, sizeof(v->device.ownership));
        free(v);
        return NULL;
}

struct visit_wish visit_wish(const struct visit *v)
{
        return (struct visit_wish){&v->device, v->channels, v->n_channels};
}

bool visit_has_met(const struct visit *v)
{
        return v->has_met;
}

bool visit_has_heard(const struct visit *v)
{
        return v->has_heard;
}

const struct store_device *visit_device(const struct visit *v)
{
        return &v->device;
}
