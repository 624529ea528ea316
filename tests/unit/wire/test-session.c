/* SPDX-License-Identifier: Apache-2.0 */

/* Two sessions of the real cryptography talk here; src/device and tests/talk put whole ends around
 * them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/session.h"

struct end {
        uint8_t private_key[32], public_key[32];
        struct session_keys keys;
        struct session session;
        struct session_taken taken;
        uint8_t message[MESSAGE_MAX]; /* what this end says */
        size_t n_message;
};

static struct end hub, device;
static uint8_t device_id[16], nonce[5], psk[32], mac_key[32], psk_own[32], mac_key_own[32];

static void end_init(struct end *end, uint8_t byte, const uint8_t *peer_public)
{
        memset(end, 0, sizeof(*end));
        memset(end->private_key, byte, sizeof(end->private_key));
        crypto_x25519_base(end->private_key, end->public_key);
        end->keys = (struct session_keys){.own_private = end->private_key,
                                          .own_public = end->public_key,
                                          .peer_public = peer_public,
                                          .device_id = device_id,
                                          .nonce = nonce,
                                          .psk = psk,
                                          .mac_key = mac_key,
                                          .psk_own = psk_own,
                                          .mac_key_own = mac_key_own,
                                          .epoch = 41};
}

static int setup(void **state)
{
        static const uint8_t secret[32] = {0x55}, own[32] = {0x66};

        (void)state;
        end_init(&hub, 1, device.public_key);
        end_init(&device, 2, hub.public_key);
        kdf_device_id(device.public_key, device_id);
        kdf_psk(secret, psk);
        kdf_mac_key(secret, mac_key);
        memcpy(psk_own, own, sizeof(own));
        kdf_own_mac_key(own, mac_key_own);
        memcpy(nonce, "nonce", sizeof(nonce));
        session_device_init(&device.session, &device.keys);
        return 0;
}

/* Hands @from's message over; the reply, if any, becomes @to's message. */
static int pass(struct end *from, struct end *to)
{
        uint8_t copy[MESSAGE_MAX + 1];
        int r;

        memcpy(copy, from->message, from->n_message);
        memset(&to->taken, 0xee, sizeof(to->taken));
        r = session_take(&to->session, copy, from->n_message, &to->taken);
        if (r)
                return r;
        to->n_message = to->taken.n_reply;
        memcpy(to->message, to->taken.reply, to->taken.n_reply);
        if (to->taken.event == SESSION_BODY) {
                /* For whoever looks at the body after the copy is gone. */
                memcpy(from->message, copy, from->n_message);
                to->taken.body.bytes = from->message + MESSAGE_BODY_AT;
        }
        return 0;
}

static int say(struct end *from, enum message_kind kind, const char *body)
{
        memcpy(from->message + MESSAGE_BODY_AT, body, strlen(body));
        return session_put(&from->session, kind, from->message, strlen(body), &from->n_message);
}

static int tell(struct end *from, struct end *to, enum message_kind kind)
{
        int r;

        r = say(from, kind, "body");
        if (r)
                return r;
        r = pass(from, to);
        if (r)
                return r;
        assert_int_equal(to->taken.event, SESSION_BODY);
        assert_int_equal(to->taken.kind, kind);
        assert_int_equal(to->taken.body.n_bytes, 4);
        assert_memory_equal(to->taken.body.bytes, "body", 4);
        return 0;
}

static void hub_starts(uint8_t type)
{
        hub.n_message = SESSION_FIRST_BYTES;
        if (type == MESSAGE_M1)
                assert_int_equal(session_hub_enroll(&hub.session, &hub.keys, hub.message), 0);
        else
                assert_int_equal(session_hub_resume(&hub.session, &hub.keys, hub.message), 0);
        assert_int_equal(hub.message[0], type);
}

static void enroll(void)
{
        hub_starts(MESSAGE_M1);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(device.taken.event, SESSION_READY);
}

static void resume(void)
{
        hub_starts(MESSAGE_K1);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(hub.taken.event, SESSION_READY);
}

static void assert_wiped(const struct end *end)
{
        static const struct session zero;

        assert_true(session_is_over(&end->session));
        assert_memory_equal(&end->session, &zero, sizeof(zero));
}

static void test_session_enrollment_reaches_done(void **state)
{
        (void)state;
        hub_starts(MESSAGE_M1);
        assert_int_equal(session_patience_ms(&hub.session), 5000);
        assert_int_equal(session_patience_ms(&device.session), 10000);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(device.taken.event, SESSION_REPLY);
        assert_int_equal(device.n_message, 49);
        assert_int_equal(session_patience_ms(&device.session), 10000);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(hub.taken.event, SESSION_REPLY);
        assert_int_equal(hub.n_message, 65);
        assert_int_equal(session_patience_ms(&hub.session), 5000);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(device.taken.event, SESSION_READY);
        assert_int_equal(session_patience_ms(&device.session), 0);

        assert_int_equal(tell(&device, &hub, MESSAGE_HELLO), 0);
        assert_int_equal(tell(&hub, &device, MESSAGE_STAGE), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_SYNC), 0);
        assert_int_equal(tell(&hub, &device, MESSAGE_SYNC), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_SYNC), 0);
        assert_int_equal(tell(&hub, &device, MESSAGE_SYNC), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_REPORT), 0);
        assert_int_equal(session_patience_ms(&device.session), 30000);
        assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
        assert_false(session_is_open(&hub.session));
        assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
        assert_true(session_is_open(&hub.session));
        assert_true(session_is_open(&device.session));
        assert_int_equal(tell(&device, &hub, MESSAGE_DATA), 0);
        assert_int_equal(tell(&hub, &device, MESSAGE_SET), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_DATA), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_RESULT), 0);
        assert_int_equal(tell(&hub, &device, MESSAGE_BYE), 0);
        assert_wiped(&hub);
        assert_wiped(&device);
}

static void open_session(void)
{
        setup(NULL);
        resume();
        assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
}

static void test_session_commands_are_answered_one_by_one(void **state)
{
        (void)state;
        open_session();
        for (int i = 0; i < 4; i++) {
                assert_int_equal(session_patience_ms(&hub.session), 0);
                assert_false(session_may_say(&device.session, MESSAGE_RESULT));
                assert_int_equal(tell(&hub, &device, i & 1 ? MESSAGE_GET : MESSAGE_SET), 0);
                assert_true(session_is_open(&hub.session));
                assert_true(session_is_open(&device.session));
                assert_int_equal(session_patience_ms(&hub.session), 5000);
                assert_int_equal(session_patience_ms(&device.session), 0);
                assert_false(session_may_say(&hub.session, MESSAGE_SET));
                assert_false(session_may_say(&hub.session, MESSAGE_GET));
                assert_false(session_may_say(&hub.session, MESSAGE_RELEASE));
                assert_true(session_may_say(&hub.session, MESSAGE_BYE));
                assert_int_equal(tell(&device, &hub, MESSAGE_DATA), 0);
                assert_int_equal(session_patience_ms(&hub.session), 5000);
                assert_true(session_may_say(&device.session, MESSAGE_RESULT));
                assert_int_equal(tell(&device, &hub, MESSAGE_RESULT), 0);
        }
        assert_int_equal(tell(&hub, &device, MESSAGE_SET), 0);
        assert_int_equal(say(&hub, MESSAGE_GET, "x"), SESSION_E_UNEXPECTED);
        assert_wiped(&hub);
        assert_false(session_may_say(&hub.session, MESSAGE_BYE));
}

static void test_session_answer_to_nothing_is_unexpected(void **state)
{
        (void)state;
        open_session();
        assert_int_equal(say(&device, MESSAGE_RESULT, "x"), SESSION_E_UNEXPECTED);
        open_session();
        assert_int_equal(say(&device, MESSAGE_RELEASED, "x"), SESSION_E_UNEXPECTED);
        open_session();
        assert_int_equal(tell(&hub, &device, MESSAGE_SET), 0);
        assert_int_equal(say(&device, MESSAGE_FAIL, "x"), SESSION_E_UNEXPECTED);
}

/* What the device had on its way may still arrive. */
static void test_session_release_ends_it_at_both_ends(void **state)
{
        static const enum message_kind last[] = {MESSAGE_RELEASED, MESSAGE_FAIL, MESSAGE_BYE};

        (void)state;
        for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
                open_session();
                assert_int_equal(tell(&hub, &device, MESSAGE_RELEASE), 0);
                assert_false(session_is_open(&hub.session));
                assert_int_equal(session_patience_ms(&hub.session), 5000);
                assert_false(session_may_say(&hub.session, MESSAGE_SET));
                assert_int_equal(tell(&device, &hub, MESSAGE_DATA), 0);
                assert_int_equal(tell(&device, &hub, last[i]), 0);
                assert_wiped(&hub);
                assert_wiped(&device);
        }
}

static void test_session_owned_reaches_done(void **state)
{
        (void)state;
        resume();
        assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
        assert_int_equal(tell(&hub, &device, MESSAGE_GET), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_BYE), 0);
        assert_wiped(&hub);
        assert_wiped(&device);
}

static void test_session_ends_agree_on_hash_and_keys(void **state)
{
        uint8_t hash[32];

        (void)state;
        enroll();
        assert_memory_equal(session_hash(&hub.session), session_hash(&device.session), 32);
        assert_memory_equal(session_peer(&hub.session), device.public_key, 32);
        assert_memory_equal(session_peer(&device.session), hub.public_key, 32);
        memcpy(hash, session_hash(&hub.session), sizeof(hash));
        session_done(&device.session);
        session_device_init(&device.session, &device.keys);
        resume();
        assert_memory_equal(session_hash(&hub.session), session_hash(&device.session), 32);
        assert_memory_equal(session_peer(&device.session), hub.public_key, 32);
        assert_memory_not_equal(session_hash(&hub.session), hash, 32);
}

/* Brings both ends to where the script says and has one of them say what it must not. */
static void test_session_kinds_out_of_order_cannot_be_said(void **state)
{
        /* One letter for each kind that was said before: Hello Stage Report Commit Done sYnc. */
        static const struct {
                const char *said;
                const char *hub_may, *device_may;
        } rows[] = {
                {"", "", "H"},       {"H", "SF", ""},   {"HS", "", "YRF"},  {"HSY", "YF", ""},
                {"HSYy", "", "YRF"}, {"HSR", "CF", ""}, {"HSRC", "", "DF"}, {"HSRCD", "EB", "AB"},
        };
        static const char letters[] = "HSRCDYFAEB"; /* in the order of the kinds */

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                for (size_t k = 0; k < sizeof(letters) - 1; k++)
                        for (int side = 0; side < 2; side++) {
                                const char *may = side ? rows[i].device_may : rows[i].hub_may;
                                struct end *speaker = side ? &device : &hub;
                                bool hub_speaks = false;

                                setup(NULL);
                                enroll();
                                for (const char *c = rows[i].said; *c; c++) {
                                        enum message_kind kind =
                                                MESSAGE_HELLO +
                                                (strchr(letters, *c == 'y' ? 'Y' : *c) - letters);

                                        assert_int_equal(tell(hub_speaks ? &hub : &device,
                                                              hub_speaks ? &device : &hub, kind),
                                                         0);
                                        hub_speaks = !hub_speaks;
                                }
                                assert_int_equal(say(speaker, MESSAGE_HELLO + k, "{}"),
                                                 strchr(may, letters[k]) ? 0
                                                                         : SESSION_E_UNEXPECTED);
                                if (!strchr(may, letters[k]))
                                        assert_wiped(speaker);
                        }
}

/* The same from the receiver's side: a peer that seals what it must not say. */
static void test_session_kinds_out_of_order_are_not_taken(void **state)
{
        size_t n_taken = 0;

        (void)state;
        for (unsigned kind = 0; kind < 256; kind++) {
                setup(NULL);
                enroll();
                device.message[0] = MESSAGE_TRANSPORT;
                device.message[1] = (uint8_t)kind;
                device.message[2] = 0xa0;
                noise_encrypt(&device.session.send, device.message + 1, 2, device.message + 1);
                device.n_message = 1 + 2 + 16;
                if (pass(&device, &hub) == 0)
                        n_taken++;
                else
                        assert_wiped(&hub);
        }
        assert_int_equal(n_taken, 1);
}

static void test_session_handshake_out_of_order_is_unexpected(void **state)
{
        static const uint8_t types[] = {MESSAGE_M1,     MESSAGE_M2,    MESSAGE_M3,
                                        MESSAGE_K1,     MESSAGE_K2,    MESSAGE_TRANSPORT,
                                        MESSAGE_REFUSE, MESSAGE_PROBE, MESSAGE_ANNOUNCE};
        static const uint8_t sizes[] = {65, 49, 65, 65, 49, 65, 22, 1, 11};

        (void)state;
        for (size_t i = 0; i < sizeof(types); i++)
                for (int at = 0; at < 3; at++) {
                        struct end *to = at == 0 ? &device : at == 1 ? &hub : &device;
                        uint8_t message[65] = {types[i]};

                        if ((at == 0 && (types[i] == MESSAGE_M1 || types[i] == MESSAGE_K1)) ||
                            (at == 1 && (types[i] == MESSAGE_M2 || types[i] == MESSAGE_REFUSE)) ||
                            (at == 2 && types[i] == MESSAGE_M3))
                                continue;
                        setup(NULL);
                        hub_starts(MESSAGE_M1);
                        if (at == 2)
                                assert_int_equal(pass(&hub, &device), 0);
                        assert_int_equal(session_take(&to->session, message, sizes[i], &to->taken),
                                         SESSION_E_UNEXPECTED);
                        assert_wiped(to);
                }
}

/* A kind in the place of the type would be a body that nobody sealed. */
static void test_session_kind_in_the_clear_is_malformed(void **state)
{
        (void)state;
        for (unsigned kind = MESSAGE_HELLO; kind <= MESSAGE_BYE; kind++) {
                uint8_t message[18] = {(uint8_t)kind};

                setup(NULL);
                enroll();
                assert_int_equal(session_take(&hub.session, message, sizeof(message), &hub.taken),
                                 SESSION_E_MALFORMED);
                assert_wiped(&hub);
        }
}

static void test_session_every_other_length_is_malformed(void **state)
{
        (void)state;
        for (size_t n = 0; n <= MESSAGE_MAX + 1; n++) {
                if (n == SESSION_FIRST_BYTES)
                        continue;
                setup(NULL);
                hub_starts(MESSAGE_M1);
                hub.n_message = n;
                assert_int_equal(pass(&hub, &device), SESSION_E_MALFORMED);
                assert_wiped(&device);
        }
}

/* Every bit of every handshake message, and of the first body. */
static void test_session_every_flipped_bit_ends_it(void **state)
{
        size_t n_flips = 0;

        (void)state;
        for (int type = MESSAGE_M1; type <= MESSAGE_K1; type += MESSAGE_K1 - MESSAGE_M1)
                for (int at = 0; at < 4; at++)
                        for (size_t bit = 0; bit < 65 * 8; bit++) {
                                struct end *from = at & 1 ? &device : &hub;
                                struct end *to = at & 1 ? &hub : &device;
                                int r = 0;

                                setup(NULL);
                                hub_starts((uint8_t)type);
                                for (int i = 0; i < at && i < (type == MESSAGE_M1 ? 3 : 2); i++)
                                        assert_int_equal(pass(i & 1 ? &device : &hub,
                                                              i & 1 ? &hub : &device),
                                                         0);
                                if (type == MESSAGE_K1 && at == 3)
                                        break;
                                if (type == MESSAGE_M1 && at == 3)
                                        r = say(from, MESSAGE_HELLO, "body");
                                if (type == MESSAGE_K1 && at == 2)
                                        r = say(from, MESSAGE_COMMIT, "body");
                                assert_int_equal(r, 0);
                                if (bit >= 8 * from->n_message)
                                        break;
                                from->message[bit / 8] ^= (uint8_t)(1 << bit % 8);
                                r = pass(from, to);
                                n_flips++;
                                /* X25519 ignores the top bit of a point, but the hash does not. */
                                assert_int_not_equal(r, 0);
                                assert_wiped(to);
                        }
        print_message("%zu flipped bits\n", n_flips);
}

static void test_session_zero_point_is_forged(void **state)
{
        (void)state;
        hub_starts(MESSAGE_M1);
        memset(hub.message + 1, 0, 32);
        kdf_mac1(mac_key, nonce, MESSAGE_M1, hub.message + 1, 48, hub.message + 49);
        assert_int_equal(pass(&hub, &device), SESSION_E_FORGED);
        assert_wiped(&device);
}

static void test_session_device_key_of_low_order_cannot_be_started(void **state)
{
        (void)state;
        memset(device.public_key, 0, sizeof(device.public_key));
        assert_int_equal(session_hub_enroll(&hub.session, &hub.keys, hub.message),
                         SESSION_E_FORGED);
        assert_wiped(&hub);
}

static void test_session_first_message_with_another_context_is_forged(void **state)
{
        static const uint8_t other[32] = {0x77};

        (void)state;
        /* A nonce of an earlier advertisement: a replay. */
        hub_starts(MESSAGE_M1);
        nonce[0] ^= 1;
        assert_int_equal(pass(&hub, &device), SESSION_E_FORGED);

        /* Another secret in mac1. */
        setup(NULL);
        hub.keys.mac_key = other;
        hub_starts(MESSAGE_M1);
        assert_int_equal(pass(&hub, &device), SESSION_E_FORGED);

        /* mac1 is right, but the psk is not: that shows at M3, and the hub has said nothing. */
        setup(NULL);
        hub.keys.psk = other;
        hub_starts(MESSAGE_M1);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(pass(&hub, &device), SESSION_E_FORGED);

        /* Another hub, or another psk, for an owned device. */
        setup(NULL);
        memset(hub.private_key, 9, 32);
        crypto_x25519_base(hub.private_key, hub.public_key);
        device.keys.peer_public = other;
        hub_starts(MESSAGE_K1);
        assert_int_equal(pass(&hub, &device), SESSION_E_FORGED);
        setup(NULL);
        hub.keys.psk_own = other;
        hub_starts(MESSAGE_K1);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(pass(&device, &hub), SESSION_E_FORGED);
        assert_wiped(&hub);
}

static void test_session_kind_of_handshake_without_its_keys_is_unexpected(void **state)
{
        (void)state;
        device.keys.mac_key_own = NULL;
        hub_starts(MESSAGE_K1);
        assert_int_equal(pass(&hub, &device), SESSION_E_UNEXPECTED);
        assert_wiped(&device);
}

static void test_session_refusal_is_told_and_heard(void **state)
{
        (void)state;
        device.keys.psk = NULL;
        device.keys.refusal = MESSAGE_REFUSAL_OWNED;
        hub_starts(MESSAGE_M1);
        assert_int_equal(pass(&hub, &device), 0);
        assert_int_equal(device.taken.event, SESSION_REFUSED);
        assert_int_equal(device.n_message, 22);
        assert_wiped(&device);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(hub.taken.event, SESSION_REFUSED);
        assert_int_equal(hub.taken.refusal, MESSAGE_REFUSAL_OWNED);
        assert_int_equal(hub.taken.epoch, 41);
        assert_wiped(&hub);
}

/* A relay that has a photo of the code refuses with whatever key it can make of that. */
static void expect_refusal_unheard(const uint8_t key[32])
{
        static const uint8_t refusal[] = {MESSAGE_REFUSE, MESSAGE_REFUSAL_OWNED, 0, 0, 0, 42};

        memcpy(device.message, refusal, sizeof(refusal));
        kdf_refusal_tag(key, nonce, MESSAGE_REFUSAL_OWNED, 42,
                        hub.message + SESSION_FIRST_BYTES - KDF_MAC_BYTES,
                        device.message + sizeof(refusal));
        device.n_message = sizeof(refusal) + KDF_MAC_BYTES;
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(hub.taken.event, SESSION_IGNORED);
        assert_false(session_is_over(&hub.session));
}

static void test_session_refusal_by_the_holder_of_the_code_is_not_heard(void **state)
{
        uint8_t other[32] = {3}, shared[32], key[32];

        (void)state;
        hub_starts(MESSAGE_M1);
        expect_refusal_unheard(mac_key);
        assert_int_equal(crypto_x25519(other, hub.message + 1, shared), 0);
        kdf_refusal_key(mac_key, shared, key);
        expect_refusal_unheard(key);
}

/* With it the device's answer would not depend on its key. */
static void test_session_refusal_is_not_made_for_a_key_of_low_order(void **state)
{
        (void)state;
        device.keys.refusal = MESSAGE_REFUSAL_OWNED;
        hub_starts(MESSAGE_M1);
        memset(hub.message + 1, 0, 32);
        kdf_mac1(mac_key, nonce, MESSAGE_M1, hub.message + 1, NOISE_XK_A_BYTES,
                 hub.message + SESSION_FIRST_BYTES - KDF_MAC_BYTES);
        assert_int_equal(pass(&hub, &device), SESSION_E_FORGED);
        assert_wiped(&device);
}

static void test_session_forged_refusal_is_not_heard(void **state)
{
        uint8_t refusal[22];

        (void)state;
        device.keys.refusal = MESSAGE_REFUSAL_BUSY;
        hub_starts(MESSAGE_M1);
        assert_int_equal(pass(&hub, &device), 0);
        memcpy(refusal, device.message, sizeof(refusal));
        for (size_t bit = 8; bit < 8 * sizeof(refusal); bit++) {
                memcpy(device.message, refusal, sizeof(refusal));
                device.message[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(pass(&device, &hub), 0);
                assert_int_equal(hub.taken.event, SESSION_IGNORED);
                assert_false(session_is_over(&hub.session));
        }
        memcpy(device.message, refusal, sizeof(refusal));
        device.n_message = sizeof(refusal);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(hub.taken.event, SESSION_REFUSED);
}

/* What somebody without the secret sends costs the device no curve operation and gets no answer. */
static void test_session_nothing_is_answered_without_mac1(void **state)
{
        uint8_t message[SESSION_FIRST_BYTES];

        (void)state;
        for (int i = 0; i < 1000; i++) {
                setup(NULL);
                crypto_random(message, sizeof(message));
                message[0] = i & 1 ? MESSAGE_M1 : MESSAGE_K1;
                assert_int_equal(
                        session_take(&device.session, message, sizeof(message), &device.taken),
                        SESSION_E_FORGED);
                assert_wiped(&device);
        }
}

static void test_session_doubled_lost_and_swapped_bodies_end_it(void **state)
{
        uint8_t first[64];
        size_t n_first;

        (void)state;
        for (int fault = 0; fault < 3; fault++) {
                setup(NULL);
                resume();
                assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
                assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
                assert_int_equal(say(&device, MESSAGE_DATA, "1"), 0);
                n_first = device.n_message;
                memcpy(first, device.message, n_first);
                if (fault == 0) {
                        assert_int_equal(pass(&device, &hub), 0);
                        memcpy(device.message, first, n_first);
                        device.n_message = n_first;
                } else {
                        assert_int_equal(say(&device, MESSAGE_DATA, "2"), 0);
                }
                assert_int_equal(pass(&device, &hub), SESSION_E_FORGED);
                assert_wiped(&hub);
        }
}

static void test_session_own_message_played_back_is_forged(void **state)
{
        (void)state;
        resume();
        assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
        assert_int_equal(say(&hub, MESSAGE_BYE, ""), 0);
        setup(NULL);
        resume();
        assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
        assert_int_equal(say(&hub, MESSAGE_SET, "x"), 0);
        assert_int_equal(pass(&hub, &hub), SESSION_E_FORGED);
}

static void test_session_is_used_up_after_its_messages(void **state)
{
        (void)state;
        resume();
        assert_int_equal(tell(&hub, &device, MESSAGE_COMMIT), 0);
        assert_int_equal(tell(&device, &hub, MESSAGE_DONE), 0);
        for (int i = 1; i < SESSION_MESSAGES_MAX; i++)
                assert_int_equal(tell(&device, &hub, MESSAGE_DATA), 0);
        assert_int_equal(say(&device, MESSAGE_DATA, "x"), SESSION_E_OVER);
        assert_wiped(&device);
        assert_int_equal(say(&device, MESSAGE_DATA, "x"), SESSION_E_OVER);
}

static void test_session_body_of_the_largest_size_passes(void **state)
{
        (void)state;
        enroll();
        assert_int_equal(session_put(&device.session, MESSAGE_HELLO, device.message,
                                     MESSAGE_BODY_MAX, &device.n_message),
                         0);
        assert_int_equal(device.n_message, MESSAGE_MAX);
        assert_int_equal(pass(&device, &hub), 0);
        assert_int_equal(hub.taken.body.n_bytes, MESSAGE_BODY_MAX);
        assert_int_equal(session_put(&hub.session, MESSAGE_STAGE, hub.message, MESSAGE_BODY_MAX + 1,
                                     &hub.n_message),
                         SESSION_E_SIZE);
        assert_wiped(&hub);
}

static void test_session_over_takes_and_says_nothing(void **state)
{
        uint8_t message[SESSION_FIRST_BYTES] = {MESSAGE_M1};

        (void)state;
        session_done(&device.session);
        assert_int_equal(session_take(&device.session, message, sizeof(message), &device.taken),
                         SESSION_E_OVER);
        assert_int_equal(say(&device, MESSAGE_HELLO, "body"), SESSION_E_OVER);
        assert_int_equal(session_patience_ms(&device.session), 0);
}

static int group_setup(void **state)
{
        (void)state;
        return crypto_init();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_session_enrollment_reaches_done, setup),
                cmocka_unit_test_setup(test_session_owned_reaches_done, setup),
                cmocka_unit_test_setup(test_session_commands_are_answered_one_by_one, setup),
                cmocka_unit_test_setup(test_session_answer_to_nothing_is_unexpected, setup),
                cmocka_unit_test_setup(test_session_release_ends_it_at_both_ends, setup),
                cmocka_unit_test_setup(test_session_ends_agree_on_hash_and_keys, setup),
                cmocka_unit_test(test_session_kinds_out_of_order_cannot_be_said),
                cmocka_unit_test(test_session_kinds_out_of_order_are_not_taken),
                cmocka_unit_test(test_session_handshake_out_of_order_is_unexpected),
                cmocka_unit_test(test_session_kind_in_the_clear_is_malformed),
                cmocka_unit_test(test_session_every_other_length_is_malformed),
                cmocka_unit_test(test_session_every_flipped_bit_ends_it),
                cmocka_unit_test_setup(test_session_zero_point_is_forged, setup),
                cmocka_unit_test_setup(test_session_device_key_of_low_order_cannot_be_started,
                                       setup),
                cmocka_unit_test_setup(test_session_first_message_with_another_context_is_forged,
                                       setup),
                cmocka_unit_test_setup(
                        test_session_kind_of_handshake_without_its_keys_is_unexpected, setup),
                cmocka_unit_test_setup(test_session_refusal_is_told_and_heard, setup),
                cmocka_unit_test_setup(test_session_refusal_by_the_holder_of_the_code_is_not_heard,
                                       setup),
                cmocka_unit_test_setup(test_session_refusal_is_not_made_for_a_key_of_low_order,
                                       setup),
                cmocka_unit_test_setup(test_session_forged_refusal_is_not_heard, setup),
                cmocka_unit_test(test_session_nothing_is_answered_without_mac1),
                cmocka_unit_test(test_session_doubled_lost_and_swapped_bodies_end_it),
                cmocka_unit_test_setup(test_session_own_message_played_back_is_forged, setup),
                cmocka_unit_test_setup(test_session_is_used_up_after_its_messages, setup),
                cmocka_unit_test_setup(test_session_body_of_the_largest_size_passes, setup),
                cmocka_unit_test_setup(test_session_over_takes_and_says_nothing, setup),
        };
        return cmocka_run_group_tests(tests, group_setup, NULL);
}
