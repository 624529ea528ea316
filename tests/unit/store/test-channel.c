/* SPDX-License-Identifier: Apache-2.0 */

/* What is stored of a channel. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "support/store-sample.h"
#include "util/defer.h"

/* Of every type one channel, with the limits that it may have. */
static void test_channel_limits_are_kept(void **state)
{
        static const struct store_channel given[] = {
                {.number = 1,
                 .leaf = "target",
                 .direction = STORE_BOTH,
                 .category = STORE_CONFIG,
                 .has_range = true,
                 .low = INT64_MIN,
                 .high = INT64_MAX,
                 .step = 5,
                 .exponent = -18},
                {.number = 2, .leaf = "on", .direction = STORE_BOTH, .type = STORE_SWITCH},
                {.number = 3,
                 .leaf = "mode",
                 .direction = STORE_BOTH,
                 .type = STORE_ENUMERATION,
                 .words = "heat cool"},
                {.number = 4,
                 .leaf = "label",
                 .direction = STORE_BOTH,
                 .type = STORE_TEXT,
                 .length = 64},
                {.number = 5, .leaf = "go", .direction = STORE_COMMAND, .type = STORE_BUTTON},
                {.number = 6,
                 .leaf = "press",
                 .direction = STORE_PUBLISH,
                 .category = STORE_DIAGNOSTIC,
                 .type = STORE_EVENT,
                 .words = "single"},
        };
        struct store_place *p = *state;
        struct store_channel channels[ELEMENTSOF(given)];
        struct sample s;
        size_t n;

        sample_init(&s, 1);
        s.enrollment.channels = given;
        s.enrollment.n_channels = ELEMENTSOF(given);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        store_place_reopen(p);
        assert_int_equal(
                store_channels(p->store, s.device.device_id, ELEMENTSOF(channels), channels, &n),
                0);
        assert_int_equal(n, ELEMENTSOF(given));
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(channels[i].direction, given[i].direction);
                assert_int_equal(channels[i].type, given[i].type);
                assert_int_equal(channels[i].category, given[i].category);
                assert_int_equal(channels[i].has_range, given[i].has_range);
                assert_int_equal(channels[i].low, given[i].low);
                assert_int_equal(channels[i].high, given[i].high);
                assert_int_equal(channels[i].step, given[i].step);
                assert_int_equal(channels[i].exponent, given[i].exponent);
                assert_int_equal(channels[i].length, given[i].length);
                assert_string_equal(channels[i].words, given[i].words);
        }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_channel_limits_are_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
