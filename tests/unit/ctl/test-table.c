/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "ctl/table.h"
#include "ctl/text.h"

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

static const char status_text[] =
        "{\"version\":\"0.1.0\",\"hub\":\"home\",\"mqtt\":{\"server\":\"tcp:localhost:1883\","
        "\"state\":"
        "\"broker_unreachable\"},\"bluetooth\":{\"state\":\"bluetooth_disabled\",\"adapters\":[]},"
        "\"ports\":[],\"reader\":{\"state\":\"ok\"},\"issuers\":0,\"issuers_refused\":2,"
        "\"devices\":0,\"unsettled\":0,"
        "\"outbox\":0,\"enrolled\":0,\"failed\":0,\"enrollments\":[],\"conditions\":[\"store_"
        "full\"]}";

/* What @table writes for @json, to be freed. */
static char *written(int (*table)(const json_t *value, size_t width, FILE *file), const char *json,
                     size_t width)
{
        json_t *value = json_loads(json, 0, NULL);
        char *text = NULL;
        size_t n_text = 0;
        FILE *file = open_memstream(&text, &n_text);

        assert_non_null(value);
        assert_non_null(file);
        assert_int_equal(table(value, width, file), 0);
        assert_int_equal(fclose(file), 0);
        json_decref(value);
        return text;
}

static void assert_fits(const char *text, size_t width)
{
        char *copy = strdup(text), *rest = copy, *line;

        assert_non_null(copy);
        while ((line = strsep(&rest, "\n")))
                if (text_width(line) > width)
                        fail_msg("more than %zu columns: %s", width, line);
        free(copy);
}

static void test_table_fits_into_the_terminal(void **state)
{
        static const struct {
                int (*table)(const json_t *value, size_t width, FILE *file);
                const char *json;
        } cases[] = {
                {table_devices, devices_text},
                {table_device, device_text},
                {table_status, status_text},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                for (size_t width = 132; width >= 30; width--) {
                        char *text = written(cases[i].table, cases[i].json, width);

                        assert_fits(text, width);
                        free(text);
                }
}

static void test_table_list_leaves_out_what_does_not_fit(void **state)
{
        char *text = written(table_devices, devices_text, 0);

        (void)state;
        assert_string_equal(text,
                            "NAME       MAKER     MODEL      SERIAL    STATE      AVAILABILITY "
                            "SINCE                DBM "
                            "ID\n"
                            "thermo-one Nordlicht Thermo One TH-000042 SUCCESSFUL online       "
                            "2026-01-31T12:00:00Z -58 000102030405060708090a0b0c0d0e0f\n");
        free(text);
        text = written(table_devices, devices_text, 80);
        assert_string_equal(text,
                            "NAME       MAKER     MODEL      SERIAL    STATE      AVAILABILITY\n"
                            "thermo-one Nordlicht Thermo One TH-000042 SUCCESSFUL online\n");
        free(text);
        text = written(table_devices, devices_text, 50);
        assert_string_equal(text, "NAME       MODEL      STATE      AVAILABILITY\n"
                                  "thermo-one Thermo One SUCCESSFUL online\n");
        free(text);
}

static void test_table_values_are_continued_beside_their_heading(void **state)
{
        char *text = written(table_device, device_text, 60);

        (void)state;
        assert_non_null(strstr(text,
                               "Public key 000102030405060708090a0b0c0d0e0f00010203040506070\n"
                               "           8090a0b0c0d0e0f\n"));
        free(text);
        text = written(table_device, device_text, 0);
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
        char *text = written(table_device, silent, 0);

        (void)state;
        assert_string_equal(text, "Name         hall\n"
                                  "Address      0x0001020304050607\n"
                                  "Availability offline\n"
                                  "Why          it is not heard\n"
                                  "Published    retained, every 60 s at most\n");
        free(text);
        text = written(table_device, cut_off, 0);
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
        text = written(table_device, device_text, 80);
        (void)setlocale(LC_ALL, "C.UTF-8");
        assert_non_null(strstr(text, "21.5  degC temperature"));
        free(text);
}

static void test_table_status_tells_faults_from_settings_and_beginnings(void **state)
{
        char *text = written(table_status, status_text, 0);

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

static void test_table_status_without_bluetooth_is_no_fault(void **state)
{
        static const char cable[] =
                "{\"bluetooth\":{\"state\":\"bluetooth_disabled\",\"adapters\":[]},"
                "\"ports\":[{\"name\":\"unix:/run/"
                "a\",\"state\":\"ok\"}],\"reader\":{\"state\":\"ok\"}}";
        char *text = written(table_status, cable, 0);

        (void)state;
        assert_non_null(strstr(text, " switched off in the settings\n"));
        assert_null(strstr(text, "remedy"));
        assert_null(strstr(text, "enrolld.conf"));
        free(text);
}

static void test_table_status_shows_an_nfc_reader_that_is_there_or_should_be(void **state)
{
        static const char ready[] = "{\"nfc\":{\"state\":\"ok\",\"name\":\"PN532\"}}";
        static const char missing[] =
                "{\"nfc\":{\"state\":\"nfc_missing\"},\"conditions\":[\"nfc_missing\"]}";
        static const char unwanted[] = "{\"nfc\":{\"state\":\"nfc_missing\"},\"conditions\":[]}";
        char *text = written(table_status, ready, 0);

        (void)state;
        assert_non_null(strstr(text, "NFC reader"));
        assert_non_null(strstr(text, "PN532"));
        free(text);
        text = written(table_status, missing, 0);
        assert_non_null(strstr(text, "(nfc_missing) Plug in"));
        assert_null(strstr(text, "Open problems"));
        free(text);
        text = written(table_status, unwanted, 0);
        assert_null(strstr(text, "NFC"));
        free(text);
}

static void test_table_status_names_the_interval_that_is_known(void **state)
{
        static const char known[] = "{\"bluetooth\":{\"state\":\"ok\",\"adapters\":[{\"name\":"
                                    "\"hci0\",\"state\":\"ok\"}],"
                                    "\"connection_interval\":{\"min_ms\":7.5,\"max_ms\":15.0}}}";
        static const char unknown[] = "{\"bluetooth\":{\"state\":\"ok\",\"adapters\":[{\"name\":"
                                      "\"hci0\",\"state\":\"ok\"}]}}";
        char *text = written(table_status, known, 0);

        (void)state;
        assert_non_null(strstr(text, " connection interval: 7.5 to 15 ms\n"));
        free(text);
        text = written(table_status, unknown, 0);
        assert_null(strstr(text, "interval"));
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
                cmocka_unit_test(test_table_status_without_bluetooth_is_no_fault),
                cmocka_unit_test(test_table_status_names_the_interval_that_is_known),
                cmocka_unit_test(test_table_status_shows_an_nfc_reader_that_is_there_or_should_be),
                cmocka_unit_test(test_table_status_tells_faults_from_settings_and_beginnings),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
