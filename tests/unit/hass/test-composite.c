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
#include "hass/composite.h"
#include "util/defer.h"

#define MEMBERS_MAX 3

static const struct entity_place hall = {"home", "hall", "enrolld_ab", true},
                                 silent = {"home", "hall", "enrolld_ab", false};

struct group {
        const char *kind;
        struct {
                const char *role;
                struct store_channel channel;
        } members[MEMBERS_MAX];
        const char *taken;    /* leaves of the channels that are part of the entity */
        const char *expected; /* without what every entity has; NULL: it is none */
};

/* A source of one group, with its channels numbered from 1. */
struct made {
        struct store_channel channels[MEMBERS_MAX];
        struct store_member members[MEMBERS_MAX];
        struct exposes_source source;
};

static void make(const struct group *group, struct made *ret_made)
{
        size_t n = 0;

        for (; n < MEMBERS_MAX && group->members[n].role; n++) {
                struct store_member *member = &ret_made->members[n];

                ret_made->channels[n] = group->members[n].channel;
                ret_made->channels[n].number = (uint32_t)n + 1;
                *member = (struct store_member){.group = 1, .channel = (uint32_t)n + 1};
                (void)snprintf(member->kind, sizeof(member->kind), "%s", group->kind);
                (void)snprintf(member->role, sizeof(member->role), "%s", group->members[n].role);
        }
        ret_made->source = (struct exposes_source){ret_made->channels, n, ret_made->members, n};
}

/* What only this kind of entity has, as a text with ' for ". */
static char *own_text(json_t *take)
{
        static const char *const common[] = {"platform", "unique_id", "default_entity_id", "qos",
                                             "name"};
        char *text;

        assert_non_null(take);
        assert_true(json_is_null(json_object_get(take, "name")));
        for (size_t i = 0; i < ELEMENTSOF(common); i++)
                assert_int_equal(json_object_del(take, common[i]), 0);
        text = json_dumps(take, JSON_COMPACT | JSON_DECIMALS);
        for (char *at = text; *at; at++)
                if (*at == '"')
                        *at = '\'';
        json_decref(take);
        return text;
}

#define T           "'enrolld/home/hall'"
#define SET(leaf)   "'enrolld/home/hall/set/" leaf "'"
#define LEAF(leaf)  "'{{ value_json." leaf " | default('') }}'"
#define KNOWN(leaf) "'{{ value_json." leaf " | default('None') }}'"
#define CELSIUS                                                                                    \
        "\xc2\xb0"                                                                                 \
        "C"
#define BOTH        .direction = STORE_BOTH
#define SHOWN       .direction = STORE_PUBLISH
#define OBEYED      .direction = STORE_COMMAND
#define RANGE(l, h) .has_range = true, .low = (l), .high = (h)
#define WORDS(w)    .type = STORE_ENUMERATION, .words = w
#define SWITCH      .type = STORE_SWITCH

/* clang-format off */
static const struct group groups[] = {
        { "light", { { "state", { .leaf = "on", BOTH, SWITCH } },
                     { "brightness", { .leaf = "dim", BOTH, RANGE(0, 254) } },
                     { "colour_temp", { .leaf = "warm", OBEYED, .unit = "mired", RANGE(153, 500) } } }, "on dim warm ",
          "{'command_topic':" SET("on") ",'payload_on':'true','payload_off':'false','state_topic':" T
          ",'state_value_template':'{{ value_json.on | default('') | lower }}','brightness_command_topic':" SET("dim")
          ",'brightness_scale':254,'brightness_state_topic':" T ",'brightness_value_template':" LEAF("dim")
          ",'color_temp_command_topic':" SET("warm") ",'color_temp_kelvin':false,'min_mireds':153,'max_mireds':500}" },
        { "light", { { "state", { .leaf = "on", OBEYED, SWITCH } },
                     { "brightness", { .leaf = "dim", OBEYED, RANGE(3, 3) } },
                     { "colour_temp", { .leaf = "warm", OBEYED, .unit = "%", RANGE(1, 100) } } }, "on ",
          "{'command_topic':" SET("on") ",'payload_on':'true','payload_off':'false'}" },
        { "light", { { "state", { .leaf = "on", OBEYED, SWITCH } },
                     { "brightness", { .leaf = "dim", OBEYED, RANGE(0, 100), .step = 10 } } }, "on dim ",
          "{'command_topic':" SET("on") ",'payload_on':'true','payload_off':'false','brightness_command_topic':" SET("dim")
          ",'brightness_command_template':'{{ 0 + (value * 10 / 255) | round | int * 10 }}'}" },
        { "lock", { { "state", { .leaf = "bolt", BOTH, WORDS("locked unlocked jammed") } } }, "bolt ",
          "{'state_topic':" T ",'value_template':" KNOWN("bolt") ",'state_locked':'locked','state_unlocked':'unlocked',"
          "'state_jammed':'jammed','command_topic':" SET("bolt") ",'payload_lock':'locked','payload_unlock':'unlocked'}" },
        { "lock", { { "state", { .leaf = "is", SHOWN, SWITCH } }, { "command", { .leaf = "do", OBEYED, SWITCH } } }, "is do ",
          "{'state_topic':" T ",'value_template':" KNOWN("is") ",'state_locked':'True','state_unlocked':'False',"
          "'command_topic':" SET("do") ",'payload_lock':'true','payload_unlock':'false'}" },
        { "cover", { { "state", { .leaf = "is", BOTH, WORDS("open closed stopped") } } }, "is ",
          "{'command_topic':" SET("is") ",'payload_open':'open','payload_close':'closed','payload_stop':null,'state_topic':" T
          ",'value_template':" LEAF("is") ",'state_open':'open','state_closed':'closed','state_stopped':'stopped'}" },
        { "cover", { { "position", { .leaf = "at", BOTH, RANGE(0, 10), .exponent = -1 } } }, "at ",
          "{'command_topic':" SET("at") ",'payload_open':'1','payload_close':'0','payload_stop':null,'position_topic':" T
          ",'position_template':'{% if value_json.at is defined %}{{ ((value_json.at * 10 - 0) * 100 / 10) | round | int }}"
          "{% endif %}','set_position_topic':" SET("at")
          ",'set_position_template':'{{ ((0 + (position * 10 / 100) | round | int * 1) / 10) | round(1) }}'}" },
        { "cover", { { "position", { .leaf = "at", SHOWN, .class = "awning", RANGE(0, 100) } },
                     { "command", { .leaf = "do", OBEYED, WORDS("open close stop") } } }, "at do ",
          "{'command_topic':" SET("do") ",'payload_open':'open','payload_close':'close','payload_stop':'stop',"
          "'device_class':'awning','position_topic':" T ",'position_template':" LEAF("at")
          ",'position_closed':0,'position_open':100}" },
        { "climate", { { "target", { .leaf = "wish", BOTH, .unit = CELSIUS, RANGE(50, 300), .step = 5, .exponent = -1 } },
                       { "current", { .leaf = "now", SHOWN, .unit = CELSIUS } },
                       { "mode", { .leaf = "mode", OBEYED, WORDS("off heat fan_only") } } }, "wish now mode ",
          "{'temperature_command_topic':" SET("wish") ",'min_temp':5.0,'max_temp':30.0,'temp_step':0.5,'temperature_unit':'C',"
          "'temperature_state_topic':" T ",'temperature_state_template':" KNOWN("wish") ",'current_temperature_topic':" T
          ",'current_temperature_template':" KNOWN("now") ",'modes':['off','heat','fan_only'],'mode_command_topic':" SET("mode")
          "}" },
        { "climate", { { "target", { .leaf = "wish", OBEYED, RANGE(5, 30) } },
                       { "current", { .leaf = "now", SHOWN, .unit = CELSIUS } },
                       { "mode", { .leaf = "mode", BOTH, WORDS("off warm") } } }, "wish ",
          "{'temperature_command_topic':" SET("wish") ",'min_temp':5,'max_temp':30,'temp_step':1,'modes':['auto']}" },
        { "climate", { { "target", { .leaf = "wish", OBEYED, .unit = "K", RANGE(200, 300) } } }, "", NULL },
        { "sauna", { { "state", { .leaf = "on", OBEYED, SWITCH } } }, "", NULL },
};
/* clang-format on */

static void test_composite_of_each_kind(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(groups); i++) {
                struct made made = {.source = {.n_members = 0}};
                char taken[64] = "";
                struct composite c;
                char *text;

                make(&groups[i], &made);
                c = composite_at(&hall, &made.source, 0);
                assert_int_equal(c.n_members, made.source.n_members);
                for (size_t k = 0; k < made.source.n_channels; k++)
                        if (composite_has(&c, &made.channels[k])) {
                                strcat(taken, made.channels[k].leaf);
                                strcat(taken, " ");
                        }
                assert_string_equal(taken, groups[i].taken);
                assert_int_equal(composite_is_possible(&c), groups[i].expected != NULL);
                if (!groups[i].expected)
                        continue;
                text = own_text(composite_json(&c));
                assert_string_equal(text, groups[i].expected);
                free(text);
        }
}

static void test_composite_needs_a_hub_that_obeys(void **state)
{
        struct made made = {.source = {.n_members = 0}};
        struct composite c;

        (void)state;
        make(&groups[0], &made);
        c = composite_at(&silent, &made.source, 0);
        assert_false(composite_is_possible(&c));
        assert_false(composite_has(&c, &made.channels[0]));
}

static void test_composite_beside_another_has_a_name(void **state)
{
        static const struct store_channel channels[] = {
                {.number = 1, .leaf = "front_bolt", BOTH, SWITCH},
                {.number = 2, .leaf = "back", BOTH, SWITCH},
        };
        static const struct store_member members[] = {
                {.group = 1, .kind = "lock", .role = "state", .channel = 1},
                {.group = 2, .kind = "lock", .role = "state", .channel = 2},
        };
        const struct exposes_source source = {channels, 2, members, 2};
        const struct composite front = composite_at(&hall, &source, 0);
        json_t *entity = composite_json(&front);

        (void)state;
        assert_int_equal(front.n_members, 1);
        assert_string_equal(composite_leaf(&front), "front_bolt");
        assert_false(composite_has(&front, &channels[1]));
        assert_string_equal(json_string_value(json_object_get(entity, "name")), "Front bolt");
        assert_string_equal(json_string_value(json_object_get(entity, "unique_id")),
                            "enrolld_ab_front_bolt");
        json_decref(entity);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_composite_of_each_kind),
                cmocka_unit_test(test_composite_needs_a_hub_that_obeys),
                cmocka_unit_test(test_composite_beside_another_has_a_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
