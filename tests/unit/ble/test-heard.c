/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "ble/heard.h"

#define DEVICE "/org/bluez/hci0/dev_00_11_22_33_44_55"

static const char *describe(const struct heard_tally *tally)
{
        static char text[HEARD_TEXT_SIZE];

        heard_tally_describe(tally, text, sizeof(text));
        return text;
}

static void test_heard_describes_every_tally(void **state)
{
        static const struct {
                size_t n_devices;
                int rssi[2];
                const char *text;
        } cases[] = {
                {0, {0}, "nothing heard"},
                {2, {-90, -81}, "2 enrollable devices heard, strongest -81 dBm, but not this one"},
                {2,
                 {-83, BLUEZ_RSSI_UNSET},
                 "2 enrollable devices heard, strongest -83 dBm, but not this one"},
                {1, {BLUEZ_RSSI_UNSET}, "1 enrollable device heard, but not this one"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct heard_tally tally = {0};

                for (size_t n = 0; n < cases[i].n_devices; n++) {
                        char device[BLUEZ_PATH_MAX];

                        (void)snprintf(device, sizeof(device), "%s%zu", DEVICE, n);
                        heard_tally_note(&tally, device, (int16_t)cases[i].rssi[n]);
                }
                assert_string_equal(describe(&tally), cases[i].text);
        }
}

static void test_heard_others_are_described_by_their_number(void **state)
{
        static const struct {
                size_t n_devices;
                const char *text;
        } cases[] = {
                {0, "nothing heard"},
                {1, "1 other Bluetooth device heard, but none that can be enrolled"},
                {31, "31 other Bluetooth devices heard, but none that can be enrolled"},
                {32, "32 or more other Bluetooth devices heard, but none that can be enrolled"},
                {99, "32 or more other Bluetooth devices heard, but none that can be enrolled"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct heard_tally tally = {0};
                char text[HEARD_TEXT_SIZE];

                for (size_t n = 0; n < cases[i].n_devices; n++) {
                        char device[BLUEZ_PATH_MAX];

                        (void)snprintf(device, sizeof(device), "/org/bluez/hci0/dev_%zu", n);
                        heard_tally_note(&tally, device, BLUEZ_RSSI_UNSET);
                }
                heard_tally_describe_others(&tally, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
        }
}

static void test_heard_device_counts_once_with_its_last_strength(void **state)
{
        struct heard_tally tally = {0};

        (void)state;
        heard_tally_note(&tally, DEVICE, -60);
        heard_tally_note(&tally, DEVICE, -70);
        heard_tally_note(&tally, DEVICE, BLUEZ_RSSI_UNSET);
        assert_int_equal(tally.n_devices, 1);
        assert_int_equal(heard_tally_strongest(&tally), -70);
}

static void test_heard_device_counts_once_for_all_adapters(void **state)
{
        struct heard_tally tally = {0};

        (void)state;
        heard_tally_note(&tally, DEVICE, -60);
        heard_tally_note(&tally, "/org/bluez/hci1/dev_00_11_22_33_44_55", -50);
        assert_int_equal(tally.n_devices, 1);
        heard_tally_note(&tally, "/org/bluez/hci1/dev_00_11_22_33_44_56", -52);
        assert_int_equal(tally.n_devices, 2);
        assert_int_equal(heard_tally_strongest(&tally), -50);
}

static void test_heard_more_than_can_be_told_apart_are_dropped(void **state)
{
        struct heard_tally tally = {0};

        (void)state;
        for (unsigned i = 0; i < 2 * HEARD_MAX; i++) {
                char device[BLUEZ_PATH_MAX];

                (void)snprintf(device, sizeof(device), "/org/bluez/hci0/dev_%u", i);
                heard_tally_note(&tally, device, -60);
        }
        assert_int_equal(tally.n_devices, HEARD_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_heard_describes_every_tally),
                cmocka_unit_test(test_heard_others_are_described_by_their_number),
                cmocka_unit_test(test_heard_device_counts_once_with_its_last_strength),
                cmocka_unit_test(test_heard_device_counts_once_for_all_adapters),
                cmocka_unit_test(test_heard_more_than_can_be_told_apart_are_dropped),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
