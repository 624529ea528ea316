/* SPDX-License-Identifier: Apache-2.0 */

/* The tags that are computed side by side are those that a device computes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contact/lanes.h"
#include "wire/crypto.h"

#define KEYS 64

static uint32_t tag_of(const uint8_t adv_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
                       uint8_t state)
{
        uint8_t tag[KDF_ADV_TAG_BYTES];

        kdf_adv_tag(adv_key, nonce, state, tag);
        return (uint32_t)tag[0] << 24 | (uint32_t)tag[1] << 16 | (uint32_t)tag[2] << 8 | tag[3];
}

static void test_lanes_have_the_tag_of_each_key(void **state)
{
        uint8_t adv_keys[KEYS][KDF_KEY_BYTES], nonce[KDF_NONCE_BYTES];
        const struct lanes_key *four[LANES];
        struct lanes_key keys[KEYS];
        struct lanes_text text;
        uint32_t tags[LANES];

        (void)state;
        crypto_random(adv_keys, sizeof(adv_keys));
        for (size_t i = 0; i < KEYS; i++)
                lanes_key_init(&keys[i], adv_keys[i]);
        for (unsigned round = 0; round < 256; round++) {
                crypto_random(nonce, sizeof(nonce));
                lanes_text_init(&text, nonce, (uint8_t)round);
                for (size_t lane = 0; lane < LANES; lane++)
                        four[lane] = &keys[(round + 7 * lane) % KEYS];
                lanes_tags(&text, four, tags);
                for (size_t lane = 0; lane < LANES; lane++)
                        assert_int_equal(tags[lane], tag_of(adv_keys[four[lane] - keys], nonce,
                                                            (uint8_t)round));
        }
}

static void test_lanes_may_all_be_of_one_key(void **state)
{
        static const uint8_t adv_key[KDF_KEY_BYTES] = {0xff, 0x80, 1};
        static const uint8_t nonce[KDF_NONCE_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff};
        struct lanes_text text;
        struct lanes_key key;
        const struct lanes_key *const four[LANES] = {&key, &key, &key, &key};
        uint32_t tags[LANES];

        (void)state;
        lanes_key_init(&key, adv_key);
        lanes_text_init(&text, nonce, 0xff);
        lanes_tags(&text, four, tags);
        for (size_t lane = 0; lane < LANES; lane++)
                assert_int_equal(tags[lane], tag_of(adv_key, nonce, 0xff));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lanes_have_the_tag_of_each_key),
                cmocka_unit_test(test_lanes_may_all_be_of_one_key),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
