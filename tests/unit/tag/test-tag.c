/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tag/tag.h"

static uint8_t memory[64], code[TEXT_CHARS_MAX];

static int on_exchange(void *userdata, const uint8_t *command, size_t n_command, uint8_t *answer,
                       size_t size, size_t *ret_n_answer)
{
        (void)userdata;
        assert_true(size >= 16);
        if (command[0] == 0xa2)
                memcpy(memory + (size_t)command[1] * 4, command + 2, n_command - 2);
        else if (command[0] == 0x30)
                memcpy(answer, memory + (size_t)command[1] * 4, 16);
        else
                return -EIO;
        *ret_n_answer = command[0] == 0x30 ? 16 : 0;
        return 0;
}

static const struct air air = {on_exchange, NULL};

static void test_tag_kind_follows_from_the_selection(void **state)
{
        (void)state;
        assert_int_equal(tag_kind_of(0x00), TAG_KIND_TYPE2);
        assert_int_equal(tag_kind_of(0x20), TAG_KIND_TYPE4);
        assert_int_equal(tag_kind_of(0x60), TAG_KIND_TYPE4);
        assert_int_equal(tag_kind_of(0x28), TAG_KIND_TYPE4); /* a Classic emulated beside it */
        assert_int_equal(tag_kind_of(0x08), TAG_KIND_OTHER);
        assert_int_equal(tag_kind_of(0x18), TAG_KIND_OTHER);
        assert_int_equal(tag_kind_of(0x04), TAG_KIND_OTHER);
}

static void test_tag_is_read_by_its_kind(void **state)
{
        static const uint8_t text[] = "\xd1\x01\x09T\x02"
                                      "enENR1:A";
        size_t n = 0;

        (void)state;
        memset(memory, 0, sizeof(memory));
        memcpy(memory + 12, "\xe1\x10\x06\x00", 4);
        assert_int_equal(tag_read(TAG_KIND_TYPE2, &air, code, &n), TAG_EMPTY);
        assert_int_equal(tag_write(TAG_KIND_TYPE2, &air, text, sizeof(text) - 1), 0);
        assert_int_equal(tag_read(TAG_KIND_TYPE2, &air, code, &n), 0);
        assert_int_equal(n, 6);
        assert_memory_equal(code, "ENR1:A", 6);
        assert_int_equal(tag_read(TAG_KIND_TYPE4, &air, code, &n), -EIO);
        assert_int_equal(tag_write(TAG_KIND_TYPE4, &air, text, 3), -EIO);
        assert_int_equal(tag_read(TAG_KIND_OTHER, &air, code, &n), TAG_UNSUPPORTED);
        assert_int_equal(tag_write(TAG_KIND_OTHER, &air, text, 3), TAG_UNSUPPORTED);
}

static void test_tag_each_outcome_has_its_reason(void **state)
{
        (void)state;
        for (int outcome = TAG_SILENT; outcome <= TAG_DIFFERENT; outcome++)
                for (int other = outcome + 1; other <= TAG_DIFFERENT; other++)
                        if (outcome != TAG_SILENT || other != TAG_BROKEN)
                                assert_int_not_equal(tag_reason(outcome), tag_reason(other));
        assert_int_equal(tag_reason(TAG_SILENT), REASON_TAG_UNREADABLE);
        assert_int_equal(tag_reason(TAG_BROKEN), REASON_TAG_UNREADABLE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tag_kind_follows_from_the_selection),
                cmocka_unit_test(test_tag_is_read_by_its_kind),
                cmocka_unit_test(test_tag_each_outcome_has_its_reason),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
