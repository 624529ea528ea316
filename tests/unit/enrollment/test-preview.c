/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enrollment/preview.h"
#include "support/code-sample.h"

static struct code code;
static struct verdict verdict;
static struct values values;
static struct event_preview preview;
static struct diagnostic hub, device;

/* The preview of a code with these halves, which was found good. */
static void make(unsigned capabilities, const char *hub_half, const char *device_half)
{
        static struct application application;

        (void)snprintf(code.issuer_name, sizeof(code.issuer_name), "Nordlicht");
        application.hub = diagnostic(&hub, hub_half);
        application.device = diagnostic(&device, device_half);
        verdict.application = &application;
        verdict.capabilities = capabilities;
        preview_make(&code, &verdict, &values, &preview);
}

static void assert_says(const char *expected)
{
        char text[1024];

        preview_text(&preview, "Thermo One", text, sizeof(text));
        assert_memory_equal(text, "Thermo One, signed by Nordlicht (trusted). ", 43);
        assert_string_equal(text + 43, expected);
}

static void test_preview_has_every_field(void **state)
{
        (void)state;
        values.personal = 1u << PROGRAM_PARAMETER_OWNER | 1u << PROGRAM_PARAMETER_ROOM;
        make(CAPABILITY_ALL, SAMPLE_HUB, "[[19,2],[20,3]]");
        values.personal = 0;
        assert_string_equal(preview.issuer, "Nordlicht");
        assert_int_equal(preview.n_asks, 3);
        assert_string_equal(preview.asks[0], "channel.publish");
        assert_string_equal(preview.asks[1], "channel.command");
        assert_string_equal(preview.asks[2], "key.forward");
        assert_int_equal(preview.n_channels, 2);
        assert_int_equal(preview.channels[0].number, 1);
        assert_string_equal(preview.channels[0].property, "temperature");
        assert_string_equal(preview.channels[0].device_class, "temperature");
        assert_string_equal(preview.channels[0].unit, "\xc2\xb0\x43");
        assert_int_equal(preview.channels[0].period_s, 60);
        assert_int_equal(preview.channels[0].access, EVENT_PUBLISH);
        assert_string_equal(preview.channels[0].type, "number");
        assert_null(preview.channels[0].category);
        assert_string_equal(preview.channels[1].property, "identify");
        assert_int_equal(preview.channels[1].access, EVENT_COMMAND);
        assert_int_equal(preview.n_groups, 0);
        assert_null(preview.presence);
        assert_int_equal(preview.n_personal, 2);
        assert_string_equal(preview.personal[0], "owner");
        assert_string_equal(preview.personal[1], "room");
        assert_true(preview.erase);
        assert_true(preview.fuse);
}

static void test_preview_names_channels_and_commands(void **state)
{
        static const struct {
                const char *hub;
                unsigned capabilities;
                const char *says;
        } cases[] = {
                {"[[2]]", 0, "It asks for nothing."},
                {"[[2],[4,1,\"a\",\"\",\"\",1,60]]", 1, "It asks to publish a."},
                {"[[2],[4,1,\"a\",\"\",\"\",1,60],[4,2,\"b\",\"\",\"\",1,60]]", 1,
                 "It asks to publish a, b."},
                {"[[2],[4,1,\"a\",\"\",\"\",2,0]]", 2, "It asks to take the command a."},
                {"[[2],[4,1,\"a\",\"\",\"\",2,0],[4,2,\"b\",\"\",\"\",2,0],"
                 "[4,3,\"c\",\"\",\"\",1,0]]",
                 3, "It asks to publish c; to take the commands a, b."},
                {"[[2],[5,2]]", 4, "It asks to forward its public key."},
                {SAMPLE_HUB, 7,
                 "It asks to publish temperature; to take the command identify; to forward its "
                 "public key."},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                make(cases[i].capabilities, cases[i].hub, "[[19,2]]");
                assert_says(cases[i].says);
        }
}

static void test_preview_says_what_the_device_acts_as(void **state)
{
        (void)state;
        make(3,
             "[[2],[4,1,\"a\",\"\",\"\",3,0,1],"
             "[4,2,\"b\",\"\",\"\",3,0,[0,50,300,-1,5],1],[8,1,1],[8,4,2],[7,21600]]",
             "[[19,2]]");
        assert_says("It asks to publish a, b; to take the commands a, b. It acts as a light and a "
                    "climate control. It sleeps for up to 6 h at a time.");
        assert_int_equal(preview.n_groups, 2);
        assert_string_equal(preview.groups[1].kind, "climate");
        assert_int_equal(preview.groups[1].n_roles, 1);
        assert_string_equal(preview.groups[1].roles[0].name, "target");
        assert_int_equal(preview.groups[1].roles[0].channel, 2);
        assert_string_equal(preview.presence, "sleeps");
        assert_int_equal(preview.sleep_s, 21600);
        assert_true(preview.channels[1].has_range);
        assert_int_equal(preview.channels[1].low, 50);
        assert_int_equal(preview.channels[1].exponent, -1);
        assert_string_equal(preview.channels[1].category, "config");

        make(1, "[[2],[4,1,\"a\",\"\",\"\",1,0,[5,79,80]],[7,0]]", "[[19,2]]");
        assert_says("It asks to publish a.");
        assert_string_equal(preview.presence, "mains");
        assert_string_equal(preview.channels[0].words, "single double");
        make(0, "[[2],[7,90]]", "[[19,2]]");
        assert_says("It asks for nothing. It sleeps for up to 90 s at a time.");
        make(0, "[[2],[7,120]]", "[[19,2]]");
        assert_says("It asks for nothing. It sleeps for up to 2 min at a time.");
}

static void test_preview_counts_what_a_sentence_cannot_name(void **state)
{
        char half[1024] = "[[2]", *end = half + strlen(half);

        (void)state;
        for (int i = 1; i <= 8; i++)
                end += snprintf(end, sizeof(half) - (size_t)(end - half),
                                ",[4,%d,\"p%d\",\"\",\"\",1,0]", i, i);
        strcpy(end, "]");
        make(1, half, "[[19,2]]");
        assert_int_equal(preview.n_channels, 8);
        assert_says("It asks to publish p1, p2, p3, p4, p5, p6 and 2 more.");
}

static void test_preview_says_what_cannot_be_undone(void **state)
{
        (void)state;
        make(0, "[[2]]", "[[19,2],[20,1]]");
        assert_true(preview.erase && !preview.fuse);
        assert_says("It asks for nothing. Once the device is enrolled, its code works again only "
                    "after a reset (erase).");
        make(0, "[[2]]", "[[19,2],[20,2]]");
        assert_true(preview.fuse && !preview.erase);
        assert_says("It asks for nothing. This cannot be undone: once the device is enrolled, its "
                    "code never works again, not even after a reset (fuse).");
        make(0, "[[2]]", "[[19,2],[20,0]]");
        assert_false(preview.fuse || preview.erase);
        assert_says("It asks for nothing.");
}

static void test_preview_that_is_too_long_is_cut(void **state)
{
        char text[32];

        (void)state;
        make(CAPABILITY_ALL, SAMPLE_HUB, SAMPLE_DEVICE);
        preview_text(&preview, "Thermo One", text, sizeof(text));
        assert_string_equal(text, "Thermo One, signed by Nordlicht");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_preview_has_every_field),
                cmocka_unit_test(test_preview_names_channels_and_commands),
                cmocka_unit_test(test_preview_says_what_the_device_acts_as),
                cmocka_unit_test(test_preview_counts_what_a_sentence_cannot_name),
                cmocka_unit_test(test_preview_says_what_cannot_be_undone),
                cmocka_unit_test(test_preview_that_is_too_long_is_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
