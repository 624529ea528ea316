/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/bulletin.h"

static void expect(const struct api_status *status, int64_t since, const char *expected)
{
        char text[BULLETIN_SIZE];

        bulletin_text(status, since, text);
        assert_string_equal(text, expected);
}

static void test_bulletin_of_a_hub_that_is_well_is_short(void **state)
{
        (void)state;
        expect(&(struct api_status){.n_devices = 0}, 0, "Ready: 0 devices.");
        expect(&(struct api_status){.n_devices = 1}, 0, "Ready: 1 device.");
        expect(&(struct api_status){.bluetooth_state = REASON_BLUETOOTH_DISABLED,
                                    .n_outbox = 2,
                                    .n_adapters = 1,
                                    .adapters = {{.name = "hci0"}}},
               0, "Ready: 0 devices.");
}

static void test_bulletin_says_what_is_done_and_what_is_missing(void **state)
{
        static const struct api_status busy = {
                .n_devices = 3,
                .n_enrollments = 2,
                .enrollments = {{.device = "hall", .step = EVENT_STEP_FIND},
                                {.step = EVENT_STEP_CODE}},
                .scan_until = 1,
                .n_unsettled = 1,
                .broker_state = REASON_BROKER_UNREACHABLE,
                .n_outbox = 1,
                .n_adapters = 2,
                .adapters = {{.name = "hci0"}, {"hci7", REASON_ADAPTER_MISSING, NULL}},
                .n_ports = 1,
                .ports = {{"unix:/x", REASON_PORT_UNAVAILABLE}},
        };

        (void)state;
        expect(&busy, 1769860800,
               "Ready: 3 devices; enrolling hall (find the device); enrolling a device (check the "
               "code); looking for a code; 1 enrollment unfinished; no MQTT broker since "
               "2026-01-31T12:00:00Z, 1 message waiting; no hci7 (adapter_missing); no unix:/x "
               "(port_unavailable).");
        expect(&(struct api_status){.broker_state = REASON_BROKER_LOGIN_REFUSED,
                                    .bluetooth_state = REASON_ADAPTER_STUCK,
                                    .n_adapters = 1,
                                    .adapters = {{"hci0", REASON_ADAPTER_STUCK, NULL}}},
               0,
               "Ready: 0 devices; the MQTT broker refuses the login; no Bluetooth "
               "(adapter_stuck).");
}

static void test_bulletin_leaves_out_what_does_not_fit(void **state)
{
        struct api_status crowded = {.n_enrollments = API_ENROLLMENTS_MAX,
                                     .broker_state = REASON_BROKER_UNREACHABLE};
        char text[BULLETIN_SIZE];

        (void)state;
        for (size_t i = 0; i < API_ENROLLMENTS_MAX; i++)
                crowded.enrollments[i] = (struct api_enrollment){
                        .device = "a-name-of-thirty-two-bytes-12345", .step = EVENT_STEP_CONFIGURE};
        bulletin_text(&crowded, 0, text);
        assert_in_range(strlen(text), BULLETIN_SIZE / 2, BULLETIN_SIZE - 1);
        assert_string_equal(text + strlen(text) - 1, ".");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bulletin_of_a_hub_that_is_well_is_short),
                cmocka_unit_test(test_bulletin_says_what_is_done_and_what_is_missing),
                cmocka_unit_test(test_bulletin_leaves_out_what_does_not_fit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
