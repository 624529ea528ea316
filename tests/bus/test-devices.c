/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of devices after their enrollment, from enrollctl over org.enrolld1 to the hub. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/json.h"
#include "support/served-hub.h"
#include "support/store-sample.h"

#define PATIENCE_SEC 120 /* for the whole test */

/* A hub with two devices, each with a channel to be asked for and one to be set. */
static void hub_open(struct hub *hub)
{
        struct sample sample;

        hub_prepare(hub, "");
        sample_path(hub->store_path, sizeof(hub->store_path), "store");
        assert_int_equal(store_open(hub->store_path, &hub->store), 0);
        for (unsigned i = 1; i <= 2; i++) {
                sample_init(&sample, i);
                assert_int_equal(store_enroll(hub->store, &sample.enrollment), 0);
        }
        hub_serve(hub, &hub->bus);
        hub_wait_until_up(hub);
}

/* The program has ended so, and has written nothing else; then the hub has not been asked. */
static void expect_usage(struct hub *hub, const char *wrong)
{
        assert_int_equal(hub->run.exit_code, 2);
        assert_string_equal(hub->run.out, "");
        if (!strstr(hub->run.err, wrong))
                fail_msg("\"%s\" does not say \"%s\"", hub->run.err, wrong);
        assert_string_equal(hub->asked, "");
}

static void test_devices_are_renamed(void **state)
{
        struct hub hub;

        (void)state;
        hub_open(&hub);
        RUN(&hub, "rename", "device-1", "kitchen");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.run.out, "");
        assert_string_equal(hub.run.err, "");
        assert_string_equal(hub.asked, "rename");
        assert_string_equal(hub.device, "device-1");
        assert_string_equal(hub.name, "kitchen");
        hub.answer = api_refuse(REASON_NAME_TAKEN);
        RUN(&hub, "rename", "device-1", "device-2", "--json");
        assert_int_equal(hub.run.exit_code, 2);
        hub_expect_json_error(&hub.run, "name_taken");
        hub.answer = api_refuse(REASON_NO_SUCH_DEVICE);
        RUN(&hub, "rename", "device-3", "kitchen");
        assert_int_equal(hub.run.exit_code, 10);
        assert_non_null(strstr(hub.run.err, "Did you mean device-1?"));

        hub.asked[0] = '\0';
        RUN(&hub, "rename", "device-1", "bridge");
        expect_usage(&hub, "(request_invalid)");
        RUN(&hub, "rename", "device-1", "a/b");
        expect_usage(&hub, "1 to 32 letters");
        RUN(&hub, "rename", "device-1");
        expect_usage(&hub, "rename");
        RUN(&hub, "rename", "device-1", "\x1b[2J");
        expect_usage(&hub, "printable");
        hub_stop(&hub);
}

static void test_devices_are_removed(void **state)
{
        struct hub hub;

        (void)state;
        hub_open(&hub);
        for (int later = 0; later < 2; later++) {
                hub.answers_later = later;
                hub.answer = api_accept("");
                RUN(&hub, "remove", "device-1");
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.run.out, "");
                assert_string_equal(hub.asked, "remove");
                assert_string_equal(hub.device, "device-1");
                assert_false(hub.force);
                RUN(&hub, "forget", "device-2", "--force");
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.device, "device-2");
                assert_true(hub.force);
                hub.answer = api_refuse_because(REASON_NOT_RELEASED, "it does not answer");
                RUN(&hub, "remove", "device-1");
                assert_int_equal(hub.run.exit_code, 1);
                assert_non_null(strstr(hub.run.err, "it does not answer. (not_released)"));
                assert_non_null(strstr(hub.run.err, "--force"));
        }
        hub.asked[0] = '\0';
        RUN(&hub, "list", "--force");
        expect_usage(&hub, "--force");
        hub_stop(&hub);
}

static void test_devices_are_set(void **state)
{
        struct hub hub;
        json_t *json;

        (void)state;
        hub_open(&hub);
        for (int later = 0; later < 2; later++) {
                hub.answers_later = later;
                RUN(&hub, "set", "device-1", "identify", "7");
                assert_string_equal(hub.run.err, "");
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.asked, "set");
                assert_string_equal(hub.device, "device-1");
                assert_string_equal(hub.command, "2:identify=7 ");
                assert_non_null(strstr(hub.run.out, "identify    7\n"));
                assert_non_null(strstr(hub.run.out, "temperature 21.5\n"));
        }
        RUN(&hub, "set", "device-1", "identify", "true", "--json");
        assert_string_equal(hub.command, "2:identify=1 ");
        json = json_loads(hub.run.out, 0, NULL);
        assert_true(json_real_value(json_object_get(json_object_get(json, "values"),
                                                    "temperature")) == 21.5);
        json_decref(json);
        RUN(&hub, "set", "device-1", "identify", "on and on", "-q");
        assert_string_equal(hub.command, "2:identify=0 ");
        assert_string_equal(hub.run.out, "");
        hub.answer = api_refuse(REASON_COMMANDS_UNAVAILABLE);
        RUN(&hub, "set", "device-1", "identify", "7");
        assert_int_equal(hub.run.exit_code, 1);
        assert_non_null(strstr(hub.run.err, "(commands_unavailable)"));

        hub.asked[0] = '\0';
        RUN(&hub, "set", "device-1", "temperature", "7");
        expect_usage(&hub, "'temperature'; of device-1, identify can be set. (channel_access)");
        RUN(&hub, "set", "device-1", "colour", "7");
        expect_usage(&hub, "(channel_unknown)");
        RUN(&hub, "set", "device-1", "identify");
        expect_usage(&hub, "set");
        RUN(&hub, "set", "device-1", "identify", "7", "temperature");
        expect_usage(&hub, "each name takes a VALUE");
        RUN(&hub, "set", "device-1", "identify", "7", "identify", "8");
        expect_usage(&hub, "twice");
        RUN(&hub, "set", "elsewhere", "identify", "7");
        assert_int_equal(hub.run.exit_code, 10);
        hub_stop(&hub);
}

static void test_devices_are_asked(void **state)
{
        struct hub hub;

        (void)state;
        hub_open(&hub);
        hub.answers_later = true;
        RUN(&hub, "get", "device-2");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "get");
        assert_string_equal(hub.command, "1:temperature=0 ");
        assert_non_null(strstr(hub.run.out, "temperature 21.5\n"));
        RUN(&hub, "get", "02000000101010101010101010101010", "temperature");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.device, "device-2");
        RUN(&hub, "get", "0x0200000010101010", "temperature");
        assert_int_equal(hub.run.exit_code, 0);

        hub.asked[0] = '\0';
        RUN(&hub, "get", "device-2", "identify");
        expect_usage(&hub, "(channel_access)");
        RUN(&hub, "get", "device-2", "a b");
        expect_usage(&hub, "(request_invalid)");
        hub_stop(&hub);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_devices_are_renamed),
                cmocka_unit_test(test_devices_are_removed),
                cmocka_unit_test(test_devices_are_set),
                cmocka_unit_test(test_devices_are_asked),
        };

        (void)alarm(PATIENCE_SEC);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
