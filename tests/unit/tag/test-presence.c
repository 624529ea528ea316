/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tag/presence.h"

static const uint8_t one[] = {4, 1, 2, 3, 4, 5, 6}, other[] = {4, 1, 2, 3, 4, 5, 7};

static void test_presence_tag_that_stays_is_one_tap(void **state)
{
        struct presence p = {.is_there = false};

        (void)state;
        presence_miss(&p);
        assert_true(presence_see(&p, one, sizeof(one)));
        for (unsigned i = 0; i < 100; i++) {
                assert_false(presence_see(&p, one, sizeof(one)));
                presence_miss(&p); /* one look without it is none */
        }
        assert_false(presence_see(&p, one, sizeof(one)));
}

static void test_presence_tag_that_comes_back_is_another_tap(void **state)
{
        struct presence p = {.is_there = false};

        (void)state;
        assert_true(presence_see(&p, one, sizeof(one)));
        presence_miss(&p);
        presence_miss(&p);
        assert_true(presence_see(&p, one, sizeof(one)));
        presence_forget(&p);
        assert_true(presence_see(&p, one, sizeof(one)));
}

static void test_presence_other_tag_is_another_tap(void **state)
{
        struct presence p = {.is_there = false};

        (void)state;
        assert_true(presence_see(&p, one, sizeof(one)));
        assert_true(presence_see(&p, other, sizeof(other)));
        assert_true(presence_see(&p, other, 4));
        assert_true(presence_see(&p, one, sizeof(one)));
}

static void test_presence_random_identifier_is_the_same_tag(void **state)
{
        static const uint8_t random[][4] = {{8, 1, 2, 3}, {8, 4, 5, 6}, {9, 4, 5, 6}};
        struct presence p = {.is_there = false};

        (void)state;
        assert_true(presence_see(&p, random[0], 4));
        assert_false(presence_see(&p, random[1], 4));
        assert_true(presence_see(&p, random[2], 4));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_presence_tag_that_stays_is_one_tap),
                cmocka_unit_test(test_presence_tag_that_comes_back_is_another_tap),
                cmocka_unit_test(test_presence_other_tag_is_another_tap),
                cmocka_unit_test(test_presence_random_identifier_is_the_same_tag),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
