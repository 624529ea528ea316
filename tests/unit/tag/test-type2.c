/* SPDX-License-Identifier: Apache-2.0 */

/* Against a tag in memory that behaves as an NTAG21x does, or worse. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tag/type2.h"
#include "util/defer.h"

struct tag {
        uint8_t memory[1024 + 16];
        size_t size;      /* of it */
        unsigned n_asked; /* commands */
        unsigned dies_at; /* from this command on it is silent; 0: never */
        int dies_how;     /* what the reader says then */
        size_t answers;   /* bytes of a read, 16 */
        bool forgets;     /* what is written */
};

static struct tag tag;
static uint8_t message[TAG_MESSAGE_MAX], back[TAG_MESSAGE_MAX];

static int on_exchange(void *userdata, const uint8_t *command, size_t n_command, uint8_t *answer,
                       size_t size, size_t *ret_n_answer)
{
        struct tag *t = userdata;
        size_t at = (size_t)command[1] * 4;

        assert_true(n_command >= 2 && size >= 16);
        if (++t->n_asked >= t->dies_at && t->dies_at > 0)
                return t->dies_how;
        if (at >= t->size)
                return TAG_SILENT;
        if (command[0] == 0x30 && n_command == 2) {
                for (size_t i = 0; i < 16; i++)
                        answer[i] = t->memory[(at + i) % t->size];
                *ret_n_answer = t->answers;
                return 0;
        }
        assert_int_equal(command[0], 0xa2);
        assert_int_equal(n_command, 6);
        assert_true(at >= TYPE2_DATA_OFFSET); /* never the container or the locks */
        if (!t->forgets)
                memcpy(t->memory + at, command + 2, 4);
        *ret_n_answer = 0;
        return 0;
}

static const struct air air = {on_exchange, &tag};

/* A formatted tag; @units as its container counts them. */
static void tag_begin(size_t n_pages, uint8_t units)
{
        memset(&tag, 0, sizeof(tag));
        tag.size = n_pages * 4;
        tag.answers = 16;
        tag.dies_how = TAG_SILENT;
        memcpy(tag.memory + 12, (const uint8_t[]){0xe1, 0x10, units, 0x00}, 4);
        for (size_t i = 0; i < sizeof(message); i++)
                message[i] = (uint8_t)(i * 31 + 7);
}

static void ntag213(void)
{
        tag_begin(45, 0x12);
        memcpy(tag.memory + 16, "\x01\x03\xa0\x0c\x34\x03\x00\xfe", 8);
}

static void ntag216(void)
{
        tag_begin(231, 0x6d);
        memcpy(tag.memory + 16, "\x03\x00\xfe", 3);
}

static void put(const void *data, size_t n)
{
        memcpy(tag.memory + 16, data, n);
}

static int read_back(size_t *ret_n)
{
        return type2_read(&air, back, ret_n);
}

static void assert_reads(int wanted)
{
        size_t n;

        assert_int_equal(read_back(&n), wanted);
}

static void test_type2_what_is_written_is_read(void **state)
{
        static const size_t sizes[] = {1, 2, 3, 12, 100, 133};
        size_t n;

        (void)state;
        ntag213();
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                assert_int_equal(type2_write(&air, message, sizes[i]), 0);
                assert_int_equal(read_back(&n), 0);
                assert_int_equal(n, sizes[i]);
                assert_memory_equal(back, message, n);
                assert_memory_equal(tag.memory + 16, "\x01\x03\xa0\x0c\x34\x03", 6);
        }
        ntag216();
        for (n = 250; n <= 868; n += 103) {
                size_t n_back;

                assert_int_equal(type2_write(&air, message, n), 0);
                assert_int_equal(read_back(&n_back), 0);
                assert_int_equal(n_back, n);
                assert_memory_equal(back, message, n);
        }
}

static void test_type2_message_that_does_not_fit_is_not_written(void **state)
{
        (void)state;
        ntag213();
        assert_int_equal(type2_write(&air, message, 137), 0); /* 144 without 5, and a head of 2 */
        assert_int_equal(type2_write(&air, message, 138), TAG_FULL);
        ntag216();
        assert_int_equal(type2_write(&air, message, 868), 0);
        assert_int_equal(type2_write(&air, message, 869), TAG_FULL);
        assert_int_equal(type2_write(&air, message, 5000), TAG_FULL);
        tag.memory[15] = 0x0f;
        assert_int_equal(type2_write(&air, message, 10), TAG_LOCKED);
        memset(tag.memory + 12, 0, 4);
        assert_int_equal(type2_write(&air, message, 10), TAG_UNSUPPORTED);
}

/* At each command of a write: what is left is empty, the old message or the new one, never a mix.
 */
static void test_type2_tag_taken_away_holds_no_half_message(void **state)
{
        unsigned n_asked;

        (void)state;
        ntag216();
        assert_int_equal(type2_write(&air, message, 300), 0);
        n_asked = tag.n_asked;
        for (unsigned at = 1; at < n_asked; at++) {
                size_t n;
                int r;

                ntag216();
                memset(message, 0x11, 300);
                assert_int_equal(type2_write(&air, message, 300), 0);
                tag.n_asked = 0;
                tag.dies_at = at;
                memset(message, 0x22, 300);
                assert_int_equal(type2_write(&air, message, 300), TAG_SILENT);
                tag.dies_at = 0;
                r = read_back(&n);
                if (r == TAG_EMPTY)
                        continue;
                assert_int_equal(r, 0);
                assert_int_equal(n, 300);
                for (size_t i = 1; i < n; i++)
                        assert_int_equal(back[i], back[0]);
        }
}

static void test_type2_tag_that_forgets_is_noticed(void **state)
{
        (void)state;
        ntag213();
        tag.forgets = true;
        assert_int_equal(type2_write(&air, message, 20), TAG_DIFFERENT);
        ntag213();
        assert_int_equal(type2_write(&air, message, 20), 0);
        tag.forgets = true;
        message[3] ^= 1;
        assert_int_equal(type2_write(&air, message, 20), TAG_DIFFERENT);
}

static void test_type2_without_a_message_is_empty(void **state)
{
        (void)state;
        ntag213();
        assert_reads(TAG_EMPTY);
        ntag216();
        assert_reads(TAG_EMPTY);
        put("\xfe", 1);
        assert_reads(TAG_EMPTY);
        memset(tag.memory + 16, 0, 872); /* nothing but null blocks to the end */
        assert_reads(TAG_EMPTY);
        memset(tag.memory + 12, 0, 4); /* not formatted */
        assert_reads(TAG_EMPTY);
}

static void test_type2_other_layouts_are_not_supported(void **state)
{
        static const uint8_t containers[][4] = {
                {0xe2, 0x10, 0x12, 0x00}, {0xe1, 0x20, 0x12, 0x00}, {0xe1, 0x10, 0x12, 0xf0}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(containers); i++) {
                ntag213();
                memcpy(tag.memory + 12, containers[i], 4);
                assert_reads(TAG_UNSUPPORTED);
        }
}

static void test_type2_other_blocks_are_stepped_over(void **state)
{
        size_t n;

        (void)state;
        ntag216();
        put("\x00\xfd\x03???\x04\x00\x03\x02OK\xfe", 13);
        assert_int_equal(read_back(&n), 0);
        assert_int_equal(n, 2);
        assert_memory_equal(back, "OK", 2);
        /* a proprietary block of 300 bytes */
        put("\xfd\xff\x01\x2c", 4);
        put("\xfd\xff\x01\x2c", 4);
        memcpy(tag.memory + 16 + 4 + 300, "\x03\x02OK", 4);
        assert_int_equal(read_back(&n), 0);
        assert_memory_equal(back, "OK", 2);
}

/* Reserved bytes in the middle of a message belong to no block. */
static void test_type2_reserved_bytes_are_no_data(void **state)
{
        size_t n;

        (void)state;
        ntag216();
        /* memory control: 4 bytes at 1 * 2^5 + 0 = 32; lock control: 9 bits at 2 * 2^4 + 6 = 38 */
        put("\x02\x03\x10\x04\x05\x01\x03\x26\x09\x04\x03\x09"
            "abcd"
            "...."
            "ef"
            ".."
            "ghi\xfe",
            28);
        assert_int_equal(read_back(&n), 0);
        assert_int_equal(n, 9);
        assert_memory_equal(back, "abcdefghi", 9);
        assert_int_equal(type2_write(&air, message, 20), TAG_UNSUPPORTED);
        assert_int_equal(type2_write(&air, message, 2), 0);
}

/* What it reserves begins where its blocks end, and reaches behind the end of its memory. */
static void test_type2_place_behind_the_end_is_full(void **state)
{
        (void)state;
        tag_begin(256, 0x7e);
        /* memory control: 255 bytes at 15 * 2^6 + 6 = 966; then a block of 941 that ends there */
        put("\x02\x03\xf6\xff\x06\xfd\xff\x03\xad", 9);
        assert_reads(TAG_EMPTY);
        tag.n_asked = 0;
        assert_int_equal(type2_write(&air, message, 500), TAG_FULL);
        assert_int_equal(type2_write(&air, message, 1), TAG_FULL);
        assert_int_equal(tag.n_asked, 2 * 61); /* to byte 976, and nothing is written */
}

static void test_type2_lies_are_broken(void **state)
{
        (void)state;
        ntag213();
        put("\x03\xff\xff\xff", 4);
        assert_reads(TAG_BROKEN);
        put("\x03\x90", 2); /* longer than the data by its head */
        assert_reads(TAG_BROKEN);
        put("\xfd\xff\xff\xfe", 4);
        assert_reads(TAG_BROKEN);
        put("\x01\x02\xa0\x0c\x03", 5); /* a control block of another length */
        assert_reads(TAG_BROKEN);
        for (size_t i = 0; i < 25; i += 5)
                memcpy(tag.memory + 16 + i, "\x01\x03\xff\x01\x0f", 5); /* five of them */
        assert_reads(TAG_BROKEN);
        ntag213();
        memset(tag.memory + 16, 0, 144);
        memcpy(tag.memory + 16 + 143, "\x03", 1); /* the head is cut */
        assert_reads(TAG_BROKEN);
        tag.memory[14] = 0xff; /* it says that it has more than it has */
        memset(tag.memory + 16, 0, 164);
        assert_reads(TAG_SILENT);
        tag.memory[14] = 0; /* and nothing */
        assert_reads(TAG_EMPTY);
}

static void test_type2_short_answer_or_none_is_silence(void **state)
{
        static const size_t lengths[] = {0, 1, 15};
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                ntag213();
                tag.answers = lengths[i];
                assert_reads(TAG_SILENT);
        }
        ntag216();
        assert_int_equal(type2_write(&air, message, 400), 0);
        tag.dies_at = 3;
        for (tag.n_asked = 0; tag.dies_at < 20; tag.dies_at++, tag.n_asked = 0)
                assert_int_equal(read_back(&n), TAG_SILENT);
        tag.n_asked = 0;
        tag.dies_how = -EIO;
        assert_int_equal(read_back(&n), -EIO);
}

/* What the first page says of the blocks, whatever it is, ends, and with few commands. */
static void test_type2_any_beginning_ends(void **state)
{
        uint32_t seed = 1;
        size_t n;

        (void)state;
        for (unsigned i = 0; i < 20000; i++) {
                tag_begin(256, 0xff);
                for (size_t k = 0; k < 64; k++) {
                        seed = seed * 1664525 + 1013904223;
                        tag.memory[16 + k] = (uint8_t)(seed >> 24) % (i % 2 ? 5 : 256);
                }
                (void)read_back(&n);
                assert_true(tag.n_asked <= 64);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_type2_what_is_written_is_read),
                cmocka_unit_test(test_type2_message_that_does_not_fit_is_not_written),
                cmocka_unit_test(test_type2_tag_taken_away_holds_no_half_message),
                cmocka_unit_test(test_type2_tag_that_forgets_is_noticed),
                cmocka_unit_test(test_type2_without_a_message_is_empty),
                cmocka_unit_test(test_type2_other_layouts_are_not_supported),
                cmocka_unit_test(test_type2_other_blocks_are_stepped_over),
                cmocka_unit_test(test_type2_reserved_bytes_are_no_data),
                cmocka_unit_test(test_type2_place_behind_the_end_is_full),
                cmocka_unit_test(test_type2_lies_are_broken),
                cmocka_unit_test(test_type2_short_answer_or_none_is_silence),
                cmocka_unit_test(test_type2_any_beginning_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
