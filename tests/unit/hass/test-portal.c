/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "event/condition.h"
#include "hass/portal.h"

static void expect_member(const json_t *components, const char *id, const char *key,
                          const char *text)
{
        const json_t *entity = json_object_get(components, id);

        assert_string_equal(json_string_value(json_object_get(entity, key)), text);
}

static void test_portal_requests_what_the_hub_takes(void **state)
{
        json_t *components = portal_json("villa", "enrolld_hub_villa", true);

        (void)state;
        expect_member(components, "permit_join", "platform", "switch");
        expect_member(components, "permit_join", "unique_id", "enrolld_hub_villa_permit_join");
        expect_member(components, "permit_join", "default_entity_id",
                      "switch.enrolld_villa_permit_join");
        expect_member(components, "permit_join", "payload_on", "{\"time\": 180}");
        expect_member(components, "permit_join", "command_topic",
                      "enrolld/villa/bridge/request/permit_join");
        expect_member(components, "scan", "command_topic", "enrolld/villa/bridge/request/scan");
        expect_member(components, "cancel", "payload_press", "{}");
        json_decref(components);
}

static void test_portal_without_requests_only_shows(void **state)
{
        json_t *components = portal_json("home", "enrolld_hub_home", false), *entity;
        const char *id;

        (void)state;
        assert_null(json_object_get(components, "permit_join"));
        json_object_foreach(components, id, entity)
        {
                assert_null(json_object_get(entity, "command_topic"));
        }
        expect_member(components, "enrollment", "state_topic", "enrolld/home/bridge/event");
        expect_member(components, "outbox", "value_template", "{{ value_json.outbox }}");
        json_decref(components);
}

static void test_portal_shows_every_problem(void **state)
{
        json_t *components = portal_json("home", "enrolld_hub_home", false);
        size_t n = 0;

        (void)state;
        for (enum reason reason = condition_next_known(REASON_NONE); reason != REASON_NONE;
             reason = condition_next_known(reason)) {
                char id[64], topic[128];

                (void)snprintf(id, sizeof(id), "problem_%s", reason_code(reason));
                (void)snprintf(topic, sizeof(topic), "enrolld/home/bridge/alert/%s",
                               reason_code(reason));
                expect_member(components, id, "device_class", "problem");
                expect_member(components, id, "json_attributes_topic", topic);
                n++;
        }
        assert_int_equal(json_object_size(components), n + 4);
        json_decref(components);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_portal_requests_what_the_hub_takes),
                cmocka_unit_test(test_portal_without_requests_only_shows),
                cmocka_unit_test(test_portal_shows_every_problem),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
