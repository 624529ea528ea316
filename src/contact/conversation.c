/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/conversation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "util/log.h"
#include "util/loop.h"

struct conversation {
        const struct conversation_handler *handler;
        void *userdata;

        struct link *link;
        struct session session;
        struct session_keys session_keys;
        struct keys keys;

        sd_event_source *patience; /* the device's time to answer */
        sd_event_source *ending;   /* reports an end that was found while sending */
        struct conversation_end end;
        bool ends;     /* and that is reported next */
        bool answered; /* what is at the other end has shown that it is the device */
        bool over;     /* and reported */

        struct cbor_writer body;
        uint8_t incoming[MESSAGE_MAX];
        uint8_t outgoing[MESSAGE_MAX];
};

/* Reported once: the link is still there afterwards, and can be lost. */
static void conversation_end(struct conversation *c, enum reason why)
{
        if (c->over)
                return;
        c->over = true;
        session_done(&c->session);
        loop_disarm(c->patience);
        c->end.why = why;
        c->handler->on_ended(c->userdata, &c->end);
}

static int conversation_on_ending(sd_event_source *source, void *userdata)
{
        struct conversation *c = userdata;

        (void)source;
        conversation_end(c, c->end.why);
        return 0;
}

/* Ends in a later turn of the loop: the handler is in the middle of a verb of ours. */
static int conversation_end_later(struct conversation *c, enum reason why, int error)
{
        c->end.why = why;
        c->ends = true;
        loop_rearm(c->ending);
        return error;
}

/*
 * True if it begins again in another way to the device: as long as nothing of what was heard was
 * the device's, somebody else may be at the end of this one.
 */
static bool conversation_retreat(struct conversation *c)
{
        if (c->over || c->answered || link_retreat(c->link) < 0)
                return false;
        session_done(&c->session);
        loop_disarm(c->patience);
        return true;
}

static void conversation_fail(struct conversation *c, enum reason why)
{
        if (!conversation_retreat(c))
                conversation_end(c, why);
}

static int conversation_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct conversation *c = userdata;

        (void)source;
        (void)usec;
        conversation_fail(c, REASON_LINK_TIMEOUT);
        return 0;
}

static void conversation_wait(struct conversation *c, unsigned more_sec)
{
        uint64_t ms = session_patience_ms(&c->session);

        if (ms == 0)
                loop_disarm(c->patience);
        else
                loop_rearm_timer(c->patience, ms + (uint64_t)more_sec * 1000);
}

static int conversation_send(struct conversation *c, const uint8_t *message, size_t n_message,
                             unsigned more_sec)
{
        int r;

        r = link_send(c->link, message, n_message);
        if (r < 0)
                return r;
        conversation_wait(c, more_sec);
        return 0;
}

/* What a FAIL of the device means to people; doc/protocol.md section 4.3. */
static enum reason failure_reason(uint8_t failure)
{
        switch (failure) {
        case MESSAGE_FAILURE_PARAMETER:
                return REASON_PARAMETER_MISSING;
        case MESSAGE_FAILURE_STORAGE:
                return REASON_DEVICE_STORAGE_FAILED;
        case MESSAGE_FAILURE_EPOCH:
                return REASON_EPOCH_REFUSED;
        case MESSAGE_FAILURE_REPORT:
        case MESSAGE_FAILURE_HUB_STORE: /* only a hub can say these */
                return REASON_PROTOCOL_VIOLATED;
        case MESSAGE_FAILURE_CANCELLED:
                return REASON_CANCELLED;
        default:
                return REASON_STEP_FAILED;
        }
}

/* A FAIL of the device ends the conversation with its reason; BYE and RELEASED end it well. */
static void conversation_hear_last(struct conversation *c, const struct session_taken *taken)
{
        if (taken->kind != MESSAGE_FAIL) {
                c->end.released = taken->kind == MESSAGE_RELEASED;
                conversation_end(c, REASON_NONE);
                return;
        }
        (void)message_get_fail(taken->body, &c->end.fail);
        c->end.failed = true;
        conversation_end(c, failure_reason(c->end.fail.failure));
}

static void conversation_hear(struct conversation *c, const struct session_taken *taken)
{
        int r = message_check((enum message_kind)taken->kind, taken->body);

        c->end.unproven = false;
        if (r) {
                conversation_end(c, r == MESSAGE_E_NEWER ? REASON_PROTOCOL_NEWER
                                                         : REASON_PROTOCOL_VIOLATED);
                return;
        }
        if (session_is_over(&c->session)) {
                conversation_hear_last(c, taken);
                return;
        }
        if (taken->kind != MESSAGE_DATA) /* which answers nothing */
                conversation_wait(c, 0);
        c->handler->on_body(c->userdata, taken->kind, taken->body);
}

static void conversation_refused(struct conversation *c, const struct session_taken *taken)
{
        c->end.refusal = taken->refusal;
        c->end.refused_epoch = taken->epoch;
        conversation_end(c, taken->refusal == MESSAGE_REFUSAL_OWNED ? REASON_DEVICE_OWNED
                                                                    : REASON_DEVICE_BUSY);
}

static void conversation_take(struct conversation *c, size_t n_message)
{
        struct session_taken taken;

        if (session_take(&c->session, c->incoming, n_message, &taken) != 0) {
                conversation_fail(c, REASON_PROTOCOL_VIOLATED);
                return;
        }
        c->answered = c->answered || taken.event != SESSION_IGNORED;
        switch ((enum session_event)taken.event) {
        case SESSION_IGNORED:
                (void)conversation_retreat(c);
                return;
        case SESSION_REPLY:
                if (conversation_send(c, taken.reply, taken.n_reply, 0) < 0)
                        conversation_end(c, REASON_LINK_LOST);
                return;
        case SESSION_READY:
                c->end.unproven = false;
                loop_disarm(c->patience);
                c->handler->on_ready(c->userdata);
                return;
        case SESSION_BODY:
                conversation_hear(c, &taken);
                return;
        case SESSION_REFUSED:
                conversation_refused(c, &taken);
                return;
        }
}

/* The finder repeats its PROBE until it is answered, so a slow device answers more than once. */
static bool is_late_announce(const struct conversation *c, const uint8_t *message, size_t n_message)
{
        return c->end.unproven && n_message == 1 + MESSAGE_ADV_BYTES &&
               message[0] == MESSAGE_ANNOUNCE;
}

static void conversation_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct conversation *c = userdata;

        if (c->ends)
                return;
        if (is_late_announce(c, message, n_message)) {
                (void)conversation_retreat(c);
                return;
        }
        memcpy(c->incoming, message, n_message);
        conversation_take(c, n_message);
}

static void conversation_on_lost(void *userdata, enum reason why)
{
        struct conversation *c = userdata;

        conversation_fail(c, why);
}

static int conversation_begin(struct conversation *c)
{
        int r;

        c->session_keys = (struct session_keys){
                .own_private = c->keys.hub_private,
                .own_public = c->keys.hub_public,
                .peer_public = c->keys.device_public,
                .device_id = c->keys.device_id,
                .nonce = c->keys.nonce,
        };
        if (c->keys.kind == KEYS_OF_CODE) {
                c->session_keys.psk = c->keys.psk;
                c->session_keys.mac_key = c->keys.mac_key;
                r = session_hub_enroll(&c->session, &c->session_keys, c->outgoing);
        } else {
                c->session_keys.psk_own = c->keys.psk;
                c->session_keys.mac_key_own = c->keys.mac_key;
                r = session_hub_resume(&c->session, &c->session_keys, c->outgoing);
        }
        if (r)
                return -EKEYREJECTED;
        return conversation_send(c, c->outgoing, SESSION_FIRST_BYTES, 0);
}

static void conversation_on_again(void *userdata)
{
        struct conversation *c = userdata;

        if (conversation_begin(c) < 0)
                conversation_end(c, REASON_LINK_LOST);
}

static const struct link_handler conversation_link_handler = {
        .on_message = conversation_on_message,
        .on_lost = conversation_on_lost,
        .on_again = conversation_on_again,
};

int conversation_new(sd_event *event, struct link *link_take, const struct keys *keys,
                     const struct conversation_handler *handler, void *userdata,
                     struct conversation **ret_conversation)
{
        _defer_(conversation_free) struct conversation *c = NULL;
        int r;

        c = sodium_malloc(sizeof(*c));
        if (!c) {
                (void)link_free(link_take);
                return -ENOMEM;
        }
        memset(c, 0, sizeof(*c));
        c->handler = handler;
        c->userdata = userdata;

        c->link = link_take;
        c->keys = *keys;
        c->end.unproven = true;
        link_set_handler(c->link, &conversation_link_handler, c);

        r = loop_add_timer(event, &c->patience, conversation_on_patience, c);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &c->ending, conversation_on_ending, c);
        if (r < 0)
                return r;
        r = conversation_begin(c);
        if (r < 0 && (r == -EKEYREJECTED || !conversation_retreat(c)))
                return r;
        *ret_conversation = take(c);
        return 0;
}

struct conversation *conversation_free(struct conversation *c)
{
        if (!c)
                return NULL;
        session_done(&c->session);
        loop_drop(&c->patience);
        loop_drop(&c->ending);
        (void)link_free(c->link);
        sodium_free(c); /* wipes */
        return NULL;
}

struct cbor_writer *conversation_body(struct conversation *c)
{
        cbor_writer_init(&c->body, c->outgoing + MESSAGE_BODY_AT, MESSAGE_BODY_MAX);
        return &c->body;
}

int conversation_say(struct conversation *c, enum message_kind kind, unsigned more_sec)
{
        size_t n_message;
        int r;

        if (!cbor_writer_fits(&c->body)) {
                log_error("A message of kind 0x%02x is too long to be sent.", kind);
                return conversation_end_later(c, REASON_INTERNAL, -EMSGSIZE);
        }
        r = session_put(&c->session, kind, c->outgoing, c->body.n_written, &n_message);
        if (r)
                return conversation_end_later(c, REASON_PROTOCOL_VIOLATED, -EPROTO);
        r = conversation_send(c, c->outgoing, n_message, more_sec);
        sodium_memzero(c->outgoing, sizeof(c->outgoing));
        if (r < 0)
                return conversation_end_later(c, REASON_LINK_LOST, r);
        return 0;
}

void conversation_say_bye(struct conversation *c)
{
        message_put_bye(conversation_body(c));
        (void)conversation_say(c, MESSAGE_BYE, 0);
}

const char *conversation_link_name(const struct conversation *c)
{
        return link_name(c->link);
}
