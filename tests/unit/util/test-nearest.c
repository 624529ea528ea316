/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/defer.h"
#include "util/nearest.h"

static const char *const words[] = {"scan",   "enroll", "list", "info",
                                    "status", "cancel", "at",   "x"};

static const char *find(const char *wrong)
{
        struct nearest nearest;

        nearest_init(&nearest, wrong);
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                nearest_offer(&nearest, words[i]);
        return nearest.best;
}

static void test_nearest_is_the_word_that_was_meant(void **state)
{
        static const struct {
                const char *wrong, *meant;
        } cases[] = {
                {"lst", "list"},      {"lsit", "list"},    {"List", "list"},
                {"stat", "status"},   {"enrol", "enroll"}, {"enrolll", "enroll"},
                {"cnacle", "cancel"}, {"sacn", "scan"},    {"ta", "at"},
                {"statsu", "status"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *found = find(cases[i].wrong);

                if (!found)
                        fail_msg("nothing is near %s", cases[i].wrong);
                assert_string_equal(found, cases[i].meant);
        }
}

static void test_nearest_is_nothing_for_another_word(void **state)
{
        static const char *const cases[] = {
                "",
                "y",
                "frobnicate",
                "pink",
                "qq",
                "foo",
                "ENR1:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_null(find(cases[i]));
}

static void test_nearest_of_two_is_the_nearer_and_of_equals_the_first(void **state)
{
        struct nearest nearest;

        (void)state;
        nearest_init(&nearest, "modl");
        nearest_offer(&nearest, "mode");
        nearest_offer(&nearest, "moda");
        assert_string_equal(nearest.best, "mode");
        nearest_init(&nearest, "location");
        nearest_offer(&nearest, "rotation");
        nearest_offer(&nearest, "locations");
        assert_string_equal(nearest.best, "locations");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nearest_is_the_word_that_was_meant),
                cmocka_unit_test(test_nearest_is_nothing_for_another_word),
                cmocka_unit_test(test_nearest_of_two_is_the_nearer_and_of_equals_the_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
