/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "hass/entity.h"
#include "util/defer.h"

static const struct entity_place hall = {"home", "Hall-1", "enrolld_ab", true},
                                 silent = {"home", "Hall-1", "enrolld_ab", false};

/* The entity is @expected, a text with ' for ". */
static void expect_entity(json_t *take, const char *expected)
{
        char *text;

        assert_non_null(take);
        text = json_dumps(take, JSON_COMPACT | JSON_DECIMALS);
        for (char *at = text; *at; at++)
                if (*at == '"')
                        *at = '\'';
        assert_string_equal(text, expected);
        free(text);
        json_decref(take);
}

#define IDS(platform, leaf)                                                                        \
        "'platform':'" platform "','unique_id':'enrolld_ab_" leaf                                  \
        "','default_entity_id':'" platform ".hall_1_" leaf "','qos':1"
#define SHOWN(leaf)                                                                                \
        "'state_topic':'enrolld/home/Hall-1','value_template':'{{ value_json." leaf                \
        " | default('None') }}'"
#define SET(leaf) "'command_topic':'enrolld/home/Hall-1/set/" leaf "'"

/* clang-format off */
static const struct {
        struct store_channel channel;
        const char *obeyed, *unobeyed; /* NULL: there is none */
} cases[] = {
        { { .leaf = "temperature", .class = "temperature", .unit = "K", .direction = STORE_PUBLISH },
          "{" IDS("sensor", "temperature") ",'unit_of_measurement':'K','device_class':'temperature'," SHOWN("temperature")
          ",'state_class':'measurement'}",
          "{" IDS("sensor", "temperature") ",'unit_of_measurement':'K','device_class':'temperature'," SHOWN("temperature")
          ",'state_class':'measurement'}" },
        { { .leaf = "out", .class = "temperature", .unit = "bar", .direction = STORE_PUBLISH, .category = STORE_CONFIG },
          "{" IDS("sensor", "out") ",'unit_of_measurement':'bar','name':'Out','entity_category':'diagnostic'," SHOWN("out")
          ",'state_class':'measurement'}", NULL },
        { { .leaf = "limit", .direction = STORE_BOTH, .category = STORE_CONFIG, .has_range = true, .low = 50, .high = 300,
            .step = 5, .exponent = -1 },
          "{" IDS("number", "limit") ",'name':'Limit','entity_category':'config'," SHOWN("limit") "," SET("limit")
          ",'min':5.0,'max':30.0,'step':0.5}",
          "{" IDS("sensor", "limit") ",'name':'Limit','entity_category':'diagnostic'," SHOWN("limit")
          ",'state_class':'measurement'}" },
        { { .leaf = "fine", .direction = STORE_COMMAND, .has_range = true, .high = 7, .exponent = -6 },
          "{" IDS("number", "fine") ",'name':'Fine'," SET("fine") ",'min':0.0,'max':7e-6,'step':0.001}", NULL },
        { { .leaf = "any", .direction = STORE_COMMAND },
          "{" IDS("number", "any") ",'name':'Any'," SET("any")
          ",'min':-2147483648,'max':2147483647,'step':0.001,'mode':'box'}", NULL },
        { { .leaf = "relay", .class = "outlet", .direction = STORE_BOTH, .type = STORE_SWITCH },
          "{" IDS("switch", "relay") ",'device_class':'outlet','name':'Relay'," SHOWN("relay") "," SET("relay")
          ",'state_on':'True','state_off':'False','payload_on':'true','payload_off':'false'}",
          "{" IDS("binary_sensor", "relay") ",'name':'Relay'," SHOWN("relay")
          ",'payload_on':'True','payload_off':'False'}" },
        { { .leaf = "door", .class = "door", .direction = STORE_PUBLISH, .type = STORE_SWITCH },
          "{" IDS("binary_sensor", "door") ",'device_class':'door'," SHOWN("door")
          ",'payload_on':'True','payload_off':'False'}", NULL },
        { { .leaf = "mode", .direction = STORE_BOTH, .type = STORE_ENUMERATION, .words = "eco auto" },
          "{" IDS("select", "mode") ",'name':'Mode'," SHOWN("mode") "," SET("mode")
          ",'options':['eco','auto'],'command_template':'{{ value | to_json }}'}",
          "{" IDS("sensor", "mode") ",'name':'Mode'," SHOWN("mode") ",'device_class':'enum','options':['eco','auto']}" },
        { { .leaf = "line", .direction = STORE_COMMAND, .type = STORE_TEXT, .length = 32 },
          "{" IDS("text", "line") ",'name':'Line'," SET("line") ",'max':32,'command_template':'{{ value | to_json }}'}", NULL },
        { { .leaf = "identify", .class = "identify", .direction = STORE_COMMAND, .type = STORE_BUTTON },
          "{" IDS("button", "identify") ",'device_class':'identify'," SET("identify") ",'payload_press':'press'}", NULL },
        { { .leaf = "ring", .class = "doorbell", .direction = STORE_PUBLISH, .type = STORE_EVENT, .words = "press" },
          "{" IDS("event", "ring") ",'device_class':'doorbell','name':'Ring','state_topic':'enrolld/home/Hall-1',"
          "'value_template':'{% if value_json.ring is defined %}{{ {'event_type': value_json.ring} | to_json }}{% endif %}',"
          "'event_types':['press']}", NULL },
};
/* clang-format on */

static void test_entity_of_each_type(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct store_channel *channel = &cases[i].channel;

                assert_true(entity_is_possible(&hall, channel));
                expect_entity(entity_json(&hall, channel), cases[i].obeyed);
                assert_int_equal(entity_is_possible(&silent, channel),
                                 (channel->direction & STORE_PUBLISH) != 0);
                if (cases[i].unobeyed)
                        expect_entity(entity_json(&silent, channel), cases[i].unobeyed);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_entity_of_each_type),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
