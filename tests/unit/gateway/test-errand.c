/* SPDX-License-Identifier: Apache-2.0 */

/* What a device is asked is the errand's own, and is answered once. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/errand.h"
#include "util/time.h"

struct answered {
        size_t n;
        enum reason why;
        char text[256];
        size_t n_readings;
};

static void on_answer(void *userdata, const struct errand_answer *answer)
{
        struct answered *answered = userdata;

        answered->n++;
        answered->why = answer->why;
        strcpy(answered->text, answer->text);
        answered->n_readings = answer->n_readings;
}

static struct errand *make(struct answered *answered)
{
        const struct errand_wish wish = {.kind = ERRAND_RELEASE, .seconds = 30};
        struct errand *errand = NULL;

        memset(answered, 0, sizeof(*answered));
        assert_int_equal(errand_new(&wish, on_answer, answered, &errand), 0);
        return errand;
}

static void test_errand_keeps_copies(void **state)
{
        uint8_t text[MESSAGE_TEXT_MAX];
        struct message_value values[] = {
                {.type = MESSAGE_TEXT, .channel = 3, .text = {text, sizeof(text)}},
                {.type = MESSAGE_DECIMAL, .channel = 4, .integer = -5, .exponent = -1},
                {.type = MESSAGE_TEXT, .channel = 5, .text = {NULL, 0}},
        };
        const struct errand_wish wish = {ERRAND_SET, values, 3, 30, false};
        uint64_t before = time_now_usec();
        struct errand *errand;

        (void)state;
        memset(text, 'x', sizeof(text));
        assert_int_equal(errand_new(&wish, on_answer, NULL, &errand), 0);
        memset(text, 'y', sizeof(text));
        memset(values, 0, sizeof(values));

        assert_int_equal(errand->n_values, 3);
        assert_int_equal(errand->values[0].channel, 3);
        assert_int_equal(errand->values[0].text.n_bytes, sizeof(text));
        for (size_t i = 0; i < sizeof(text); i++)
                assert_int_equal(errand->values[0].text.bytes[i], 'x');
        assert_int_equal(errand->values[1].integer, -5);
        assert_int_equal(errand->values[1].exponent, -1);
        assert_int_equal(errand->values[2].text.n_bytes, 0);
        assert_true(errand->until >= before + 30 * UINT64_C(1000000));
        assert_true(errand->until <= time_now_usec() + 30 * UINT64_C(1000000));
        assert_null(errand_free(errand));
        assert_null(errand_free(NULL));
}

static void test_errand_has_limits(void **state)
{
        static const uint8_t text[MESSAGE_TEXT_MAX + 1];
        struct message_value values[ERRAND_VALUES_MAX + 1] = {{.type = MESSAGE_INTEGER}};
        const struct message_value longer = {
                .type = MESSAGE_TEXT, .channel = 1, .text = {text, sizeof(text)}};
        const struct errand_wish wishes[] = {
                {ERRAND_SET, values, ERRAND_VALUES_MAX + 1, 1, false},
                {ERRAND_SET, values, 0, 1, false},
                {ERRAND_GET, values, 0, 1, false},
                {ERRAND_RELEASE, values, 1, 1, false},
                {ERRAND_SET, &longer, 1, 1, false},
        };
        const struct errand_wish most = {ERRAND_SET, values, ERRAND_VALUES_MAX, 1, false};
        struct errand *errand = NULL;

        (void)state;
        for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
                assert_int_equal(errand_new(&wishes[i], on_answer, NULL, &errand), -EINVAL);
                assert_null(errand);
        }
        assert_int_equal(errand_new(&most, on_answer, NULL, &errand), 0);
        (void)errand_free(errand);
}

static void test_errand_is_answered_with_readings(void **state)
{
        const struct reading readings[] = {{.leaf = "a"}, {.leaf = "b"}};
        const struct errand_answer answer = {.n_readings = 2, .readings = readings};
        struct answered answered;

        (void)state;
        errand_answer(make(&answered), &answer);
        assert_int_equal(answered.n, 1);
        assert_int_equal(answered.why, REASON_NONE);
        assert_int_equal(answered.n_readings, 2);
}

static void test_errand_fails_with_a_phrase(void **state)
{
        static const struct {
                const char *said, *kept;
        } rows[] = {
                {NULL, ""},
                {"", ""},
                {"The connection to the device was lost.", ""},
                {"The connection to the device was lost: it is far away.", "it is far away"},
                {"The device was heard at -90 dBm.", "the device was heard at -90 dBm"},
                {"nothing answers", "nothing answers"},
                {"hci0 is off.", "hci0 is off"},
                {".", ""},
        };
        char longest[400];
        struct answered answered;

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                errand_fail(make(&answered), REASON_LINK_LOST, rows[i].said);
                assert_int_equal(answered.n, 1);
                assert_int_equal(answered.why, REASON_LINK_LOST);
                assert_string_equal(answered.text, rows[i].kept);
                assert_int_equal(answered.n_readings, 0);
        }
        memset(longest, 'x', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = '\0';
        errand_fail(make(&answered), REASON_LINK_LOST, longest);
        assert_int_equal(strlen(answered.text), sizeof(answered.text) - 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_errand_keeps_copies),
                cmocka_unit_test(test_errand_has_limits),
                cmocka_unit_test(test_errand_is_answered_with_readings),
                cmocka_unit_test(test_errand_fails_with_a_phrase),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
