/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/choice.h"
#include "util/defer.h"

static void test_choice_nearest_is_what_was_meant(void **state)
{
        static const struct {
                const char *wrong, *meant; /* NULL: nothing is near */
        } cases[] = {
                {"temprature", "temperature"},
                {"TEMPERATURE", "temperature"},
                {"temp", "temperature"},
                {"tmeperature", "temperature"},
                {"temperatures", "temperature"},
                {"nam", "name"},
                {"colour", NULL},
                {"", NULL},
                {"temperature_of_the_water_in_the_tank_at_the_back", NULL},
        };
        struct choice choice = {.n_words = 0};

        (void)state;
        choice_add(&choice, "temperature");
        choice_add(&choice, "name");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *nearest = choice_nearest(&choice, cases[i].wrong);

                if (cases[i].meant)
                        assert_string_equal(nearest, cases[i].meant);
                else
                        assert_null(nearest);
        }
}

static void test_choice_advice_names_all_words(void **state)
{
        struct choice choice = {.n_words = 0};
        char advice[100];

        (void)state;
        choice_add(&choice, "erase");
        choice_advise(&choice, "x", "fields", advice, sizeof(advice));
        assert_string_equal(advice, "the fields are erase");
        choice_add(&choice, "fuse");
        choice_add(&choice, "forget");
        choice_advise(&choice, "fues", "fields", advice, sizeof(advice));
        assert_string_equal(advice, "did you mean fuse? The fields are erase, fuse and forget");
        choice_advise(&choice, "x", "fields", advice, 20);
        assert_string_equal(advice, "the fields are eras");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_choice_nearest_is_what_was_meant),
                cmocka_unit_test(test_choice_advice_names_all_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
