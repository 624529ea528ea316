/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "enrollment/record.h"
#include "wire/kdf.h"

/* A code of Nordlicht for the device whose public key is all 0xd1. */
struct world {
        struct payload payload;
        uint8_t device_id[16];
        struct store_device device;
        struct diagnostic map;
};

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        strcpy(w.payload.maker, "Nordlicht");
        strcpy(w.payload.model, "Thermo One");
        strcpy(w.payload.serial, "N1-000042");
        memset(w.payload.public_key, 0xd1, 32);
        kdf_device_id(w.payload.public_key, w.device_id);
        memset(&w.device, 0xff, sizeof(w.device));
        record_from_code(&w.payload, w.device_id, "Nordlicht AB", &w.device);
        *state = &w;
        return 0;
}

static int report(struct world *w, const char *text)
{
        return record_add_report(&w->device, &w->payload, diagnostic(&w->map, text));
}

static void test_record_from_code_has_the_code_and_nothing_else(void **state)
{
        const struct world *w = *state;
        static const struct store_device blank;

        assert_memory_equal(w->device.device_id, w->device_id, 16);
        assert_memory_equal(w->device.ownership.public_key, w->payload.public_key, 32);
        assert_string_equal(w->device.maker, "Nordlicht");
        assert_string_equal(w->device.model, "Thermo One");
        assert_string_equal(w->device.serial, "N1-000042");
        assert_string_equal(w->device.issuer, "Nordlicht AB");
        assert_string_equal(w->device.name, "");
        assert_int_equal(w->device.ownership.epoch, 0);
        assert_false(w->device.ownership.settled);
        assert_int_equal(w->device.ownership.n_resume, 0);
        assert_memory_equal(w->device.ownership.resume, blank.ownership.resume,
                            sizeof(blank.ownership.resume));
}

static void test_record_report_gives_serial_software_and_functions(void **state)
{
        static const uint8_t functions[] = {0x83, 1, 2, 3};
        struct world *w = *state;

        w->payload.serial[0] = w->device.serial[0] = '\0';
        assert_int_equal(report(w, "{1:\"N1-7\",3:\"1.0.0\",4:[1,2,3]}"), 0);
        assert_string_equal(w->device.serial, "N1-7");
        assert_string_equal(w->device.software, "1.0.0");
        assert_int_equal(w->device.n_functions, sizeof(functions));
        assert_memory_equal(w->device.functions, functions, sizeof(functions));
}

static void test_record_report_without_an_item_keeps_what_the_code_says(void **state)
{
        struct world *w = *state;

        assert_int_equal(report(w, "{}"), 0);
        assert_string_equal(w->device.serial, "N1-000042");
        assert_string_equal(w->device.software, "");
        assert_int_equal(w->device.n_functions, 0);
}

static void test_record_report_that_names_the_right_key_is_taken(void **state)
{
        struct world *w = *state;
        char text[200], key[65], id[33];

        (void)snprintf(text, sizeof(text), "{1:\"N1-000042\",2:h'%s',6:h'%s'}",
                       hex_encode(w->payload.public_key, 32, key),
                       hex_encode(w->device_id, 16, id));
        assert_int_equal(report(w, text), 0);
}

static void test_record_report_of_another_device_changes_nothing(void **state)
{
        static const struct {
                const char *report;
                int outcome;
        } cases[] = {
                {"{1:\"N1-000043\",3:\"6.6.6\"}", RECORD_E_SERIAL},
                {"{1:\"N1-00004\",3:\"6.6.6\"}", RECORD_E_SERIAL},
                {"{2:h'"
                 "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d0"
                 "',3:\"6.6.6\"}",
                 RECORD_E_KEY},
                {"{3:\"6.6.6\",6:h'00000000000000000000000000000000'}", RECORD_E_KEY},
                {"{1:5}", RECORD_E_REPORT},
                {"{3:\"6.6.6\",200:1}", RECORD_E_REPORT},
                {"[1]", RECORD_E_REPORT},
                {"{2:h'd1',3:\"6.6.6\"}", RECORD_E_REPORT},
        };
        struct world *w = *state;
        const struct store_device before = w->device;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int outcome = report(w, cases[i].report);

                if (outcome != cases[i].outcome)
                        fail_msg("%s: %d", cases[i].report, outcome);
                assert_memory_equal(&w->device, &before, sizeof(before));
        }
}

static void test_record_values_become_location_owner_and_configuration(void **state)
{
        struct world *w = *state;
        struct cbor_span values = diagnostic(&w->map, "{1:\"hall\",2:\"Hamngatan 1\",3:\"Ada\"}");

        record_add_values(&w->device, values);
        assert_string_equal(w->device.location, "Hamngatan 1");
        assert_string_equal(w->device.owner, "Ada");
        assert_int_equal(w->device.n_config, values.n_bytes);
        assert_memory_equal(w->device.config, values.bytes, values.n_bytes);
        assert_string_equal(w->device.serial, "N1-000042");
}

static void test_record_name_is_made_of_any_text(void **state)
{
        static const struct {
                const char *text, *name;
        } cases[] = {
                {"Thermo One", "thermo-one"},
                {"  Thermo -- One!  ", "thermo-one"},
                {"K\xc3\xbc"
                 "che 2",
                 "k-che-2"},
                {"../../etc/passwd", "etc-passwd"},
                {"#+/", "device"},
                {"Bridge", "device"},
                {"", "device"},
                {"abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz012345"},
                {"abcdefghijklmnopqrstuvwxyz01234 x", "abcdefghijklmnopqrstuvwxyz01234"},
        };
        char name[STORE_NAME_SIZE];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                record_name(cases[i].text, name);
                assert_string_equal(name, cases[i].name);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
        const struct CMUnitTest tests[] = {
                TEST(test_record_from_code_has_the_code_and_nothing_else),
                TEST(test_record_report_gives_serial_software_and_functions),
                TEST(test_record_report_without_an_item_keeps_what_the_code_says),
                TEST(test_record_report_that_names_the_right_key_is_taken),
                TEST(test_record_report_of_another_device_changes_nothing),
                TEST(test_record_values_become_location_owner_and_configuration),
                TEST(test_record_name_is_made_of_any_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
