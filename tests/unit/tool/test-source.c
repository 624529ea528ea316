/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "tool/source.h"
#include "util/defer.h"

#define HEAD "product: {maker: M, model: O}\nask: [channel.publish, channel.command, key.forward]\n"

static const struct functions any;
static struct source source;

static int compile(const char *text)
{
        return source_compile(&source, text, strlen(text), &any);
}

static void assert_half(struct cbor_span half, const char *text)
{
        struct diagnostic d;
        struct cbor_span expected = diagnostic(&d, text);

        assert_int_equal(half.n_bytes, expected.n_bytes);
        assert_memory_equal(half.bytes, expected.bytes, expected.n_bytes);
}

static void assert_error(size_t at, size_t line, size_t column, const char *text)
{
        assert_in_range(at, 0, source.errors.n_list - 1);
        assert_string_equal(source.errors.list[at].text, text);
        assert_int_equal(source.errors.list[at].line, line);
        assert_int_equal(source.errors.list[at].column, column);
}

static void test_source_every_step_compiles_to_its_bytes(void **state)
{
        /* clang-format off */
        static const struct {
                const char *hub, *device, *hub_bytes, *device_bytes;
        } cases[] = {
                { "[{supply: [name, 64]}, {deliver: device}]", NULL, "[[1,1,64],[2]]", "[]" },
                { "[{deliver: device}, {expect: [serial]}, {forward: [identity]}]", "[{report: [serial]}]",
                  "[[2],[3,1],[5,6]]", "[[19,1]]" },
                { "[{deliver: device}, {sync: 200}]", "[{sync: 200}]", "[[2],[6,200]]", "[[6,200]]" },
                { "[{deliver: device}, {channel: {number: 5, leaf: temperature, class: temperature, unit: \"\xc2\xb0\x43\", every: 60 s}}]",
                  NULL, "[[2],[4,5,1,1,128,1,60]]", "[]" },
                { "[{deliver: device}, {channel: {number: 6, leaf: own_thing, command: yes}}]",
                  NULL, "[[2],[4,6,\"own_thing\",\"\",\"\",2,0]]", "[]" },
                { "[{deliver: device}, {channel: {number: 6, leaf: level, every: 5 min}}]",
                  NULL, "[[2],[4,6,37,\"\",\"\",1,300]]", "[]" },
                { "[{deliver: device}, {channel: {number: 6, leaf: level, every: 24 h}}]",
                  NULL, "[[2],[4,6,37,\"\",\"\",1,86400]]", "[]" },
                { "[{deliver: device}, {channel: {number: 6, leaf: level, every: change}}]",
                  NULL, "[[2],[4,6,37,\"\",\"\",1,0]]", "[]" },
                { "[{supply: [name]}, {deliver: device}]", "[{require: [name]}, {set: {name: $name, 64: -5, 65: yes, 66: \"yes\", 67: !hex 00ff, 68: \"$name\"}}]",
                  "[[1,1],[2]]", "[[16,1],[17,1,[1],64,-5,65,true,66,\"yes\",67,h'00ff',68,\"$name\"]]" },
                { NULL, "[{call: {function: 1}}, {call: {function: 255, with: {interval: 60, text: a b, 70: false}}}]",
                  "[]", "[[18,1],[18,255,1,60,4,\"a b\",70,false]]" },
                { NULL, "[{finish: {erase: yes, fuse: yes}}]", "[]", "[[20,3]]" },
                { NULL, "[{finish: {}}]", "[]", "[[20,0]]" },
                { NULL, "[{set: {1: x}}]", NULL, NULL },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char text[1024];
                int n = snprintf(text, sizeof(text), "%s", HEAD);

                if (cases[i].hub)
                        n += snprintf(text + n, sizeof(text) - (size_t)n, "hub: %s\n",
                                      cases[i].hub);
                if (cases[i].device)
                        (void)snprintf(text + n, sizeof(text) - (size_t)n, "device: %s\n",
                                       cases[i].device);
                assert_int_equal(compile(text), cases[i].hub_bytes ? 0 : -EINVAL);
                if (!cases[i].hub_bytes)
                        continue;
                assert_int_equal(source.errors.n_list, 0);
                assert_int_equal(source.payload.n_applications, 1);
                assert_half(source.payload.applications[0].hub, cases[i].hub_bytes);
                assert_half(source.payload.applications[0].device, cases[i].device_bytes);
        }
}

static void test_source_head_is_taken(void **state)
{
        (void)state;
        assert_int_equal(compile("product: {maker: M, model: O}\ndaemon: \"1.2\"\ncounter: 7\n"
                                 "serial: no\nask: [key.forward]\n"
                                 "configuration: {65: 1, name: \"5\"}\ndevice: [{sync: 1}]\n"
                                 "hub: [{deliver: device}, {sync: 1}]\n"),
                         0);
        assert_string_equal(source.payload.maker, "M");
        assert_string_equal(source.payload.model, "O");
        assert_int_equal(source.payload.daemon, 0x0102);
        assert_int_equal(source.payload.counter, 7);
        assert_int_equal(source.payload.capabilities, CAPABILITY_KEY_FORWARD);
        assert_false(source.wants_serial);
        assert_half(source.payload.configuration, "{1:\"5\",65:1}");

        assert_int_equal(compile("product: {maker: M, model: O}\ndevice: [{report: [model]}]\n"),
                         0);
        assert_true(source.wants_serial);
        assert_int_equal(source.payload.configuration.n_bytes, 0);
        assert_int_equal(source.payload.daemon, 0);
}

static void test_source_several_applications_are_taken(void **state)
{
        (void)state;
        assert_int_equal(compile(HEAD "applications:\n - {device: [{call: {function: 1}}]}\n"
                                      " - {hub: [{deliver: device}]}\n"),
                         0);
        assert_int_equal(source.payload.n_applications, 2);
        assert_half(source.payload.applications[0].hub, "[]");
        assert_half(source.payload.applications[0].device, "[[18,1]]");
        assert_half(source.payload.applications[1].hub, "[[2]]");
        assert_half(source.payload.applications[1].device, "[]");
        assert_int_equal(source.errors.n_list, 1);
        assert_true(source.errors.list[0].is_warning);
        assert_error(0, 4, 2,
                     "applications: hubs of this version refuse a code with more than one "
                     "(code_daemon_too_old)");
        assert_int_equal(compile(HEAD "applications:\n - {device: [{call: {function: 1}}]}\n"), 0);
        assert_int_equal(source.errors.n_list, 0);
        assert_int_equal(compile(HEAD "applications: [{device: [{sync: 1}]}, {}, {}, {}, {}]"),
                         -EINVAL);
        assert_error(0, 3, 15, "applications: there must be 1 to 4, not 5");
}

static void test_source_half_above_its_limits_is_refused(void **state)
{
        static char text[8192];
        size_t n;

        (void)state;
        n = (size_t)sprintf(text, HEAD "device:\n");
        for (unsigned i = 0; i < 33; i++)
                n += (size_t)sprintf(text + n, " - call: {function: 1}\n");
        assert_int_equal(compile(text), -EINVAL);
        assert_error(0, 4, 2, "device: has 33 steps; a half has at most 32");

        n = (size_t)sprintf(text, HEAD "device:\n");
        for (unsigned i = 0; i < 20; i++)
                n += (size_t)sprintf(text + n, " - set: {64: \"%060u\"}\n", i);
        assert_int_equal(compile(text), -EINVAL);
        assert_error(0, 4, 2, "device: has 1321 bytes; a half has at most 1024");

        n = (size_t)sprintf(text, HEAD "device:\n");
        for (unsigned i = 0; i < 90; i++)
                n += (size_t)sprintf(text + n, " - set: {64: \"%060u\"}\n", i);
        assert_int_equal(compile(text), -EINVAL);
        assert_error(1, 4, 2, "device: has 5942 bytes; a half has at most 1024");
}

static void test_source_alias_gives_the_same_value_twice(void **state)
{
        (void)state;
        assert_int_equal(compile(HEAD "device: [{set: {64: &k !hex 0102, 65: *k}}]\n"), 0);
        assert_half(source.payload.applications[0].device, "[[17,64,h'0102',65,h'0102']]");
}

/* One thing is wrong in each of these, and the one error says where and what to do. */
static void test_source_error_names_place_field_and_cure(void **state)
{
        /* clang-format off */
#define PARAMETERS \
        "name, location, owner, system, system_key, gateway, gateway_key, time, latitude, longitude, altitude, " \
        "organization, room, purpose and 64 to 127"
#define REPORTS "device: [{report: [serial]}]"
#define HUB     "hub:\n - deliver: device\n"
        static const struct {
                const char *text;
                size_t line, column;
                const char *error;
        } cases[] = {
                /* the language YAML */
                { HEAD HUB " - channel: {number: 1, leaf: a, unit: %, every: 60 s}\n", 5, 40,
                  "a text that begins with % must be in quotation marks: \"%...\"" },
                { HEAD HUB "\t- sync: 1\n", 5, 1, "a tab cannot indent a line; use spaces" },
                { HEAD "device: [{set: {64: @x}}]", 3, 21,
                  "a text that begins with @ must be in quotation marks: \"@...\"" },
                { HEAD "device: [{set: {64: *x}}]", 3, 21,
                  "a text that begins with * must be in quotation marks; otherwise it is the name of an anchor, and this "
                  "one does not exist" },
                { HEAD "device: [{set: {64: x}]\n", 3, 23,
                  "a comma, or the brace } that closes the mapping, is missing before this" },
                { HEAD "device:\n  - sync: 1\n - sync: 2\n", 5, 2,
                  "a field, \"name: value\", must begin here; check the indentation and the quotation marks (it belongs "
                  "to what begins on line 1)" },
                { HEAD "device: [{set: {64: &}}]", 3, 21, "a text that begins with & must be in quotation marks: \"&...\"" },
                { HEAD "device: [{set: {64: >5}}]", 3, 21, "a text that begins with > must be in quotation marks: \">...\"" },
                { HEAD "device: [{set: {64: $:}}]", 3, 22, "a text with a colon in it must be in quotation marks here" },
                { HEAD "device: [{set: {64:5}}]", 3, 17, "64:5: a space is missing after the colon" },
                { HEAD "device: [{report: [serial model]}]", 3, 20,
                  "report: there is no item serial model; is a comma or a colon missing? The items are serial, public_key, "
                  "software, functions, model, identity, secret_key and 64 to 127" },
                { HEAD "device: [{set: {64: a: b}}]", 3, 22,
                  "a comma, or the brace } that closes the mapping, is missing before this" },
                { HEAD "device:\n - set: {64: \xff}\n", 4, 14,
                  "the bytes here are not UTF-8; save the file as UTF-8" },
                { HEAD "device: [{set: {64: \"x}}]\n", 4, 1,
                  "the quotation mark that closes a text before this is missing (it belongs to what begins on line 3)" },
                { HEAD "device: [{set: {64: \"a\\qb\"}}]\n", 3, 23,
                  "there is no such escape sequence in double quotation marks; write a backslash as \\\\" },
                { HEAD REPORTS "\n...\nask: []\n", 5, 1,
                  "the file is one mapping, and this does not belong to it; check the indentation, and remove the line \"...\" if there is one before it" },
                { HEAD REPORTS "\n---\nask: []\n", 5, 1,
                  "a second document begins here; a file has only one, so remove the line \"---\" before it" },
                { HEAD REPORTS "\ncounter: 1\ncounter: 2\n", 5, 1, "counter: is a duplicate; it is already on line 4" },
                { HEAD "device: [{set: {[1]: 2}}]", 3, 17,
                  "a field's name must be a word; a text with { or [ in it must be in quotation marks" },

                /* the head */
                { REPORTS, 1, 1, "product: is missing" },
                { HEAD, 1, 1, "hub, device: both are missing or empty; add at least one step" },
                { HEAD "hub: []\ndevice: []", 1, 1, "hub, device: both are missing or empty; add at least one step" },
                { HEAD REPORTS "\ncolour: red", 4, 1,
                  "colour: there is no such field; the fields are product, daemon, counter, serial, ask, configuration, hub, "
                  "device and applications" },
                { "produkt: {maker: M, model: O}\n" REPORTS, 1, 1,
                  "produkt: there is no such field; did you mean product? The fields are product, daemon, counter, serial, "
                  "ask, configuration, hub, device and applications" },
                { "product: M\n" REPORTS, 1, 10, "product: must be a mapping, {field: value, ...}" },
                { "product: {maker: M}\n" REPORTS, 1, 10, "product.model: is missing" },
                { "product: {maker: M, modell: O}\n" REPORTS, 1, 21,
                  "product.modell: there is no such field; did you mean model? The fields are maker and model" },
                { "product: {maker: a/b, model: O}\n" REPORTS, 1, 18, "product.maker: must not contain a slash" },
                { "product: {maker: M, model: }\n" REPORTS, 1, 28, "product.model: must be 1 to 32 printable bytes; it has 0" },
                { HEAD REPORTS "\ndaemon: new", 4, 9,
                  "daemon: must be a version up to \"255.255\", such as \"0.1\", not \"new\"" },
                { HEAD REPORTS "\ncounter: -1", 4, 10, "counter: must be a number from 0 to 4294967295, not \"-1\"" },
                { HEAD REPORTS "\ncounter: 010", 4, 10, "counter: must be a number from 0 to 4294967295, not \"010\"" },
                { HEAD REPORTS "\nserial: [no]", 4, 9, "serial: must be a single value" },
                { HEAD REPORTS "\nserial: No", 4, 9, "serial: must be yes or no, not \"No\"" },
                { HEAD REPORTS "\nserial: !no no", 4, 9, "serial: the tag !no is not allowed here; remove it" },
                { "product: {maker: M, model: O}\n" REPORTS "\nask: channel.publish", 3, 6, "ask: must be a list, [item, ...]" },
                { "product: {maker: M, model: O}\nask: [chanel.publish]\n" HUB " - channel: {number: 1, leaf: a}\n", 2, 7,
                  "ask: there is no capability \"chanel.publish\"; did you mean channel.publish? The capabilities are "
                  "channel.publish, channel.command and key.forward" },

                /* parameters, items, arguments and values */
                { HEAD REPORTS "\nconfiguration: {nmae: x}", 4, 17,
                  "configuration: there is no parameter nmae; did you mean name? The parameters are " PARAMETERS },
                { HEAD REPORTS "\nconfiguration: {name: $owner}", 4, 23,
                  "configuration.name: must be a value, not a reference; put a text that begins with $ in quotation marks" },
                { HEAD REPORTS "\nconfiguration: {64: 1, 064: 2}", 4, 24,
                  "configuration: there is no parameter 064; the parameters are " PARAMETERS },
                { HEAD "device: [{set: {name: 5}}]", 3, 23, "set.name: must be a text; put it in quotation marks" },
                { HEAD "device: [{set: {latitude: \"5\"}}]", 3, 27, "set.latitude: must be an integer; remove the quotation marks" },
                { HEAD "device: [{set: {system_key: 5}}]", 3, 29,
                  "set.system_key: must be 32 bytes; write !hex and two digits for each" },
                { HEAD "device: [{set: {64: 1.5}}]", 3, 21,
                  "set.64: for a text write \"1.5\", with the quotation marks; an integer looks like -5, and a boolean is yes or no" },
                { HEAD "device: [{set: {64: 9223372036854775808}}]", 3, 21,
                  "set.64: for a text write \"9223372036854775808\", with the quotation marks; an integer looks like -5, and a boolean "
                  "is yes or no" },
                { HEAD "device: [{set: {64: Yes}}]", 3, 21,
                  "set.64: for a text write \"Yes\", with the quotation marks; an integer looks like -5, and a boolean is yes or no" },
                { HEAD "device: [{set: {64: }}]", 3, 21, "set.64: the value is missing; write \"\" for an empty text" },
                { HEAD "device: [{set: {64: [1]}}]", 3, 21, "set.64: must be a single value" },
                { HEAD "device: [{set: {64: !hex 0}}]", 3, 21,
                  "set.64: !hex takes up to 64 bytes, two hexadecimal digits each" },
                { HEAD "device: [{set: {64: !hexx 00}}]", 3, 21,
                  "set.64: there is no tag !hexx; bytes are written like !hex 00ff" },
                { HEAD "device: [{set: {64: $nam}}]", 3, 21,
                  "set.64: there is no parameter nam; did you mean name? The parameters are " PARAMETERS },
                { HEAD "device: [{set: {64: $name}}]", 3, 21,
                  "set.64: no step before this one requires $name; add \"- require: [name]\"" },
                { HEAD "hub: [{supply: [name]}, {deliver: device}]\ndevice: [{require: [name]}, {set: {time: $name}}]", 4, 42,
                  "set.time: must be an integer that is not negative, but $name is a text" },
                { HEAD "device: [{report: [colour]}]", 3, 20,
                  "report: there is no item colour; the items are serial, public_key, software, functions, model, identity, secret_key and "
                  "64 to 127" },
                { HEAD "device: [{report: [[serial]]}]", 3, 20, "report: must be a single value" },
                { HEAD "device: [{report: []}]", 3, 19, "report: must name at least one item" },
                { HEAD "device: [{report: [serial, model, serial]}]", 3, 35, "report: names serial twice; remove one" },
                { HEAD "device: [{report: [1]}]", 3, 20,
                  "report: there is no item 1; the items are serial, public_key, software, functions, model, identity, secret_key and 64 to 127" },
                { HEAD "device: [{set: {64: 1, 65: 1, 66: 1, 67: 1, 68: 1, 69: 1, 70: 1, 71: 1, 72: 1}}]", 3, 16,
                  "set: has 18 arguments; a step has at most 16, so split it in two" },

                /* functions */
                { HEAD "device: [{call: {}}]", 3, 17, "call.function: is missing" },
                { HEAD "device: [{call: 1}]", 3, 17, "call: must be a mapping, {field: value, ...}" },
                { HEAD "device: [{call: {function: 0}}]", 3, 28, "call.function: must be a number from 1 to 255, not \"0\"" },
                { HEAD "device: [{call: {function: blink}}]", 3, 28,
                  "call.function: must be a number from 1 to 255, not \"blink\"" },
                { HEAD "device: [{call: {function: 3}}]", 3, 28,
                  "call.function: function 3 is enrollment itself, which no half can call" },
                { HEAD "device: [{call: {funktion: 1}}]", 3, 18,
                  "call.funktion: there is no such field; did you mean function? The fields are function and with" },
                { HEAD "device: [{call: {function: 1, with: {power: 5}}}]", 3, 38,
                  "call.with: there is no argument power; the arguments are interval, level, mode, text, low, high and 64 to 127" },
                { HEAD "device: [{call: {function: 1, with: {interval: -1}}}]", 3, 48,
                  "call.with.interval: must be an integer that is not negative" },

                /* verbs and their order */
                { HEAD "device: [{reprot: [serial]}]", 3, 11,
                  "reprot: there is no such verb; did you mean report? The verbs are sync, require, set, call, report and finish" },
                { HEAD "hub: [{deliver: device}, {set: {64: 1}}]", 3, 27,
                  "set: is a verb of the device half, not of the hub half" },
                { HEAD "device: [report]", 3, 10, "a step is one verb and its arguments, \"- verb: arguments\"" },
                { HEAD "device: [{sync: 1, report: [serial]}]", 3, 10,
                  "a step is one verb and its arguments, \"- verb: arguments\"" },
                { HEAD "device: {report: [serial]}", 3, 9, "device: must be a list, [item, ...]" },
                { HEAD "hub: [{deliver: hub}]", 3, 17, "deliver: must be \"device\"" },
                { HEAD "hub: [{supply: [name]}]", 3, 6, "hub: deliver is missing; add \"- deliver: device\" after supply" },
                { HEAD HUB " - deliver: device\n", 5, 4, "deliver: a half has only one deliver; remove this one" },
                { HEAD HUB " - supply: [name]\n", 5, 4, "supply: must come before deliver" },
                { HEAD "hub: [{expect: [serial]}, {deliver: device}]\n" REPORTS, 3, 7, "expect: must come after deliver" },
                { HEAD HUB " - expect: [serial]\n - sync: 1\ndevice: [{sync: 1}, {report: [serial]}]", 6, 4,
                  "sync: must come after deliver, and before expect, channel, forward, presence and group" },
                { HEAD "device: [{finish: {}}, {sync: 1}]\n", 3, 10, "finish: must be the last step of the half" },
                { HEAD "device: [{finish: {erase: 1}}]\n", 3, 27, "finish.erase: must be yes or no, not \"1\"" },
                { HEAD "device: [{sync: 256}]\n", 3, 17, "sync: must be a number from 0 to 255, not \"256\"" },

                /* channels */
                { HEAD HUB " - channel: {number: 1}\n", 5, 13, "channel.leaf: is missing" },
                { HEAD HUB " - channel: {number: 256, leaf: a}\n", 5, 22,
                  "channel.number: must be a number from 1 to 255, not \"256\"" },
                { HEAD HUB " - channel: {number: 1, leaf: Temp}\n", 5, 31,
                  "channel.leaf: must be 1 to 16 of the characters a-z, 0-9 and _, not \"Temp\"" },
                { HEAD HUB " - channel: {number: 1, leaf: a, class: a-b}\n", 5, 41,
                  "channel.class: must be up to 24 of the characters a-z, 0-9 and _, not \"a-b\"" },
                { HEAD HUB " - channel: {number: 1, leaf: a, unit: fortnights}\n", 5, 40,
                  "channel.unit: must be up to 8 printable bytes, not \"fortnights\"" },
                { HEAD HUB " - channel: {number: 1, leaf: a, colour: red}\n", 5, 34,
                  "channel.colour: there is no such field; the fields are number, leaf, class, unit, every, command, access, type, range, step, words, length and category" },
                { HEAD HUB " - channel: {number: 1, leaf: a, every: 2 d}\n", 5, 41,
                  "channel.every: must be change, or a time in s, min or h up to 24 h, such as 60 s, not \"2 d\"" },
                { HEAD HUB " - channel: {number: 1, leaf: a, every: 60 s later}\n", 5, 41,
                  "channel.every: must be change, or a time in s, min or h up to 24 h, such as 60 s, not \"60 s later\"" },
                { HEAD HUB " - channel: {number: 1, leaf: a, command: maybe}\n", 5, 43,
                  "channel.command: must be yes or no, not \"maybe\"" },
                { HEAD HUB " - channel: {number: 1, leaf: a}\n - channel: {number: 1, leaf: b}\n", 6, 22,
                  "channel.number: 1 is the number of another channel, on line 5" },
                { HEAD HUB " - channel: {number: 1, leaf: a}\n - channel: {number: 2, leaf: a}\n", 6, 31,
                  "channel.leaf: \"a\" is the leaf of another channel, on line 5" },
                { HEAD "applications:\n - hub: [{deliver: device}, {channel: {number: 1, leaf: a}}]\n"
                  " - hub: [{deliver: device}, {channel: {number: 2, leaf: a}}]\n", 5, 57,
                  "channel.leaf: \"a\" is the leaf of another channel, on line 4" },
                { "product: {maker: M, model: O}\n" HUB " - channel: {number: 1, leaf: a}\n", 4, 13,
                  "channel: needs channel.publish; add it to ask" },
                { "product: {maker: M, model: O}\n" HUB " - channel: {number: 1, leaf: a, command: yes}\n", 4, 13,
                  "channel: needs channel.command; add it to ask" },
                { "product: {maker: M, model: O}\n" HUB " - forward: [identity]\n", 4, 13,
                  "forward: needs key.forward; add it to ask" },

                /* both halves */
                { HEAD "device: [{require: [name]}]", 3, 21,
                  "require: nothing supplies name; add it to a supply step of the hub half, or to configuration" },
                { HEAD HUB " - expect: [serial]\n", 5, 13,
                  "expect: the device half does not report serial; add it to a report step" },
                { HEAD HUB " - forward: [model, software]\n", 5, 21,
                  "forward: the device half does not report software; add it to a report step" },
                { HEAD HUB " - sync: 1\ndevice: [{sync: 2}]", 6, 10,
                  "device: the halves do not wait for each other at the same points; give both the same sync steps, in the same "
                  "order" },
                { HEAD "applications: []", 3, 15, "applications: there must be 1 to 4, not 0" },
                { HEAD "applications: [{}]", 3, 16, "hub, device: both are missing or empty; add at least one step" },
                { HEAD "applications: [{devcie: []}]", 3, 17,
                  "applications.devcie: there is no such field; did you mean device? The fields are hub and device" },
                { HEAD REPORTS "\napplications: [{" REPORTS "}]", 4, 15,
                  "applications: replaces hub and device; remove these, or move them into it" },
                /* what was misspelt is not reported as missing, too */
                { HEAD "hub: [{suply: [name]}, {deliver: device}]\ndevice: [{require: [name]}, {set: {64: $name}}]", 3, 8,
                  "suply: there is no such verb; did you mean supply? The verbs are supply, deliver, expect, channel, forward, sync, "
                  "presence and group" },
                { HEAD "hubs: [{supply: [name]}, {deliver: device}]\ndevice: [{require: [name]}]", 3, 1,
                  "hubs: there is no such field; did you mean hub? The fields are product, daemon, counter, serial, ask, "
                  "configuration, hub, device and applications" },
                { HEAD "configuraton: {name: x}\ndevice: [{require: [name]}]", 3, 1,
                  "configuraton: there is no such field; did you mean configuration? The fields are product, daemon, counter, "
                  "serial, ask, configuration, hub, device and applications" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(compile(cases[i].text), -EINVAL);
                assert_error(0, cases[i].line, cases[i].column, cases[i].error);
                assert_int_equal(source.errors.n_list, 1);
        }
}

static void test_source_calls_what_the_card_lists_only(void **state)
{
        static const char text[] = HEAD "device: [{call: {function: 2}}, {call: {function: 9}}]";
        struct functions functions = {.known = false};

        (void)state;
        assert_true(functions_add(&functions, 1) && functions_add(&functions, 2));
        assert_int_equal(source_compile(&source, text, strlen(text), &functions), -EINVAL);
        assert_int_equal(source.errors.n_list, 1);
        assert_error(0, 3, 51,
                     "call.function: the device of the card has no function 9; it has 1, 2");
        assert_true(functions_add(&functions, 9));
        assert_int_equal(source_compile(&source, text, strlen(text), &functions), 0);
}

static void test_source_misspelt_class_or_unit_is_a_warning(void **state)
{
        (void)state;
        assert_int_equal(compile(HEAD
                                 "hub:\n - deliver: device\n"
                                 " - channel: {number: 1, leaf: a, class: Humidty, unit: hpa}\n"
                                 " - channel: {number: 2, leaf: b, class: own, unit: pH}\n"),
                         -EINVAL);
        assert_error(0, 5, 41,
                     "channel.class: must be up to 24 of the characters a-z, 0-9 and _, not "
                     "\"Humidty\"");
        assert_int_equal(compile(HEAD
                                 "hub:\n - deliver: device\n"
                                 " - channel: {number: 1, leaf: a, class: humidty, unit: hpa}\n"
                                 " - channel: {number: 2, leaf: b, class: own, unit: pH}\n"),
                         0);
        assert_int_equal(source.errors.n_list, 2);
        assert_int_equal(source.errors.n_errors, 0);
        assert_error(0, 5, 41,
                     "channel.class: \"humidty\" is not a word of doc/code.md section 4.5; did you "
                     "mean humidity?");
        assert_error(1, 5, 56,
                     "channel.unit: \"hpa\" is not a word of doc/code.md section 4.5; did you mean "
                     "hPa?");
        assert_true(source.errors.list[0].is_warning);
}

/* Whatever is cut off, it ends with an error or with an application, never in between. */
static void test_source_every_truncation_ends_well(void **state)
{
        static const char text[] =
                HEAD "hub: [{deliver: device}, {channel: {number: 1, leaf: level}}]"
                     "\ndevice: [{set: {name: \"x\"}}, {finish: {erase: yes}}]\n";
        unsigned n_good = 0;

        (void)state;
        for (size_t n = 0; n <= sizeof(text) - 1; n++) {
                int r = source_compile(&source, text, n, &any);

                assert_true(r == 0 || r == -EINVAL);
                assert_int_equal(r == 0, source.errors.n_errors == 0);
                n_good += r == 0;
        }
        assert_in_range(n_good, 2, 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_source_every_step_compiles_to_its_bytes),
                cmocka_unit_test(test_source_head_is_taken),
                cmocka_unit_test(test_source_several_applications_are_taken),
                cmocka_unit_test(test_source_half_above_its_limits_is_refused),
                cmocka_unit_test(test_source_alias_gives_the_same_value_twice),
                cmocka_unit_test(test_source_error_names_place_field_and_cure),
                cmocka_unit_test(test_source_calls_what_the_card_lists_only),
                cmocka_unit_test(test_source_misspelt_class_or_unit_is_a_warning),
                cmocka_unit_test(test_source_every_truncation_ends_well),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
