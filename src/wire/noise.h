/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The session's cryptography: the Noise Protocol Framework, revision 34, in two patterns.
 *
 *     Noise_XKpsk3_25519_ChaChaPoly_SHA256      enrollment
 *         <- s                                  the hub knows the device's key from the code
 *         -> e, es                              A, 48 bytes
 *         <- e, ee                              B, 48 bytes
 *         -> s, se, psk                         C, 64 bytes
 *
 *     Noise_KKpsk2_25519_ChaChaPoly_SHA256      every later connection
 *         -> s
 *         <- s                                  each knows the other's key
 *         -> e, es, ss                          A, 48 bytes
 *         <- e, ee, se, psk                     B, 48 bytes
 *
 * The hub initiates. The sizes are those of empty payloads, which is how the project uses them.
 * A wrong prologue or device key shows at A, a wrong psk only in the last message, and that the
 * other end is there now and holds everything only when its next message has been opened.
 *
 * A failure is final: whatever it was, the secrets are wiped, and every later call fails.
 * Normative: doc/protocol.md sections 4 and 5.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/crypto.h"

#define NOISE_MESSAGE_MAX  65535 /* bytes of any message, section 3 */
#define NOISE_OVERHEAD_MAX 64    /* bytes a handshake message is longer than its payload, at most */

#define NOISE_XK_A_BYTES 48
#define NOISE_XK_B_BYTES 48
#define NOISE_XK_C_BYTES 64
#define NOISE_KK_A_BYTES 48
#define NOISE_KK_B_BYTES 48

enum noise_pattern {
        NOISE_XKPSK3,
        NOISE_KKPSK2,
};

enum noise_role {
        NOISE_INITIATOR,
        NOISE_RESPONDER,
};

/* What a call can lead to, other than 0. Each ends the handshake or the cipher. */
enum {
        NOISE_E_SIZE = 1, /* too short or too long to be a message here */
        NOISE_E_FORGED,   /* a tag does not verify, or a public key has low order */
        NOISE_E_OVER,     /* not this end's turn, not complete yet, failed before, or used up */
};

/* What both ends bring. Nothing of it is referred to after noise_init(). */
struct noise_setup {
        enum noise_pattern pattern;
        enum noise_role role;
        const uint8_t *prologue; /* must be the same at both ends */
        size_t n_prologue;
        const uint8_t *s;        /* own static private key */
        const uint8_t *s_public; /* the public key that belongs to it */
        const uint8_t *rs;       /* the other's static public key; NULL for the responder of XK */
        const uint8_t *psk;
};

/* One handshake, placed by the caller. All zero, it is one that is over. */
struct noise {
        uint8_t pattern, role;
        uint8_t message;  /* the next one: 0 is A */
        uint8_t n_sealed; /* under k, so far */
        bool running, has_e;
        uint8_t ck[CRYPTO_HASH_BYTES];
        uint8_t k[CRYPTO_KEY_BYTES];
        uint8_t s[CRYPTO_X25519_BYTES], s_public[CRYPTO_X25519_BYTES];
        uint8_t e[CRYPTO_X25519_BYTES];
        uint8_t re[CRYPTO_X25519_BYTES];
        uint8_t psk[CRYPTO_KEY_BYTES];

        /* no secrets; what noise_split() leaves */
        uint8_t h[CRYPTO_HASH_BYTES];
        uint8_t rs[CRYPTO_X25519_BYTES];
};

/* One direction of a session, once the handshake is complete. All zero, it is used up. */
struct noise_cipher {
        uint64_t left; /* messages it may still carry; the nonce counts the other way */
        uint8_t key[CRYPTO_KEY_BYTES];
};

/* Starts a handshake. */
void noise_init(struct noise *n, const struct noise_setup *setup);

/* Wipes everything. */
void noise_done(struct noise *n);

/* For test vectors only: the ephemeral private key, which crypto_random() makes otherwise. */
void noise_set_ephemeral(struct noise *n, const uint8_t e[CRYPTO_X25519_BYTES]);

/*
 * Writes this end's next message, the payload inside, to @ret_message, which has room for
 * @n_payload + NOISE_OVERHEAD_MAX bytes. @payload may be NULL if @n_payload is 0.
 */
int noise_write(struct noise *n, const uint8_t *payload, size_t n_payload, uint8_t *ret_message,
                size_t *ret_n_message);

/*
 * Reads the other's next message, in place: *@ret_payload points into @message, which is spoilt
 * whether or not this succeeds.
 */
int noise_read(struct noise *n, uint8_t *message, size_t n_message, uint8_t **ret_payload,
               size_t *ret_n_payload);

/* True when the last message is through and noise_split() may be called. */
bool noise_is_complete(const struct noise *n);

/* The other's static public key; for the responder of XK, from the third message on. */
const uint8_t *noise_remote_static(const struct noise *n);

/* The private half of the ephemeral key, once it has been sent. */
const uint8_t *noise_ephemeral(const struct noise *n);

/* A name of this session that no other has and both ends share, once complete (section 11.2). */
const uint8_t *noise_handshake_hash(const struct noise *n);

/*
 * Makes the two ciphers of a complete handshake and wipes all secrets of @n. The remote static key
 * and the handshake hash stay until noise_done().
 */
int noise_split(struct noise *n, struct noise_cipher *ret_send, struct noise_cipher *ret_receive);

/*
 * Seals one message; @ret_sealed, which may be @plain, has room for CRYPTO_TAG_BYTES more. Both
 * ends count, so the nonce is not sent, and a message lost, repeated or out of order ends the
 * session.
 */
int noise_encrypt(struct noise_cipher *c, const uint8_t *plain, size_t n_plain,
                  uint8_t *ret_sealed);

/* Opens one message of @n_sealed bytes; the plain text is CRYPTO_TAG_BYTES shorter, and may take
 * the message's place. */
int noise_decrypt(struct noise_cipher *c, const uint8_t *sealed, size_t n_sealed,
                  uint8_t *ret_plain);

void noise_cipher_done(struct noise_cipher *c);
