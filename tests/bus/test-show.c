/* SPDX-License-Identifier: Apache-2.0 */

/* What enrollctl shows of a hub: list, info, status and monitor, the real program on a private bus.
 */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/json.h"
#include "support/served-hub.h"
#include "support/store-sample.h"

#define PATIENCE_SEC 120 /* for the whole test */

static void fill_store(struct hub *hub)
{
        struct sample sample;

        sample_path(hub->store_path, sizeof(hub->store_path), "store");
        assert_int_equal(store_open(hub->store_path, &hub->store), 0);
        for (unsigned i = 1; i <= 2; i++) {
                sample_init(&sample, i);
                sample.device.n_functions = i == 1 ? 3 : 2;
                memcpy(sample.device.functions, "\x82\x01\x03", 3);
                assert_int_equal(store_enroll(hub->store, &sample.enrollment), 0);
        }
}

static void test_show_list_and_info_show_the_store(void **state)
{
        struct hub hub;
        json_t *document, *list, *device;
        const char *id;

        (void)state;
        hub_prepare(&hub, "");
        fill_store(&hub);
        hub_serve(&hub, &hub.bus);
        hub_wait_until_up(&hub);
        RUN(&hub, "list", "--json");
        assert_int_equal(hub.run.exit_code, 0);
        document = json_loads(hub.run.out, 0, NULL);
        list = json_object_get(document, "devices");
        assert_int_equal(json_array_size(list), 2);
        device = json_array_get(list, 0);
        assert_string_equal(json_string_value(json_object_get(device, "friendly_name")),
                            "device-1");
        assert_string_equal(json_string_value(json_object_get(device, "interview_state")),
                            "IN_PROGRESS");
        assert_int_equal(json_array_size(json_object_get(device, "channels")), 2);
        assert_null(json_object_get(device, "public_key"));
        assert_int_equal(json_array_size(json_object_get(device, "functions")), 2);
        assert_int_equal(
                json_integer_value(json_array_get(json_object_get(device, "functions"), 1)), 3);
        assert_int_equal(json_array_size(json_object_get(json_array_get(list, 1), "functions")), 0);
        id = json_string_value(json_object_get(device, "device_id"));
        assert_int_equal(strlen(id), 32);

        RUN(&hub, "info", id, "--json");
        assert_int_equal(hub.run.exit_code, 0);
        device = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(device, "friendly_name")),
                            "device-1");
        assert_int_equal(json_string_length(json_object_get(device, "public_key")), 64);
        json_decref(device);
        json_decref(document);

        RUN(&hub, "list");
        assert_non_null(strstr(hub.run.out, "NAME"));
        assert_non_null(strstr(hub.run.out, "device-2"));
        RUN(&hub, "-q");
        assert_string_equal(hub.run.out, "device-1\ndevice-2\n");
        RUN(&hub, "info", "device-1");
        assert_non_null(strstr(hub.run.out, "1, 3\n"));
        RUN(&hub, "info", "device-2");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "CHANNEL"));
        RUN(&hub, "info", "device-3");
        assert_int_equal(hub.run.exit_code, 10);
        assert_non_null(strstr(hub.run.err, "remedy: Did you mean device-1?"));
        RUN(&hub, "info", "elsewhere");
        assert_non_null(strstr(hub.run.err, "remedy: See enrollctl list for the names."));
        RUN(&hub, "info", "device-3", "--json");
        hub_expect_json_error(&hub.run, "no_such_device");
        hub_stop(&hub);
}

static void test_show_empty_list_says_how_to_begin(void **state)
{
        struct hub hub;
        json_t *document;

        (void)state;
        hub_prepare(&hub, "");
        sample_path(hub.store_path, sizeof(hub.store_path), "store");
        assert_int_equal(store_open(hub.store_path, &hub.store), 0);
        hub_serve(&hub, &hub.bus);
        hub_wait_until_up(&hub);
        RUN(&hub, "list", "--json");
        document = json_loads(hub.run.out, 0, NULL);
        assert_true(json_is_array(json_object_get(document, "devices")));
        assert_int_equal(json_array_size(json_object_get(document, "devices")), 0);
        json_decref(document);
        RUN(&hub, "-q");
        assert_string_equal(hub.run.out, "");
        hub.status.n_issuers = 0;
        RUN(&hub, "list");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "There are no devices on this hub yet."));
        assert_non_null(strstr(hub.run.out, "/etc/enrolld/issuers.d"));
        assert_non_null(strstr(hub.run.out, "enrollctl scan"));
        hub.status.n_issuers = 1;
        RUN(&hub, "list");
        assert_null(strstr(hub.run.out, "issuers.d"));
        assert_non_null(strstr(hub.run.out, "enrollctl enroll FILE"));
        hub_stop(&hub);
}

static void test_show_status_names_what_is_wrong(void **state)
{
        struct hub hub;
        json_t *status;

        (void)state;
        hub_start(&hub, "");
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "tcp:localhost:1883"));
        assert_non_null(strstr(hub.run.out, "(broker_unreachable)"));
        assert_non_null(strstr(hub.run.out, "hci0"));
        RUN(&hub, "status", "--json");
        status = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(status, "mqtt"), "state")),
                "broker_unreachable");
        assert_int_equal(json_integer_value(json_object_get(status, "devices")), 2);
        assert_true(json_is_false(json_object_get(status, "enrolling")));
        json_decref(status);
        hub_stop(&hub);
}

static void test_show_status_lists_adapters_enrollments_and_problems(void **state)
{
        struct hub hub;
        json_t *status;
        char *text;

        (void)state;
        hub_start(&hub, "");
        hub.status.adapters[1] = (struct api_adapter){"hci1", REASON_ADAPTER_OFF, NULL};
        hub.status.n_adapters = 2;
        hub_set_running(&hub, 2);
        hub.status.unfinished[0] = (struct api_unfinished){"hall", false, false, 1769860800};
        hub.status.unfinished[1] = (struct api_unfinished){"attic", false, true, 1769860800};
        hub.status.unfinished[2] = (struct api_unfinished){"cellar", true, false, 1769860800};
        hub.status.n_unfinished = 3;
        assert_true(condition_set(&hub.conditions, REASON_STORE_FULL, true, 1));
        assert_true(condition_set(&hub.conditions, REASON_CAMERA_MISSING, true, 1));
        RUN(&hub, "status", "--json");
        status = json_loads(hub.run.out, 0, NULL);
        assert_true(json_is_true(json_object_get(status, "enrolling")));
        text = json_dumps(json_object_get(status, "bluetooth"), JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text,
                            "{\"adapters\":[{\"name\":\"hci0\",\"state\":\"ok\"},"
                            "{\"name\":\"hci1\",\"state\":\"adapter_off\"}],\"state\":\"ok\"}");
        free(text);
        text = json_dumps(json_object_get(status, "enrollments"), JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text,
                            "[{\"friendly_name\":\"kitchen\",\"step\":4,\"step_name\":\"supply\","
                            "\"step_title\":\"supply the values\",\"steps\":7,"
                            "\"transaction\":\"" TRANSACTION "\"},"
                            "{\"step\":0,\"step_name\":\"code\","
                            "\"step_title\":\"check the code\",\"steps\":7,"
                            "\"transaction\":\"8899aabbccddeeff\"}]");
        free(text);
        text = json_dumps(json_object_get(status, "unfinished"), JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text,
                            "[{\"friendly_name\":\"hall\",\"next_try\":\"2026-01-31T12:00:00Z\","
                            "\"state\":\"waiting\"},"
                            "{\"friendly_name\":\"attic\",\"state\":\"looking\"},"
                            "{\"friendly_name\":\"cellar\",\"state\":\"finishing\"}]");
        free(text);
        text = json_dumps(json_object_get(status, "conditions"), JSON_COMPACT);
        assert_string_equal(text, "[\"camera_missing\",\"store_full\"]");
        free(text);
        json_decref(status);

        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, " hci0\n"));
        assert_non_null(strstr(hub.run.out, " hci1: "));
        assert_non_null(strstr(hub.run.out, TRANSACTION ", kitchen, step 4/7 supply the values\n"));
        assert_non_null(strstr(hub.run.out, " 8899aabbccddeeff, step 0/7 check the code\n"));
        assert_non_null(strstr(hub.run.out, "hall, waiting until 2026-01-31T12:00:00Z\n"));
        assert_non_null(strstr(hub.run.out, "attic, looking\n"));
        assert_non_null(strstr(hub.run.out, "Open problems"));
        assert_non_null(strstr(hub.run.out, "(store_full)"));
        hub_stop(&hub);
}

/* What is configured and missing stands beside what is there; a port that works is a row, too. */
static void test_show_status_names_what_is_missing_and_what_is_there(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub.status.adapters[1] =
                (struct api_adapter){"00:00:5E:00:53:02", REASON_ADAPTER_MISSING, NULL};
        hub.status.n_adapters = 2;
        hub.status.others[0] = (struct api_adapter){"hci1", REASON_NONE, "00:00:5E:00:53:01"};
        hub.status.n_others = 1;
        hub.status.ports[0] = (struct api_port){"unix:/run/a", REASON_NONE};
        hub.status.ports[1] = (struct api_port){"unix:/run/b", REASON_PORT_UNAVAILABLE};
        hub.status.n_ports = 2;
        assert_true(condition_set(&hub.conditions, REASON_ADAPTER_MISSING, true, 1));
        assert_true(condition_set(&hub.conditions, REASON_PORT_UNAVAILABLE, true, 1));
        RUN(&hub, "status");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, " 00:00:5E:00:53:02: The Bluetooth adapter is missing. "
                                            "(adapter_missing) "));
        assert_non_null(
                strstr(hub.run.out, " hci1 00:00:5E:00:53:01: there, but not configured\n"));
        assert_non_null(strstr(hub.run.out, "Stream ports"));
        assert_non_null(strstr(hub.run.out, " unix:/run/a\n"));
        assert_non_null(strstr(hub.run.out, " unix:/run/b: "));
        assert_non_null(strstr(hub.run.out, "(port_unavailable)"));
        assert_null(strstr(hub.run.out, "Open problems"));
        hub_stop(&hub);
}

static void test_show_status_says_a_problem_once(void **state)
{
        struct hub hub;
        char *first;

        (void)state;
        hub_start(&hub, "");
        hub.status.n_adapters = 0;
        hub.status.bluetooth_state = REASON_ADAPTER_MISSING;
        assert_true(condition_set(&hub.conditions, REASON_ADAPTER_MISSING, true, 1));
        RUN(&hub, "status");
        first = strstr(hub.run.out, "(adapter_missing)");
        assert_non_null(first);
        assert_null(strstr(first + 1, "(adapter_missing)"));
        assert_null(strstr(hub.run.out, "Open problems"));
        hub_stop(&hub);
}

static void test_show_info_shows_what_is_known_of_a_device(void **state)
{
        const struct reading readings[] = {
                {.leaf = "temperature",
                 .value = {.type = MESSAGE_DECIMAL, .integer = 2734, .exponent = -2}},
                {.leaf = "mode",
                 .value = {.type = MESSAGE_TEXT, .text = {(const uint8_t *)"day", 3}}},
        };
        struct store_device row;
        struct hub hub;
        json_t *device;
        char *text;

        (void)state;
        hub_prepare(&hub, "");
        fill_store(&hub);
        assert_int_equal(store_find_name(hub.store, "device-1", &row), 0);
        assert_int_equal(state_add(hub.state, row.device_id, row.name), 0);
        hub_serve(&hub, &hub.bus);
        hub_wait_until_up(&hub);
        RUN(&hub, "info", "device-1", "--json");
        device = json_loads(hub.run.out, 0, NULL);
        assert_null(json_object_get(device, "state"));
        text = json_dumps(json_object_get(device, "availability"), JSON_COMPACT);
        assert_string_equal(text, "{\"state\":\"offline\"}");
        free(text);
        json_decref(device);

        assert_int_equal(state_readings(hub.state, row.device_id, readings, 2, 1769860800), 0);
        assert_true(state_reach(hub.state, row.device_id,
                                &(const struct state_reach){.available = true, .now = 7}));
        RUN(&hub, "info", "device-1", "--json");
        assert_non_null(strstr(hub.run.out, "27.34,"));
        device = json_loads(hub.run.out, 0, NULL);
        text = json_dumps(json_object_get(device, "state"),
                          JSON_COMPACT | JSON_SORT_KEYS | JSON_DECIMALS);
        assert_string_equal(text, "{\"last_seen\":\"2026-01-31T12:00:00Z\",\"mode\":\"day\","
                                  "\"temperature\":27.34}");
        free(text);
        json_decref(device);
        RUN(&hub, "info", "device-1");
        assert_non_null(strstr(hub.run.out, "online"));
        assert_non_null(strstr(hub.run.out, "2026-01-31T12:00:00Z"));
        assert_non_null(strstr(hub.run.out, "27.34"));
        hub_stop(&hub);
}

static void test_show_monitor_shows_everybodys_events(void **state)
{
        struct hub hub;
        json_t *json;

        (void)state;
        hub_start(&hub, "");
        hub_set_script(&hub, &hub_good[5], 1);
        hub.play_on_status = true;
        hub.signal = SIGINT;
        RUN(&hub, "monitor");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(strchr(hub.run.out, ' '), " ffff - failed check the code: not mine\n");
        RUN(&hub, "monitor", "--json");
        json = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(json, "text")), "not mine");
        json_decref(json);
        hub_stop(&hub);
}

static void test_show_monitor_ends_when_its_time_is_up(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        RUN(&hub, "monitor", "--timeout=1");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.run.out, "");
        assert_string_equal(hub.run.err, "");
        hub_stop(&hub);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_show_list_and_info_show_the_store),
                cmocka_unit_test(test_show_empty_list_says_how_to_begin),
                cmocka_unit_test(test_show_status_names_what_is_wrong),
                cmocka_unit_test(test_show_status_lists_adapters_enrollments_and_problems),
                cmocka_unit_test(test_show_status_names_what_is_missing_and_what_is_there),
                cmocka_unit_test(test_show_status_says_a_problem_once),
                cmocka_unit_test(test_show_info_shows_what_is_known_of_a_device),
                cmocka_unit_test(test_show_monitor_shows_everybodys_events),
                cmocka_unit_test(test_show_monitor_ends_when_its_time_is_up),
        };

        (void)alarm(PATIENCE_SEC);
        (void)signal(SIGPIPE, SIG_IGN);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
