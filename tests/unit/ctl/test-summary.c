/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/summary.h"
#include "support/printed.h"

static const char status_text[] =
        "{\"version\":\"0.1.0\",\"hub\":\"home\",\"mqtt\":{\"server\":\"tcp:localhost:1883\","
        "\"state\":"
        "\"broker_unreachable\"},\"bluetooth\":{\"state\":\"bluetooth_disabled\",\"adapters\":[]},"
        "\"ports\":[],\"reader\":{\"state\":\"ok\"},\"issuers\":0,\"issuers_refused\":2,"
        "\"devices\":0,\"unsettled\":0,"
        "\"outbox\":0,\"enrolled\":0,\"failed\":0,\"enrollments\":[],\"conditions\":[\"store_"
        "full\"]}";

static void test_summary_fits_into_the_terminal(void **state)
{
        (void)state;
        assert_printed_fits(summary_print, status_text);
}

static void test_summary_tells_faults_from_settings_and_beginnings(void **state)
{
        char *text = printed(summary_print, status_text, 0);

        (void)state;
        assert_non_null(strstr(text,
                               "Bluetooth            switched off in the settings, which name "
                               "no stream port either: no device can be reached\n"));
        assert_null(strstr(text, "bluetooth_disabled"));
        assert_non_null(strstr(text, "(broker_unreachable) Check"));
        assert_non_null(strstr(text, "Trusted issuers      none: put the issuer file"));
        assert_non_null(strstr(text, "Refused issuers      2; the journal of enrolld says why"));
        assert_non_null(strstr(text, "Devices              none: enroll one"));
        assert_non_null(
                strstr(text, "Open problems        The hub's disk is full. (store_full) Free"));
        free(text);
}

static void test_summary_without_bluetooth_is_no_fault(void **state)
{
        static const char cable[] =
                "{\"bluetooth\":{\"state\":\"bluetooth_disabled\",\"adapters\":[]},"
                "\"ports\":[{\"name\":\"unix:/run/"
                "a\",\"state\":\"ok\"}],\"reader\":{\"state\":\"ok\"}}";
        char *text = printed(summary_print, cable, 0);

        (void)state;
        assert_non_null(strstr(text, " switched off in the settings\n"));
        assert_null(strstr(text, "remedy"));
        assert_null(strstr(text, "enrolld.conf"));
        free(text);
}

static void test_summary_shows_an_nfc_reader_that_is_there_or_should_be(void **state)
{
        static const char ready[] = "{\"nfc\":{\"state\":\"ok\",\"name\":\"PN532\"}}";
        static const char missing[] =
                "{\"nfc\":{\"state\":\"nfc_missing\"},\"conditions\":[\"nfc_missing\"]}";
        static const char unwanted[] = "{\"nfc\":{\"state\":\"nfc_missing\"},\"conditions\":[]}";
        char *text = printed(summary_print, ready, 0);

        (void)state;
        assert_non_null(strstr(text, "NFC reader"));
        assert_non_null(strstr(text, "PN532"));
        free(text);
        text = printed(summary_print, missing, 0);
        assert_non_null(strstr(text, "(nfc_missing) Plug in"));
        assert_null(strstr(text, "Open problems"));
        free(text);
        text = printed(summary_print, unwanted, 0);
        assert_null(strstr(text, "NFC"));
        free(text);
}

static void test_summary_names_the_interval_that_is_known(void **state)
{
        static const char known[] = "{\"bluetooth\":{\"state\":\"ok\",\"adapters\":[{\"name\":"
                                    "\"hci0\",\"state\":\"ok\"}],"
                                    "\"connection_interval\":{\"min_ms\":7.5,\"max_ms\":15.0}}}";
        static const char unknown[] = "{\"bluetooth\":{\"state\":\"ok\",\"adapters\":[{\"name\":"
                                      "\"hci0\",\"state\":\"ok\"}]}}";
        char *text = printed(summary_print, known, 0);

        (void)state;
        assert_non_null(strstr(text, " connection interval: 7.5 to 15 ms\n"));
        free(text);
        text = printed(summary_print, unknown, 0);
        assert_null(strstr(text, "interval"));
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_summary_fits_into_the_terminal),
                cmocka_unit_test(test_summary_tells_faults_from_settings_and_beginnings),
                cmocka_unit_test(test_summary_without_bluetooth_is_no_fault),
                cmocka_unit_test(test_summary_shows_an_nfc_reader_that_is_there_or_should_be),
                cmocka_unit_test(test_summary_names_the_interval_that_is_known),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
