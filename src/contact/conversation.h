/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's side of one session over one link: wire/session.h with a link, a clock and memory.
 *
 * It answers what the handshake demands by itself, hands every body of the device to its handler,
 * and ends with exactly one on_ended, unless it is freed before. Where the link has another way to
 * the device (link_retreat()), it begins again by itself if the first one leads to somebody else:
 * if that is lost, silent, or says anything but M2, K2 or a valid REFUSE. Callbacks are the last
 * thing it does in that turn of the loop, so the handler may free it in them.
 */

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "contact/keys.h"
#include "link/link.h"
#include "util/defer.h"
#include "wire/message.h"
#include "wire/session.h"

/* How it ended, beside the reason. */
struct conversation_end {
        enum reason why;          /* REASON_NONE: one side said BYE */
        struct message_fail fail; /* what the device said, if failed; text points into it and is
                                     valid in the call */
        bool failed;
        bool released;          /* REASON_NONE: it said RELEASED instead */
        uint8_t refusal;        /* REASON_DEVICE_OWNED and _DEVICE_BUSY: what the device said; */
        uint32_t refused_epoch; /* and the highest epoch that it took */
        bool unproven;          /* ended before the device had proven to know the code */
};

struct conversation_handler {
        /* The device has proven itself and it is our turn: in a resumed session only; else HELLO
         * comes. */
        void (*on_ready)(void *userdata);
        /* A body of the device: HELLO, SYNC, REPORT, DONE, DATA or RESULT, which message_check()
         * has accepted. */
        void (*on_body)(void *userdata, enum message_kind kind, struct cbor_span body);
        void (*on_ended)(void *userdata, const struct conversation_end *end);
};

struct conversation;

/* Takes @link_take, also when it fails, copies @keys, and sends the first message. 0 or -errno. */
int conversation_new(sd_event *event, struct link *link_take, const struct keys *keys,
                     const struct conversation_handler *handler, void *userdata,
                     struct conversation **ret_conversation);

/* Wipes the keys and closes the link. Takes NULL. */
struct conversation *conversation_free(struct conversation *c);

/*
 * A writer for the body of the next message; what has been written to it is sent by
 * conversation_say(). @more_sec is added to the time the device has for its answer. 0; -EMSGSIZE;
 * -EPROTO if it may not be said now; or what the link said. After a failure on_ended comes in a
 * later turn.
 */
struct cbor_writer *conversation_body(struct conversation *c);
int conversation_say(struct conversation *c, enum message_kind kind, unsigned more_sec);

/*
 * Says BYE if that may be said now. Whether it could be sent makes no difference: the link is to be
 * left alone for CONVERSATION_PARTING_MS, so that it gets through, and then freed.
 */
#define CONVERSATION_PARTING_MS 300
void conversation_say_bye(struct conversation *c);

/* Over what it runs, as link_name() says. */
const char *conversation_link_name(const struct conversation *c);

DEFINE_DEFER(struct conversation *, conversation_free);
