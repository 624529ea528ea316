/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The device's half of the conversation: its answer to each body, in the order of the wire.
 * wire/session.c decides which messages are allowed, device/ownership.c what becomes of the device.
 */

#include "device/enroll-device.h"

#include <string.h>

#include "wire/crypto.h"

#define FAIL_SAFE_RETRY_MS 10000U  /* when the memory did not take FACTORY */
#define NONCE_LIFE_MS      900000U /* of an advertisement that nobody answers */

/* A timer is what is left of it in ms; starting one for 0 ms stops it. */
static void timer_start(uint32_t *left_ms, uint32_t ms)
{
        *left_ms = ms > 0 ? ms : ENROLL_FOR_EVER;
}

/* Takes what has passed off a timer: true if nothing is left of it. */
static bool timer_pass(uint32_t *left_ms, uint32_t passed_ms)
{
        if (*left_ms != ENROLL_FOR_EVER)
                *left_ms -= passed_ms < *left_ms ? passed_ms : *left_ms;
        return *left_ms == 0;
}

/* A new advertisement: its nonce is for one first message only. */
static void device_renew(struct enroll_device *d)
{
        uint8_t state = d->ownership.record.state;

        if (state == MESSAGE_STATE_OWNED && d->waiting)
                state = MESSAGE_STATE_WAITING;
        crypto_random(d->advertisement, MESSAGE_NONCE_BYTES);
        kdf_adv_tag(d->adv_key, d->advertisement, state, d->advertisement + MESSAGE_NONCE_BYTES);
        timer_start(&d->nonce_left_ms, NONCE_LIFE_MS);
}

/* Whether a hub is there that has heard the present nonce, and may be about to answer to it. */
static bool device_is_linked(const struct enroll_device *d)
{
        return d->on_air || d->probed;
}

static void device_renew_expired(struct enroll_device *d)
{
        if (d->nonce_left_ms == 0 && !device_is_linked(d))
                device_renew(d);
}

/* What the board has erased is gone, even after a reset. */
static void device_forget_secret(struct enroll_device *d)
{
        if (ownership_has_erased(&d->ownership))
                d->has_secret = false;
}

/* Waits for a first message, with the keys that the state allows. */
static void device_listen(struct enroll_device *d)
{
        const struct ownership_record *record = &d->ownership.record;
        bool free = d->has_secret && ownership_is_free(&d->ownership);
        bool staged =
                record->state == MESSAGE_STATE_PENDING || record->state == MESSAGE_STATE_OWNED;

        session_done(&d->session);
        timer_start(&d->session_left_ms, 0);
        crypto_wipe(d->psk, sizeof(d->psk));
        crypto_wipe(d->mac_key_own, sizeof(d->mac_key_own));
        d->keys.psk = d->keys.psk_own = d->keys.mac_key_own = NULL;
        if (free) {
                kdf_psk(d->identity->secret, d->psk);
                d->keys.psk = d->psk;
        }
        if (staged) {
                kdf_own_mac_key(record->psk_own, d->mac_key_own);
                d->keys.psk_own = record->psk_own;
                d->keys.mac_key_own = d->mac_key_own;
        }
        d->keys.refusal = free ? MESSAGE_REFUSAL_NONE : MESSAGE_REFUSAL_OWNED;
        d->keys.epoch = record->epoch;
        session_device_init(&d->session, &d->keys);
}

/* The session is over; a half that has not finished leaves nothing behind. */
static enum enroll_event device_end(struct enroll_device *d)
{
        session_done(&d->session);
        timer_start(&d->session_left_ms, 0);
        if (d->ownership.running)
                (void)ownership_drop(&d->ownership);
        return ENROLL_CLOSE;
}

/* Undoes what is staged or pending, if anything. */
static void device_drop(struct enroll_device *d)
{
        timer_start(&d->fail_safe_left_ms, ownership_drop(&d->ownership) ? FAIL_SAFE_RETRY_MS : 0);
        device_renew(d);
}

static enum enroll_event answer_end(struct enroll_device *d, enum message_kind kind)
{
        if (!cbor_writer_fits(&d->body) ||
            session_put(&d->session, kind, d->message, d->body.n_written, &d->n_message))
                return device_end(d);
        if (session_is_over(&d->session)) {
                (void)device_end(d);
                return ENROLL_SEND_CLOSE;
        }
        if (kind == MESSAGE_DONE)
                timer_start(&d->session_left_ms, SESSION_LIFE_S * 1000U);
        else if (!session_is_open(&d->session))
                timer_start(&d->session_left_ms, session_patience_ms(&d->session));
        return ENROLL_SEND;
}

static enum enroll_event answer_number(struct enroll_device *d, enum message_kind kind,
                                       uint32_t number)
{
        message_put_number(&d->body, number);
        return answer_end(d, kind);
}

static enum enroll_event answer_fail(struct enroll_device *d, const struct message_fail *fail)
{
        device_drop(d);
        message_put_fail(&d->body, fail);
        return answer_end(d, MESSAGE_FAIL);
}

static enum enroll_event device_hello(struct enroll_device *d)
{
        struct message_hello hello;

        hello.state = d->ownership.record.state;
        hello.epoch = d->ownership.record.epoch;
        memcpy(hello.boot_id, d->boot_id, sizeof(hello.boot_id));
        message_put_hello(&d->body, &hello);
        return answer_end(d, MESSAGE_HELLO);
}

/* Runs the half as far as it goes. The record is durable before REPORT says so. */
static enum enroll_event device_run(struct enroll_device *d)
{
        struct message_fail fail;
        int r;

        r = ownership_run(&d->ownership, &d->point, &fail);
        if (r == OWNERSHIP_SYNC)
                return answer_number(d, MESSAGE_SYNC, d->point);
        if (r)
                return answer_fail(d, &fail);

        timer_start(&d->fail_safe_left_ms, d->ownership.record.fail_safe_s * 1000U);
        device_renew(d);
        message_put_report(&d->body);
        ownership_put_items(&d->ownership, &d->body);
        return answer_end(d, MESSAGE_REPORT);
}

static enum enroll_event device_on_stage(struct enroll_device *d)
{
        struct message_fail fail;

        if (message_get_stage(d->taken.body, &d->stage))
                return device_end(d);
        if (ownership_stage(&d->ownership, &d->stage, session_peer(&d->session), &fail))
                return answer_fail(d, &fail);
        return device_run(d);
}

static enum enroll_event device_on_sync(struct enroll_device *d)
{
        uint8_t point;

        if (message_get_point(d->taken.body, &point) || point != d->point)
                return device_end(d);
        return device_run(d);
}

static const struct message_fail storage_failed = {.failure = MESSAGE_FAILURE_STORAGE, .step = -1};

static enum enroll_event device_done(struct enroll_device *d)
{
        struct message_done done;
        enum enroll_event event;

        done.epoch = d->ownership.record.epoch;
        memcpy(done.boot_id, d->boot_id, sizeof(done.boot_id));
        message_put_done(&d->body, &done);
        event = answer_end(d, MESSAGE_DONE);
        return event == ENROLL_SEND ? ENROLL_OWNED : event;
}

static enum enroll_event device_on_commit(struct enroll_device *d)
{
        uint32_t epoch;
        int r;

        if (message_get_epoch(d->taken.body, &epoch))
                return device_end(d);
        r = ownership_commit(&d->ownership, epoch);
        if (r == OWNERSHIP_E_STORAGE)
                return answer_fail(d, &storage_failed);
        if (r)
                return device_end(d);

        timer_start(&d->fail_safe_left_ms, 0);
        crypto_wipe(d->psk, sizeof(d->psk));
        device_forget_secret(d);
        d->waiting = false;
        device_renew(d);
        return device_done(d);
}

static enum enroll_event device_on_command(struct enroll_device *d)
{
        return message_get_command((enum message_kind)d->taken.kind, d->taken.body, &d->command)
                       ? device_end(d)
                       : ENROLL_COMMANDED;
}

/* What the record says afterwards is what has become of the device. */
static enum enroll_event device_on_release(struct enroll_device *d)
{
        uint32_t epoch;

        if (message_get_epoch(d->taken.body, &epoch) || epoch != d->ownership.record.epoch)
                return device_end(d);
        (void)ownership_reset(&d->ownership);
        if (d->ownership.record.state != MESSAGE_STATE_FACTORY)
                return answer_fail(d, &storage_failed);
        device_renew(d);
        return answer_number(d, MESSAGE_RELEASED, epoch);
}

static enum enroll_event device_on_fail(struct enroll_device *d)
{
        struct message_fail fail;

        if (message_get_fail(d->taken.body, &fail) == 0)
                device_drop(d);
        return device_end(d);
}

/* What the session lets pass. */
static enum enroll_event device_on_body(struct enroll_device *d)
{
        switch (d->taken.kind) {
        case MESSAGE_STAGE:
                return device_on_stage(d);
        case MESSAGE_SYNC:
                return device_on_sync(d);
        case MESSAGE_COMMIT:
                return device_on_commit(d);
        case MESSAGE_FAIL:
                return device_on_fail(d);
        case MESSAGE_SET:
        case MESSAGE_GET:
                return device_on_command(d);
        case MESSAGE_RELEASE:
                return device_on_release(d);
        default: /* BYE */
                return device_end(d);
        }
}

/* A stream has no other way to ask who is there; whatever was before is over. */
static enum enroll_event device_on_probe(struct enroll_device *d)
{
        enroll_device_link_lost(d);
        d->probed = true;
        d->message[0] = MESSAGE_ANNOUNCE;
        memcpy(d->message + 1, d->advertisement, MESSAGE_ADV_BYTES);
        d->n_message = 1 + MESSAGE_ADV_BYTES;
        return ENROLL_SEND;
}

static enum enroll_event device_on_reply(struct enroll_device *d)
{
        memcpy(d->message, d->taken.reply, d->taken.n_reply);
        d->n_message = d->taken.n_reply;
        device_renew(d);
        if (d->taken.event == SESSION_REFUSED)
                return ENROLL_SEND_CLOSE;
        timer_start(&d->session_left_ms, session_patience_ms(&d->session));
        return ENROLL_SEND;
}

static enum enroll_event device_take(struct enroll_device *d, size_t n)
{
        if (n == 1 && d->message[0] == MESSAGE_PROBE && !d->on_air)
                return device_on_probe(d);
        if (session_take(&d->session, d->message, n, &d->taken))
                return device_end(d);

        switch ((enum session_event)d->taken.event) {
        case SESSION_IGNORED:
                return ENROLL_NOTHING;
        case SESSION_REPLY:
        case SESSION_REFUSED:
                return device_on_reply(d);
        case SESSION_READY:
                return device_hello(d);
        case SESSION_BODY:
                return device_on_body(d);
        }
        return ENROLL_NOTHING;
}

/* A call that may answer: once, in the place of the message. */
static void exchange_begin(struct enroll_device *d, uint8_t *message)
{
        d->message = message;
        d->n_message = 0;
        cbor_writer_init(&d->body, message + MESSAGE_BODY_AT, MESSAGE_BODY_MAX);
}

enum enroll_event enroll_device_feed(struct enroll_device *d, uint8_t message[MESSAGE_MAX],
                                     size_t n, size_t *ret_n)
{
        enum enroll_event event;

        exchange_begin(d, message);
        event = device_take(d, n);
        *ret_n = d->n_message;
        return event;
}

const struct message_command *enroll_device_command(const struct enroll_device *d)
{
        return &d->command;
}

/* What the board says by itself: the body is there, and this may be the moment for it or not. */
static enum enroll_event exchange_end(struct enroll_device *d, enum message_kind kind,
                                      size_t *ret_n)
{
        enum enroll_event event = ENROLL_NOTHING;

        if (session_may_say(&d->session, kind))
                event = answer_end(d, kind);
        *ret_n = d->n_message;
        return event;
}

enum enroll_event enroll_device_answer(struct enroll_device *d, const struct message_result *result,
                                       const struct message_value *values, size_t n_values,
                                       uint8_t message[MESSAGE_MAX], size_t *ret_n)
{
        *ret_n = 0;
        if (result->id != d->command.id)
                return ENROLL_NOTHING;
        exchange_begin(d, message);
        message_put_result(&d->body, result, values, n_values);
        return exchange_end(d, MESSAGE_RESULT, ret_n);
}

enum enroll_event enroll_device_data(struct enroll_device *d, const struct message_value *values,
                                     size_t n_values, uint32_t number, uint8_t message[MESSAGE_MAX],
                                     size_t *ret_n)
{
        exchange_begin(d, message);
        message_put_data(&d->body, values, n_values, number);
        return exchange_end(d, MESSAGE_DATA, ret_n);
}

enum enroll_event enroll_device_bye(struct enroll_device *d, uint8_t message[MESSAGE_MAX],
                                    size_t *ret_n)
{
        exchange_begin(d, message);
        message_put_bye(&d->body);
        return exchange_end(d, MESSAGE_BYE, ret_n);
}

void enroll_device_link_up(struct enroll_device *d)
{
        enroll_device_link_lost(d);
        d->on_air = true;
        timer_start(&d->session_left_ms, session_patience_ms(&d->session));
}

void enroll_device_link_lost(struct enroll_device *d)
{
        (void)device_end(d);
        d->on_air = d->probed = false;
        device_renew_expired(d);
        device_listen(d);
}

enum enroll_event enroll_device_tick(struct enroll_device *d, uint32_t now_ms)
{
        uint32_t passed_ms = now_ms - d->now_ms;
        bool session_over = timer_pass(&d->session_left_ms, passed_ms);

        d->now_ms = now_ms;
        (void)timer_pass(&d->nonce_left_ms, passed_ms);
        device_renew_expired(d);
        if (timer_pass(&d->fail_safe_left_ms, passed_ms)) {
                (void)device_end(d);
                device_drop(d);
                return ENROLL_RELEASED;
        }
        return session_over ? device_end(d) : ENROLL_NOTHING;
}

uint32_t enroll_device_wait_ms(const struct enroll_device *d)
{
        uint32_t nonce_left_ms = device_is_linked(d) ? ENROLL_FOR_EVER : d->nonce_left_ms;
        uint32_t left_ms = d->session_left_ms < d->fail_safe_left_ms ? d->session_left_ms
                                                                     : d->fail_safe_left_ms;

        return left_ms < nonce_left_ms ? left_ms : nonce_left_ms;
}

void enroll_device_moved(struct enroll_device *d)
{
        d->nonce_left_ms = 0;
        device_renew_expired(d);
}

void enroll_device_call_hub(struct enroll_device *d)
{
        if (d->waiting)
                return;
        d->waiting = true;
        enroll_device_moved(d);
}

int enroll_device_reset(struct enroll_device *d)
{
        int r;

        r = ownership_reset(&d->ownership);
        timer_start(&d->fail_safe_left_ms, 0);
        device_renew(d);
        enroll_device_link_lost(d);
        return r ? -1 : 0;
}

uint8_t enroll_device_state(const struct enroll_device *d)
{
        return d->ownership.record.state;
}

uint32_t enroll_device_epoch(const struct enroll_device *d)
{
        return d->ownership.record.epoch;
}

const uint8_t *enroll_device_advertisement(const struct enroll_device *d)
{
        return d->advertisement;
}

int enroll_device_init(struct enroll_device *d, const struct enroll_identity *identity,
                       const struct ownership_port *port, void *board, uint32_t now_ms)
{
        memset(d, 0, sizeof(*d));
        if (crypto_init() < 0)
                return -1;
        d->identity = identity;
        d->now_ms = now_ms;
        kdf_device_id(identity->public_key, d->device_id);
        d->has_secret = identity->secret != NULL;
        if (d->has_secret) {
                kdf_adv_key(identity->secret, d->adv_key);
                kdf_mac_key(identity->secret, d->mac_key);
        } else {
                memcpy(d->adv_key, identity->adv_key, sizeof(d->adv_key));
                memcpy(d->mac_key, identity->mac_key, sizeof(d->mac_key));
        }
        if (ownership_init(&d->ownership, port, board, identity->public_key, d->device_id))
                return -1;

        device_forget_secret(d);
        timer_start(&d->fail_safe_left_ms, d->ownership.record.state == MESSAGE_STATE_PENDING
                                                   ? d->ownership.record.fail_safe_s * 1000U
                                                   : 0);
        crypto_random(d->boot_id, sizeof(d->boot_id));
        d->keys.own_private = identity->private_key;
        d->keys.own_public = identity->public_key;
        d->keys.peer_public = d->ownership.record.hub;
        d->keys.device_id = d->device_id;
        d->keys.nonce = d->advertisement;
        d->keys.mac_key = d->mac_key;
        device_renew(d);
        device_listen(d);
        return 0;
}
