/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/sorted.h"

#define N 40 /* more than there is room for at first */

struct thing {
        uint8_t id[SORTED_ID_BYTES];
        unsigned number;
};

/* Identifiers that differ in their last byte only. */
static void things_init(struct thing *things)
{
        for (unsigned i = 0; i < N; i++)
                things[i] = (struct thing){{[SORTED_ID_BYTES - 1] = (uint8_t)(5 * i)}, i};
}

static void test_sorted_keeps_the_order_of_the_bytes(void **state)
{
        struct sorted sorted = {.n = 0};
        struct thing things[N];

        (void)state;
        things_init(things);
        assert_null(sorted_find(&sorted, things[0].id));
        assert_null(sorted_at(&sorted, 0));
        for (unsigned i = 0; i < N; i++) /* 17 and 40 have no common divisor */
                assert_int_equal(sorted_add(&sorted, &things[17 * i % N]), 0);
        for (unsigned i = 0; i < N; i++) {
                assert_ptr_equal(sorted_at(&sorted, i), &things[i]);
                assert_ptr_equal(sorted_find(&sorted, things[i].id), &things[i]);
                assert_int_equal(sorted_position(&sorted, things[i].id), i);
        }
        assert_null(sorted_at(&sorted, N));
        sorted_done(&sorted);
        assert_int_equal(sorted.n, 0);
}

static void test_sorted_knows_where_another_one_would_be(void **state)
{
        static const uint8_t last[SORTED_ID_BYTES] = {1};
        uint8_t between[SORTED_ID_BYTES] = {[SORTED_ID_BYTES - 1] = 6};
        struct sorted sorted = {.n = 0};
        struct thing things[N];

        (void)state;
        things_init(things);
        for (unsigned i = 0; i < N; i++)
                assert_int_equal(sorted_add(&sorted, &things[i]), 0);
        assert_null(sorted_find(&sorted, between));
        assert_int_equal(sorted_position(&sorted, between), 2);
        assert_null(sorted_find(&sorted, last));
        assert_int_equal(sorted_position(&sorted, last), N);
        sorted_done(&sorted);
}

static void test_sorted_closes_the_gap_of_what_is_taken(void **state)
{
        struct sorted sorted = {.n = 0};
        struct thing things[N];

        (void)state;
        things_init(things);
        for (unsigned i = 0; i < N; i++)
                assert_int_equal(sorted_add(&sorted, &things[i]), 0);
        assert_ptr_equal(sorted_take(&sorted, 0), &things[0]);
        assert_ptr_equal(sorted_take(&sorted, 5), &things[6]);
        assert_ptr_equal(sorted_take(&sorted, N - 3), &things[N - 1]);
        assert_int_equal(sorted.n, N - 3);
        assert_null(sorted_find(&sorted, things[6].id));
        assert_ptr_equal(sorted_at(&sorted, 5), &things[7]);
        assert_int_equal(sorted_add(&sorted, &things[6]), 0);
        assert_ptr_equal(sorted_at(&sorted, 5), &things[6]);
        sorted_done(&sorted);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sorted_keeps_the_order_of_the_bytes),
                cmocka_unit_test(test_sorted_knows_where_another_one_would_be),
                cmocka_unit_test(test_sorted_closes_the_gap_of_what_is_taken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
