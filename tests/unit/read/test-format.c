/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "read/format.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void test_format_every_one_is_known_by_its_beginning(void **state)
{
        static const struct {
                const uint8_t *bytes;
                size_t n_bytes;
                enum format format;
        } cases[] = {
                {BYTES("\x89PNG\r\n\x1a\n...."), FORMAT_PNG},
                {BYTES("\xff\xd8\xff\xe0"), FORMAT_JPEG},
                {BYTES("P5 1 1 255\n7"), FORMAT_PGM},
                {BYTES("P2#1 1 255\n7"), FORMAT_PGM},
                {BYTES("GIF87a...."), FORMAT_GIF},
                {BYTES("GIF89a...."), FORMAT_GIF},
                {BYTES("RIFF\x10\0\0\0WEBPVP8 "), FORMAT_WEBP},
                {BYTES("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), FORMAT_BMP},
                {BYTES("II*\0\x08\0\0\0"), FORMAT_TIFF},
                {BYTES("MM\0*\0\0\0\x08"), FORMAT_TIFF},
                {BYTES("\0\0\0\x18"
                       "ftypheic\0\0\0\0"),
                 FORMAT_HEIF},
                {BYTES("\0\0\0\x1c"
                       "ftypavif\0\0\0\0"),
                 FORMAT_HEIF},
                {BYTES("%PDF-1.7\n"), FORMAT_PDF},
                {BYTES("<svg xmlns='http://www.w3.org/2000/svg'>"), FORMAT_SVG},
                {BYTES("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<SVG>"), FORMAT_SVG},
                {BYTES("P6 1 1 255\nabc"), FORMAT_RARE},
                {BYTES("8BPS\0\1"), FORMAT_RARE},
                {BYTES("\0\0\1\0\1\0"), FORMAT_RARE},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(format_of(cases[i].bytes, cases[i].n_bytes), cases[i].format);
}

/* What may be a code's text, or a part of a mail, is none. */
static void test_format_of_a_text_is_other(void **state)
{
        static const char *const texts[] = {
                "",
                "P",
                "P5",
                "P5x",
                "P8 1",
                "BM",
                "BMW, the code: ENR1:ABC",
                "GIF",
                "II",
                "<",
                "< svg",
                "<html><body>ENR1:ABC<svg></body></html>",
                "ENR1:ABC <svg>",
                "ftypheic",
                "RIFF1234WAVE",
                "1234ftypmp42",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_int_equal(format_of((const uint8_t *)texts[i], strlen(texts[i])),
                                 FORMAT_OTHER);
}

static void test_format_what_is_not_read_has_a_reason(void **state)
{
        (void)state;
        for (enum format f = FORMAT_PNG; f <= FORMAT_TIFF; f++)
                assert_int_equal(format_refusal(f), REASON_NONE);
        assert_int_equal(format_refusal(FORMAT_OTHER), REASON_IMAGE_UNREADABLE);
        assert_int_equal(format_refusal(FORMAT_HEIF), REASON_IMAGE_HEIF);
        assert_int_equal(format_refusal(FORMAT_PDF), REASON_IMAGE_PDF);
        assert_int_equal(format_refusal(FORMAT_SVG), REASON_IMAGE_SVG);
        assert_int_equal(format_refusal(FORMAT_RARE), REASON_IMAGE_FORMAT_UNKNOWN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_format_every_one_is_known_by_its_beginning),
                cmocka_unit_test(test_format_of_a_text_is_other),
                cmocka_unit_test(test_format_what_is_not_read_has_a_reason),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
