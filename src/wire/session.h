/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The conversation between a hub and a device: the one core that both ends link.
 *
 *     enrollment                                    owned device
 *     hub                       device              hub                       device
 *      |  M1 -------------------> |                  |  K1 -------------------> |
 *      |  <------------------- M2 |                  |  <------------------- K2 |
 *      |  M3 -------------------> |                  |  COMMIT ---------------> |
 *      |  <---------------- HELLO |                  |  <----------------- DONE |
 *      |  STAGE ----------------> |                  |  SET, GET ...   DATA ... |
 *      |  <--------------- REPORT |                  |  <--------------- RESULT |
 *      |  COMMIT ---------------> |                  |  BYE ------------------> |
 *      |  <----------------- DONE |
 *      |  SET, GET ...   DATA ... |
 *      |  <--------------- RESULT |
 *      |  BYE ------------------> |
 *
 * Bytes in, bytes out: the session has no link, no clock and no memory but its struct. It says what
 * may be said now, in either direction, and seals and opens it; what is said is for its owner. A
 * hub's owner writes the first message with session_hub_enroll() or session_hub_resume(), a
 * device's prepares with session_device_init(). Then both pass every message that arrives to
 * session_take() and write their own with session_put().
 *
 * Whatever goes wrong ends the session: its keys are wiped and nothing is accepted or said any
 * more. Nothing is repeated inside a session.
 *
 * Normative: doc/protocol.md, "The enrollment session", "Order", "The session of an owned device"
 * and "Time".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cbor.h"
#include "wire/kdf.h"
#include "wire/message.h"
#include "wire/noise.h"

#define SESSION_REPLY_MAX    65      /* bytes of M1 and M3 */
#define SESSION_MESSAGES_MAX 0x10000 /* TRANSPORT messages of one direction */
#define SESSION_LIFE_S       86400   /* its owner ends it then */
#define SESSION_ANSWER_S     5       /* how long a hub waits for each answer to a message */

/* What a call can lead to, other than 0. All end the session, and it is over already in the last.
 */
enum {
        SESSION_E_UNEXPECTED = 1, /* not this message, not now */
        SESSION_E_MALFORMED,      /* not the length of its type */
        SESSION_E_FORGED,         /* a mac1 or a tag does not verify, or a key has low order */
        SESSION_E_SIZE,           /* a body longer than MESSAGE_BODY_MAX */
        SESSION_E_OVER,           /* ended before, or used up */
};

/* What a message that was taken led to. */
enum session_event {
        SESSION_IGNORED, /* nothing: a refusal that is not the device's. The session goes on */
        SESSION_REPLY,   /* send the reply */
        SESSION_READY,   /* the handshake is through and it is this end's turn */
        SESSION_BODY, /* here is a kind and a body; after FAIL, BYE and RELEASED the session is over
                       */
        SESSION_REFUSED, /* the session is over; the device sends the reply, the hub reads why */
};

struct session_taken {
        uint8_t event;         /* enum session_event */
        uint8_t kind;          /* BODY: enum message_kind */
        struct cbor_span body; /* BODY: points into the message */
        uint8_t refusal;       /* REFUSED: enum message_refusal, or one we do not know */
        uint32_t epoch;        /* REFUSED: the device's */
        size_t n_reply;        /* REPLY, and REFUSED at the device; else 0 */
        uint8_t reply[SESSION_REPLY_MAX];
};

/*
 * What an end brings. It stays its owner's, who keeps it in place and unchanged until the session
 * is over. Sizes are those of wire/kdf.h.
 *
 * psk and mac_key come from S and are for M1, psk_own and mac_key_own from the ownership and for
 * K1. Whichever psk is NULL, sessions of its kind cannot be; a device that is not to be enrolled
 * has a mac_key and a refusal instead of a psk.
 */
struct session_keys {
        const uint8_t *own_private, *own_public; /* X25519, static */
        const uint8_t *peer_public;              /* a device needs the hub's for K1 only */
        const uint8_t *device_id, *nonce;        /* the nonce as advertised */
        const uint8_t *psk, *mac_key;
        const uint8_t *psk_own, *mac_key_own;
        uint8_t refusal; /* device: how M1 is answered, if not MESSAGE_REFUSAL_NONE */
        uint32_t epoch;  /* device: the highest it ever took, for refusals */
};

/* All zero, it is a session that is over. */
struct session {
        const struct session_keys *keys;
        /* what a side does with what it may be sent; an end links only its own */
        int (*handle)(struct session *s, uint8_t *message, size_t n_message,
                      struct session_taken *taken);
        uint8_t waits; /* the row of the table */
        uint8_t side;
        uint8_t mac1[KDF_MAC_BYTES]; /* of this session's first message */
        struct noise_cipher send, receive;
        struct noise noise;
};

/*
 * The hub's beginnings: write M1, or K1, of MESSAGE_M1_BYTES into @ret_message. 0, or
 * SESSION_E_FORGED if the device's public key is not a valid one.
 */
#define SESSION_FIRST_BYTES 65
int session_hub_enroll(struct session *s, const struct session_keys *keys,
                       uint8_t ret_message[SESSION_FIRST_BYTES]);
int session_hub_resume(struct session *s, const struct session_keys *keys,
                       uint8_t ret_message[SESSION_FIRST_BYTES]);

/* The device's beginning: waits for M1 or K1. Costs nothing and keeps no secret yet. */
void session_device_init(struct session *s, const struct session_keys *keys);

/*
 * Takes one message of 1 to MESSAGE_MAX bytes, in place: it is spoilt. 0 and what it led to, or an
 * outcome; then nothing is to be answered, and @ret_taken is spoilt too. A device computes no
 * X25519 before mac1 is right.
 */
int session_take(struct session *s, uint8_t *message, size_t n_message,
                 struct session_taken *ret_taken);

/*
 * Makes a message in place of a body of @n_body bytes that begins at @message + MESSAGE_BODY_AT;
 * the whole needs 18 bytes more than the body. After FAIL, BYE and RELEASED the session is
 * over.
 */
int session_put(struct session *s, enum message_kind kind, uint8_t *message, size_t n_body,
                size_t *ret_n_message);

/* Wipes the session, which is over then. */
void session_done(struct session *s);

bool session_is_over(const struct session *s);

/* Whether both directions can carry bodies: the handshake is through. */
bool session_is_ready(const struct session *s);

/* Whether DONE is through, and the owner has not begun to let the device go: DATA may flow. */
bool session_is_open(const struct session *s);

/* Whether this end may say a body of this kind now. */
bool session_may_say(const struct session *s, enum message_kind kind);

/*
 * How long this end waits for the other's next message, in ms; 0 if without limit, or if it is this
 * end's turn. While a hub waits for REPORT or a device's SYNC, its owner adds the timeouts of the
 * device's steps.
 */
uint32_t session_patience_ms(const struct session *s);

/*
 * The handshake hash, which binds what is said elsewhere to this session, and the other's static
 * public key, once session_is_ready() and until session_done().
 */
const uint8_t *session_hash(const struct session *s);
const uint8_t *session_peer(const struct session *s);
