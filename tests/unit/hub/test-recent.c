/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/recent.h"

#define SECOND UINT64_C(1000000)

static bool see(struct recent *recent, char which, uint64_t at)
{
        uint8_t code[32];

        memset(code, which, sizeof(code));
        return recent_is_new(recent, code, sizeof(code), at);
}

static void test_recent_a_code_that_stays_in_sight_is_new_once(void **state)
{
        struct recent recent = {.n = 0};

        (void)state;
        assert_true(see(&recent, 'a', 7));
        for (uint64_t s = 1; s <= 100; s++)
                assert_false(see(&recent, 'a', 7 + s * SECOND));
        assert_false(see(&recent, 'a', 7 + (100 + RECENT_SEC) * SECOND));
        assert_true(see(&recent, 'a', 8 + (100 + 2 * RECENT_SEC) * SECOND));
        assert_false(see(&recent, 'a', 9 + (100 + 2 * RECENT_SEC) * SECOND));
}

static void test_recent_several_codes_in_sight_are_each_new_once(void **state)
{
        struct recent recent = {.n = 0};

        (void)state;
        for (unsigned round = 0; round < 5; round++)
                for (char which = 0; which < RECENT_MAX; which++)
                        assert_int_equal(see(&recent, which, round * SECOND + (uint64_t)which),
                                         round == 0);
}

static void test_recent_one_too_many_takes_the_place_of_the_oldest(void **state)
{
        struct recent recent = {.n = 0};

        (void)state;
        for (char which = 0; which < RECENT_MAX; which++)
                assert_true(see(&recent, which, (uint64_t)which + 1));
        assert_false(see(&recent, 0, 100));
        assert_true(see(&recent, RECENT_MAX, 101));
        assert_int_equal(recent.n, RECENT_MAX);
        assert_false(see(&recent, 0, 102));
        assert_false(see(&recent, 2, 103));
        assert_true(see(&recent, 1, 104));
}

static void test_recent_codes_with_the_same_beginning_differ(void **state)
{
        struct recent recent = {.n = 0};

        (void)state;
        assert_true(recent_is_new(&recent, (const uint8_t *)"ENR1", 4, 1));
        assert_true(recent_is_new(&recent, (const uint8_t *)"ENR1", 3, 1));
        assert_false(recent_is_new(&recent, (const uint8_t *)"ENR1", 4, 1));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_recent_a_code_that_stays_in_sight_is_new_once),
                cmocka_unit_test(test_recent_several_codes_in_sight_are_each_new_once),
                cmocka_unit_test(test_recent_one_too_many_takes_the_place_of_the_oldest),
                cmocka_unit_test(test_recent_codes_with_the_same_beginning_differ),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
