/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/limits.h"
#include "util/defer.h"

static struct message_value integer(int64_t number)
{
        return (struct message_value){.type = MESSAGE_INTEGER, .integer = number};
}

static struct message_value decimal(int64_t mantissa, int exponent)
{
        return (struct message_value){
                .type = MESSAGE_DECIMAL, .integer = mantissa, .exponent = (int8_t)exponent};
}

static struct message_value boolean(bool is_true)
{
        return (struct message_value){.type = MESSAGE_BOOLEAN, .integer = is_true};
}

static struct message_value text(const char *letters)
{
        return (struct message_value){
                .type = MESSAGE_TEXT,
                .text = {(const uint8_t *)letters, strlen(letters)},
        };
}

/* 5 to 30 in steps of 0.5. */
static const struct store_channel target = {
        .type = STORE_NUMBER, .has_range = true, .low = 50, .high = 300, .step = 5, .exponent = -1};

static void test_limits_of_a_number_are_its_range_and_its_steps(void **state)
{
        const struct {
                struct message_value value;
                int outcome;
        } cases[] = {
                {integer(5), 0},
                {integer(30), 0},
                {integer(4), LIMITS_E_RANGE},
                {integer(31), LIMITS_E_RANGE},
                {integer(-5), LIMITS_E_RANGE},
                {decimal(215, -1), 0},
                {decimal(21500, -3), 0},
                {decimal(2, 1), 0},
                {decimal(216, -1), LIMITS_E_STEP},
                {decimal(21501, -3), LIMITS_E_STEP},
                {decimal(30001, -3), LIMITS_E_RANGE},
                {decimal(4999, -3), LIMITS_E_RANGE},
                {decimal(-1, -18), LIMITS_E_RANGE},
                {decimal(0, 18), LIMITS_E_RANGE},
                {decimal(INT64_MAX, 18), LIMITS_E_RANGE},
                {decimal(INT64_MIN, 18), LIMITS_E_RANGE},
                {boolean(true), LIMITS_E_TYPE},
                {text("21.5"), LIMITS_E_TYPE},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (limits_check(&target, &cases[i].value) != cases[i].outcome)
                        fail_msg("case %zu", i);
}

static void test_limits_of_a_number_hold_at_the_ends_of_64_bits(void **state)
{
        const struct store_channel far = {.type = STORE_NUMBER,
                                          .has_range = true,
                                          .low = INT64_MIN,
                                          .high = INT64_MAX,
                                          .step = INT64_MAX};
        const struct store_channel fine = {
                .type = STORE_NUMBER, .has_range = true, .low = -1, .high = 1, .exponent = -18};
        struct message_value value;

        (void)state;
        value = integer(INT64_MIN);
        assert_int_equal(limits_check(&far, &value), 0);
        value = integer(-1); /* INT64_MIN + INT64_MAX */
        assert_int_equal(limits_check(&far, &value), 0);
        value = integer(INT64_MAX);
        assert_int_equal(limits_check(&far, &value), LIMITS_E_STEP);
        value = integer(INT64_MAX - 1); /* the step after -1 */
        assert_int_equal(limits_check(&far, &value), 0);

        value = decimal(1, -18);
        assert_int_equal(limits_check(&fine, &value), 0);
        value = integer(0);
        assert_int_equal(limits_check(&fine, &value), 0);
        value = integer(1);
        assert_int_equal(limits_check(&fine, &value), LIMITS_E_RANGE);
        value = integer(INT64_MIN);
        assert_int_equal(limits_check(&fine, &value), LIMITS_E_RANGE);
}

static void test_limits_of_a_range_without_steps_are_its_ends(void **state)
{
        const struct store_channel whole = {
                .type = STORE_NUMBER, .has_range = true, .low = -10, .high = 10};
        struct message_value value;

        (void)state;
        value = decimal(-99999, -4);
        assert_int_equal(limits_check(&whole, &value), 0);
        value = decimal(-100001, -4);
        assert_int_equal(limits_check(&whole, &value), LIMITS_E_RANGE);
        value = decimal(99999, -4);
        assert_int_equal(limits_check(&whole, &value), 0);
        value = decimal(100001, -4);
        assert_int_equal(limits_check(&whole, &value), LIMITS_E_RANGE);
}

static void test_limits_of_a_number_without_a_range_are_none(void **state)
{
        const struct store_channel any = {.type = STORE_NUMBER};
        struct message_value value = decimal(INT64_MIN, 18);

        (void)state;
        assert_int_equal(limits_check(&any, &value), 0);
        value = integer(INT64_MAX);
        assert_int_equal(limits_check(&any, &value), 0);
        value = boolean(false);
        assert_int_equal(limits_check(&any, &value), LIMITS_E_TYPE);
}

static void test_limits_of_words_are_these_words(void **state)
{
        static const enum store_type types[] = {STORE_ENUMERATION, STORE_EVENT};
        const struct {
                struct message_value value;
                int outcome;
        } cases[] = {
                {text("lock"), 0},
                {text("unlock"), 0},
                {text("open"), 0},
                {text("loc"), LIMITS_E_WORD},
                {text("locks"), LIMITS_E_WORD},
                {text("lock unlock"), LIMITS_E_WORD},
                {text(""), LIMITS_E_WORD},
                {boolean(true), LIMITS_E_TYPE},
                {integer(0), LIMITS_E_TYPE},
        };

        (void)state;
        for (size_t t = 0; t < ELEMENTSOF(types); t++) {
                const struct store_channel c = {.type = types[t], .words = "lock unlock open"};

                for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                        if (limits_check(&c, &cases[i].value) != cases[i].outcome)
                                fail_msg("case %zu", i);
        }
}

static void test_limits_of_switch_text_and_button(void **state)
{
        const struct store_channel lamp = {.type = STORE_SWITCH};
        const struct store_channel label = {.type = STORE_TEXT, .length = 3};
        const struct store_channel button = {.type = STORE_BUTTON};
        struct message_value value;

        (void)state;
        value = boolean(false);
        assert_int_equal(limits_check(&lamp, &value), 0);
        assert_int_equal(limits_check(&label, &value), LIMITS_E_TYPE);
        assert_int_equal(limits_check(&button, &value), 0);
        value = integer(1);
        assert_int_equal(limits_check(&lamp, &value), LIMITS_E_TYPE);
        assert_int_equal(limits_check(&button, &value), 0);
        value = text("abc");
        assert_int_equal(limits_check(&label, &value), 0);
        value = text("abcd");
        assert_int_equal(limits_check(&label, &value), LIMITS_E_LENGTH);
        value = text("");
        assert_int_equal(limits_check(&label, &value), 0);
}

static void test_limits_have_words_for_people(void **state)
{
        (void)state;
        for (int outcome = 0; outcome <= LIMITS_E_LENGTH; outcome++)
                assert_non_null(limits_text(outcome));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_limits_of_a_number_are_its_range_and_its_steps),
                cmocka_unit_test(test_limits_of_a_number_hold_at_the_ends_of_64_bits),
                cmocka_unit_test(test_limits_of_a_range_without_steps_are_its_ends),
                cmocka_unit_test(test_limits_of_a_number_without_a_range_are_none),
                cmocka_unit_test(test_limits_of_words_are_these_words),
                cmocka_unit_test(test_limits_of_switch_text_and_button),
                cmocka_unit_test(test_limits_have_words_for_people),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
