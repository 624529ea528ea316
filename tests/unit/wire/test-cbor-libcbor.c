/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Ours against libcbor, on a few hundred thousand small inputs: random items, and the same damaged.
 * Both must agree on every one of them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "support/libcbor.h"
#include "wire/cbor.h"

#define INPUT_MAX  64
#define N_ROUNDS   100000
#define MEMORY_MAX (256u << 20)

/* xorshift64: the same inputs in every run. */
static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return (uint32_t)((random_state >> 16) % limit);
}

static bool we_accept(const uint8_t *bytes, size_t n_bytes)
{
        struct cbor_reader r;

        cbor_reader_init(&r, bytes, n_bytes);
        (void)cbor_get_item(&r);
        return cbor_finish(&r) == CBOR_OK;
}

/* --- inputs --- */

static uint64_t random_integer(void)
{
        uint64_t value = (uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX);

        return value >> (random_below(8) * 8 + random_below(8));
}

static void random_text(struct cbor_writer *w)
{
        static const char *const texts[] = {"",
                                            "a",
                                            "IETF",
                                            "\xc3\xbc",
                                            "\xe6\xb0\xb4",
                                            "\xf0\x90\x85\x91",
                                            "\xed\x9f\xbf",
                                            "\xf4\x8f\xbf\xbf"};
        const char *text = texts[random_below(8)];

        cbor_put_text(w, text, strlen(text));
}

/* Writes one item, or what a mutation will hardly produce; keys ascend, because they count. */
static void random_item(struct cbor_writer *w, unsigned depth)
{
        static const uint8_t junk[] = {0xde, 0xad, 0xbe, 0xef};
        unsigned n = random_below(4);

        switch (random_below(depth < 7 ? 8 : 5)) {
        case 0:
                cbor_put_uint(w, random_integer());
                break;
        case 1:
                cbor_put_int(w, -1 - (int64_t)(random_integer() >> 1));
                break;
        case 2:
                cbor_put_bytes(w, junk, n);
                break;
        case 3:
                random_text(w);
                break;
        case 4:
                cbor_put_bool(w, n & 1);
                break;
        case 5:
        case 6:
                cbor_put_array(w, n);
                for (unsigned i = 0; i < n; i++)
                        random_item(w, depth + 1);
                break;
        default:
                cbor_put_map(w, n);
                for (unsigned i = 0; i < n; i++) {
                        cbor_put_uint(w, (uint64_t)i * 20 + random_below(20));
                        random_item(w, depth + 1);
                }
        }
}

static size_t mutate(uint8_t *bytes, size_t n_bytes)
{
        switch (random_below(4)) {
        case 0:
                bytes[random_below((uint32_t)n_bytes)] = (uint8_t)random_below(256);
                return n_bytes;
        case 1:
                bytes[random_below((uint32_t)n_bytes)] ^= (uint8_t)(1u << random_below(8));
                return n_bytes;
        case 2:
                return random_below((uint32_t)n_bytes + 1);
        default:
                bytes[n_bytes] = (uint8_t)random_below(256);
                return n_bytes + 1;
        }
}

static void test_cbor_agrees_with_libcbor(void **state)
{
        unsigned n_accepted = 0, n_refused = 0;

        (void)state;
        random_state = 0x9e3779b97f4a7c15;
        for (unsigned round = 0; round < N_ROUNDS; round++) {
                uint8_t bytes[INPUT_MAX + 4];
                struct cbor_writer w;
                size_t n;

                cbor_writer_init(&w, bytes, INPUT_MAX);
                random_item(&w, 0);
                if (!cbor_writer_fits(&w))
                        continue;
                n = w.n_written;
                for (unsigned change = 0; change < 4 && n > 0; change++) {
                        bool accepted = we_accept(bytes, n);

                        if (accepted != libcbor_accepts(bytes, n)) {
                                for (size_t i = 0; i < n; i++)
                                        print_error("%02x", bytes[i]);
                                fail_msg(": we %s it", accepted ? "accept" : "refuse");
                        }
                        n_accepted += accepted;
                        n_refused += !accepted;
                        n = mutate(bytes, n);
                }
        }
        assert_true(n_accepted > N_ROUNDS / 2);
        assert_true(n_refused > N_ROUNDS / 2);
}

/*
 * A few bytes can make libcbor ask for gigabytes; it shall be told no. AddressSanitizer has its own
 * way, because it needs the address space itself.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
        return "allocator_may_return_null=1:max_allocation_size_mb=64";
}

extern void __asan_init(void) __attribute__((weak));

int main(void)
{
        const struct rlimit limit = {MEMORY_MAX, MEMORY_MAX};
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cbor_agrees_with_libcbor),
        };

        if (!__asan_init && setrlimit(RLIMIT_AS, &limit) < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
