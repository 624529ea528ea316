/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ble/interval.h"

static bool read_of(const char *text, struct interval *ret_interval)
{
        char path[] = "/tmp/interval-XXXXXX";
        int fd = mkstemp(path);
        bool known;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        assert_int_equal(close(fd), 0);
        known = interval_read(path, ret_interval);
        assert_int_equal(unlink(path), 0);
        return known;
}

static void test_interval_is_what_bluetoothd_is_told(void **state)
{
        struct interval interval;

        (void)state;
        assert_true(read_of("[General]\nMinConnectionInterval=9\n\n[LE]\n"
                            "MinConnectionInterval=6\nMaxConnectionInterval = 12\n",
                            &interval));
        assert_float_equal(interval.min_ms, 7.5, 0.001);
        assert_float_equal(interval.max_ms, 15, 0.001);
        assert_true(read_of("[LE]\nMinConnectionInterval=0x10\nMaxConnectionInterval=3200\n",
                            &interval));
        assert_float_equal(interval.min_ms, 20, 0.001);
        assert_float_equal(interval.max_ms, 4000, 0.001);
}

static void test_interval_is_not_known_otherwise(void **state)
{
        static const char *const texts[] = {
                "",
                "[LE]\n#MinConnectionInterval=6\n#MaxConnectionInterval=12\n",
                "[LE]\nMinConnectionInterval=6\n",
                "[LE]\nMaxConnectionInterval=12\n",
                "[LE]\nMinConnectionInterval=5\nMaxConnectionInterval=12\n",
                "[LE]\nMinConnectionInterval=12\nMaxConnectionInterval=6\n",
                "[LE]\nMinConnectionInterval=6\nMaxConnectionInterval=3201\n",
                "[LE]\nMinConnectionInterval=soon\nMaxConnectionInterval=later\n",
                "[BR]\nMinConnectionInterval=6\nMaxConnectionInterval=12\n",
        };
        struct interval interval;

        (void)state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_false(read_of(texts[i], &interval));
        assert_false(interval_read("/nonexistent/main.conf", &interval));
        assert_false(interval_read("/", &interval));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_interval_is_what_bluetoothd_is_told),
                cmocka_unit_test(test_interval_is_not_known_otherwise),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
