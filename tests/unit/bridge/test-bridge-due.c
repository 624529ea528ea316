/* SPDX-License-Identifier: Apache-2.0 */

/* What the bridge publishes of many devices, and of any while the broker is behind. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/bridge.h"
#include "support/bridged-hub.h"

static void assert_count(const struct hub *hub, const char *name, const char *value)
{
        assert_non_null(strstr(hub_last(hub, TOPIC_DEVICE, name), value));
}

/* While the broker is behind, devices wait with their newest state, and each has its turn. */
static void test_bridge_busy_broker_gets_the_newest_state(void **state)
{
        struct reading reading = {.leaf = "count",
                                  .value = {.type = MESSAGE_INTEGER, .integer = 1}};
        struct hub *hub = *state;

        hub_set_available(hub, 1, true);
        hub_set_available(hub, 2, true);
        hub_forget(hub);
        hub->client.busy = true;
        for (int i = 0; i < 5; i++) {
                reading.value.integer = i;
                hub_tell_readings(hub, 1, &reading, 1);
                hub_tell_readings(hub, 2, &reading, 1);
                hub_set_available(hub, 2, i % 2 == 0);
                hub_set_available(hub, 2, i % 2 == 1);
        }
        assert_int_equal(hub_count(hub, TOPIC_DEVICE), 0);
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 0);
        hub->client.busy = false;
        bridge_room(hub->bridge);
        assert_int_equal(hub_count(hub, TOPIC_DEVICE), 2);
        assert_count(hub, "device-1", "\"count\":4,");
        assert_count(hub, "device-2", "\"count\":4,");
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 1);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-2"),
                            "{\"state\":\"offline\"}");
        bridge_room(hub->bridge);
        assert_int_equal(hub_count(hub, TOPIC_DEVICE), 2);
}

/* Of many devices, those that have changed are found, wherever they are. */
static void test_bridge_changes_are_found_among_many(void **state)
{
        struct hub *hub = *state;

        for (unsigned i = 1; i <= 20; i++)
                hub_set_available(hub, i, true);
        hub_forget(hub);
        assert_true(state_forget(hub->state, hub_device_id(1)));
        assert_true(state_forget(hub->state, hub_device_id(20)));
        assert_true(state_rename(hub->state, hub_device_id(7), "lamp"));
        assert_true(state_rename(hub->state, hub_device_id(8), "device-20"));
        assert_int_equal(state_add(hub->state, hub_device_id(0), "first"), 0);
        assert_int_equal(state_add(hub->state, hub_device_id(30), "last"), 0);
        hub_devices_changed(hub);
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 7);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"), "");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-7"), "");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-8"), "");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "lamp"), "{\"state\":\"online\"}");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-20"),
                            "{\"state\":\"online\"}");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "first"), "{\"state\":\"offline\"}");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "last"), "{\"state\":\"offline\"}");
        hub_forget(hub);
        hub_devices_changed(hub);
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 0);
}

/* What a device was due that has gone meanwhile is not published. */
static void test_bridge_busy_broker_gets_nothing_of_what_is_gone(void **state)
{
        const struct reading reading = {.leaf = "count",
                                        .value = {.type = MESSAGE_INTEGER, .integer = 1}};
        struct hub *hub = *state;

        hub_set_available(hub, 1, true);
        hub_forget(hub);
        hub->client.busy = true;
        hub_tell_readings(hub, 1, &reading, 1);
        assert_true(state_forget(hub->state, hub_device_id(1)));
        hub_devices_changed(hub);
        hub->client.busy = false;
        bridge_room(hub->bridge);
        assert_int_equal(hub_count(hub, TOPIC_DEVICE), 0);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_set_up, hub_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_bridge_busy_broker_gets_the_newest_state),
                TEST(test_bridge_changes_are_found_among_many),
                TEST(test_bridge_busy_broker_gets_nothing_of_what_is_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
