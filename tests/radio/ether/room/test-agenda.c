/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>

#include "room/agenda.h"

static void take_expect(struct agenda *agenda, uint64_t when, const char *line)
{
        char *taken;

        assert_int_equal(agenda_next(agenda), when);
        taken = agenda_take(agenda);
        assert_string_equal(taken, line);
        free(taken);
}

static void test_agenda_is_taken_in_order_of_time_and_coming(void **state)
{
        struct agenda *agenda;

        (void)state;
        assert_int_equal(agenda_new(&agenda), 0);
        assert_int_equal(agenda_next(agenda), UINT64_MAX);
        assert_null(agenda_take(agenda));
        assert_int_equal(agenda_add(agenda, 20, "c"), 0);
        assert_int_equal(agenda_add(agenda, 10, "a"), 0);
        assert_int_equal(agenda_add(agenda, 20, "d"), 0);
        assert_int_equal(agenda_add(agenda, 10, "b"), 0);
        assert_int_equal(agenda_length(agenda), 4);
        take_expect(agenda, 10, "a");
        take_expect(agenda, 10, "b");
        take_expect(agenda, 20, "c");
        assert_int_equal(agenda_add(agenda, 5, "late"), 0);
        take_expect(agenda, 5, "late");
        take_expect(agenda, 20, "d");
        assert_int_equal(agenda_length(agenda), 0);
        assert_null(agenda_free(agenda));
}

static void test_agenda_is_bounded(void **state)
{
        struct agenda *agenda;

        (void)state;
        assert_int_equal(agenda_new(&agenda), 0);
        for (unsigned i = 0; i < AGENDA_MAX; i++)
                assert_int_equal(agenda_add(agenda, AGENDA_MAX - i, "x"), 0);
        assert_int_equal(agenda_add(agenda, 1, "x"), -ENOSPC);
        free(agenda_take(agenda));
        assert_int_equal(agenda_add(agenda, 1, "x"), 0);
        assert_null(agenda_free(agenda));
        assert_null(agenda_free(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_agenda_is_taken_in_order_of_time_and_coming),
                cmocka_unit_test(test_agenda_is_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
