/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/delivery.h"
#include "api/json.h"
#include "util/series.h"

static bool read_text(const char *text, struct store_delivery *delivery,
                      char ret_wrong[API_DETAIL_SIZE])
{
        _defer_(json_free) json_t *object = json_loads(text, JSON_DECODE_ANY, NULL);

        return delivery_read(object, delivery, ret_wrong);
}

static void test_delivery_takes_what_is_named_and_leaves_the_rest(void **state)
{
        struct store_delivery delivery = {.throttle_s = 7};
        char wrong[API_DETAIL_SIZE];

        (void)state;
        assert_true(read_text("{}", &delivery, wrong));
        assert_true(read_text("{\"retain\": true}", &delivery, wrong));
        assert_true(delivery.retain);
        assert_int_equal(delivery.throttle_s, 7);
        assert_true(read_text("{\"throttle\": 86400, \"retain\": null}", &delivery, wrong));
        assert_false(delivery.retain);
        assert_int_equal(delivery.throttle_s, 86400);
        assert_true(read_text("{\"throttle\": null}", &delivery, wrong));
        assert_int_equal(delivery.throttle_s, 0);
}

static void test_delivery_that_is_wrong_changes_nothing(void **state)
{
        static const struct {
                const char *text, *wrong;
        } cases[] = {
                {"{\"retain\": 1}", "'retain' is not"},
                {"{\"retain\": true, \"throttle\": -1}", "'throttle' is not"},
                {"{\"throttle\": 86401}", "'throttle' is not"},
                {"{\"throttle\": 1.5}", "'throttle' is not"},
                {"{\"throttle\": \"5\"}", "'throttle' is not"},
                {"{\"qos\": 1}", "its options are: retain and throttle"},
                {"[]", "not an object"},
                {"", "not an object"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct store_delivery delivery = {.throttle_s = 7};
                char wrong[API_DETAIL_SIZE] = "";

                assert_false(read_text(cases[i].text, &delivery, wrong));
                assert_non_null(strstr(wrong, cases[i].wrong));
                assert_false(delivery.retain);
                assert_int_equal(delivery.throttle_s, 7);
        }
}

static void test_delivery_is_shown_whole(void **state)
{
        const struct store_delivery delivery = {.retain = true, .throttle_s = 5};
        _defer_(json_free) json_t *shown = delivery_json(&delivery);

        (void)state;
        assert_true(json_is_true(json_object_get(shown, "retain")));
        assert_int_equal(json_integer_value(json_object_get(shown, "throttle")), 5);
        assert_int_equal(json_object_size(shown), 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_delivery_takes_what_is_named_and_leaves_the_rest),
                cmocka_unit_test(test_delivery_that_is_wrong_changes_nothing),
                cmocka_unit_test(test_delivery_is_shown_whole),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
