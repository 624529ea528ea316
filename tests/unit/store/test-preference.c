/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/preference.h"
#include "support/store-sample.h"

static void expect_text(struct store_place *p, const char *name, const char *expected)
{
        char text[STORE_PREFERENCE_SIZE];

        assert_int_equal(store_preference_get(p->store, name, text), 0);
        assert_string_equal(text, expected);
}

static void test_preference_is_the_last_that_was_set(void **state)
{
        char text[STORE_PREFERENCE_SIZE];
        struct store_place *p = *state;

        assert_int_equal(store_preference_get(p->store, "log_level", text), STORE_E_NONE);
        assert_int_equal(store_preference_set(p->store, "log_level", "debug"), 0);
        assert_int_equal(store_preference_set(p->store, "language", "sv"), 0);
        assert_int_equal(store_preference_set(p->store, "log_level", "info"), 0);
        store_place_reopen(p);
        expect_text(p, "log_level", "info");
        expect_text(p, "language", "sv");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_preference_is_the_last_that_was_set,
                                                store_place_set_up, store_place_tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
