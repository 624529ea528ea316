/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/reload.h"

static void set(struct settings *s, const char *section, const char *key, const char *value)
{
        char error[SETTINGS_ERROR_SIZE];

        assert_return_code(settings_set(s, section, key, value, error, sizeof(error)), 0);
}

static void test_reload_of_the_same_settings_changes_nothing(void **state)
{
        struct settings now, next;

        (void)state;
        settings_default(&now);
        settings_default(&next);
        assert_false(reload_take(&now, &next));
        assert_memory_equal(&now, &next, sizeof(now));

        /* Nor does a way there that leads through other values. */
        set(&next, "mqtt", "broker", "unix:/run/a/longer/name/of/a/socket");
        set(&next, "mqtt", "broker", "tcp:localhost:1883");
        set(&next, "link", "stream", "unix:/dev.sock");
        set(&next, "link", "stream", "none");
        assert_false(reload_take(&now, &next));
        assert_memory_equal(&now, &next, sizeof(now));
}

static void test_reload_takes_over_what_may_change(void **state)
{
        struct settings now, next;

        (void)state;
        settings_default(&now);
        settings_default(&next);
        set(&next, "site", "room", "attic");
        set(&next, "site", "latitude", "52.5");
        set(&next, "limits", "links", "7");
        set(&next, "mqtt", "requests", "no");
        set(&next, "bluetooth", "adapter", "hci1");
        assert_false(reload_take(&now, &next));
        assert_memory_equal(&now, &next, sizeof(now));
}

static void test_reload_of_what_the_connection_is_made_with_says_so(void **state)
{
        static const char *const cases[][2] = {
                {"broker", "unix:/run/broker.sock"},
                {"user", "hub"},
                {"password_file", "/p"},
                {"ca_file", "/ca"},
                {"key_file", "/k"},
                {"cert_file", "/c"},
        };
        struct settings now, next;

        (void)state;
        settings_default(&now);
        settings_default(&next);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                set(&next, "mqtt", cases[i][0], cases[i][1]);
                assert_true(reload_take(&now, &next));
                assert_false(reload_take(&now, &next));
        }
}

static void test_reload_keeps_what_takes_a_restart(void **state)
{
        struct settings now, before, next;

        (void)state;
        settings_default(&now);
        before = now;
        settings_default(&next);
        set(&next, "hub", "name", "attic");
        set(&next, "bluetooth", "enabled", "no");
        set(&next, "link", "stream", "unix:/dev.sock");
        assert_false(reload_take(&now, &next));
        assert_memory_equal(&now, &before, sizeof(now));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reload_of_the_same_settings_changes_nothing),
                cmocka_unit_test(test_reload_takes_over_what_may_change),
                cmocka_unit_test(test_reload_of_what_the_connection_is_made_with_says_so),
                cmocka_unit_test(test_reload_keeps_what_takes_a_restart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
