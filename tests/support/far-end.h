/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The device's end of one session, said word by word by a test: wire/session.h over one half of a
 * socket pair. It keeps the order of the protocol only as far as the test does.
 */

#include "contact/conversation.h"
#include "link/stream.h"
#include "support/link-fixture.h"
#include "wire/session.h"

struct far_end {
        sd_event *event;
        char address[64]; /* as in link/stream.h */
        struct stream_listener *listener;
        struct link_record heard;
        size_t n_taken; /* messages of those heard */
        uint8_t private_key[32], public_key[32], device_id[16], secret[32], nonce[KDF_NONCE_BYTES];
        uint8_t hub_public[32], psk[32], mac_key[32], psk_own[32], mac_key_own[32];
        struct session_keys keys;
        struct session session;
};

#define FAR_END_EPOCH 3 /* of the ownership that it has */
#define FAR_END_BOOT_ID                                                                            \
        {                                                                                          \
                1, 2, 3, 4, 5, 6, 7, 8                                                             \
        }

/*
 * Makes a device that this hub owns and can enroll, connected to what @ret_link is the hub's end
 * of, and the keys of the hub for it; kind tells which.
 */
void far_end_init(struct far_end *f, sd_event *event, const uint8_t master[32], enum keys_kind kind,
                  struct keys *ret_keys, struct link **ret_link);

/* The same device at the end of another link, in place of the last one, and in a new session. */
void far_end_connect(struct far_end *f, struct link **ret_link);

/* As above, at our end of a link that there is. */
void far_end_hold(struct far_end *f, struct link *link_take);

/*
 * The same device behind the port .address, to which the hub connects by itself, as often as it
 * likes. far_end_announce() waits for its question, and answers that it is the device with this
 * key.
 */
void far_end_listen(struct far_end *f, sd_event *event, const uint8_t master[32]);
void far_end_announce(struct far_end *f, const uint8_t adv_key[32], enum message_state state);

/* Waits for the hub's next message and takes it, with what that led to; sends the reply if there
 * is one. */
void far_end_take(struct far_end *f, struct session_taken *ret_taken);

/* Through the handshake: the hub's next message is M3 taken, or K1. */
void far_end_shake_hands(struct far_end *f, enum keys_kind kind);

/* Waits for a body of this kind. */
void far_end_expect(struct far_end *f, enum message_kind kind);

/* Says a body that is encoded already, a number, or DONE. */
void far_end_say(struct far_end *f, enum message_kind kind, const uint8_t *body, size_t n_body);
void far_end_say_number(struct far_end *f, enum message_kind kind, uint32_t number);
void far_end_say_done(struct far_end *f, uint32_t epoch);

/* Sends bytes that are no message of the session. */
void far_end_send(struct far_end *f, const uint8_t *bytes, size_t n_bytes);

/* Cuts the link, unless that is done; and listens no more. */
void far_end_cut(struct far_end *f);
void far_end_done(struct far_end *f);
