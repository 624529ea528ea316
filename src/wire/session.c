/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What may follow what is moves[], which is doc/protocol.md section 4.2 with the handshakes in
 * front. The handlers stand in the order of the wire; a handler checks one message and writes one
 * answer, and never moves the session: only session_advance() does.
 */

#include "wire/session.h"

#include <string.h>

#define A_BYTES NOISE_XK_A_BYTES

enum side {
        HUB,
        DEVICE,
};

/* The rows, named for what they wait for. */
enum waits {
        OVER = 0,
        WAITS_FIRST, /* M1 or K1 */
        WAITS_M2,
        WAITS_K2,
        WAITS_M3,
        WAITS_HELLO, /* from here on the handshake is through */
        WAITS_STAGE,
        WAITS_REPORT, /* or SYNC, of the device */
        WAITS_SYNC,   /* of the hub */
        WAITS_COMMIT,
        WAITS_DONE,
        WAITS_COMMAND, /* DATA, and of the hub SET, GET or RELEASE */
        WAITS_RESULT,  /* DATA, until the command is answered */
        WAITS_RELEASED,
};

/* clang-format off */
static const struct move {
        uint8_t waits, from, what, then;
} moves[] = {
        { WAITS_FIRST,    HUB,    MESSAGE_M1,       WAITS_M2 },
        { WAITS_M2,       DEVICE, MESSAGE_M2,       WAITS_M3 },
        { WAITS_M2,       DEVICE, MESSAGE_REFUSE,   OVER },
        { WAITS_M3,       HUB,    MESSAGE_M3,       WAITS_HELLO },
        { WAITS_HELLO,    DEVICE, MESSAGE_HELLO,    WAITS_STAGE },
        { WAITS_STAGE,    HUB,    MESSAGE_STAGE,    WAITS_REPORT },
        { WAITS_STAGE,    HUB,    MESSAGE_FAIL,     OVER },
        { WAITS_REPORT,   DEVICE, MESSAGE_SYNC,     WAITS_SYNC },
        { WAITS_REPORT,   DEVICE, MESSAGE_REPORT,   WAITS_COMMIT },
        { WAITS_REPORT,   DEVICE, MESSAGE_FAIL,     OVER },
        { WAITS_SYNC,     HUB,    MESSAGE_SYNC,     WAITS_REPORT },
        { WAITS_SYNC,     HUB,    MESSAGE_FAIL,     OVER },

        { WAITS_FIRST,    HUB,    MESSAGE_K1,       WAITS_K2 },
        { WAITS_K2,       DEVICE, MESSAGE_K2,       WAITS_COMMIT },

        { WAITS_COMMIT,   HUB,    MESSAGE_COMMIT,   WAITS_DONE },
        { WAITS_COMMIT,   HUB,    MESSAGE_FAIL,     OVER },
        { WAITS_DONE,     DEVICE, MESSAGE_DONE,     WAITS_COMMAND },
        { WAITS_DONE,     DEVICE, MESSAGE_FAIL,     OVER },

        { WAITS_COMMAND,  HUB,    MESSAGE_SET,      WAITS_RESULT },
        { WAITS_COMMAND,  HUB,    MESSAGE_GET,      WAITS_RESULT },
        { WAITS_COMMAND,  HUB,    MESSAGE_RELEASE,  WAITS_RELEASED },
        { WAITS_COMMAND,  HUB,    MESSAGE_BYE,      OVER },
        { WAITS_COMMAND,  DEVICE, MESSAGE_DATA,     WAITS_COMMAND },
        { WAITS_COMMAND,  DEVICE, MESSAGE_BYE,      OVER },
        { WAITS_RESULT,   HUB,    MESSAGE_BYE,      OVER },
        { WAITS_RESULT,   DEVICE, MESSAGE_DATA,     WAITS_RESULT },
        { WAITS_RESULT,   DEVICE, MESSAGE_RESULT,   WAITS_COMMAND },
        { WAITS_RESULT,   DEVICE, MESSAGE_BYE,      OVER },
        { WAITS_RELEASED, DEVICE, MESSAGE_DATA,     WAITS_RELEASED },
        { WAITS_RELEASED, DEVICE, MESSAGE_RELEASED, OVER },
        { WAITS_RELEASED, DEVICE, MESSAGE_FAIL,     OVER },
        { WAITS_RELEASED, DEVICE, MESSAGE_BYE,      OVER },
};

/* doc/protocol.md section 7, in s; 0 where this side does not wait. */
static const uint8_t patience[][2] = {
        /*                   hub               device */
        [OVER]           = { 0,                 0 },
        [WAITS_FIRST]    = { 0,                10 },
        [WAITS_M2]       = { SESSION_ANSWER_S,  0 },
        [WAITS_K2]       = { SESSION_ANSWER_S,  0 },
        [WAITS_M3]       = { 0,                10 },
        [WAITS_HELLO]    = { SESSION_ANSWER_S,  0 },
        [WAITS_STAGE]    = { 0,                10 },
        [WAITS_REPORT]   = { SESSION_ANSWER_S,  0 },
        [WAITS_SYNC]     = { 0,                10 },
        [WAITS_COMMIT]   = { 0,                30 },
        [WAITS_DONE]     = { SESSION_ANSWER_S,  0 },
        [WAITS_COMMAND]  = { 0,                 0 },
        [WAITS_RESULT]   = { SESSION_ANSWER_S,  0 },
        [WAITS_RELEASED] = { SESSION_ANSWER_S,  0 },
};
/* clang-format on */

static const struct move *session_move(const struct session *s, uint8_t from, uint8_t what)
{
        for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
                if (moves[i].waits == s->waits && moves[i].from == from && moves[i].what == what)
                        return &moves[i];
        return NULL;
}

/* The keys of a session that is over are wiped; what it said last may still be on its way. */
static void session_advance(struct session *s, const struct move *move)
{
        s->waits = move->then;
        if (s->waits == OVER)
                session_done(s);
}

static int session_end(struct session *s, int outcome)
{
        session_done(s);
        return outcome;
}

/* Starts the handshake that the first message of this type begins; sections 4 and 5. */
static void session_start(struct session *s, uint8_t type)
{
        static const uint8_t label[] = {'e', 'n', 'r', 'o', 'l', 'l', 'd', '/', '1'};
        const struct session_keys *k = s->keys;
        uint8_t prologue[sizeof(label) + 1 + KDF_DEVICE_ID_BYTES + KDF_NONCE_BYTES];
        uint8_t *at = prologue + sizeof(label);
        struct noise_setup setup = {
                .pattern = type == MESSAGE_M1 ? NOISE_XKPSK3 : NOISE_KKPSK2,
                .role = s->side == HUB ? NOISE_INITIATOR : NOISE_RESPONDER,
                .prologue = prologue,
                .n_prologue = sizeof(prologue),
                .s = k->own_private,
                .s_public = k->own_public,
                .rs = k->peer_public,
                .psk = type == MESSAGE_M1 ? k->psk : k->psk_own,
        };

        memcpy(prologue, label, sizeof(label));
        *at++ = type == MESSAGE_M1 ? 1 : 2;
        memcpy(at, k->device_id, KDF_DEVICE_ID_BYTES);
        memcpy(at + KDF_DEVICE_ID_BYTES, k->nonce, KDF_NONCE_BYTES);
        noise_init(&s->noise, &setup);
}

static const uint8_t *session_mac_key(const struct session *s, uint8_t type)
{
        return type == MESSAGE_M1 ? s->keys->mac_key : s->keys->mac_key_own;
}

/* The mac1 of a first message, of which @first holds the type and A. */
static void session_mac1(struct session *s, const uint8_t *first)
{
        kdf_mac1(session_mac_key(s, first[0]), s->keys->nonce, first[0], first + 1, A_BYTES,
                 s->mac1);
}

/* Appends this end's next handshake message to its type. */
static int session_write(struct session *s, uint8_t type, uint8_t *ret_message,
                         size_t *ret_n_message)
{
        if (noise_write(&s->noise, NULL, 0, ret_message + 1, ret_n_message))
                return SESSION_E_FORGED;
        ret_message[0] = type;
        *ret_n_message += 1;
        return 0;
}

static int session_read(struct session *s, uint8_t *message, size_t n_message)
{
        uint8_t *payload;
        size_t n_payload;

        if (noise_read(&s->noise, message + 1, n_message - 1, &payload, &n_payload))
                return SESSION_E_FORGED;
        return n_payload == 0 ? 0 : SESSION_E_MALFORMED;
}

static int session_split(struct session *s)
{
        return noise_split(&s->noise, &s->send, &s->receive) ? SESSION_E_FORGED : 0;
}

static int session_reply(struct session *s, uint8_t type, struct session_taken *taken)
{
        taken->event = SESSION_REPLY;
        return session_write(s, type, taken->reply, &taken->n_reply);
}

/* A peer that cannot make a mac1 gets no answer, and costs one keyed hash. */
static int session_check_first(struct session *s, const uint8_t *message)
{
        if (!session_mac_key(s, message[0]))
                return SESSION_E_UNEXPECTED;
        session_mac1(s, message);
        if (!crypto_equal(s->mac1, message + 1 + A_BYTES, sizeof(s->mac1)))
                return SESSION_E_FORGED;
        return 0;
}

static void put_be32(uint8_t bytes[4], uint32_t value)
{
        for (int i = 3; i >= 0; i--, value >>= 8)
                bytes[i] = (uint8_t)value;
}

static uint32_t get_be32(const uint8_t bytes[4])
{
        return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
               bytes[3];
}

/*
 * X25519 of the device's static key and the ephemeral one of M1, of which each side has the private
 * half of one: only the device and the hub whose M1 it was can make the tag, so no relay with the
 * code can. 0, or SESSION_E_FORGED.
 */
static int session_refusal_tag(const struct session *s, const uint8_t *own_private,
                               const uint8_t *public, const struct session_taken *taken,
                               uint8_t ret_tag[KDF_MAC_BYTES])
{
        uint8_t shared[CRYPTO_X25519_BYTES], key[KDF_KEY_BYTES];

        if (crypto_x25519(own_private, public, shared))
                return SESSION_E_FORGED;
        kdf_refusal_key(s->keys->mac_key, shared, key);
        kdf_refusal_tag(key, s->keys->nonce, taken->refusal, taken->epoch, s->mac1, ret_tag);
        crypto_wipe(shared, sizeof(shared));
        crypto_wipe(key, sizeof(key));
        return 0;
}

static int session_refuse(struct session *s, const uint8_t e[CRYPTO_X25519_BYTES],
                          struct session_taken *taken)
{
        int r;

        taken->refusal = s->keys->refusal;
        taken->epoch = s->keys->epoch;
        taken->reply[0] = MESSAGE_REFUSE;
        taken->reply[1] = taken->refusal;
        put_be32(taken->reply + 2, taken->epoch);
        r = session_refusal_tag(s, s->keys->own_private, e, taken, taken->reply + 6);
        if (r)
                return r;
        taken->n_reply = 6 + KDF_MAC_BYTES;
        taken->event = SESSION_REFUSED;
        return 0;
}

/* M1 and K1 at the device. */
static int session_on_first(struct session *s, uint8_t *message, size_t n_message,
                            struct session_taken *taken)
{
        bool enroll = message[0] == MESSAGE_M1;
        int r;

        r = session_check_first(s, message);
        if (r)
                return r;
        if (enroll && s->keys->refusal)
                return session_refuse(s, message + 1, taken);
        session_start(s, message[0]);
        r = session_read(s, message, n_message - KDF_MAC_BYTES);
        if (r == 0)
                r = session_reply(s, enroll ? MESSAGE_M2 : MESSAGE_K2, taken);
        if (r == 0 && !enroll)
                r = session_split(s);
        return r;
}

/* The hub: the device has the secret, if what it says next verifies. */
static int session_on_m2(struct session *s, uint8_t *message, size_t n_message,
                         struct session_taken *taken)
{
        int r;

        r = session_read(s, message, n_message);
        if (r == 0)
                r = session_reply(s, MESSAGE_M3, taken);
        if (r == 0)
                r = session_split(s);
        return r;
}

/* The hub, instead of M2. Anybody on the air can say this, and is not heard unless the tag is
 * right. */
static int session_on_refuse(struct session *s, uint8_t *message, size_t n_message,
                             struct session_taken *taken)
{
        uint8_t tag[KDF_MAC_BYTES];

        (void)n_message;
        taken->refusal = message[1];
        taken->epoch = get_be32(message + 2);
        if (session_refusal_tag(s, noise_ephemeral(&s->noise), noise_remote_static(&s->noise),
                                taken, tag))
                return SESSION_E_FORGED;
        if (crypto_equal(tag, message + 6, sizeof(tag)))
                taken->event = SESSION_REFUSED;
        return 0;
}

/* M3 at the device and K2 at the hub: the last message of a handshake. */
static int session_on_last(struct session *s, uint8_t *message, size_t n_message,
                           struct session_taken *taken)
{
        int r;

        r = session_read(s, message, n_message);
        if (r == 0)
                r = session_split(s);
        taken->event = SESSION_READY;
        return r;
}

/* Opens a TRANSPORT message. The AEAD does not cover the type, which says nothing but that. */
static int session_on_transport(struct session *s, uint8_t *message, size_t n_message,
                                struct session_taken *taken)
{
        if (UINT64_MAX - s->receive.left >= SESSION_MESSAGES_MAX)
                return SESSION_E_OVER;
        if (noise_decrypt(&s->receive, message + 1, n_message - 1, message + 1))
                return SESSION_E_FORGED;
        taken->event = SESSION_BODY;
        taken->kind = message[1];
        taken->body.bytes = message + MESSAGE_BODY_AT;
        taken->body.n_bytes = n_message - MESSAGE_BODY_AT - CRYPTO_TAG_BYTES;
        return 0;
}

static int session_device_handle(struct session *s, uint8_t *message, size_t n_message,
                                 struct session_taken *taken)
{
        switch (message[0]) {
        case MESSAGE_M1:
        case MESSAGE_K1:
                return session_on_first(s, message, n_message, taken);
        case MESSAGE_M3:
                return session_on_last(s, message, n_message, taken);
        default:
                return session_on_transport(s, message, n_message, taken);
        }
}

static int session_hub_handle(struct session *s, uint8_t *message, size_t n_message,
                              struct session_taken *taken)
{
        switch (message[0]) {
        case MESSAGE_M2:
                return session_on_m2(s, message, n_message, taken);
        case MESSAGE_REFUSE:
                return session_on_refuse(s, message, n_message, taken);
        case MESSAGE_K2:
                return session_on_last(s, message, n_message, taken);
        default:
                return session_on_transport(s, message, n_message, taken);
        }
}

/* The message was in order: the session moves on over it, and over the answer to it. */
static int session_follow(struct session *s, uint8_t type, const struct session_taken *taken)
{
        uint8_t what = taken->event == SESSION_BODY ? taken->kind : type;
        const struct move *move = session_move(s, !s->side, what);

        if (!move)
                return session_end(s, SESSION_E_UNEXPECTED);
        session_advance(s, move);
        if (taken->n_reply > 0)
                session_advance(s, session_move(s, s->side, taken->reply[0]));
        return 0;
}

int session_take(struct session *s, uint8_t *message, size_t n_message,
                 struct session_taken *ret_taken)
{
        uint8_t type;
        int r;

        if (s->waits == OVER)
                return SESSION_E_OVER;
        if (n_message < 1 || !message_size_fits(message[0], n_message))
                return session_end(s, SESSION_E_MALFORMED);
        type = message[0];
        if (type == MESSAGE_TRANSPORT ? !session_is_ready(s) : !session_move(s, !s->side, type))
                return session_end(s, SESSION_E_UNEXPECTED);

        ret_taken->event = SESSION_IGNORED;
        ret_taken->n_reply = 0;
        r = s->handle(s, message, n_message, ret_taken);
        if (r)
                return session_end(s, r);
        return ret_taken->event == SESSION_IGNORED ? 0 : session_follow(s, type, ret_taken);
}

int session_put(struct session *s, enum message_kind kind, uint8_t *message, size_t n_body,
                size_t *ret_n_message)
{
        const struct move *move = session_move(s, s->side, (uint8_t)kind);

        if (s->waits == OVER)
                return SESSION_E_OVER;
        if (!move || !session_is_ready(s))
                return session_end(s, SESSION_E_UNEXPECTED);
        if (n_body > MESSAGE_BODY_MAX)
                return session_end(s, SESSION_E_SIZE);
        if (UINT64_MAX - s->send.left >= SESSION_MESSAGES_MAX)
                return session_end(s, SESSION_E_OVER);

        message[0] = MESSAGE_TRANSPORT;
        message[1] = (uint8_t)kind;
        (void)noise_encrypt(&s->send, message + 1, 1 + n_body, message + 1);
        *ret_n_message = MESSAGE_BODY_AT + n_body + CRYPTO_TAG_BYTES;
        session_advance(s, move);
        return 0;
}

static void session_init(struct session *s, enum side side, const struct session_keys *keys)
{
        crypto_wipe(s, sizeof(*s));
        s->side = (uint8_t)side;
        s->waits = WAITS_FIRST;
        s->keys = keys;
}

static int session_hub_start(struct session *s, const struct session_keys *keys, uint8_t type,
                             uint8_t ret_message[SESSION_FIRST_BYTES])
{
        size_t n;
        int r;

        session_init(s, HUB, keys);
        s->handle = session_hub_handle;
        session_start(s, type);
        r = session_write(s, type, ret_message, &n);
        if (r)
                return session_end(s, r);
        session_mac1(s, ret_message);
        memcpy(ret_message + n, s->mac1, sizeof(s->mac1));
        session_advance(s, session_move(s, HUB, type));
        return 0;
}

int session_hub_enroll(struct session *s, const struct session_keys *keys,
                       uint8_t ret_message[SESSION_FIRST_BYTES])
{
        return session_hub_start(s, keys, MESSAGE_M1, ret_message);
}

int session_hub_resume(struct session *s, const struct session_keys *keys,
                       uint8_t ret_message[SESSION_FIRST_BYTES])
{
        return session_hub_start(s, keys, MESSAGE_K1, ret_message);
}

void session_device_init(struct session *s, const struct session_keys *keys)
{
        session_init(s, DEVICE, keys);
        s->handle = session_device_handle;
}

void session_done(struct session *s)
{
        crypto_wipe(s, sizeof(*s));
}

bool session_is_over(const struct session *s)
{
        return s->waits == OVER;
}

bool session_is_ready(const struct session *s)
{
        return s->waits >= WAITS_HELLO;
}

bool session_is_open(const struct session *s)
{
        return s->waits == WAITS_COMMAND || s->waits == WAITS_RESULT;
}

bool session_may_say(const struct session *s, enum message_kind kind)
{
        return session_is_ready(s) && session_move(s, s->side, (uint8_t)kind);
}

uint32_t session_patience_ms(const struct session *s)
{
        return patience[s->waits][s->side] * 1000U;
}

const uint8_t *session_hash(const struct session *s)
{
        return noise_handshake_hash(&s->noise);
}

const uint8_t *session_peer(const struct session *s)
{
        return noise_remote_static(&s->noise);
}
