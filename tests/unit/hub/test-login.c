/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "hub/login.h"

static void test_login_decides_whose_requests_are_taken(void **state)
{
        static const struct {
                enum settings_requests requests;
                const char *user, *password_file;
                bool takes, missing;
        } cases[] = {
                {SETTINGS_REQUESTS_PROVEN, "", "", false, true},
                {SETTINGS_REQUESTS_PROVEN, "hub", "", false, true},
                {SETTINGS_REQUESTS_PROVEN, "hub", "/password", true, false},
                {SETTINGS_REQUESTS_YES, "", "", true, false},
                {SETTINGS_REQUESTS_YES, "hub", "/password", true, false},
                {SETTINGS_REQUESTS_NO, "", "", false, true},
                {SETTINGS_REQUESTS_NO, "hub", "/password", false, false},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct settings settings = {.mqtt_requests = cases[i].requests};

                (void)snprintf(settings.mqtt_user, sizeof(settings.mqtt_user), "%s", cases[i].user);
                (void)snprintf(settings.mqtt_password_file, sizeof(settings.mqtt_password_file),
                               "%s", cases[i].password_file);
                assert_int_equal(login_takes_requests(&settings), cases[i].takes);
                assert_int_equal(login_is_missing(&settings), cases[i].missing);
        }
}

static void test_login_follows_the_settings_in_place(void **state)
{
        struct settings settings = {.hub_name = "home", .hass_birth = "homeassistant/status"};
        struct mqtt_options options;

        (void)state;
        settings.hass_discovery = SETTINGS_DISCOVERY_DEVICE;
        options = login_options(&settings);
        assert_ptr_equal(options.hub, settings.hub_name);
        assert_ptr_equal(options.broker, settings.mqtt_broker);
        assert_ptr_equal(options.user, settings.mqtt_user);
        assert_ptr_equal(options.password_file, settings.mqtt_password_file);
        assert_ptr_equal(options.ca_file, settings.mqtt_ca_file);
        assert_ptr_equal(options.cert_file, settings.mqtt_cert_file);
        assert_ptr_equal(options.key_file, settings.mqtt_key_file);
        assert_ptr_equal(options.birth, settings.hass_birth);
        settings.hass_discovery = SETTINGS_DISCOVERY_OFF; /* nobody is waited for */
        options = login_options(&settings);
        assert_null(options.birth);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_login_decides_whose_requests_are_taken),
                cmocka_unit_test(test_login_follows_the_settings_in_place),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
