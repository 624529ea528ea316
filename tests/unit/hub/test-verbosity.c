/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/verbosity.h"
#include "store/preference.h"
#include "support/store-sample.h"
#include "util/log.h"

/* The daemon starts again with this level, which its options say. */
static void start(struct store_place *p, int level)
{
        log_set_level(level);
        store_place_reopen(p);
        verbosity_recall(p->store);
}

static void test_verbosity_outlives_a_restart(void **state)
{
        struct store_place *p = *state;

        start(p, LOG_INFO);
        assert_int_equal(log_level(), LOG_INFO); /* nobody has set it */
        assert_int_equal(verbosity_set(p->store, LOG_ERR), 0);
        assert_int_equal(log_level(), LOG_ERR);
        start(p, LOG_INFO);
        assert_int_equal(log_level(), LOG_ERR);
        assert_int_equal(verbosity_set(p->store, LOG_DEBUG), 0);
        start(p, LOG_INFO);
        assert_int_equal(log_level(), LOG_DEBUG);
}

static void test_verbosity_of_this_start_goes_before_what_was_set(void **state)
{
        struct store_place *p = *state;

        assert_int_equal(verbosity_set(p->store, LOG_WARNING), 0);
        start(p, LOG_DEBUG);
        assert_int_equal(log_level(), LOG_DEBUG);
        start(p, LOG_INFO);
        assert_int_equal(log_level(), LOG_WARNING);
}

static void test_verbosity_ignores_a_word_that_is_no_level(void **state)
{
        struct store_place *p = *state;

        assert_int_equal(store_preference_set(p->store, "log_level", "chatty"), 0);
        start(p, LOG_INFO);
        assert_int_equal(log_level(), LOG_INFO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_set_up, store_place_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_verbosity_outlives_a_restart),
                TEST(test_verbosity_of_this_start_goes_before_what_was_set),
                TEST(test_verbosity_ignores_a_word_that_is_no_level),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
