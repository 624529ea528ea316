/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/channel.h"
#include "support/diagnostic.h"

static const char hub_good[] = "[[1,1,2,3],[2],[3,1,2,3,4],"
                               "[4,1,\"temperature\",\"temperature\",\"C\",1,60],"
                               "[4,2,\"identify\",\"\",\"\",2,0],[5,6,2]]";

static void test_channel_is_decoded(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_step step;
        struct program_channel c;

        (void)state;
        program_run_init(&run, diagnostic(&d, hub_good));
        while (program_run_next(&run, &step) && step.verb != PROGRAM_CHANNEL)
                assert_false(program_get_channel(&step, &c));
        assert_true(program_get_channel(&step, &c));
        assert_int_equal(c.number, 1);
        assert_memory_equal(c.leaf.bytes, "temperature", c.leaf.n_bytes);
        assert_int_equal(c.device_class.n_bytes, 11);
        assert_int_equal(c.unit.n_bytes, 1);
        assert_false(c.command);
        assert_int_equal(c.period_sec, 60);
        assert_true(program_run_next(&run, &step));
        assert_true(program_get_channel(&step, &c));
        assert_int_equal(c.number, 2);
        assert_true(c.command);
        assert_int_equal(c.period_sec, 0);
}

static void test_channel_with_words_is_the_same_as_with_texts(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_step step;
        struct program_channel c;

        (void)state;
        program_run_init(&run, diagnostic(&d, "[[4,1,1,2,131,1,60]]"));
        assert_true(program_run_next(&run, &step));
        assert_true(program_get_channel(&step, &c));
        assert_memory_equal(c.leaf.bytes, "temperature", c.leaf.n_bytes);
        assert_int_equal(c.leaf.n_bytes, 11);
        assert_memory_equal(c.device_class.bytes, "humidity", c.device_class.n_bytes);
        assert_memory_equal(c.unit.bytes, "%", c.unit.n_bytes);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_channel_is_decoded),
                cmocka_unit_test(test_channel_with_words_is_the_same_as_with_texts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
