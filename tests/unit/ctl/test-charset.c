/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/charset.h"
#include "program/words.h"

static void assert_localized(const char *locale, const char *text, const char *expected)
{
        char *localized;

        assert_non_null(setlocale(LC_ALL, locale));
        localized = charset_localize(text);
        (void)setlocale(LC_ALL, "C.UTF-8");
        assert_string_equal(localized, expected);
        free(localized);
}

static void test_ctl_charset_has_a_likeness_of_every_unit(void **state)
{
        (void)state;
        assert_localized("C.UTF-8", "21 \xc2\xb0\x43", "21 \xc2\xb0\x43");
        assert_localized("C", "21 \xc2\xb0\x43", "21 degC");
        assert_localized("C", "\xc2\xb5g/m\xc2\xb3", "ug/m3");
        assert_localized("C", "plain", "plain");
        assert_localized("C", "\xe6\xb8\xa9.", "?.");
        assert_localized("C", "\xff.", "?.");
        assert_localized("C", "", "");
        for (unsigned i = 0; i < 256; i++) {
                const char *word = program_word(i);
                char *localized;

                if (!word)
                        continue;
                assert_non_null(setlocale(LC_ALL, "C"));
                localized = charset_localize(word);
                (void)setlocale(LC_ALL, "C.UTF-8");
                if (!localized || strchr(localized, '?'))
                        fail_msg("%s becomes %s", word, localized);
                free(localized);
        }
}

static void test_ctl_charset_that_is_not_installed_is_ascii(void **state)
{
        char *converted = charset_convert("21 \xc2\xb0\x43 \xc3\xa4.", "NO-SUCH-SET");

        (void)state;
        assert_non_null(converted);
        assert_string_equal(converted, "21 degC ?.");
        free(converted);
}

static void test_ctl_charset_converts_what_the_set_has(void **state)
{
        char *converted = charset_convert("\xc3\xa4.", "ISO-8859-1");

        (void)state;
        assert_non_null(converted);
        assert_string_equal(converted, "\xe4.");
        free(converted);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ctl_charset_has_a_likeness_of_every_unit),
                cmocka_unit_test(test_ctl_charset_that_is_not_installed_is_ascii),
                cmocka_unit_test(test_ctl_charset_converts_what_the_set_has),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
