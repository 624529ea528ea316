/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contact/keys.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {1}, secret[32] = {2}, device_private[32] = {3};
static const uint8_t nonce[KDF_NONCE_BYTES] = {4, 5, 6, 7, 8};

static void begin(struct keys *keys)
{
        uint8_t device_public[32];

        memset(keys, 0, sizeof(*keys));
        crypto_x25519_base(device_private, device_public);
        keys_begin(keys, master, device_public);
}

static void test_keys_hub_is_another_one_for_every_device(void **state)
{
        uint8_t other_private[32] = {9}, other_public[32], expected[32];
        struct keys keys, other = {0};

        (void)state;
        begin(&keys);
        crypto_x25519_base(keys.hub_private, expected);
        assert_memory_equal(keys.hub_public, expected, sizeof(expected));
        kdf_device_id(keys.device_public, expected);
        assert_memory_equal(keys.device_id, expected, KDF_DEVICE_ID_BYTES);

        crypto_x25519_base(other_private, other_public);
        keys_begin(&other, master, other_public);
        assert_memory_not_equal(keys.hub_public, other.hub_public, sizeof(other.hub_public));
}

static void test_keys_of_code_come_from_its_secret(void **state)
{
        struct keys keys;
        uint8_t expected[32];

        (void)state;
        begin(&keys);
        keys_of_code(&keys, secret, nonce);
        assert_int_equal(keys.kind, KEYS_OF_CODE);
        assert_memory_equal(keys.nonce, nonce, sizeof(nonce));
        kdf_psk(secret, expected);
        assert_memory_equal(keys.psk, expected, sizeof(expected));
        kdf_mac_key(secret, expected);
        assert_memory_equal(keys.mac_key, expected, sizeof(expected));
}

static void test_keys_of_ownership_change_with_the_epoch(void **state)
{
        struct keys keys, next;
        uint8_t psk[32], mac_key[32];

        (void)state;
        begin(&keys);
        keys_of_ownership(&keys, master, 3, nonce);
        assert_int_equal(keys.kind, KEYS_OF_OWNERSHIP);
        kdf_psk_own(master, keys.device_id, 3, psk);
        kdf_own_mac_key(psk, mac_key);
        assert_memory_equal(keys.psk, psk, sizeof(psk));
        assert_memory_equal(keys.mac_key, mac_key, sizeof(mac_key));

        begin(&next);
        keys_of_ownership(&next, master, 4, nonce);
        assert_memory_not_equal(keys.psk, next.psk, sizeof(psk));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_keys_hub_is_another_one_for_every_device),
                cmocka_unit_test(test_keys_of_code_come_from_its_secret),
                cmocka_unit_test(test_keys_of_ownership_change_with_the_epoch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
