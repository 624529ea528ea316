/* SPDX-License-Identifier: Apache-2.0 */

/* What a port owes src/wire, by the vectors of the RFCs. It is built once for each port. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/crypto.h"

#define TEXT_MAX 600

static size_t from_hex(const char *digits, uint8_t *ret_bytes)
{
        size_t n = strlen(digits) / 2;

        assert_int_equal(hex_decode(digits, ret_bytes, n), 0);
        return n;
}

static void assert_hex(const uint8_t *bytes, const char *digits)
{
        uint8_t should[TEXT_MAX];
        size_t n = from_hex(digits, should);

        assert_memory_equal(bytes, should, n);
}

/* RFC 7748 section 5.2; the second point has its top bit set. */
static void test_crypto_x25519_known_products(void **state)
{
        static const char *const cases[][3] = {
                {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                 "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                 "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
                {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                 "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                 "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
        };
        uint8_t scalar[32], point[32], shared[32];

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                from_hex(cases[c][0], scalar);
                from_hex(cases[c][1], point);
                assert_int_equal(crypto_x25519(scalar, point, shared), 0);
                assert_hex(shared, cases[c][2]);
        }
}

static void test_crypto_x25519_thousand_products_in_a_row(void **state)
{
        uint8_t k[32] = {9}, u[32] = {9}, shared[32];

        (void)state;
        for (unsigned i = 1; i <= 1000; i++) {
                assert_int_equal(crypto_x25519(k, u, shared), 0);
                memcpy(u, k, sizeof(u));
                memcpy(k, shared, sizeof(k));
                if (i == 1)
                        assert_hex(k, "422c8e7a6227d7bca1350b3e2bb7279f"
                                      "7897b87bb6854b783c60e80311ae3079");
        }
        assert_hex(k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

/* RFC 7748 section 6.1. */
static void test_crypto_x25519_two_ends_agree(void **state)
{
        uint8_t a[32], b[32], a_public[32], b_public[32], shared[32];

        (void)state;
        from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", a);
        from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", b);
        crypto_x25519_base(a, a_public);
        crypto_x25519_base(b, b_public);
        assert_hex(a_public, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assert_hex(b_public, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        assert_int_equal(crypto_x25519(a, b_public, shared), 0);
        assert_hex(shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_int_equal(crypto_x25519(b, a_public, shared), 0);
        assert_hex(shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void test_crypto_x25519_low_order_points_are_refused(void **state)
{
        static const char *const points[] = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        };
        static const uint8_t zero[32];
        uint8_t scalar[32], point[32], shared[32];

        (void)state;
        for (size_t p = 0; p < 2 * sizeof(points) / sizeof(points[0]); p++) {
                crypto_random(scalar, sizeof(scalar));
                from_hex(points[p / 2], point);
                if (p % 2)
                        point[31] |= 0x80;
                memset(shared, 0xaa, sizeof(shared));
                assert_int_equal(crypto_x25519(scalar, point, shared), -1);
                assert_true(memcmp(shared, zero, 32) == 0 || shared[0] == 0xaa);
        }
}

static const struct aead {
        const char *key, *nonce, *ad, *plain, *sealed;
} aeads[] = {
        /* RFC 8439 section 2.8.2 */
        {"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
         "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
         "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a2049662"
         "04920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572"
         "652c2073756e73637265656e20776f756c642062652069742e",
         "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69d"
         "a92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad6759455"
         "85808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
        /* RFC 8439 appendix A.5 */
        {"1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
         "000000000102030405060708", "f33388860000000000004e91",
         "496e7465726e65742d4472616674732061726520647261667420646f63756d656e74732076616c696420666f7"
         "22061206d6178696d756d206f6620736978206d6f6e74687320616e64206d617920626520757064617465642c"
         "207265706c616365642c206f72206f62736f6c65746564206279206f7468657220646f63756d656e747320617"
         "420616e792074696d652e20497420697320696e617070726f70726961746520746f2075736520496e7465726e"
         "65742d447261667473206173207265666572656e6365206d6174657269616c206f7220746f206369746520746"
         "8656d206f74686572207468616e206173202fe2809c776f726b20696e2070726f67726573732e2fe2809d",
         "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e3"
         "82d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60"
         "f982b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b8"
         "04d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d07"
         "2b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097"
         "a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead"
         "9d67890cbb22392336fea1851f38"},
};

static void test_crypto_seal_known_texts(void **state)
{
        uint8_t key[32], nonce[12], ad[16], plain[TEXT_MAX], sealed[TEXT_MAX], should[TEXT_MAX];

        (void)state;
        for (size_t a = 0; a < sizeof(aeads) / sizeof(aeads[0]); a++) {
                size_t n_ad = from_hex(aeads[a].ad, ad), n = from_hex(aeads[a].plain, plain);

                from_hex(aeads[a].key, key);
                from_hex(aeads[a].nonce, nonce);
                assert_int_equal(from_hex(aeads[a].sealed, should), n + CRYPTO_TAG_BYTES);
                crypto_seal(key, nonce, ad, n_ad, plain, n, sealed);
                assert_memory_equal(sealed, should, n + CRYPTO_TAG_BYTES);
                memset(plain, 0, sizeof(plain));
                assert_int_equal(
                        crypto_open(key, nonce, ad, n_ad, sealed, n + CRYPTO_TAG_BYTES, plain), 0);
                assert_hex(plain, aeads[a].plain);
        }
}

static void test_crypto_seal_every_length_also_in_place(void **state)
{
        uint8_t key[32], nonce[12], ad[40], plain[300], sealed[316], place[316], opened[300];

        (void)state;
        crypto_random(key, sizeof(key));
        crypto_random(nonce, sizeof(nonce));
        crypto_random(ad, sizeof(ad));
        crypto_random(plain, sizeof(plain));
        for (size_t n = 0; n <= sizeof(plain); n++) {
                size_t n_ad = n % (sizeof(ad) + 1), n_sealed = n + CRYPTO_TAG_BYTES;

                crypto_seal(key, nonce, n_ad ? ad : NULL, n_ad, n ? plain : NULL, n, sealed);
                memcpy(place, plain, n);
                crypto_seal(key, nonce, ad, n_ad, place, n, place);
                assert_memory_equal(place, sealed, n_sealed);
                assert_int_equal(crypto_open(key, nonce, ad, n_ad, sealed, n_sealed, opened), 0);
                assert_memory_equal(opened, plain, n);
                assert_int_equal(crypto_open(key, nonce, ad, n_ad, place, n_sealed, place), 0);
                assert_memory_equal(place, plain, n);
        }
}

/* Flips each bit of @bytes in turn, and each time the text must not open. */
static void assert_every_bit_counts(uint8_t *bytes, size_t n_bytes, const uint8_t key[32],
                                    const uint8_t nonce[12], const uint8_t ad[12],
                                    const uint8_t plain[100], const uint8_t sealed[116])
{
        uint8_t opened[100];

        for (size_t bit = 0; bit < 8 * n_bytes; bit++) {
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                memset(opened, 0, sizeof(opened));
                assert_int_equal(crypto_open(key, nonce, ad, 12, sealed, 116, opened), -1);
                assert_memory_not_equal(opened, plain, sizeof(opened));
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_int_equal(crypto_open(key, nonce, ad, 12, sealed, 116, opened), 0);
}

static void test_crypto_open_any_flipped_bit_is_refused(void **state)
{
        uint8_t key[32], nonce[12], ad[12], plain[100], sealed[116];

        (void)state;
        crypto_random(key, sizeof(key));
        crypto_random(nonce, sizeof(nonce));
        crypto_random(ad, sizeof(ad));
        crypto_random(plain, sizeof(plain));
        crypto_seal(key, nonce, ad, sizeof(ad), plain, sizeof(plain), sealed);
        assert_every_bit_counts(sealed, sizeof(sealed), key, nonce, ad, plain, sealed);
        assert_every_bit_counts(key, sizeof(key), key, nonce, ad, plain, sealed);
        assert_every_bit_counts(nonce, sizeof(nonce), key, nonce, ad, plain, sealed);
        assert_every_bit_counts(ad, sizeof(ad), key, nonce, ad, plain, sealed);
}

/* RFC 6234 section 8.5, tests 1 to 4 of SHA-256, and the empty text. */
static void test_crypto_sha256_known_digests(void **state)
{
        static const struct {
                const char *text;
                size_t repeat;
                const char *digest;
        } cases[] = {
                {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
                {"0123456701234567012345670123456701234567012345670123456701234567", 10,
                 "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"},
        };
        struct crypto_sha256 hash;
        uint8_t digest[32];

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                crypto_sha256_init(&hash);
                for (size_t i = 0; i < cases[c].repeat; i++)
                        crypto_sha256_update(&hash, cases[c].text, strlen(cases[c].text));
                crypto_sha256_final(&hash, digest);
                assert_hex(digest, cases[c].digest);
        }
}

static void test_crypto_sha256_pieces_and_copies_make_no_difference(void **state)
{
        uint8_t text[200], whole[32], pieces[32];
        struct crypto_sha256 hash, copy;

        (void)state;
        crypto_random(text, sizeof(text));
        crypto_sha256_init(&hash);
        crypto_sha256_update(&hash, text, sizeof(text));
        crypto_sha256_final(&hash, whole);
        for (size_t cut = 0; cut <= sizeof(text); cut++) {
                crypto_sha256_init(&hash);
                crypto_sha256_update(&hash, text, cut);
                crypto_sha256_update(&hash, NULL, 0);
                copy = hash;
                crypto_sha256_update(&hash, whole, sizeof(whole));
                crypto_sha256_update(&copy, text + cut, sizeof(text) - cut);
                crypto_sha256_final(&copy, pieces);
                assert_memory_equal(pieces, whole, sizeof(whole));
        }
}

static void test_crypto_random_fills_all_of_it(void **state)
{
        uint8_t any[1000] = {0}, more[1000];

        (void)state;
        /* After 32 draws a byte that is still zero has not been written, but for one in 2^256. */
        for (size_t i = 0; i < 32; i++) {
                crypto_random(more, sizeof(more));
                for (size_t b = 0; b < sizeof(more); b++)
                        any[b] |= more[b];
        }
        assert_null(memchr(any, 0, sizeof(any)));
        crypto_random(any, sizeof(any));
        assert_memory_not_equal(any, more, sizeof(any));
}

static void test_crypto_wipe_stops_at_the_end(void **state)
{
        uint8_t bytes[9];

        (void)state;
        memset(bytes, 0x55, sizeof(bytes));
        crypto_wipe(bytes + 1, 7);
        assert_memory_equal(bytes, "\x55\0\0\0\0\0\0\0\x55", 9);
}

static void test_crypto_equal_sees_every_bit(void **state)
{
        uint8_t a[32], b[32];

        (void)state;
        crypto_random(a, sizeof(a));
        memcpy(b, a, sizeof(b));
        assert_true(crypto_equal(a, b, sizeof(a)));
        for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
                b[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_false(crypto_equal(a, b, sizeof(a)));
                assert_true(crypto_equal(a, b, bit / 8));
                b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_crypto_x25519_known_products),
                cmocka_unit_test(test_crypto_x25519_thousand_products_in_a_row),
                cmocka_unit_test(test_crypto_x25519_two_ends_agree),
                cmocka_unit_test(test_crypto_x25519_low_order_points_are_refused),
                cmocka_unit_test(test_crypto_seal_known_texts),
                cmocka_unit_test(test_crypto_seal_every_length_also_in_place),
                cmocka_unit_test(test_crypto_open_any_flipped_bit_is_refused),
                cmocka_unit_test(test_crypto_sha256_known_digests),
                cmocka_unit_test(test_crypto_sha256_pieces_and_copies_make_no_difference),
                cmocka_unit_test(test_crypto_random_fills_all_of_it),
                cmocka_unit_test(test_crypto_wipe_stops_at_the_end),
                cmocka_unit_test(test_crypto_equal_sees_every_bit),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
