/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/reference.h"
#include "util/defer.h"

static enum reference_outcome read_text(const char *text, char ret_text[REFERENCE_SIZE])
{
        return reference_read((const uint8_t *)text, strlen(text), ret_text);
}

static void test_reference_is_read_as_people_write_it(void **state)
{
        static const struct {
                const char *written, *canonical;
        } cases[] = {
                {"4006381333931", "4006381333931"},           /* EAN-13 */
                {"036000291452", "36000291452"},              /* UPC-A, */
                {"0036000291452", "36000291452"},             /* which a reader reports as EAN-13 */
                {"96385074", "96385074"},                     /* EAN-8 */
                {"00000096385074", "96385074"},               /* the same as a GTIN-14 */
                {"00000000", "00000000"},                     /* no shorter than that */
                {"106141412345678908", "106141412345678908"}, /* SSCC */
                {" 4 006381-333931\r\n", "4006381333931"},
                {"4OO638I33393l", NULL}, /* a small L is no digit */
                {"4OO638I333931", "4006381333931"},
                {"a12425gabc1234002m", "A12425GABC1234002M"}, /* ISO/IEC 7064 */
                {"A1-2425\xe2\x80\x93GABC\xc2\xa0"
                 "1234002\xe2\x88\x92M",
                 "A12425GABC1234002M"},
                {"A12425GABC1234OO2M", "A12425GABC1234002M"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[REFERENCE_SIZE] = "untouched";

                if (!cases[i].canonical) {
                        assert_int_equal(read_text(cases[i].written, text), REFERENCE_WRONG_CHECK);
                        assert_string_equal(text, "untouched");
                        continue;
                }
                assert_int_equal(read_text(cases[i].written, text), REFERENCE_DONE);
                assert_string_equal(text, cases[i].canonical);
                assert_true(reference_is_canonical(text));
                assert_int_equal(reference_is_canonical(cases[i].written),
                                 strcmp(text, cases[i].written) == 0);
        }
}

static void test_reference_other_texts_are_none(void **state)
{
        static const char *const texts[] = {
                "",
                "1234567",         /* too short */
                "HELLOWORLD",      /* no digit */
                "ENR1:ABC12345",   /* a code */
                "enr1.abcdefgh12", /* a code */
                "4006381333931/2", /* another character */
                ("400638\xe2\x80\xa6"
                 "1333931"),                         /* another character that begins alike */
                "400638133393\xe2",                  /* cut */
                "400638133393\xe2\x80",              /* cut */
                "123456789012345678901234567890123", /* too long */
        };
        char text[REFERENCE_SIZE];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                assert_int_equal(read_text(texts[i], text), REFERENCE_OTHER);
        assert_int_equal(reference_read((const uint8_t *)"4006381\0"
                                                         "333931",
                                        14, text),
                         REFERENCE_OTHER);
}

/* Every mistake of one character is found, but for those that are read as the same. */
static void test_reference_finds_a_wrong_character(void **state)
{
        static const char *const rights[] = {"4006381333931", "A12425GABC1234002M"};
        static const char characters[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        char wrong[REFERENCE_SIZE], text[REFERENCE_SIZE];

        (void)state;
        for (size_t k = 0; k < ELEMENTSOF(rights); k++)
                for (size_t i = 0; i < strlen(rights[k]); i++)
                        for (size_t c = 0; c < (k == 0 ? 10 : sizeof(characters) - 1); c++) {
                                memcpy(wrong, rights[k], strlen(rights[k]) + 1);
                                if (wrong[i] == characters[c])
                                        continue;
                                wrong[i] = characters[c];
                                assert_int_equal(read_text(wrong, text), REFERENCE_WRONG_CHECK);
                        }
}

static void test_reference_identifier_fits_one_serial_number(void **state)
{
        static const struct {
                const char *reference, *serial;
                bool fits;
        } cases[] = {
                {"A12425GABC1234002M", "A12425GABC1234002", true},
                {"A12425GABC1234002M", "a12425-gabc/1234oo2", true},
                {"A12425GABC1234002M", "A12425GABC1234002M", true},
                {"A12425GABC1234002M", "A12425GABC1234003", false},
                {"A12425GABC1234002M", "", false},
                {"A12425GABC1234002M", "A12425GABC1234002MA12425GABC1234002", false},
                {"4006381333931", "400638133393", true},
                {"4006381333931", "4006381333931", true},
                {"4006381333931", "04006381333931", true},
                {"4006381333931", "400638133394", false},
                {"4006381333931", "TH-100001", true}, /* the maker's own number */
                {"4006381333931", "123", true},
                {"4006381333931", "", true},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(reference_fits(cases[i].reference, cases[i].serial),
                                 cases[i].fits);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reference_is_read_as_people_write_it),
                cmocka_unit_test(test_reference_other_texts_are_none),
                cmocka_unit_test(test_reference_finds_a_wrong_character),
                cmocka_unit_test(test_reference_identifier_fits_one_serial_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
