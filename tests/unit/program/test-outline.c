/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program/outline.h"
#include "support/diagnostic.h"

static void test_outline_numbers_are_those_of_the_verb(void **state)
{
        bool named[PROGRAM_NUMBER_MAX + 1] = {[9] = true};
        struct diagnostic d;

        (void)state;
        program_numbers(diagnostic(&d, "[[1,1,64],[3,2],[1,127]]"), PROGRAM_SUPPLY, named);
        for (unsigned number = 0; number <= PROGRAM_NUMBER_MAX; number++)
                assert_int_equal(named[number],
                                 number == 1 || number == 9 || number == 64 || number == 127);
}

static void test_outline_channels_come_one_by_one(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_channel channel;

        (void)state;
        program_run_init(&run, diagnostic(&d, "[[1,1],[2],[4,7,\"a\",\"\",\"\",1,60],[5,2],"
                                              "[4,9,\"b\",\"\",\"\",2,0],[6,1]]"));
        assert_true(program_next_channel(&run, &channel));
        assert_int_equal(channel.number, 7);
        assert_int_equal(run.index, 3);
        assert_true(program_next_channel(&run, &channel));
        assert_int_equal(channel.number, 9);
        assert_int_equal(run.index, 5);
        assert_false(program_next_channel(&run, &channel));
        assert_false(program_next_channel(&run, &channel));
}

static void test_outline_of_a_hub_half_without_channels(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_channel channel;

        (void)state;
        program_run_init(&run, diagnostic(&d, "[[2]]"));
        assert_false(program_next_channel(&run, &channel));
        program_run_init(&run, diagnostic(&d, "[]"));
        assert_false(program_next_channel(&run, &channel));
}

static void test_outline_finish_flags(void **state)
{
        struct diagnostic d;

        (void)state;
        assert_int_equal(program_finish_flags(diagnostic(&d, "[[19,2],[20,1]]")),
                         PROGRAM_FINISH_ERASE);
        assert_int_equal(program_finish_flags(diagnostic(&d, "[[20,3]]")),
                         PROGRAM_FINISH_ERASE | PROGRAM_FINISH_FUSE);
        assert_int_equal(program_finish_flags(diagnostic(&d, "[[20,0]]")), 0);
        assert_int_equal(program_finish_flags(diagnostic(&d, "[[19,2]]")), 0);
        assert_int_equal(program_finish_flags(diagnostic(&d, "[]")), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_outline_numbers_are_those_of_the_verb),
                cmocka_unit_test(test_outline_channels_come_one_by_one),
                cmocka_unit_test(test_outline_of_a_hub_half_without_channels),
                cmocka_unit_test(test_outline_finish_flags),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
