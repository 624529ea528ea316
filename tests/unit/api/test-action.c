/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/action.h"
#include "api/json.h"
#include "util/series.h"

static void expect_action(struct message_value value, const char *expected)
{
        const struct reading event = {.leaf = "ring", .value = value, .is_event = true};
        _defer_(json_free) json_t *action = action_json(&event);

        assert_string_equal(json_string_value(action), expected);
}

static void test_action_is_the_channel_and_the_word(void **state)
{
        const struct cbor_span word = {(const uint8_t *)"press", 5};

        (void)state;
        expect_action((struct message_value){.type = MESSAGE_TEXT, .text = word}, "ring_press");
}

/* It ought to have sent a word; what happened is said all the same. */
static void test_action_of_what_is_not_a_word_says_the_channel(void **state)
{
        (void)state;
        expect_action((struct message_value){.type = MESSAGE_INTEGER, .integer = 7}, "ring_event");
}

static void test_action_feature_lists_the_words_of_all_events(void **state)
{
        static const struct store_channel channels[] = {
                {.leaf = "ring", .type = STORE_EVENT, .words = "press hold"},
                {.leaf = "mode", .type = STORE_ENUMERATION, .words = "eco auto"},
                {.leaf = "knock", .type = STORE_EVENT, .words = "heard"},
        };
        _defer_(json_free) json_t *feature = action_feature(channels, ELEMENTSOF(channels));
        const json_t *values = json_object_get(feature, "values");

        (void)state;
        assert_int_equal(json_array_size(values), 3);
        assert_string_equal(json_string_value(json_array_get(values, 0)), "ring_press");
        assert_string_equal(json_string_value(json_array_get(values, 1)), "ring_hold");
        assert_string_equal(json_string_value(json_array_get(values, 2)), "knock_heard");
        assert_string_equal(json_string_value(json_object_get(feature, "property")), "action");
}

static void test_action_feature_is_not_there_without_events_or_room_for_its_name(void **state)
{
        static const struct store_channel channels[] = {
                {.leaf = "action", .type = STORE_NUMBER},
                {.leaf = "ring", .type = STORE_EVENT, .words = "press"},
        };

        (void)state;
        assert_null(action_feature(channels, 0));
        assert_null(action_feature(channels, 1));
        assert_null(action_feature(channels, 2));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_action_is_the_channel_and_the_word),
                cmocka_unit_test(test_action_of_what_is_not_a_word_says_the_channel),
                cmocka_unit_test(test_action_feature_lists_the_words_of_all_events),
                cmocka_unit_test(
                        test_action_feature_is_not_there_without_events_or_room_for_its_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
