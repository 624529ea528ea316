/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/hub-source.h"
#include "util/defer.h"

static void test_group_names_its_channels(void **state)
{
        /* clang-format off */
        static const struct hub_source cases[] = {
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, state: state, brightness: dim}\n",
                  "[4,1,41,\"\",\"\",3,0,1],[4,2,\"dim\",\"\",\"\",3,0,[0,0,254]],[8,1,1,2]", 0, 0 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, state: state}\n",
                  "[4,1,41,\"\",\"\",3,0,1],[4,2,\"dim\",\"\",\"\",3,0,[0,0,254]],[8,1,1]", 0, 0 },
                { " - channel: {number: 3, leaf: bolt, type: enumeration, words: [locked, unlocked]}\n - channel: {number: 4, leaf: order, command: yes, type: enumeration, words: [lock, unlock]}\n - group: {command: order, state: bolt, kind: lock}\n",
                  "[4,3,\"bolt\",\"\",\"\",1,0,[2,56,57]],[4,4,\"order\",\"\",\"\",2,0,[2,48,58]],[8,2,3,4]", 0, 0 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: lock, state: state}\n",
                  "[4,1,41,\"\",\"\",3,0,1],[4,2,\"dim\",\"\",\"\",3,0,[0,0,254]],[8,2,1]", 0, 0 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: climate, target: dim}\n",
                  "[4,1,41,\"\",\"\",3,0,1],[4,2,\"dim\",\"\",\"\",3,0,[0,0,254]],[8,4,2]", 0, 0 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                hub_source_assert(&cases[i]);
}

static void test_group_that_is_wrong_is_reported_where_it_is(void **state)
{
        /* clang-format off */
        static const struct hub_source cases[] = {
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {state: state}\n",
                  "group.kind: is missing", 7, 11 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: lamp, state: state}\n",
                  "group.kind: there is no kind \"lamp\"; the kinds are light, lock, cover and climate", 7, 18 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: lihgt, state: state}\n",
                  "group.kind: there is no kind \"lihgt\"; did you mean light? The kinds are light, lock, cover and climate", 7, 18 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, brightness: dim}\n",
                  "group.state: is missing", 7, 11 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, state: state, colour: dim}\n",
                  "group.colour: there is no such field; did you mean colour_temp? The fields are kind, state, brightness and colour_temp", 7, 39 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, state: stat}\n",
                  "group.state: no step before this one has a channel \"stat\"; did you mean state? The channels are state and dim", 7, 32 },
                { " - group: {kind: light, state: state}\n",
                  "group.state: no step before this one has a channel \"state\"; add it before", 5, 32 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, state: dim}\n",
                  "group.state: must be a switch that takes commands, which \"dim\" is not", 7, 32 },
                { " - channel: {number: 3, leaf: bolt, type: enumeration, words: [locked, unlocked]}\n - channel: {number: 4, leaf: order, command: yes, type: enumeration, words: [lock, unlock]}\n - group: {kind: lock, state: bolt, command: bolt}\n",
                  "group.command: \"bolt\" is in a group already, on line 7", 7, 46 },
                { " - channel: {number: 3, leaf: bolt, type: enumeration, words: [locked, unlocked]}\n - channel: {number: 4, leaf: order, command: yes, type: enumeration, words: [lock, unlock]}\n - group: {kind: lock, state: bolt}\n",
                  "group: none of its channels takes commands", 7, 11 },
                { " - channel: {number: 1, leaf: state, access: both, type: switch}\n - channel: {number: 2, leaf: dim, access: both, range: [0, 254]}\n - group: {kind: light, state: state}\n - group: {kind: light, state: state}\n",
                  "group.state: \"state\" is in a group already, on line 7", 8, 32 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                hub_source_assert(&cases[i]);
}

/* A channel of another application is not one of this half. */
static void test_group_has_channels_of_its_half_only(void **state)
{
        static const char text[] =
                "product: {maker: M, model: O}\nask: [channel.publish, channel.command]\n"
                "applications:\n"
                " - hub: [{deliver: device}, {channel: {number: 1, leaf: a, access: both, type: "
                "switch}}]\n"
                " - hub: [{deliver: device}, {group: {kind: light, state: a}}]\n";
        static const struct functions any;
        static struct source source;

        (void)state;
        assert_int_not_equal(source_compile(&source, text, sizeof(text) - 1, &any), 0);
        assert_string_equal(source.errors.list[0].text,
                            "group.state: no step before this one has a channel \"a\"; add it "
                            "before");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_group_names_its_channels),
                cmocka_unit_test(test_group_that_is_wrong_is_reported_where_it_is),
                cmocka_unit_test(test_group_has_channels_of_its_half_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
