/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/kdf.h"

/* RFC 5869 appendix A, the cases of SHA-256. */
static const struct {
        const char *ikm, *salt, *info, *prk, *okm;
} cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "f0f1f2f3f4f5f6f7f8f9", "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b"
         "2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b"
         "8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadb"
         "dcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
         "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

static size_t from_hex(const char *digits, uint8_t *ret_bytes)
{
        size_t n = strlen(digits) / 2;

        assert_int_equal(hex_decode(digits, ret_bytes, n), 0);
        return n;
}

static void test_kdf_known_extractions_and_expansions(void **state)
{
        uint8_t ikm[80], salt[80], info[80], prk[32], okm[82], should[82];

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                size_t n_ikm = from_hex(cases[c].ikm, ikm), n_salt = from_hex(cases[c].salt, salt);
                size_t n_info = from_hex(cases[c].info, info);
                size_t n_okm = from_hex(cases[c].okm, should);

                kdf_extract(n_salt ? salt : NULL, n_salt, ikm, n_ikm, prk);
                kdf_expand(prk, n_info ? info : NULL, n_info, okm, n_okm);
                assert_memory_equal(okm, should, n_okm);
                from_hex(cases[c].prk, should);
                assert_memory_equal(prk, should, sizeof(prk));
        }
}

static void test_kdf_expand_writes_no_more_than_asked(void **state)
{
        uint8_t prk[32] = {1}, whole[100], part[101];

        (void)state;
        kdf_expand(prk, "info", 4, whole, sizeof(whole));
        for (size_t n = 0; n <= sizeof(whole); n++) {
                part[n] = 0x55;
                kdf_expand(prk, "info", 4, part, n);
                assert_memory_equal(part, whole, n);
                assert_int_equal(part[n], 0x55);
        }
}

/* Made by tests/vectors/key-schedule.py from the text of doc/protocol.md. */
static const struct {
        const char *name, *value;
} schedule[] = {
        {"device id", "b4dc12af10688b959ff5943d983409d1"},
        {"psk", "70e6ff57ec4d0b3d078872a72f87031b5eca99d6b41ede90bc77d4d9068320f2"},
        {"adv key", "169359a6c8dd7a5e672e314788cfc105c9ba14426492222eb7584f16c25b7eea"},
        {"mac key", "6e9c3306e3d04eb82265601d4f64efb78148a988e8b5c07f2ba5a4abdaaf8007"},
        {"hub static", "f5eedbdf614b2c4ef08411b3ccf65e18a6ccd9b13689607357d8bc1fb2949bd5"},
        {"psk own", "e6783e29c6a2d90d6243e1c735474023d481d0d73e5c8354ad80102837f8c86b"},
        {"own mac key", "44eb6d2ca31ea19fd453f76ce86d7f7dece821fc1eb2602c00d56e4db14605f3"},
        {"hub sign seed", "efce4c20c013d5bf3bc8802f061a1af2ee7b453816ba68702d28bde1d087f0a9"},
        {"hub kek", "bdd56fe2c24b64574f211355e626b9540995a10419d71ddd481113322625b6fa"},
        {"hub store", "67cf412d9863cbcff1186dd2b9dd24c611736595ede8aaff6c828c459e4c4f18"},
        {"adv tag", "96a994e496"},
        {"mac1", "97c33e07880f986062b6315128c200b4"},
        {"refusal key", "e028c209c76d92a6a158cc68781bbc4773b3dfa30de272c10d7e8ee7a00e32b4"},
        {"refusal tag", "dd26fa10827d7935a011864408ef49b0"},
};

static void assert_scheduled(const char *name, const uint8_t *value, size_t n_value)
{
        uint8_t should[32];

        for (size_t i = 0; i < sizeof(schedule) / sizeof(schedule[0]); i++)
                if (strcmp(schedule[i].name, name) == 0) {
                        assert_int_equal(from_hex(schedule[i].value, should), n_value);
                        assert_memory_equal(value, should, n_value);
                        return;
                }
        fail_msg("no such row: %s", name);
}

static void count(uint8_t from, uint8_t *ret, size_t n)
{
        for (size_t i = 0; i < n; i++)
                ret[i] = (uint8_t)(from + i);
}

static void test_kdf_keys_of_the_code(void **state)
{
        uint8_t secret[32], key[32];

        (void)state;
        count(0x00, secret, sizeof(secret));
        kdf_psk(secret, key);
        assert_scheduled("psk", key, sizeof(key));
        kdf_adv_key(secret, key);
        assert_scheduled("adv key", key, sizeof(key));
        kdf_mac_key(secret, key);
        assert_scheduled("mac key", key, sizeof(key));
}

static void test_kdf_keys_of_the_hub(void **state)
{
        uint8_t master[32], device_public[32], device_id[16], key[32], psk_own[32];

        (void)state;
        count(0x40, master, sizeof(master));
        count(0x80, device_public, sizeof(device_public));
        kdf_device_id(device_public, device_id);
        assert_scheduled("device id", device_id, sizeof(device_id));
        kdf_hub_static(master, device_id, key);
        assert_scheduled("hub static", key, sizeof(key));
        kdf_psk_own(master, device_id, 0x01020304, psk_own);
        assert_scheduled("psk own", psk_own, sizeof(psk_own));
        kdf_own_mac_key(psk_own, key);
        assert_scheduled("own mac key", key, sizeof(key));
        kdf_hub_sign_seed(master, key);
        assert_scheduled("hub sign seed", key, sizeof(key));
        kdf_hub_kek(master, key);
        assert_scheduled("hub kek", key, sizeof(key));
        kdf_hub_store(master, key);
        assert_scheduled("hub store", key, sizeof(key));
}

static void test_kdf_tags_of_messages(void **state)
{
        uint8_t secret[32], nonce[5], message[48], shared[32];
        uint8_t key[32], tag[5], mac1[16], refusal_key[32], refusal[16];

        (void)state;
        count(0x00, secret, sizeof(secret));
        count(0xc0, nonce, sizeof(nonce));
        count(0x00, message, sizeof(message));
        kdf_adv_key(secret, key);
        kdf_adv_tag(key, nonce, 2, tag);
        assert_scheduled("adv tag", tag, sizeof(tag));
        kdf_mac_key(secret, key);
        kdf_mac1(key, nonce, 0x01, message, sizeof(message), mac1);
        assert_scheduled("mac1", mac1, sizeof(mac1));
        count(0xe0, shared, sizeof(shared));
        kdf_refusal_key(key, shared, refusal_key);
        assert_scheduled("refusal key", refusal_key, sizeof(refusal_key));
        kdf_refusal_tag(refusal_key, nonce, 1, 0x01020304, mac1, refusal);
        assert_scheduled("refusal tag", refusal, sizeof(refusal));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_kdf_known_extractions_and_expansions),
                cmocka_unit_test(test_kdf_expand_writes_no_more_than_asked),
                cmocka_unit_test(test_kdf_keys_of_the_code),
                cmocka_unit_test(test_kdf_keys_of_the_hub),
                cmocka_unit_test(test_kdf_tags_of_messages),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
