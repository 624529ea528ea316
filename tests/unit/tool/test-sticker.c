/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/sticker.h"

static void test_sticker_tag_is_the_smallest_that_holds_the_record(void **state)
{
        (void)state;
        /* A record of 31 bytes beside the code, or of 34; a head of 2, or of 4. */
        assert_string_equal(sticker_smallest(1), "NTAG213");
        assert_string_equal(sticker_smallest(139 - 33), "NTAG213");
        assert_string_equal(sticker_smallest(139 - 33 + 1), "NTAG215");
        assert_string_equal(sticker_smallest(496 - 38), "NTAG215");
        assert_string_equal(sticker_smallest(496 - 38 + 1), "NTAG216");
        assert_string_equal(sticker_smallest(872 - 38), "NTAG216");
        assert_null(sticker_smallest(872 - 38 + 1));
}

static void test_sticker_names_every_tag_that_fits(void **state)
{
        char text[160];

        (void)state;
        assert_string_equal(
                sticker_fits(137, text, sizeof(text)),
                "NTAG213, NTAG215, NTAG216, or Type 4 with an NDEF file of at least 139 bytes");
        assert_string_equal(sticker_fits(493, text, sizeof(text)),
                            "NTAG216, or Type 4 with an NDEF file of at least 495 bytes");
        assert_string_equal(sticker_fits(869, text, sizeof(text)),
                            "Type 4 with an NDEF file of at least 871 bytes");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sticker_tag_is_the_smallest_that_holds_the_record),
                cmocka_unit_test(test_sticker_names_every_tag_that_fits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
