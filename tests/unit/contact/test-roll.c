/* SPDX-License-Identifier: Apache-2.0 */

/* Which of many devices an advertisement is of, and that a flood of others hides none of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contact/roll.h"
#include "wire/crypto.h"

#define DEVICES 300
#define SECOND  UINT64_C(1000000)

struct world {
        struct roll *roll;
        int devices[DEVICES]; /* whose addresses stand for them */
};

static void key_of(unsigned device, uint8_t ret_key[KDF_KEY_BYTES])
{
        memset(ret_key, 0, KDF_KEY_BYTES);
        memcpy(ret_key, &device, sizeof(device));
}

/* What @device announces with this nonce. */
static void announce(unsigned device, unsigned nonce, enum message_state state,
                     uint8_t ret_data[MESSAGE_ADV_BYTES])
{
        uint8_t key[KDF_KEY_BYTES];

        key_of(device, key);
        memset(ret_data, 0, MESSAGE_ADV_BYTES);
        memcpy(ret_data, &nonce, sizeof(nonce));
        kdf_adv_tag(key, ret_data, (uint8_t)state, ret_data + KDF_NONCE_BYTES);
}

static int setup(void **state)
{
        static struct world w;
        uint8_t key[KDF_KEY_BYTES];

        assert_int_equal(roll_new(&w.roll), 0);
        for (unsigned i = 0; i < DEVICES; i++) {
                key_of(i, key);
                assert_int_equal(roll_add(w.roll, key, &w.devices[i]), 0);
        }
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->roll = roll_free(w->roll);
        return 0;
}

static void test_roll_of_nobody_recognises_nothing(void **state)
{
        uint8_t data[MESSAGE_ADV_BYTES];
        struct roll_match match;
        struct roll *roll;

        (void)state;
        announce(0, 1, MESSAGE_STATE_OWNED, data);
        assert_int_equal(roll_new(&roll), 0);
        assert_false(roll_recognise(roll, data, 1, &match));
        assert_null(roll_free(roll));
        assert_null(roll_free(NULL));
}

static void test_roll_recognises_each_device_and_whether_it_waits(void **state)
{
        struct world *w = *state;
        uint8_t data[MESSAGE_ADV_BYTES];
        struct roll_match match;

        for (unsigned i = 0; i < DEVICES; i++)
                for (unsigned waits = 0; waits < 2; waits++) {
                        announce(i, i + 7, waits ? MESSAGE_STATE_WAITING : MESSAGE_STATE_OWNED,
                                 data);
                        assert_true(roll_recognise(w->roll, data, 5, &match));
                        assert_ptr_equal(match.whom, &w->devices[i]);
                        assert_int_equal(match.waits, waits);
                }
}

static void test_roll_says_when_an_advertisement_was_heard_first(void **state)
{
        struct world *w = *state;
        uint8_t data[MESSAGE_ADV_BYTES];
        struct roll_match match;

        announce(3, 1, MESSAGE_STATE_OWNED, data);
        for (uint64_t now = 100; now < 103; now++) {
                assert_true(roll_recognise(w->roll, data, now, &match));
                assert_int_equal(match.since, 100);
        }
        announce(3, 2, MESSAGE_STATE_OWNED, data);
        assert_true(roll_recognise(w->roll, data, 103, &match));
        assert_int_equal(match.since, 103);
}

/* Of a device that nobody owns its hub does not hear from in a session. */
static void test_roll_does_not_recognise_what_no_owned_device_announces(void **state)
{
        struct world *w = *state;
        uint8_t data[MESSAGE_ADV_BYTES];
        struct roll_match match;

        announce(3, 1, MESSAGE_STATE_FACTORY, data);
        assert_false(roll_recognise(w->roll, data, 1, &match));
        announce(3, 1, MESSAGE_STATE_PENDING, data);
        assert_false(roll_recognise(w->roll, data, 1, &match));
        announce(DEVICES, 1, MESSAGE_STATE_OWNED, data);
        assert_false(roll_recognise(w->roll, data, 1, &match));
        announce(3, 1, MESSAGE_STATE_OWNED, data);
        data[MESSAGE_ADV_BYTES - 1] ^= 1;
        assert_false(roll_recognise(w->roll, data, 1, &match));
}

static void test_roll_finds_every_device_after_a_flood_of_strangers(void **state)
{
        struct world *w = *state;
        uint8_t data[MESSAGE_ADV_BYTES];
        struct roll_match match;
        size_t n_kept = 0;

        for (unsigned i = 0; i < DEVICES; i++) {
                announce(i, i, MESSAGE_STATE_OWNED, data);
                assert_true(roll_recognise(w->roll, data, 1, &match));
        }
        for (unsigned i = 0; i < 2000; i++) {
                announce(DEVICES + i, i, MESSAGE_STATE_OWNED, data);
                assert_false(roll_recognise(w->roll, data, 2, &match));
        }
        for (unsigned i = 0; i < DEVICES; i++) {
                announce(i, i, MESSAGE_STATE_OWNED, data);
                assert_true(roll_recognise(w->roll, data, 3, &match));
                assert_ptr_equal(match.whom, &w->devices[i]);
                n_kept += match.since == 1;
        }
        assert_true(n_kept > DEVICES * 9 / 10); /* the others fell into one full set with devices */
}

static void test_roll_forgets(void **state)
{
        struct world *w = *state;
        uint8_t data[MESSAGE_ADV_BYTES], key[KDF_KEY_BYTES];
        struct roll_match match;

        announce(3, 1, MESSAGE_STATE_OWNED, data);
        assert_true(roll_recognise(w->roll, data, 1, &match));
        roll_clear(w->roll);
        assert_false(roll_recognise(w->roll, data, 2, &match));
        key_of(3, key);
        assert_int_equal(roll_add(w->roll, key, &w->devices[0]), 0);
        assert_true(roll_recognise(w->roll, data, 3, &match));
        assert_ptr_equal(match.whom, &w->devices[0]);
        assert_int_equal(match.since, 3);
}

static void test_roll_of_factory_devices_recognises_nothing_else(void **state)
{
        uint8_t data[MESSAGE_ADV_BYTES], key[KDF_KEY_BYTES];
        struct roll_match match;
        int devices[7];
        struct roll *roll;

        (void)state;
        assert_int_equal(roll_new_factory(&roll), 0);
        for (unsigned i = 0; i < 7; i++) {
                key_of(i, key);
                assert_int_equal(roll_add(roll, key, &devices[i]), 0);
        }
        for (int s = MESSAGE_STATE_FACTORY; s <= MESSAGE_STATE_WAITING; s++) {
                announce(5, (unsigned)s, (enum message_state)s, data);
                assert_int_equal(roll_recognise(roll, data, 1, &match), s == MESSAGE_STATE_FACTORY);
        }
        assert_null(roll_free(roll));
}

/* A flood of strangers costs so much time and no more, and a device is found when there is some. */
static void test_roll_keeps_to_its_budget(void **state)
{
        struct world *w = *state;
        uint64_t now = 1000 * SECOND;
        uint8_t data[MESSAGE_ADV_BYTES];
        struct roll_match match;

        roll_set_budget(w->roll, 10 * DEVICES);
        announce(3, 1, MESSAGE_STATE_OWNED, data);
        assert_true(roll_recognise(w->roll, data, now, &match));
        for (unsigned i = 0; i < 20; i++) {
                announce(DEVICES, i, MESSAGE_STATE_OWNED, data);
                assert_false(roll_recognise(w->roll, data, now, &match));
        }
        announce(4, 1, MESSAGE_STATE_OWNED, data);
        assert_false(roll_recognise(w->roll, data, now, &match));
        announce(3, 1, MESSAGE_STATE_OWNED, data); /* known, which costs nothing */
        assert_true(roll_recognise(w->roll, data, now, &match));
        announce(4, 1, MESSAGE_STATE_OWNED, data);
        assert_true(roll_recognise(w->roll, data, now + SECOND / 5, &match));
        assert_ptr_equal(match.whom, &w->devices[4]);
        assert_int_equal(match.since, now + SECOND / 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_roll_of_nobody_recognises_nothing),
                TEST(test_roll_recognises_each_device_and_whether_it_waits),
                TEST(test_roll_says_when_an_advertisement_was_heard_first),
                TEST(test_roll_does_not_recognise_what_no_owned_device_announces),
                TEST(test_roll_finds_every_device_after_a_flood_of_strangers),
                TEST(test_roll_forgets),
                cmocka_unit_test(test_roll_of_factory_devices_recognises_nothing_else),
                TEST(test_roll_keeps_to_its_budget),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
