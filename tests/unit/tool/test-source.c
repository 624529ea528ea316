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

#define HEAD "product: {maker: M, model: O}\nask: [channel.publish, channel.command, key.forward]\n"

static struct source source;

static int compile(const char *text)
{
        return source_compile(&source, text, strlen(text));
}

static void assert_half(struct cbor_span half, const char *text)
{
        struct diagnostic d;
        struct cbor_span expected = diagnostic(&d, text);

        assert_int_equal(half.n_bytes, expected.n_bytes);
        assert_memory_equal(half.bytes, expected.bytes, expected.n_bytes);
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
                assert_string_equal(source.error, "");
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
        assert_int_equal(compile(HEAD "applications: [{device: [{sync: 1}]}, {}, {}, {}, {}]"),
                         -EINVAL);
        assert_string_equal(source.error, "3:51: applications: there are at most 4");
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
        assert_non_null(strstr(source.error, "device: there are too many bytes, steps"));

        n = (size_t)sprintf(text, HEAD "device:\n");
        for (unsigned i = 0; i < 20; i++)
                n += (size_t)sprintf(text + n, " - set: {64: \"%060u\"}\n", i);
        assert_int_equal(compile(text), -EINVAL);
        assert_non_null(strstr(source.error, "device: has 1321 bytes; a half has at most 1024"));

        n = (size_t)sprintf(text, HEAD "device:\n");
        for (unsigned i = 0; i < 90; i++)
                n += (size_t)sprintf(text + n, " - set: {64: \"%060u\"}\n", i);
        assert_int_equal(compile(text), -EINVAL);
        assert_non_null(strstr(source.error, "a half has at most 1024"));
}

static void test_source_alias_gives_the_same_value_twice(void **state)
{
        (void)state;
        assert_int_equal(compile(HEAD "device: [{set: {64: &k !hex 0102, 65: *k}}]\n"), 0);
        assert_half(source.payload.applications[0].device, "[[17,64,h'0102',65,h'0102']]");
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
                int r = source_compile(&source, text, n);

                assert_true(r == 0 || r == -EINVAL);
                assert_int_equal(r == 0, source.error[0] == '\0');
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
                cmocka_unit_test(test_source_every_truncation_ends_well),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
