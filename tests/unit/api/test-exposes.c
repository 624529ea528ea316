/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/exposes.h"
#include "api/json.h"
#include "util/defer.h"

#define MEMBERS_MAX 3

/* The exposes of these channels and groups are those of @expected, a text with ' for ". */
static void expect_exposes(const struct exposes_source *source, const char *expected)
{
        json_t *exposes = exposes_json(source);
        char *text;

        assert_non_null(exposes);
        text = json_dumps(exposes, JSON_COMPACT | JSON_DECIMALS);
        for (char *at = text; *at; at++)
                if (*at == '"')
                        *at = '\'';
        assert_string_equal(text, expected);
        free(text);
        json_decref(exposes);
}

static void test_exposes_say_what_can_be_done_with_a_channel(void **state)
{
        static const struct {
                enum store_type type;
                unsigned direction, access;
        } cases[] = {
                {STORE_NUMBER, STORE_PUBLISH, EXPOSES_PUBLISHED | EXPOSES_GET},
                {STORE_NUMBER, STORE_COMMAND, EXPOSES_SET},
                {STORE_SWITCH, STORE_BOTH, EXPOSES_PUBLISHED | EXPOSES_SET | EXPOSES_GET},
                {STORE_BUTTON, STORE_COMMAND, EXPOSES_SET},
                {STORE_EVENT, STORE_PUBLISH, EXPOSES_PUBLISHED},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct store_channel channel = {
                        .type = cases[i].type,
                        .direction = (enum store_direction)cases[i].direction};

                assert_int_equal(exposes_access(&channel), cases[i].access);
        }
}

/* clang-format off */
static const struct {
        struct store_channel channel;
        const char *expected;
} features[] = {
        { { .leaf = "outdoor_temperature", .class = "temperature", .unit = "\xc2\xb0" "C", .direction = STORE_PUBLISH },
          "[{'name':'outdoor_temperature','label':'Outdoor temperature','property':'outdoor_temperature','access':5,"
          "'device_class':'temperature','type':'numeric','unit':'\xc2\xb0" "C'}]" },
        { { .leaf = "limit", .direction = STORE_BOTH, .category = STORE_CONFIG, .has_range = true, .low = -50,
            .high = 300, .step = 5, .exponent = -1 },
          "[{'name':'limit','label':'Limit','property':'limit','access':7,'category':'config','type':'numeric',"
          "'value_min':-5.0,'value_max':30.0,'value_step':0.5}]" },
        { { .leaf = "interval", .unit = "s", .direction = STORE_BOTH, .has_range = true, .low = 1, .high = 86400 },
          "[{'name':'interval','label':'Interval','property':'interval','access':7,'type':'numeric','unit':'s',"
          "'value_min':1,'value_max':86400}]" },
        { { .leaf = "identify", .direction = STORE_COMMAND, .type = STORE_SWITCH },
          "[{'name':'identify','label':'Identify','property':'identify','access':2,'type':'binary','value_on':true,"
          "'value_off':false}]" },
        { { .leaf = "mode", .direction = STORE_BOTH, .type = STORE_ENUMERATION, .words = "eco auto" },
          "[{'name':'mode','label':'Mode','property':'mode','access':7,'type':'enum','values':['eco','auto']}]" },
        { { .leaf = "line", .direction = STORE_COMMAND, .type = STORE_TEXT, .length = 32 },
          "[{'name':'line','label':'Line','property':'line','access':2,'type':'text'}]" },
        { { .leaf = "restart", .direction = STORE_COMMAND, .type = STORE_BUTTON, .category = STORE_CONFIG },
          "[{'name':'restart','label':'Restart','property':'restart','access':2,'category':'config','type':'enum',"
          "'values':['press']}]" },
        { { .leaf = "ring", .class = "doorbell", .direction = STORE_PUBLISH, .type = STORE_EVENT, .words = "press" },
          "[{'name':'ring','label':'Ring','property':'ring','access':1,'device_class':'doorbell','type':'enum',"
          "'values':['press']},{'name':'action','label':'Action','property':'action','access':1,'type':'enum',"
          "'values':['ring_press']}]" },
        { { .leaf = "battery_low", .direction = STORE_PUBLISH, .type = STORE_SWITCH, .category = STORE_DIAGNOSTIC },
          "[{'name':'battery_low','label':'Battery low','property':'battery_low','access':5,'category':'diagnostic',"
          "'type':'binary','value_on':true,'value_off':false}]" },
        { { .leaf = "relay", .class = "outlet", .direction = STORE_BOTH, .type = STORE_SWITCH },
          "[{'type':'switch','features':[{'name':'state','label':'State','property':'relay','access':7,"
          "'device_class':'outlet','type':'binary','value_on':true,'value_off':false}]}]" },
        /* It only says whether the other end is on. */
        { { .leaf = "far", .class = "outlet", .direction = STORE_PUBLISH, .type = STORE_SWITCH },
          "[{'name':'far','label':'Far','property':'far','access':5,'device_class':'outlet','type':'binary',"
          "'value_on':true,'value_off':false}]" },
        /* zigbee2mqtt has no settings that cannot be set, and no diagnoses that can. */
        { { .leaf = "size", .direction = STORE_PUBLISH, .category = STORE_CONFIG },
          "[{'name':'size','label':'Size','property':'size','access':5,'type':'numeric'}]" },
        { { .leaf = "debug", .direction = STORE_BOTH, .type = STORE_SWITCH, .category = STORE_DIAGNOSTIC },
          "[{'name':'debug','label':'Debug','property':'debug','access':7,'type':'binary','value_on':true,"
          "'value_off':false}]" },
};
/* clang-format on */

static void test_exposes_have_a_feature_for_each_type(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(features); i++)
                expect_exposes(&(struct exposes_source){&features[i].channel, 1, NULL, 0},
                               features[i].expected);
}

#define RANGE .has_range = true, .high = 100
#define BINARY(name, label, leaf, access, on, off)                                                 \
        "{'name':'" name "','label':'" label "','property':'" leaf "','access':" access            \
        ",'type':'binary','value_on':" on ",'value_off':" off "}"
#define ENUM(name, label, leaf, access, values)                                                    \
        "{'name':'" name "','label':'" label "','property':'" leaf "','access':" access            \
        ",'type':'enum','values':[" values "]}"
#define NUMERIC(name, label, leaf, access, unit)                                                   \
        "{'name':'" name "','label':'" label "','property':'" leaf "','access':" access            \
        ",'type':'numeric'," unit "'value_min':0,'value_max':100}"

/* clang-format off */
static const struct {
        const char *kind;
        struct {
                const char *role;
                struct store_channel channel;
        } members[MEMBERS_MAX];
        const char *expected;
} groups[] = {
        { "light", { { "state", { .leaf = "on", .direction = STORE_BOTH, .type = STORE_SWITCH } },
                     { "brightness", { .leaf = "dim", .direction = STORE_BOTH, RANGE } },
                     { "colour_temp", { .leaf = "warmth", .unit = "mired", .direction = STORE_COMMAND, RANGE } } },
          "[{'type':'light','features':[" BINARY("state", "State", "on", "7", "true", "false") ","
          NUMERIC("brightness", "Brightness", "dim", "7", "") "," NUMERIC("color_temp", "Color temp", "warmth", "2", "'unit':'mired',") "]}]" },
        /* zigbee2mqtt's colour temperature is in mired, whatever the unit says. */
        { "light", { { "state", { .leaf = "on", .direction = STORE_BOTH, .type = STORE_SWITCH } },
                     { "colour_temp", { .leaf = "warmth", .unit = "K", .direction = STORE_COMMAND, RANGE } } },
          "[{'type':'light','features':[" BINARY("state", "State", "on", "7", "true", "false") "]},"
          NUMERIC("warmth", "Warmth", "warmth", "2", "'unit':'K',") "]" },
        { "lock", { { "state", { .leaf = "bolt", .direction = STORE_BOTH, .type = STORE_SWITCH } } },
          "[{'type':'lock','features':[" BINARY("state", "State", "bolt", "7", "true", "false") "]}]" },
        { "lock", { { "state", { .leaf = "bolt", .direction = STORE_BOTH, .type = STORE_ENUMERATION,
                                 .words = "locked unlocked jammed" } } },
          "[{'type':'lock','features':[" BINARY("state", "State", "bolt", "7", "'locked'", "'unlocked'") "]}]" },
        { "lock", { { "state", { .leaf = "state", .direction = STORE_PUBLISH, .type = STORE_ENUMERATION,
                                 .words = "locked unlocked jammed" } },
                    { "command", { .leaf = "command", .direction = STORE_COMMAND, .type = STORE_ENUMERATION,
                                   .words = "lock unlock" } } },
          "[{'type':'lock','features':["
          ENUM("lock_state", "Lock state", "state", "5", "'locked','unlocked','jammed'") ","
          BINARY("state", "State", "command", "2", "'lock'", "'unlock'") "]}]" },
        { "cover", { { "position", { .leaf = "height", .direction = STORE_BOTH, RANGE } },
                     { "state", { .leaf = "is", .direction = STORE_PUBLISH, .type = STORE_ENUMERATION,
                                  .words = "open closed" } } },
          "[{'type':'cover','features':[" NUMERIC("position", "Position", "height", "7", "") ","
          ENUM("state", "State", "is", "5", "'open','closed'") "]}]" },
        /* What a cover with a command says of itself has no name in zigbee2mqtt's. */
        { "cover", { { "position", { .leaf = "height", .direction = STORE_PUBLISH, RANGE } },
                     { "state", { .leaf = "is", .direction = STORE_PUBLISH, .type = STORE_ENUMERATION,
                                  .words = "open closed" } },
                     { "command", { .leaf = "go", .direction = STORE_COMMAND, .type = STORE_ENUMERATION,
                                    .words = "open close stop" } } },
          "[{'type':'cover','features':[" NUMERIC("position", "Position", "height", "5", "") ","
          ENUM("state", "State", "go", "2", "'open','close','stop'") "]},"
          ENUM("is", "Is", "is", "5", "'open','closed'") "]" },
        { "climate", { { "target", { .leaf = "wanted", .direction = STORE_BOTH, RANGE } },
                       { "current", { .leaf = "temperature", .direction = STORE_PUBLISH, RANGE } },
                       { "mode", { .leaf = "mode", .direction = STORE_BOTH, .type = STORE_ENUMERATION,
                                   .words = "off heat" } } },
          "[{'type':'climate','features':["
          NUMERIC("current_heating_setpoint", "Current heating setpoint", "wanted", "7", "") ","
          NUMERIC("local_temperature", "Local temperature", "temperature", "5", "") ","
          ENUM("system_mode", "System mode", "mode", "7", "'off','heat'") "]}]" },
        /* Of a later version. */
        { "robot", { { "state", { .leaf = "on", .direction = STORE_COMMAND, .type = STORE_SWITCH } } },
          "[" BINARY("on", "On", "on", "2", "true", "false") "]" },
};
/* clang-format on */

static void test_exposes_of_groups_have_the_names_of_zigbee2mqtt(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(groups); i++) {
                struct store_channel channels[MEMBERS_MAX] = {0};
                struct store_member members[MEMBERS_MAX] = {0};
                uint32_t n = 0;

                for (; n < MEMBERS_MAX && groups[i].members[n].role; n++) {
                        channels[n] = groups[i].members[n].channel;
                        channels[n].number = n + 1;
                        members[n] = (struct store_member){.group = 1, .channel = n + 1};
                        (void)snprintf(members[n].kind, sizeof(members[n].kind), "%s",
                                       groups[i].kind);
                        (void)snprintf(members[n].role, sizeof(members[n].role), "%s",
                                       groups[i].members[n].role);
                }
                expect_exposes(&(struct exposes_source){channels, n, members, n},
                               groups[i].expected);
        }
}

/* A command in one group takes no name from another, and what is in no group is behind them. */
static void test_exposes_keep_groups_apart(void **state)
{
        static const struct store_channel channels[] = {
                {.number = 1, .leaf = "level", .direction = STORE_PUBLISH, RANGE},
                {.number = 2, .leaf = "front", .direction = STORE_BOTH, .type = STORE_SWITCH},
                {.number = 3, .leaf = "back", .direction = STORE_PUBLISH, .type = STORE_SWITCH},
                {.number = 4, .leaf = "turn", .direction = STORE_COMMAND, .type = STORE_SWITCH},
        };
        static const struct store_member members[] = {
                {1, "lock", "state", 2},
                {2, "lock", "state", 3},
                {2, "lock", "command", 4},
        };

        (void)state;
        expect_exposes(
                &(struct exposes_source){channels, ELEMENTSOF(channels), members,
                                         ELEMENTSOF(members)},
                "[{'type':'lock','features':[" BINARY(
                        "state", "State", "front", "7", "true",
                        "false") "]},"
                                 "{'type':'lock','features':[" BINARY(
                                         "lock_state", "Lock state", "back", "5", "true",
                                         "false") "," BINARY("state", "State", "turn", "2", "true",
                                                             "false") "]}," NUMERIC("level",
                                                                                    "Level",
                                                                                    "level", "5",
                                                                                    "") "]");
}

static void test_exposes_of_no_channel_are_an_empty_array(void **state)
{
        (void)state;
        expect_exposes(&(struct exposes_source){0}, "[]");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_exposes_say_what_can_be_done_with_a_channel),
                cmocka_unit_test(test_exposes_have_a_feature_for_each_type),
                cmocka_unit_test(test_exposes_of_groups_have_the_names_of_zigbee2mqtt),
                cmocka_unit_test(test_exposes_keep_groups_apart),
                cmocka_unit_test(test_exposes_of_no_channel_are_an_empty_array),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
