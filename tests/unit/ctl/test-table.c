/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/table.h"
#include "support/printed.h"

static const char devices_text[] =
        "[{\"friendly_name\":\"thermo-one\",\"manufacturer\":\"Nordlicht\",\"model_id\":\"Thermo "
        "One\","
        "\"serial_number\":\"TH-000042\",\"interview_state\":\"SUCCESSFUL\","
        "\"availability\":{\"state\":\"online\",\"since\":\"2026-01-31T12:00:00Z\","
        "\"last_seen\":\"2026-01-31T12:04:00Z\",\"rssi\":-58},"
        "\"device_id\":\"000102030405060708090a0b0c0d0e0f\"}]";

static const char device_text[] =
        "{\"friendly_name\":\"thermo-one\",\"device_id\":\"000102030405060708090a0b0c0d0e0f\","
        "\"public_key\":\"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\","
        "\"location\":\"kitchen, Hamngatan, "
        "Stockholm\",\"functions\":[1,2],\"channels\":[{\"channel\":1,"
        "\"property\":\"temperature\",\"device_class\":\"temperature\",\"unit\":\"\xc2\xb0\x43\","
        "\"access\":\"publish\",\"period\":60}],\"state\":{\"temperature\":21.5}}";

static void test_table_fits_into_the_terminal(void **state)
{
        (void)state;
        assert_printed_fits(table_devices, devices_text);
        assert_printed_fits(table_device, device_text);
}

static void test_table_list_leaves_out_what_does_not_fit(void **state)
{
        char *text = printed(table_devices, devices_text, 0);

        (void)state;
        assert_string_equal(text,
                            "NAME       MAKER     MODEL      SERIAL    STATE      AVAILABILITY "
                            "SINCE                DBM "
                            "ID\n"
                            "thermo-one Nordlicht Thermo One TH-000042 SUCCESSFUL online       "
                            "2026-01-31T12:00:00Z -58 000102030405060708090a0b0c0d0e0f\n");
        free(text);
        text = printed(table_devices, devices_text, 80);
        assert_string_equal(text,
                            "NAME       MAKER     MODEL      SERIAL    STATE      AVAILABILITY\n"
                            "thermo-one Nordlicht Thermo One TH-000042 SUCCESSFUL online\n");
        free(text);
        text = printed(table_devices, devices_text, 50);
        assert_string_equal(text, "NAME       MODEL      STATE      AVAILABILITY\n"
                                  "thermo-one Thermo One SUCCESSFUL online\n");
        free(text);
}

static void test_table_values_are_continued_beside_their_heading(void **state)
{
        char *text = printed(table_device, device_text, 60);

        (void)state;
        assert_non_null(strstr(text,
                               "Public key 000102030405060708090a0b0c0d0e0f00010203040506070\n"
                               "           8090a0b0c0d0e0f\n"));
        free(text);
        text = printed(table_device, device_text, 0);
        assert_non_null(
                strstr(text, "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n"));
        free(text);
}

static void test_table_says_how_and_why_a_device_cannot_be_reached(void **state)
{
        static const char silent[] =
                "{\"friendly_name\":\"hall\",\"ieee_address\":\"0x0001020304050607\","
                "\"options\":{\"retain\":true,\"throttle\":60},"
                "\"availability\":{\"state\":\"offline\"}}";
        static const char cut_off[] =
                "{\"friendly_name\":\"hall\",\"options\":{\"retain\":false,\"throttle\":0},"
                "\"availability\":{\"state\":\"offline\",\"code\":\"adapter_off\"}}";
        char *text = printed(table_device, silent, 0);

        (void)state;
        assert_string_equal(text, "Name         hall\n"
                                  "Address      0x0001020304050607\n"
                                  "Availability offline\n"
                                  "Why          it is not heard\n"
                                  "Published    retained, every 60 s at most\n");
        free(text);
        text = printed(table_device, cut_off, 0);
        assert_non_null(strstr(text, "(adapter_off)"));
        assert_null(strstr(text, "it is not heard"));
        assert_non_null(strstr(text, "Published    not retained, at once\n"));
        free(text);
}

static void test_table_is_readable_without_utf8(void **state)
{
        char *text;

        (void)state;
        assert_non_null(setlocale(LC_ALL, "C"));
        text = printed(table_device, device_text, 80);
        (void)setlocale(LC_ALL, "C.UTF-8");
        assert_non_null(strstr(text, "21.5  degC temperature"));
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table_fits_into_the_terminal),
                cmocka_unit_test(test_table_list_leaves_out_what_does_not_fit),
                cmocka_unit_test(test_table_values_are_continued_beside_their_heading),
                cmocka_unit_test(test_table_says_how_and_why_a_device_cannot_be_reached),
                cmocka_unit_test(test_table_is_readable_without_utf8),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
