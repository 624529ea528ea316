/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/series.h"

static char text[64];

/* Makes the series of the first @n_words of "one", "two" and "three". */
static const char *make(size_t n_words, const char *conjunction, size_t size)
{
        static const char *const words[] = {"one", "two", "three"};
        struct series series;

        series_init(&series, text, size, n_words, conjunction);
        for (size_t i = 0; i < n_words; i++)
                series_add(&series, words[i]);
        return text;
}

static void test_series_has_one_conjunction(void **state)
{
        (void)state;
        assert_string_equal(make(0, "or", sizeof(text)), "");
        assert_string_equal(make(1, "or", sizeof(text)), "one");
        assert_string_equal(make(2, "or", sizeof(text)), "one or two");
        assert_string_equal(make(3, "and", sizeof(text)), "one, two and three");
}

static void test_series_ends_where_its_room_ends(void **state)
{
        (void)state;
        assert_string_equal(make(3, "and", sizeof("one, two and three")), "one, two and three");
        assert_string_equal(make(3, "and", 12), "one, two an");
        assert_string_equal(make(3, "and", 3), "on");
        assert_string_equal(make(3, "and", 1), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_series_has_one_conjunction),
                cmocka_unit_test(test_series_ends_where_its_room_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
