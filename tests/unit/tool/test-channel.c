/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/hub-source.h"
#include "util/defer.h"

static void test_channel_of_each_type_compiles_to_its_bytes(void **state)
{
        /* clang-format off */
        static const struct hub_source cases[] = {
                { " - channel: {number: 1, leaf: a}\n",
                  "[4,1,\"a\",\"\",\"\",1,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, command: yes}\n",
                  "[4,1,\"a\",\"\",\"\",2,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, command: no}\n",
                  "[4,1,\"a\",\"\",\"\",1,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, access: publish}\n",
                  "[4,1,\"a\",\"\",\"\",1,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, access: command}\n",
                  "[4,1,\"a\",\"\",\"\",2,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, access: both}\n",
                  "[4,1,\"a\",\"\",\"\",3,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: number}\n",
                  "[4,1,\"a\",\"\",\"\",1,0]", 0, 0 },
                { " - channel: {number: 1, leaf: a, range: [0, 100]}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[0,0,100]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, range: [-5, -5]}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[0,-5,-5]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, range: [5, 30], step: 0.5}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[0,50,300,-1,5]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, range: [0.25, 1.5]}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[0,25,150,-2]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, range: [0, 100], step: 5}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[0,0,100,0,5]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: switch}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,1]", 0, 0 },
                { " - channel: {number: 1, leaf: a, access: both, type: enumeration, words: [on, off, party]}\n",
                  "[4,1,\"a\",\"\",\"\",3,0,[2,67,68,\"party\"]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: text}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,3]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: text, length: 64}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,3]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: text, length: 16}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[3,16]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, command: yes, type: button}\n",
                  "[4,1,\"a\",\"\",\"\",2,0,4]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: event, words: [single]}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,[5,79]]", 0, 0 },
                { " - channel: {number: 1, leaf: a, category: config}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,0,1]", 0, 0 },
                { " - channel: {number: 1, leaf: a, type: switch, category: diagnostic}\n",
                  "[4,1,\"a\",\"\",\"\",1,0,1,2]", 0, 0 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                hub_source_assert(&cases[i]);
}

static void test_channel_that_is_wrong_is_reported_where_it_is(void **state)
{
        /* clang-format off */
        static const struct hub_source cases[] = {
                { " - channel: {number: 1, leaf: a, access: sideways}\n",
                  "channel.access: there is no access \"sideways\"; the ways are publish, command and both", 5, 42 },
                { " - channel: {number: 1, leaf: a, command: yes, access: both}\n",
                  "channel.command: access says the same; remove one", 5, 43 },
                { " - channel: {number: 1, leaf: a, type: swich}\n",
                  "channel.type: there is no type \"swich\"; did you mean switch? The types are number, switch, enumeration, text, button and event", 5, 40 },
                { " - channel: {number: 1, leaf: a, category: diagnosis}\n",
                  "channel.category: there is no category \"diagnosis\"; did you mean diagnostic? The categories are config and diagnostic", 5, 44 },
                { " - channel: {number: 1, leaf: a, category: none}\n",
                  "channel.category: there is no category \"none\"; the categories are config and diagnostic", 5, 44 },
                { " - channel: {number: 1, leaf: a, range: [1]}\n",
                  "channel.range: must be two numbers, [low, high]", 5, 41 },
                { " - channel: {number: 1, leaf: a, range: 5}\n",
                  "channel.range: must be a list, [item, ...]", 5, 41 },
                { " - channel: {number: 1, leaf: a, range: [1, high]}\n",
                  "channel.range: must be a number of up to 18 digits, such as 21.5, not \"high\"", 5, 45 },
                { " - channel: {number: 1, leaf: a, range: [2, 1]}\n",
                  "channel.range: begins above its end; write [low, high]", 5, 41 },
                { " - channel: {number: 1, leaf: a, range: [0, 100000000000000000], step: 0.001}\n",
                  "channel.range: has more than 18 digits, counted with those that the others have behind the point", 5, 41 },
                { " - channel: {number: 1, leaf: a, step: 1}\n",
                  "channel.step: needs a range; add range: [low, high]", 5, 40 },
                { " - channel: {number: 1, leaf: a, range: [0, 1], step: 0}\n",
                  "channel.step: must be more than 0", 5, 55 },
                { " - channel: {number: 1, leaf: a, range: [0, 1], step: -1}\n",
                  "channel.step: must be more than 0", 5, 55 },
                { " - channel: {number: 1, leaf: a, type: switch, range: [0, 1]}\n",
                  "channel.range: only a number has one; remove it, or change the type", 5, 55 },
                { " - channel: {number: 1, leaf: a, type: switch, unit: \"%\"}\n",
                  "channel.unit: only a number has one; remove it, or change the type", 5, 54 },
                { " - channel: {number: 1, leaf: a, type: switch, length: 5}\n",
                  "channel.length: only a text has one; remove it, or change the type", 5, 56 },
                { " - channel: {number: 1, leaf: a, words: [on, off]}\n",
                  "channel.words: only an enumeration or an event has words; add type: enumeration or type: event", 5, 41 },
                { " - channel: {number: 1, leaf: a, type: enumeration}\n",
                  "channel.words: is missing", 5, 40 },
                { " - channel: {number: 1, leaf: a, type: enumeration, words: [on]}\n",
                  "channel.words: must be 2 to 12 words, not 1", 5, 60 },
                { " - channel: {number: 1, leaf: a, type: event, words: []}\n",
                  "channel.words: must be 1 to 12 words, not 0", 5, 54 },
                { " - channel: {number: 1, leaf: a, type: enumeration, words: [on, on]}\n",
                  "channel.words: has \"on\" twice; remove one", 5, 65 },
                { " - channel: {number: 1, leaf: a, type: enumeration, words: [on, O-N]}\n",
                  "channel.words: must be 1 to 16 of the characters a-z, 0-9 and _, not \"O-N\"", 5, 65 },
                { " - channel: {number: 1, leaf: a, type: text, length: 65}\n",
                  "channel.length: must be a number from 1 to 64, not \"65\"", 5, 54 },
                { " - channel: {number: 1, leaf: a, type: button}\n",
                  "channel.type: a button takes commands and is not published; add access: command, or make it an event", 5, 40 },
                { " - channel: {number: 1, leaf: a, access: both, type: event, words: [long]}\n",
                  "channel.type: an event is published and takes no commands; remove access or command", 5, 54 },
                { " - channel: {number: 1, leaf: a, every: 60 s, type: event, words: [long]}\n",
                  "channel.every: an event is published when it happens; remove every", 5, 41 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                hub_source_assert(&cases[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_channel_of_each_type_compiles_to_its_bytes),
                cmocka_unit_test(test_channel_that_is_wrong_is_reported_where_it_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
