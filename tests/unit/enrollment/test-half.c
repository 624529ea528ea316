/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/payload.h"
#include "support/diagnostic.h"
#include "enrollment/half.h"

#define ALL CAPABILITY_ALL
#define FULL                                                                                       \
        "[[1,1,3],[2],[6,1],[6,2],[3,1,2],[4,1,\"t\",\"temperature\",\"C\",1,60],[4,9,\"id\","     \
        "\"\",\"\",2,0],[5,2]]"

static struct half half;
static struct diagnostic hub, report;

/* Begins an application with this hub half. */
static int begin(const char *text, uint32_t capabilities)
{
        const struct application application = {.hub = diagnostic(&hub, text)};

        return half_begin(&half, &application, capabilities);
}

static void test_half_runs_in_step_with_the_device(void **state)
{
        (void)state;
        assert_int_equal(begin(FULL, ALL), 0);
        assert_true(half.supply[1] && !half.supply[2] && half.supply[3]);
        assert_int_equal(half_sync(&half, 1), 0);
        assert_int_equal(half_sync(&half, 2), 0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{1:\"S\",2:h'00'}")), 0);

        assert_int_equal(half.n_channels, 2);
        assert_int_equal(half.channels[0].number, 1);
        assert_string_equal(half.channels[0].leaf, "t");
        assert_string_equal(half.channels[0].class, "temperature");
        assert_string_equal(half.channels[0].unit, "C");
        assert_int_equal(half.channels[0].direction, STORE_PUBLISH);
        assert_int_equal(half.channels[0].every_s, 60);
        assert_int_equal(half.channels[1].number, 9);
        assert_int_equal(half.channels[1].direction, STORE_COMMAND);
        assert_true(half.forward[2] && !half.forward[1]);
}

static void test_half_collects_what_the_channels_are(void **state)
{
        const struct store_channel *c = half.channels;

        (void)state;
        assert_int_equal(begin("[[2],[4,1,\"a\",\"\",\"\",3,0,[0,50,300,-1,5],1],"
                               "[4,2,\"b\",\"\",\"\",3,0,1,2],[4,3,\"c\",\"\",\"\",2,0,[2,48,58]],"
                               "[4,4,\"d\",\"\",\"\",1,0,[3,7]],[8,1,2],[8,4,1,0,3],[7,60]]",
                               ALL),
                         0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{}")), 0);
        assert_int_equal(half.n_channels, 4);
        assert_int_equal(c[0].direction, STORE_BOTH);
        assert_int_equal(c[0].type, STORE_NUMBER);
        assert_int_equal(c[0].category, STORE_CONFIG);
        assert_true(c[0].has_range);
        assert_int_equal(c[0].low, 50);
        assert_int_equal(c[0].high, 300);
        assert_int_equal(c[0].step, 5);
        assert_int_equal(c[0].exponent, -1);
        assert_int_equal(c[1].type, STORE_SWITCH);
        assert_int_equal(c[1].category, STORE_DIAGNOSTIC);
        assert_int_equal(c[2].type, STORE_ENUMERATION);
        assert_string_equal(c[2].words, "lock unlock");
        assert_int_equal(c[3].type, STORE_TEXT);
        assert_int_equal(c[3].length, 7);

        assert_int_equal(half.n_members, 3);
        assert_int_equal(half.members[0].group, 1);
        assert_string_equal(half.members[0].kind, "light");
        assert_string_equal(half.members[0].role, "state");
        assert_int_equal(half.members[0].channel, 2);
        assert_int_equal(half.members[2].group, 2);
        assert_string_equal(half.members[2].role, "mode");
        assert_int_equal(half.members[2].channel, 3);
        assert_int_equal(half.presence, STORE_SLEEPS);
        assert_int_equal(half.sleep_s, 60);

        assert_int_equal(begin("[[2],[7,0]]", ALL), 0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{}")), 0);
        assert_int_equal(half.presence, STORE_MAINS);
}

static void test_half_empty_only_delivers(void **state)
{
        (void)state;
        assert_int_equal(begin("[]", 0), 0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{}")), 0);
        assert_int_equal(half.n_channels, 0);
}

static void test_half_forwards_what_the_code_says_without_a_report(void **state)
{
        (void)state;
        assert_int_equal(begin("[[2],[5,2,5,6]]", ALL), 0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{}")), 0);
        assert_true(half.forward[2] && half.forward[5] && half.forward[6]);
}

static void test_half_out_of_step_is_refused(void **state)
{
        static const struct {
                const char *what, *hub, *report;
                int points[3]; /* -1 ends */
                int expected;
        } cases[] = {
                {"the device waits where we do not", "[[2]]", NULL, {1, -1}, HALF_E_ORDER},
                {"the device waits at another point", "[[2],[6,1]]", NULL, {2, -1}, HALF_E_ORDER},
                {"the device waits once too often", "[[2],[6,1]]", NULL, {1, 1, -1}, HALF_E_ORDER},
                {"the device reports while we wait",
                 "[[2],[6,1],[3,1]]",
                 "{1:\"S\"}",
                 {-1},
                 HALF_E_ORDER},
                {"an expected item is missing", "[[2],[3,1,2]]", "{1:\"S\"}", {-1}, HALF_E_MISSING},
                {"a forwarded item is missing",
                 "[[2],[5,6,2,3]]",
                 "{1:\"S\"}",
                 {-1},
                 HALF_E_MISSING},
        };

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                int r = begin(cases[c].hub, ALL);

                for (int i = 0; r == 0 && cases[c].points[i] >= 0; i++)
                        r = half_sync(&half, (unsigned)cases[c].points[i]);
                if (r == 0 && cases[c].report)
                        r = half_report(&half, diagnostic(&report, cases[c].report));
                if (r != cases[c].expected)
                        fail_msg("%s: %d", cases[c].what, r);
        }
        assert_int_equal(half.missing, 3);
}

static void test_half_without_the_capability_is_refused(void **state)
{
        static const struct {
                const char *hub;
                uint32_t needs;
        } cases[] = {
                {"[[2],[4,1,\"t\",\"\",\"\",1,0]]", CAPABILITY_CHANNEL_PUBLISH},
                {"[[2],[4,1,\"t\",\"\",\"\",2,0]]", CAPABILITY_CHANNEL_COMMAND},
                {"[[2],[4,1,\"t\",\"\",\"\",3,0]]",
                 CAPABILITY_CHANNEL_PUBLISH | CAPABILITY_CHANNEL_COMMAND},
                {"[[2],[5,1]]", CAPABILITY_KEY_FORWARD},
        };

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                assert_int_equal(begin(cases[c].hub, ALL & ~cases[c].needs), 0);
                assert_int_equal(half_report(&half, diagnostic(&report, "{1:\"S\"}")),
                                 HALF_E_NOT_GRANTED);
                assert_int_equal(begin(cases[c].hub, cases[c].needs), 0);
                assert_int_equal(half_report(&half, diagnostic(&report, "{1:\"S\"}")), 0);
        }
}

static void test_half_takes_one_report_only(void **state)
{
        (void)state;
        assert_int_equal(begin("[[2]]", ALL), 0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{}")), 0);
        assert_int_equal(half_report(&half, diagnostic(&report, "{}")), HALF_E_ORDER);
        assert_int_equal(half_sync(&half, 1), HALF_E_ORDER);
}

static void test_half_handles_each_verb_of_the_hub_and_no_other(void **state)
{
        const struct program_row *row = NULL;

        (void)state;
        while ((row = program_verb_next(row))) {
                const uint8_t bytes[] = {0x81, 0x82, row->verb, 0x01}; /* [[verb, 1]] */
                const struct application application = {.hub = {bytes, sizeof(bytes)}};
                int r = half_begin(&half, &application, ALL);

                if ((r != HALF_E_VERB) != !!(row->sides & PROGRAM_HUB))
                        fail_msg("verb %u: %d", row->verb, r);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_half_runs_in_step_with_the_device),
                cmocka_unit_test(test_half_collects_what_the_channels_are),
                cmocka_unit_test(test_half_empty_only_delivers),
                cmocka_unit_test(test_half_forwards_what_the_code_says_without_a_report),
                cmocka_unit_test(test_half_out_of_step_is_refused),
                cmocka_unit_test(test_half_without_the_capability_is_refused),
                cmocka_unit_test(test_half_takes_one_report_only),
                cmocka_unit_test(test_half_handles_each_verb_of_the_hub_and_no_other),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
