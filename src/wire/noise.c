/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The patterns are a table of tokens; one engine walks it for both roles and both directions.
 *
 * Both patterns have a psk, so the first token of all, e, already makes a key (section 9.2). There
 * is therefore never a moment without one, and everything after it is sealed.
 */

#include "wire/noise.h"

#include <string.h>

#include "wire/kdf.h"

#define NAME_BYTES 36
#define TOKENS_MAX 4
#define S_BYTES    (CRYPTO_X25519_BYTES + CRYPTO_TAG_BYTES)

/* A token of the DH kind says whose static key takes part: the initiator's, the responder's. */
enum token {
        END = 0,
        DH = 0x10,
        STATIC_I = 1,
        STATIC_R = 2,

        EE = DH,
        SE = DH | STATIC_I,
        ES = DH | STATIC_R,
        SS = DH | STATIC_I | STATIC_R,
        E = 0x20,
        S,
        PSK,
};

/* clang-format off */
static const struct pattern {
        char name[NAME_BYTES + 1];
        bool i_known;                        /* the initiator's static key is, beforehand */
        uint8_t n_messages;
        struct message {
                uint8_t n_overhead;             /* bytes beside the payload */
                uint8_t tokens[TOKENS_MAX + 1]; /* END behind the last */
        } messages[3];
} patterns[] = {
        [NOISE_XKPSK3] = { "Noise_XKpsk3_25519_ChaChaPoly_SHA256", false, 3, {
                { NOISE_XK_A_BYTES, { E, ES } },
                { NOISE_XK_B_BYTES, { E, EE } },
                { NOISE_XK_C_BYTES, { S, SE, PSK } } } },
        [NOISE_KKPSK2] = { "Noise_KKpsk2_25519_ChaChaPoly_SHA256", true, 2, {
                { NOISE_KK_A_BYTES, { E, ES, SS } },
                { NOISE_KK_B_BYTES, { E, EE, SE, PSK } } } },
};
/* clang-format on */

/* Hashes @data behind @h into @ret_h, which may be @h. */
static void hash_onto(const uint8_t h[CRYPTO_HASH_BYTES], const uint8_t *data, size_t n_data,
                      uint8_t ret_h[CRYPTO_HASH_BYTES])
{
        struct crypto_sha256 hash;

        crypto_sha256_init(&hash);
        crypto_sha256_update(&hash, h, CRYPTO_HASH_BYTES);
        crypto_sha256_update(&hash, data, n_data);
        crypto_sha256_final(&hash, ret_h);
}

static void noise_mix_hash(struct noise *n, const uint8_t *data, size_t n_data)
{
        hash_onto(n->h, data, n_data, n->h);
}

/* HKDF of section 4.3, keyed with the chaining key. */
static void noise_derive(const struct noise *n, const uint8_t *ikm, size_t n_ikm, uint8_t *ret,
                         size_t n_ret)
{
        uint8_t prk[CRYPTO_HASH_BYTES];

        kdf_extract(n->ck, sizeof(n->ck), ikm, n_ikm, prk);
        kdf_expand(prk, NULL, 0, ret, n_ret);
        crypto_wipe(prk, sizeof(prk));
}

/*
 * MixKey with two outputs; with three MixKeyAndHash, whose second output goes into the hash. With
 * one, MixKey whose key would never be used.
 */
static void noise_mix_key(struct noise *n, const uint8_t ikm[32], size_t n_outputs)
{
        uint8_t out[3][CRYPTO_HASH_BYTES];

        noise_derive(n, ikm, 32, out[0], n_outputs * CRYPTO_HASH_BYTES);
        memcpy(n->ck, out[0], sizeof(n->ck));
        if (n_outputs == 3)
                noise_mix_hash(n, out[1], sizeof(out[1]));
        if (n_outputs > 1)
                memcpy(n->k, out[n_outputs - 1], sizeof(n->k));
        n->n_sealed = 0;
        crypto_wipe(out, sizeof(out));
}

/* The nonce of ChaChaPoly: four zero bytes and the counter, little-endian (section 12.3). */
static void nonce_make(uint64_t counter, uint8_t ret_nonce[CRYPTO_NONCE_BYTES])
{
        memset(ret_nonce, 0, 4);
        for (size_t i = 4; i < CRYPTO_NONCE_BYTES; i++, counter >>= 8)
                ret_nonce[i] = (uint8_t)counter;
}

static void noise_seal(struct noise *n, const uint8_t *plain, size_t n_plain, uint8_t *ret_sealed)
{
        uint8_t nonce[CRYPTO_NONCE_BYTES];

        nonce_make(n->n_sealed++, nonce);
        crypto_seal(n->k, nonce, n->h, sizeof(n->h), plain, n_plain, ret_sealed);
        noise_mix_hash(n, ret_sealed, n_plain + CRYPTO_TAG_BYTES);
}

/* The hash over the ciphertext comes first, because opening in place destroys it. */
static int noise_open(struct noise *n, const uint8_t *sealed, size_t n_sealed, uint8_t *ret_plain)
{
        uint8_t nonce[CRYPTO_NONCE_BYTES], h[CRYPTO_HASH_BYTES];

        nonce_make(n->n_sealed++, nonce);
        hash_onto(n->h, sealed, n_sealed, h);
        if (crypto_open(n->k, nonce, n->h, sizeof(n->h), sealed, n_sealed, ret_plain) < 0)
                return NOISE_E_FORGED;
        memcpy(n->h, h, sizeof(n->h));
        return 0;
}

/* A key that the next token replaces before anything is sealed is not made. */
static size_t token_outputs(const uint8_t *token)
{
        return token[1] == S || token[1] == END ? 2 : 1;
}

/* The shared secret waits where the key will be that is made of it. */
static int noise_dh(struct noise *n, const uint8_t *token)
{
        uint8_t mine = n->role == NOISE_INITIATOR ? STATIC_I : STATIC_R;
        uint8_t theirs = mine ^ (STATIC_I | STATIC_R);

        if (crypto_x25519(*token & mine ? n->s : n->e, *token & theirs ? n->rs : n->re, n->k) < 0)
                return NOISE_E_FORGED;
        noise_mix_key(n, n->k, token_outputs(token));
        return 0;
}

/* With a psk, an ephemeral key goes into the chaining key as well as into the hash. */
static void noise_e(struct noise *n, const uint8_t *token, bool writing,
                    uint8_t e_public[CRYPTO_X25519_BYTES])
{
        if (!writing) {
                memcpy(n->re, e_public, sizeof(n->re));
        } else {
                if (!n->has_e)
                        crypto_random(n->e, sizeof(n->e));
                crypto_x25519_base(n->e, e_public);
        }
        noise_mix_hash(n, e_public, CRYPTO_X25519_BYTES);
        noise_mix_key(n, e_public, token_outputs(token));
}

static int noise_s(struct noise *n, bool writing, uint8_t sealed[S_BYTES])
{
        if (!writing)
                return noise_open(n, sealed, S_BYTES, n->rs);
        noise_seal(n, n->s_public, sizeof(n->s_public), sealed);
        return 0;
}

/* Writes or reads what one token puts into the message at *@at, and moves that on. */
static int noise_token(struct noise *n, const uint8_t *token, bool writing, uint8_t **at)
{
        uint8_t *bytes = *at;

        switch (*token) {
        case E:
                *at += CRYPTO_X25519_BYTES;
                noise_e(n, token, writing, bytes);
                return 0;
        case S:
                *at += S_BYTES;
                return noise_s(n, writing, bytes);
        case PSK:
                noise_mix_key(n, n->psk, 3);
                return 0;
        default:
                return noise_dh(n, token);
        }
}

static int noise_fail(struct noise *n, int outcome)
{
        noise_done(n);
        return outcome;
}

/* The next message, or NULL if it is not @writing's end who is to go on. */
static const struct message *noise_turn(const struct noise *n, bool writing)
{
        bool initiator = n->role == NOISE_INITIATOR;

        if (!n->running || noise_is_complete(n))
                return NULL;
        if (((n->message & 1) == 0) != (writing == initiator))
                return NULL;
        return &patterns[n->pattern].messages[n->message];
}

/*
 * Writes or reads the next message up to its payload, which is at *@at then. @n_bytes is
 * the size of the payload to be written, or of the message that is read.
 */
static int noise_tokens(struct noise *n, bool writing, uint8_t **at, size_t n_bytes)
{
        const struct message *message = noise_turn(n, writing);
        int r;

        if (!message)
                return noise_fail(n, NOISE_E_OVER);
        if (writing)
                n_bytes += message->n_overhead; /* below that if it wraps */
        if (n_bytes < message->n_overhead || n_bytes > NOISE_MESSAGE_MAX)
                return noise_fail(n, NOISE_E_SIZE);

        for (const uint8_t *token = message->tokens; *token != END; token++) {
                r = noise_token(n, token, writing, at);
                if (r)
                        return noise_fail(n, r);
        }
        n->message++;
        return 0;
}

void noise_init(struct noise *n, const struct noise_setup *setup)
{
        const struct pattern *pattern = &patterns[setup->pattern];
        bool initiator = setup->role == NOISE_INITIATOR;
        struct crypto_sha256 hash;

        memset(n, 0, sizeof(*n));
        n->pattern = (uint8_t)setup->pattern;
        n->role = (uint8_t)setup->role;
        n->running = true;
        memcpy(n->s, setup->s, sizeof(n->s));
        memcpy(n->s_public, setup->s_public, sizeof(n->s_public));
        memcpy(n->psk, setup->psk, sizeof(n->psk));
        if (initiator || pattern->i_known)
                memcpy(n->rs, setup->rs, sizeof(n->rs));

        crypto_sha256_init(&hash);
        crypto_sha256_update(&hash, pattern->name, NAME_BYTES);
        crypto_sha256_final(&hash, n->h);
        memcpy(n->ck, n->h, sizeof(n->ck));
        noise_mix_hash(n, setup->prologue, setup->n_prologue);
        if (pattern->i_known)
                noise_mix_hash(n, initiator ? n->s_public : n->rs, sizeof(n->rs));
        noise_mix_hash(n, initiator ? n->rs : n->s_public, sizeof(n->rs));
}

void noise_done(struct noise *n)
{
        crypto_wipe(n, sizeof(*n));
}

void noise_set_ephemeral(struct noise *n, const uint8_t e[CRYPTO_X25519_BYTES])
{
        memcpy(n->e, e, sizeof(n->e));
        n->has_e = true;
}

int noise_write(struct noise *n, const uint8_t *payload, size_t n_payload, uint8_t *ret_message,
                size_t *ret_n_message)
{
        uint8_t *at = ret_message;
        int r;

        r = noise_tokens(n, true, &at, n_payload);
        if (r)
                return r;
        noise_seal(n, payload, n_payload, at);
        *ret_n_message = (size_t)(at - ret_message) + n_payload + CRYPTO_TAG_BYTES;
        return 0;
}

int noise_read(struct noise *n, uint8_t *message, size_t n_message, uint8_t **ret_payload,
               size_t *ret_n_payload)
{
        uint8_t *at = message, *end = message + n_message;
        int r;

        r = noise_tokens(n, false, &at, n_message);
        if (r)
                return r;
        r = noise_open(n, at, (size_t)(end - at), at);
        if (r)
                return noise_fail(n, r);
        *ret_payload = at;
        *ret_n_payload = (size_t)(end - at) - CRYPTO_TAG_BYTES;
        return 0;
}

bool noise_is_complete(const struct noise *n)
{
        return n->running && n->message == patterns[n->pattern].n_messages;
}

const uint8_t *noise_remote_static(const struct noise *n)
{
        return n->rs;
}

const uint8_t *noise_ephemeral(const struct noise *n)
{
        return n->e;
}

const uint8_t *noise_handshake_hash(const struct noise *n)
{
        return n->h;
}

static void cipher_start(struct noise_cipher *c, const uint8_t key[CRYPTO_KEY_BYTES])
{
        memcpy(c->key, key, sizeof(c->key));
        c->left = UINT64_MAX;
}

int noise_split(struct noise *n, struct noise_cipher *ret_send, struct noise_cipher *ret_receive)
{
        uint8_t keys[2][CRYPTO_KEY_BYTES];
        bool initiator = n->role == NOISE_INITIATOR;

        if (!noise_is_complete(n))
                return noise_fail(n, NOISE_E_OVER);

        noise_derive(n, NULL, 0, keys[0], sizeof(keys));
        cipher_start(ret_send, keys[initiator ? 0 : 1]);
        cipher_start(ret_receive, keys[initiator ? 1 : 0]);
        crypto_wipe(keys, sizeof(keys));
        crypto_wipe(n, offsetof(struct noise, h));
        return 0;
}

static int cipher_fail(struct noise_cipher *c, int outcome)
{
        noise_cipher_done(c);
        return outcome;
}

/* The nonce of the next message, which is @n_sealed bytes long. */
static int cipher_next(struct noise_cipher *c, size_t n_sealed,
                       uint8_t ret_nonce[CRYPTO_NONCE_BYTES])
{
        if (c->left == 0)
                return cipher_fail(c, NOISE_E_OVER);
        if (n_sealed < CRYPTO_TAG_BYTES || n_sealed > NOISE_MESSAGE_MAX)
                return cipher_fail(c, NOISE_E_SIZE);
        nonce_make(UINT64_MAX - c->left--, ret_nonce);
        return 0;
}

int noise_encrypt(struct noise_cipher *c, const uint8_t *plain, size_t n_plain, uint8_t *ret_sealed)
{
        uint8_t nonce[CRYPTO_NONCE_BYTES];
        int r;

        r = cipher_next(c, n_plain + CRYPTO_TAG_BYTES, nonce);
        if (r == 0)
                crypto_seal(c->key, nonce, NULL, 0, plain, n_plain, ret_sealed);
        return r;
}

int noise_decrypt(struct noise_cipher *c, const uint8_t *sealed, size_t n_sealed,
                  uint8_t *ret_plain)
{
        uint8_t nonce[CRYPTO_NONCE_BYTES];
        int r;

        r = cipher_next(c, n_sealed, nonce);
        if (r)
                return r;
        if (crypto_open(c->key, nonce, NULL, 0, sealed, n_sealed, ret_plain) < 0)
                return cipher_fail(c, NOISE_E_FORGED);
        return 0;
}

void noise_cipher_done(struct noise_cipher *c)
{
        crypto_wipe(c, sizeof(*c));
}
