/* SPDX-License-Identifier: Apache-2.0 */

/* Built once for each port. That the bytes are right is tests/vectors/test-noise-vectors.c's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/noise.h"

#define MESSAGES_MAX 3
#define PROLOGUE     "enrolld/1"

static const size_t n_messages[] = {[NOISE_XKPSK3] = 3, [NOISE_KKPSK2] = 2};
static const size_t message_bytes[][MESSAGES_MAX] = {
        [NOISE_XKPSK3] = {NOISE_XK_A_BYTES, NOISE_XK_B_BYTES, NOISE_XK_C_BYTES},
        [NOISE_KKPSK2] = {NOISE_KK_A_BYTES, NOISE_KK_B_BYTES},
};
static const enum noise_pattern both[] = {NOISE_XKPSK3, NOISE_KKPSK2};

/* What one end believes; the test makes two that fit, and then spoils one. */
struct belief {
        struct noise_setup setup;
        uint8_t prologue[sizeof(PROLOGUE)], s[32], s_public[32], rs[32], psk[32];
};

struct pair {
        struct belief beliefs[2];
        struct noise ends[2];
};

static void believe(struct belief *b, enum noise_pattern pattern, enum noise_role role)
{
        b->setup = (struct noise_setup){
                .pattern = pattern,
                .role = role,
                .prologue = b->prologue,
                .n_prologue = sizeof(b->prologue),
                .s = b->s,
                .s_public = b->s_public,
                .rs = role == NOISE_RESPONDER && pattern == NOISE_XKPSK3 ? NULL : b->rs,
                .psk = b->psk,
        };
        memcpy(b->prologue, PROLOGUE, sizeof(b->prologue));
        crypto_random(b->s, sizeof(b->s));
        crypto_x25519_base(b->s, b->s_public);
}

static void pair_prepare(struct pair *p, enum noise_pattern pattern)
{
        believe(&p->beliefs[0], pattern, NOISE_INITIATOR);
        believe(&p->beliefs[1], pattern, NOISE_RESPONDER);
        memcpy(p->beliefs[0].rs, p->beliefs[1].s_public, 32);
        memcpy(p->beliefs[1].rs, p->beliefs[0].s_public, 32);
        crypto_random(p->beliefs[0].psk, 32);
        memcpy(p->beliefs[1].psk, p->beliefs[0].psk, 32);
}

static void pair_start(struct pair *p)
{
        for (size_t i = 0; i < 2; i++)
                noise_init(&p->ends[i], &p->beliefs[i].setup);
}

static struct noise *pair_writer(struct pair *p, size_t message)
{
        return &p->ends[message % 2];
}

static struct noise *pair_reader(struct pair *p, size_t message)
{
        return &p->ends[1 - message % 2];
}

/* Passes messages without payload until @stop or the first that fails; returns its number. */
static size_t pair_talk(struct pair *p, size_t stop, int *ret_outcome)
{
        uint8_t message[NOISE_OVERHEAD_MAX], *payload;
        size_t n, n_payload, i;

        *ret_outcome = 0;
        for (i = 0; i < stop; i++) {
                *ret_outcome = noise_write(pair_writer(p, i), NULL, 0, message, &n);
                if (*ret_outcome == 0)
                        *ret_outcome =
                                noise_read(pair_reader(p, i), message, n, &payload, &n_payload);
                if (*ret_outcome)
                        break;
        }
        return i;
}

static void pair_talk_to(struct pair *p, size_t stop)
{
        int outcome;

        assert_int_equal(pair_talk(p, stop, &outcome), stop);
        assert_int_equal(outcome, 0);
}

static void pair_complete(struct pair *p, enum noise_pattern pattern)
{
        pair_prepare(p, pattern);
        pair_start(p);
        pair_talk_to(p, n_messages[pattern]);
}

static void pair_split(struct pair *p, struct noise_cipher send[2], struct noise_cipher receive[2])
{
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(noise_split(&p->ends[i], &send[i], &receive[i]), 0);
}

static void assert_noise_wiped(const struct noise *n)
{
        static const struct noise zero;

        assert_memory_equal(n, &zero, sizeof(zero));
}

static void assert_cipher_wiped(const struct noise_cipher *c)
{
        static const struct noise_cipher zero;

        assert_memory_equal(c, &zero, sizeof(zero));
}

static void test_noise_honest_ends_share_a_session(void **state)
{
        static const char text[] = "what only the two may know";
        struct noise_cipher send[2], receive[2];
        uint8_t sealed[sizeof(text) + CRYPTO_TAG_BYTES];
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_complete(&p, both[b]);
                assert_true(noise_is_complete(&p.ends[0]) && noise_is_complete(&p.ends[1]));
                assert_memory_equal(noise_remote_static(&p.ends[1]), p.beliefs[0].s_public, 32);
                assert_memory_equal(noise_handshake_hash(&p.ends[0]),
                                    noise_handshake_hash(&p.ends[1]), 32);
                pair_split(&p, send, receive);
                assert_memory_not_equal(send[0].key, send[1].key, 32);
                for (size_t i = 0; i < 100; i++) {
                        uint8_t *at = sealed;

                        memcpy(at, text, sizeof(text));
                        assert_int_equal(noise_encrypt(&send[i % 3 == 0], at, sizeof(text), at), 0);
                        assert_memory_not_equal(at, text, sizeof(text));
                        assert_int_equal(
                                noise_decrypt(&receive[i % 3 != 0], at, sizeof(sealed), at), 0);
                        assert_memory_equal(at, text, sizeof(text));
                }
        }
}

static void test_noise_messages_have_the_documented_sizes(void **state)
{
        uint8_t message[NOISE_OVERHEAD_MAX], *payload;
        size_t n, n_payload;
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_prepare(&p, both[b]);
                pair_start(&p);
                for (size_t i = 0; i < n_messages[b]; i++) {
                        assert_false(noise_is_complete(&p.ends[0]));
                        assert_int_equal(noise_write(pair_writer(&p, i), NULL, 0, message, &n), 0);
                        assert_int_equal(n, message_bytes[b][i]);
                        assert_int_equal(
                                noise_read(pair_reader(&p, i), message, n, &payload, &n_payload),
                                0);
                        assert_int_equal(n_payload, 0);
                }
        }
}

static void test_noise_payloads_of_any_size_arrive(void **state)
{
        static const size_t sizes[] = {0, 1, 63, 1000, NOISE_MESSAGE_MAX - NOISE_OVERHEAD_MAX};
        static uint8_t sent[NOISE_MESSAGE_MAX], message[NOISE_MESSAGE_MAX];
        size_t n, n_payload;
        uint8_t *payload;
        struct pair p;

        (void)state;
        crypto_random(sent, sizeof(sent));
        for (size_t s = 0; s < 10; s++) {
                size_t n_sent = sizes[s / 2];

                pair_prepare(&p, both[s % 2]);
                pair_start(&p);
                for (size_t i = 0; i < n_messages[s % 2]; i++) {
                        assert_int_equal(noise_write(pair_writer(&p, i), sent, n_sent, message, &n),
                                         0);
                        assert_int_equal(n, n_sent + message_bytes[s % 2][i]);
                        assert_int_equal(
                                noise_read(pair_reader(&p, i), message, n, &payload, &n_payload),
                                0);
                        assert_int_equal(n_payload, n_sent);
                        assert_memory_equal(payload, sent, n_sent);
                }
        }
}

static void test_noise_state_is_small(void **state)
{
        (void)state;
        assert_true(sizeof(struct noise) <= 360);
        assert_true(sizeof(struct noise_cipher) <= 40);
}

static void test_noise_every_handshake_has_its_own_ephemeral(void **state)
{
        uint8_t one[NOISE_OVERHEAD_MAX], two[NOISE_OVERHEAD_MAX];
        struct pair p;
        size_t n;

        (void)state;
        pair_prepare(&p, NOISE_XKPSK3);
        pair_start(&p);
        assert_int_equal(noise_write(&p.ends[0], NULL, 0, one, &n), 0);
        pair_start(&p);
        assert_int_equal(noise_write(&p.ends[0], NULL, 0, two, &n), 0);
        assert_memory_not_equal(one, two, 32);
}

/* Reads a copy of @message with a copy of @reader, which must fail and leave nothing. */
static void assert_refused(const struct noise *reader, const uint8_t *message, size_t n_message,
                           int outcome)
{
        static uint8_t copy[NOISE_MESSAGE_MAX + 1];
        uint8_t *payload = NULL;
        struct noise n = *reader;
        size_t n_payload = 77;

        memcpy(copy, message, n_message);
        assert_int_equal(noise_read(&n, copy, n_message, &payload, &n_payload), outcome);
        assert_null(payload);
        assert_int_equal(n_payload, 77);
        assert_noise_wiped(&n);
        memcpy(copy, message, n_message);
        assert_int_equal(noise_read(&n, copy, n_message, &payload, &n_payload), NOISE_E_OVER);
}

static void test_noise_any_flipped_bit_is_forged(void **state)
{
        uint8_t message[NOISE_OVERHEAD_MAX], *payload;
        size_t n, n_payload, n_flips = 0;
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_prepare(&p, both[b]);
                pair_start(&p);
                for (size_t i = 0; i < n_messages[b]; i++) {
                        assert_int_equal(noise_write(pair_writer(&p, i), NULL, 0, message, &n), 0);
                        for (size_t bit = 0; bit < 8 * n; bit++, n_flips++) {
                                message[bit / 8] ^= (uint8_t)(1u << bit % 8);
                                assert_refused(pair_reader(&p, i), message, n, NOISE_E_FORGED);
                                message[bit / 8] ^= (uint8_t)(1u << bit % 8);
                        }
                        assert_int_equal(
                                noise_read(pair_reader(&p, i), message, n, &payload, &n_payload),
                                0);
                }
        }
        assert_int_equal(n_flips, 8 * (48 + 48 + 64 + 48 + 48));
}

static void test_noise_any_other_length_is_refused(void **state)
{
        static uint8_t message[NOISE_MESSAGE_MAX + 1];
        size_t n, n_payload;
        uint8_t *payload;
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_prepare(&p, both[b]);
                pair_start(&p);
                for (size_t i = 0; i < n_messages[b]; i++) {
                        memset(message, 0, sizeof(message));
                        assert_int_equal(noise_write(pair_writer(&p, i), NULL, 0, message, &n), 0);
                        for (size_t cut = 0; cut < n; cut++)
                                assert_refused(pair_reader(&p, i), message, cut, NOISE_E_SIZE);
                        for (size_t more = n + 1; more < n + 80; more++)
                                assert_refused(pair_reader(&p, i), message, more, NOISE_E_FORGED);
                        assert_refused(pair_reader(&p, i), message, NOISE_MESSAGE_MAX,
                                       NOISE_E_FORGED);
                        assert_refused(pair_reader(&p, i), message, NOISE_MESSAGE_MAX + 1,
                                       NOISE_E_SIZE);
                        assert_int_equal(
                                noise_read(pair_reader(&p, i), message, n, &payload, &n_payload),
                                0);
                }
        }
}

static void test_noise_ends_that_disagree_part_at_the_known_message(void **state)
{
        enum { PSK, PROLOGUE_BIT, PROLOGUE_LENGTH, REMOTE, OWN, OWN_PUBLIC };
        static const struct {
                const char *what;
                enum noise_pattern pattern;
                enum noise_role role;
                int spoilt;
                size_t message;
        } cases[] = {
                {"XK: psk", NOISE_XKPSK3, NOISE_INITIATOR, PSK, 2},
                {"XK: psk of the device", NOISE_XKPSK3, NOISE_RESPONDER, PSK, 2},
                {"XK: prologue", NOISE_XKPSK3, NOISE_INITIATOR, PROLOGUE_BIT, 0},
                {"XK: prologue of the device", NOISE_XKPSK3, NOISE_RESPONDER, PROLOGUE_BIT, 0},
                {"XK: shorter prologue", NOISE_XKPSK3, NOISE_INITIATOR, PROLOGUE_LENGTH, 0},
                {"XK: another device", NOISE_XKPSK3, NOISE_INITIATOR, REMOTE, 0},
                {"XK: device without its key", NOISE_XKPSK3, NOISE_RESPONDER, OWN, 0},
                {"XK: hub that claims a key", NOISE_XKPSK3, NOISE_INITIATOR, OWN_PUBLIC, 2},
                {"KK: psk", NOISE_KKPSK2, NOISE_INITIATOR, PSK, 1},
                {"KK: psk of the device", NOISE_KKPSK2, NOISE_RESPONDER, PSK, 1},
                {"KK: prologue", NOISE_KKPSK2, NOISE_INITIATOR, PROLOGUE_BIT, 0},
                {"KK: shorter prologue", NOISE_KKPSK2, NOISE_RESPONDER, PROLOGUE_LENGTH, 0},
                {"KK: another device", NOISE_KKPSK2, NOISE_INITIATOR, REMOTE, 0},
                {"KK: another hub", NOISE_KKPSK2, NOISE_RESPONDER, REMOTE, 0},
                {"KK: hub without its key", NOISE_KKPSK2, NOISE_INITIATOR, OWN, 0},
                {"KK: device without its key", NOISE_KKPSK2, NOISE_RESPONDER, OWN, 0},
        };
        struct pair p;
        int outcome;

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                struct belief *b = &p.beliefs[cases[c].role];
                uint8_t *const keys[] = {
                        [PSK] = b->psk, [PROLOGUE_BIT] = b->prologue, [REMOTE] = b->rs,
                        [OWN] = b->s,   [OWN_PUBLIC] = b->s_public,
                };
                size_t message;

                pair_prepare(&p, cases[c].pattern);
                if (cases[c].spoilt == PROLOGUE_LENGTH)
                        b->setup.n_prologue--;
                else
                        keys[cases[c].spoilt][8] ^= 1;
                pair_start(&p);
                message = pair_talk(&p, n_messages[cases[c].pattern], &outcome);
                if (outcome != NOISE_E_FORGED || message != cases[c].message)
                        fail_msg("%s: outcome %d at message %zu", cases[c].what, outcome, message);
                assert_noise_wiped(pair_reader(&p, message));
        }
}

static void test_noise_patterns_do_not_mix(void **state)
{
        struct pair p;
        int outcome;

        (void)state;
        pair_prepare(&p, NOISE_XKPSK3);
        p.beliefs[1].setup.pattern = NOISE_KKPSK2;
        p.beliefs[1].setup.rs = p.beliefs[1].rs;
        pair_start(&p);
        assert_int_equal(pair_talk(&p, 1, &outcome), 0);
        assert_int_equal(outcome, NOISE_E_FORGED);
}

static const char *const low_order[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

#define N_LOW_ORDER (2 * sizeof(low_order) / sizeof(low_order[0]))

static void low_order_point(size_t i, uint8_t ret_point[32])
{
        assert_int_equal(hex_decode(low_order[i / 2], ret_point, 32), 0);
        if (i % 2)
                ret_point[31] |= 0x80;
}

/*
 * With a low-order point an attacker would know the Diffie-Hellman result. Its message is otherwise
 * right: it is made by the very code under test, whose remote key is the attacker's to choose.
 */
static void test_noise_low_order_ephemeral_is_forged(void **state)
{
        uint8_t message[NOISE_OVERHEAD_MAX];
        struct pair p;
        size_t n;

        (void)state;
        for (size_t b = 0; b < 2; b++)
                for (size_t i = 0; i < 2; i++) {
                        pair_prepare(&p, both[b]);
                        pair_start(&p);
                        pair_talk_to(&p, i);
                        assert_int_equal(noise_write(pair_writer(&p, i), NULL, 0, message, &n), 0);
                        for (size_t l = 0; l < N_LOW_ORDER; l++) {
                                low_order_point(l, message);
                                assert_refused(pair_reader(&p, i), message, n, NOISE_E_FORGED);
                        }
                }
}

static void test_noise_low_order_static_is_forged(void **state)
{
        uint8_t message[NOISE_OVERHEAD_MAX];
        struct pair p;
        int outcome;
        size_t n;

        (void)state;
        for (size_t l = 0; l < N_LOW_ORDER; l++) {
                /* The code names a device key of low order: the hub does not even begin. */
                for (size_t b = 0; b < 2; b++) {
                        pair_prepare(&p, both[b]);
                        low_order_point(l, p.beliefs[0].rs);
                        pair_start(&p);
                        assert_int_equal(noise_write(&p.ends[0], NULL, 0, message, &n),
                                         NOISE_E_FORGED);
                        assert_noise_wiped(&p.ends[0]);
                }
                /* The hub shows such a key in message C. */
                pair_prepare(&p, NOISE_XKPSK3);
                low_order_point(l, p.beliefs[0].s_public);
                pair_start(&p);
                assert_int_equal(pair_talk(&p, 3, &outcome), 2);
                assert_int_equal(outcome, NOISE_E_FORGED);
                assert_noise_wiped(&p.ends[1]);
        }
}

static void test_noise_out_of_turn_is_over(void **state)
{
        uint8_t message[2 * NOISE_OVERHEAD_MAX] = {0}, *payload;
        struct noise_cipher send = {.left = 0}, receive = {.left = 0};
        size_t n = 77, n_payload = 77;
        struct noise end;
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++)
                for (size_t i = 0; i <= n_messages[b]; i++) {
                        pair_prepare(&p, both[b]);
                        pair_start(&p);
                        pair_talk_to(&p, i);
                        end = *pair_reader(&p, i);
                        assert_int_equal(noise_write(&end, NULL, 0, message, &n), NOISE_E_OVER);
                        assert_noise_wiped(&end);
                        end = *pair_writer(&p, i);
                        assert_int_equal(noise_read(&end, message, 64, &payload, &n_payload),
                                         NOISE_E_OVER);
                        assert_noise_wiped(&end);
                        if (i == n_messages[b])
                                continue;
                        end = *pair_writer(&p, i);
                        assert_int_equal(noise_split(&end, &send, &receive), NOISE_E_OVER);
                        assert_noise_wiped(&end);
                }
        assert_int_equal(n, 77);
        assert_int_equal(n_payload, 77);
        assert_cipher_wiped(&send);
        assert_cipher_wiped(&receive);
}

static void test_noise_complete_handshake_takes_no_more(void **state)
{
        uint8_t message[NOISE_OVERHEAD_MAX] = {0}, *payload;
        size_t n, n_payload;
        struct noise end;
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_complete(&p, both[b]);
                for (size_t i = 0; i < 2; i++) {
                        end = p.ends[i];
                        assert_int_equal(noise_write(&end, NULL, 0, message, &n), NOISE_E_OVER);
                        end = p.ends[i];
                        assert_int_equal(noise_read(&end, message, 64, &payload, &n_payload),
                                         NOISE_E_OVER);
                }
        }
}

static void test_noise_all_zero_is_over(void **state)
{
        uint8_t message[NOISE_OVERHEAD_MAX] = {0}, *payload;
        struct noise_cipher send = {.left = 0}, receive = {.left = 0};
        struct noise zero = {.running = false};
        size_t n, n_payload;

        (void)state;
        assert_false(noise_is_complete(&zero));
        assert_int_equal(noise_write(&zero, NULL, 0, message, &n), NOISE_E_OVER);
        assert_int_equal(noise_read(&zero, message, 48, &payload, &n_payload), NOISE_E_OVER);
        assert_int_equal(noise_split(&zero, &send, &receive), NOISE_E_OVER);
        assert_int_equal(noise_encrypt(&send, message, 1, message), NOISE_E_OVER);
        assert_int_equal(noise_decrypt(&receive, message, 17, message), NOISE_E_OVER);
}

static void test_noise_payload_above_the_limit_is_refused(void **state)
{
        static uint8_t sent[NOISE_MESSAGE_MAX], message[NOISE_MESSAGE_MAX + NOISE_OVERHEAD_MAX];
        struct noise end;
        struct pair p;
        size_t n;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_prepare(&p, both[b]);
                pair_start(&p);
                for (size_t i = 0; i < n_messages[b]; i++) {
                        size_t most = NOISE_MESSAGE_MAX - message_bytes[b][i];
                        uint8_t *payload;
                        size_t n_payload;

                        end = *pair_writer(&p, i);
                        assert_int_equal(noise_write(&end, sent, most + 1, message, &n),
                                         NOISE_E_SIZE);
                        assert_noise_wiped(&end);
                        assert_int_equal(noise_write(pair_writer(&p, i), sent, most, message, &n),
                                         0);
                        assert_int_equal(n, NOISE_MESSAGE_MAX);
                        assert_int_equal(
                                noise_read(pair_reader(&p, i), message, n, &payload, &n_payload),
                                0);
                }
        }
}

static void test_noise_split_leaves_two_facts_and_no_secret(void **state)
{
        struct noise_cipher send[2], receive[2];
        uint8_t hash[32];
        struct pair p;

        (void)state;
        for (size_t b = 0; b < 2; b++) {
                pair_complete(&p, both[b]);
                memcpy(hash, noise_handshake_hash(&p.ends[0]), 32);
                pair_split(&p, send, receive);
                for (size_t i = 0; i < 2; i++) {
                        assert_memory_equal(noise_handshake_hash(&p.ends[i]), hash, 32);
                        assert_memory_equal(noise_remote_static(&p.ends[i]),
                                            p.beliefs[1 - i].s_public, 32);
                        memset(p.ends[i].h, 0, sizeof(p.ends[i].h));
                        memset(p.ends[i].rs, 0, sizeof(p.ends[i].rs));
                        assert_noise_wiped(&p.ends[i]);
                        assert_int_equal(noise_split(&p.ends[i], &send[i], &receive[i]),
                                         NOISE_E_OVER);
                }
        }
}

static void test_noise_done_leaves_nothing(void **state)
{
        struct noise_cipher send[2], receive[2];
        struct pair p;

        (void)state;
        pair_complete(&p, NOISE_XKPSK3);
        pair_split(&p, send, receive);
        noise_done(&p.ends[0]);
        assert_noise_wiped(&p.ends[0]);
        noise_cipher_done(&send[0]);
        assert_cipher_wiped(&send[0]);
}

/* Opens a copy of @sealed with a copy of @c, which must fail and leave nothing. */
static void assert_not_opened(const struct noise_cipher *c, const uint8_t *sealed, size_t n_sealed,
                              int outcome)
{
        static uint8_t plain[NOISE_MESSAGE_MAX + 1];
        struct noise_cipher copy = *c;

        assert_int_equal(noise_decrypt(&copy, sealed, n_sealed, plain), outcome);
        assert_cipher_wiped(&copy);
        assert_int_equal(noise_decrypt(&copy, sealed, n_sealed, plain), NOISE_E_OVER);
}

static void test_noise_transport_tampering_ends_it(void **state)
{
        struct noise_cipher send[2], receive[2];
        uint8_t first[40], second[40], plain[24] = {1, 2, 3};
        struct pair p;

        (void)state;
        pair_complete(&p, NOISE_KKPSK2);
        pair_split(&p, send, receive);
        assert_int_equal(noise_encrypt(&send[0], plain, sizeof(plain), first), 0);
        assert_int_equal(noise_encrypt(&send[0], plain, sizeof(plain), second), 0);

        for (size_t bit = 0; bit < 8 * sizeof(first); bit++) {
                first[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_not_opened(&receive[1], first, sizeof(first), NOISE_E_FORGED);
                first[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t n = 0; n < sizeof(first); n++)
                assert_not_opened(&receive[1], first, n,
                                  n < CRYPTO_TAG_BYTES ? NOISE_E_SIZE : NOISE_E_FORGED);
        assert_not_opened(&receive[1], second, sizeof(second), NOISE_E_FORGED); /* lost */
        assert_not_opened(&receive[0], first, sizeof(first), NOISE_E_FORGED);   /* sent back */
        assert_int_equal(noise_decrypt(&receive[1], first, sizeof(first), plain), 0);
        assert_not_opened(&receive[1], first, sizeof(first), NOISE_E_FORGED); /* repeated */
        assert_int_equal(noise_decrypt(&receive[1], second, sizeof(second), plain), 0);
}

static void test_noise_transport_stops_before_the_last_nonce(void **state)
{
        static const uint8_t last[12] = {0,    0,    0,    0,    0xfe, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        struct noise_cipher send[2], receive[2];
        uint8_t sealed[17], should[17], plain[1];
        struct pair p;

        (void)state;
        pair_complete(&p, NOISE_KKPSK2);
        pair_split(&p, send, receive);
        send[0].left = receive[1].left = 1;
        crypto_seal(send[0].key, last, NULL, 0, (const uint8_t *)"x", 1, should);
        assert_int_equal(noise_encrypt(&send[0], (const uint8_t *)"x", 1, sealed), 0);
        assert_memory_equal(sealed, should, sizeof(sealed));
        assert_int_equal(noise_decrypt(&receive[1], sealed, sizeof(sealed), plain), 0);
        assert_int_equal(noise_encrypt(&send[0], plain, 1, sealed), NOISE_E_OVER);
        assert_int_equal(noise_decrypt(&receive[1], sealed, sizeof(sealed), plain), NOISE_E_OVER);
        assert_cipher_wiped(&send[0]);
        assert_cipher_wiped(&receive[1]);
}

static void test_noise_transport_size_is_limited(void **state)
{
        static uint8_t plain[NOISE_MESSAGE_MAX], sealed[NOISE_MESSAGE_MAX + 1];
        struct noise_cipher send[2], receive[2], copy;
        struct pair p;

        (void)state;
        pair_complete(&p, NOISE_KKPSK2);
        pair_split(&p, send, receive);
        copy = send[0];
        assert_int_equal(noise_encrypt(&copy, plain, NOISE_MESSAGE_MAX - 15, sealed), NOISE_E_SIZE);
        assert_cipher_wiped(&copy);
        assert_not_opened(&receive[1], sealed, NOISE_MESSAGE_MAX + 1, NOISE_E_SIZE);
        assert_int_equal(noise_encrypt(&send[0], plain, NOISE_MESSAGE_MAX - 16, sealed), 0);
        assert_int_equal(noise_decrypt(&receive[1], sealed, NOISE_MESSAGE_MAX, plain), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_noise_honest_ends_share_a_session),
                cmocka_unit_test(test_noise_messages_have_the_documented_sizes),
                cmocka_unit_test(test_noise_payloads_of_any_size_arrive),
                cmocka_unit_test(test_noise_state_is_small),
                cmocka_unit_test(test_noise_every_handshake_has_its_own_ephemeral),
                cmocka_unit_test(test_noise_any_flipped_bit_is_forged),
                cmocka_unit_test(test_noise_any_other_length_is_refused),
                cmocka_unit_test(test_noise_ends_that_disagree_part_at_the_known_message),
                cmocka_unit_test(test_noise_patterns_do_not_mix),
                cmocka_unit_test(test_noise_low_order_ephemeral_is_forged),
                cmocka_unit_test(test_noise_low_order_static_is_forged),
                cmocka_unit_test(test_noise_out_of_turn_is_over),
                cmocka_unit_test(test_noise_complete_handshake_takes_no_more),
                cmocka_unit_test(test_noise_all_zero_is_over),
                cmocka_unit_test(test_noise_payload_above_the_limit_is_refused),
                cmocka_unit_test(test_noise_split_leaves_two_facts_and_no_secret),
                cmocka_unit_test(test_noise_done_leaves_nothing),
                cmocka_unit_test(test_noise_transport_tampering_ends_it),
                cmocka_unit_test(test_noise_transport_stops_before_the_last_nonce),
                cmocka_unit_test(test_noise_transport_size_is_limited),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
