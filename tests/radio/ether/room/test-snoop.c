/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "room/snoop.h"

#define FILE_HEADER 16

static char path[] = "/tmp/test-snoop-XXXXXX";

static int file_setup(void **state)
{
        int fd = mkstemp(path);

        (void)state;
        return fd < 0 ? -1 : close(fd);
}

static int file_teardown(void **state)
{
        (void)state;
        return unlink(path);
}

static size_t file_read(uint8_t *bytes, size_t size)
{
        FILE *file = fopen(path, "re");
        size_t n;

        assert_non_null(file);
        n = fread(bytes, 1, size, file);
        (void)fclose(file);
        return n;
}

static void test_snoop_header_and_records_are_as_specified(void **state)
{
        static const uint8_t reset[] = {0x01, 0x03, 0x0c, 0x00};
        static const uint8_t complete[] = {0x04, 0x0e, 0x04, 0x01, 0x03, 0x0c, 0x00};
        static const uint8_t data[] = {0x02, 0x01, 0x00, 0x00, 0x00};
        /* clang-format off */
        static const uint8_t expected[] = {
                'b', 't', 's', 'n', 'o', 'o', 'p', 0,  0, 0, 0, 1,  0, 0, 0x03, 0xea,
                0, 0, 0, 4,  0, 0, 0, 4,  0, 0, 0, 2,  0, 0, 0, 0,
                0x00, 0xdc, 0xdd, 0xb3, 0x0f, 0x2f, 0x80, 0x00,
                0x01, 0x03, 0x0c, 0x00,
                0, 0, 0, 7,  0, 0, 0, 7,  0, 0, 0, 3,  0, 0, 0, 0,
                0x00, 0xdc, 0xdd, 0xb3, 0x0f, 0x2f, 0x80, 0x01,
                0x04, 0x0e, 0x04, 0x01, 0x03, 0x0c, 0x00,
                0, 0, 0, 5,  0, 0, 0, 5,  0, 0, 0, 0,  0, 0, 0, 0,
                0x00, 0xdc, 0xdd, 0xb3, 0x0f, 0x2f, 0x80, 0x02,
                0x02, 0x01, 0x00, 0x00, 0x00,
                0, 0, 0, 5,  0, 0, 0, 5,  0, 0, 0, 1,  0, 0, 0, 0,
                0x00, 0xdc, 0xdd, 0xb3, 0x0f, 0x2f, 0x80, 0x03,
                0x02, 0x01, 0x00, 0x00, 0x00,
        };
        /* clang-format on */
        uint8_t bytes[512];
        struct snoop *snoop;

        (void)state;
        assert_int_equal(snoop_new(path, &snoop), 0);
        assert_string_equal(snoop_path(snoop), path);
        assert_int_equal(snoop_write(snoop, false, 0, reset, sizeof(reset)), 0);
        assert_int_equal(snoop_write(snoop, true, 1, complete, sizeof(complete)), 0);
        assert_int_equal(snoop_write(snoop, false, 2, data, sizeof(data)), 0);
        assert_int_equal(snoop_write(snoop, true, 3, data, sizeof(data)), 0);
        assert_null(snoop_free(snoop));
        assert_int_equal(file_read(bytes, sizeof(bytes)), sizeof(expected));
        assert_memory_equal(bytes, expected, sizeof(expected));
}

static void test_snoop_reaches_the_file_within_a_second(void **state)
{
        static const uint8_t packet[] = {0x02, 0x01, 0x00, 0x00, 0x00};
        const uint64_t start = UINT64_C(1700000000000000);
        uint8_t bytes[512];
        struct snoop *snoop;
        size_t n;

        (void)state;
        assert_int_equal(snoop_new(path, &snoop), 0);
        assert_int_equal(file_read(bytes, sizeof(bytes)), FILE_HEADER);
        assert_int_equal(snoop_write(snoop, true, start, packet, sizeof(packet)), 0);
        n = file_read(bytes, sizeof(bytes));
        assert_true(n > FILE_HEADER);
        assert_int_equal(snoop_write(snoop, true, start + 999999, packet, sizeof(packet)), 0);
        assert_int_equal(file_read(bytes, sizeof(bytes)), n);
        assert_int_equal(snoop_flush(snoop), 0);
        assert_int_equal(file_read(bytes, sizeof(bytes)), n + 29);
        assert_int_equal(snoop_write(snoop, true, start + 1000000, packet, sizeof(packet)), 0);
        assert_int_equal(file_read(bytes, sizeof(bytes)), n + 29 + 29);
        assert_null(snoop_free(snoop));
}

static void test_snoop_without_a_place_is_refused(void **state)
{
        struct snoop *snoop = NULL;

        (void)state;
        assert_int_equal(snoop_new("/nowhere/at/all", &snoop), -ENOENT);
        assert_null(snoop);
        assert_null(snoop_free(NULL));
}

static void test_snoop_on_a_full_disk_says_so(void **state)
{
        struct snoop *snoop = NULL;

        (void)state;
        assert_int_equal(snoop_new("/dev/full", &snoop), -ENOSPC);
        assert_null(snoop);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_snoop_header_and_records_are_as_specified),
                cmocka_unit_test(test_snoop_reaches_the_file_within_a_second),
                cmocka_unit_test(test_snoop_without_a_place_is_refused),
                cmocka_unit_test(test_snoop_on_a_full_disk_says_so),
        };

        return cmocka_run_group_tests(tests, file_setup, file_teardown);
}
