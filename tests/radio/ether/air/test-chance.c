/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "air/chance.h"

/* The first numbers of SplitMix64 from state 0, as its authors' program prints them. */
static void test_chance_draws_what_splitmix64_draws(void **state)
{
        struct chance chance = {.state = 0};

        (void)state;
        assert_true(chance_draw(&chance) == UINT64_C(0xe220a8397b1dcdaf));
        assert_true(chance_draw(&chance) == UINT64_C(0x6e789e6aa1b965f4));
        assert_true(chance_draw(&chance) == UINT64_C(0x06c45d188009454f));
}

static void test_chance_same_seed_and_name_gives_the_same(void **state)
{
        struct chance a = chance_new(7, 9), b = chance_new(7, 9);

        (void)state;
        for (unsigned i = 0; i < 100; i++)
                assert_true(chance_draw(&a) == chance_draw(&b));
}

static void test_chance_streams_differ(void **state)
{
        struct chance a = chance_new(7, 9), b = chance_new(7, 10), c = chance_new(8, 9);

        (void)state;
        for (unsigned i = 0; i < 100; i++) {
                uint64_t x = chance_draw(&a), y = chance_draw(&b), z = chance_draw(&c);

                assert_true(x != y && y != z && x != z);
        }
}

static void test_chance_below_reaches_every_number_and_no_other(void **state)
{
        struct chance chance = chance_new(1, 2);
        unsigned seen[10] = {0};

        (void)state;
        for (unsigned i = 0; i < 10000; i++) {
                uint32_t n = chance_below(&chance, 10);

                assert_true(n < 10);
                seen[n]++;
        }
        for (unsigned i = 0; i < 10; i++)
                assert_in_range(seen[i], 850, 1150);
        assert_int_equal(chance_below(&chance, 1), 0);
}

static void test_chance_hits_as_often_as_said(void **state)
{
        struct chance chance = chance_new(3, 4);
        unsigned hits = 0;

        (void)state;
        for (unsigned i = 0; i < 10000; i++) {
                assert_false(chance_hits(&chance, 0));
                assert_true(chance_hits(&chance, 1));
                hits += chance_hits(&chance, 0.3);
        }
        assert_in_range(hits, 2850, 3150);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_chance_draws_what_splitmix64_draws),
                cmocka_unit_test(test_chance_same_seed_and_name_gives_the_same),
                cmocka_unit_test(test_chance_streams_differ),
                cmocka_unit_test(test_chance_below_reaches_every_number_and_no_other),
                cmocka_unit_test(test_chance_hits_as_often_as_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
