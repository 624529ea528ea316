/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "program/verify.h"
#include "program/words.h"
#include "support/diagnostic.h"

#define BYTES32 "h'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'"
#define TEXT64  "\"0123456789012345678901234567890123456789012345678901234567890123\""
#define TEXT65  "\"01234567890123456789012345678901234567890123456789012345678901234\""

static const char hub_good[] = "[[1,1,2,3],[2],[3,1,2,3,4],"
                               "[4,1,\"temperature\",\"temperature\",\"C\",1,60],"
                               "[4,2,\"identify\",\"\",\"\",2,0],[5,6,2]]";
static const char device_good[] =
        "[[16,1,2,3],[17,1,[1],2,[2],3,[3]],[18,1,1,60],[19,1,2,3,4],[20,1]]";

static enum program_error verify(enum program_side side, const char *half,
                                 struct program_fault *ret_fault)
{
        static struct diagnostic d;
        struct cbor_span span = diagnostic(&d, half);

        return side == PROGRAM_HUB ? program_verify_hub(span, ret_fault)
                                   : program_verify_device(span, ret_fault);
}

static void test_verify_good_halves_verify(void **state)
{
        static const struct {
                enum program_side side;
                const char *half;
        } cases[] = {
                {PROGRAM_HUB, hub_good},
                {PROGRAM_HUB, "[]"},
                {PROGRAM_HUB, "[[2]]"},
                {PROGRAM_HUB, "[[1,14,64,127],[1,1],[2],[6,0],[6,255],[3,6],[5,64]]"},
                {PROGRAM_HUB, "[[2],[4,255,\"abcdefghijklmno9\",\"abcdefghijklmnopqrstuvw_\","
                              "\"\xc2\xb0\x43/\xce\xa9km\",2,86400]]"},
                {PROGRAM_DEVICE, device_good},
                {PROGRAM_DEVICE, "[]"},
                {PROGRAM_DEVICE, "[[18,255]]"},
                {PROGRAM_DEVICE, "[[17,64,true,65,-5,66,h'00',67,\"x\",1," TEXT64 "]]"},
                {PROGRAM_DEVICE, "[[17,5," BYTES32 ",8,0,9,-900000000]]"},
                {PROGRAM_DEVICE, "[[16,8,64],[17,9,[8],64,[8],1,[64]],[18,4,2,[8],1,[8]]]"},
                {PROGRAM_DEVICE, "[[6,1],[20,3]]"},
                {PROGRAM_DEVICE, "[[20,0]]"},
                {PROGRAM_DEVICE, "[[19,1,2,3,4,5,6,64,127,65,66,67,68,69,70,71,72]]"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct program_fault fault;

                if (verify(cases[i].side, cases[i].half, &fault) || fault.error)
                        fail_msg("%s: step %u: %s", cases[i].half, fault.step,
                                 program_error_text(fault.error));
        }
}

static void test_verify_bad_step_is_named(void **state)
{
        /* clang-format off */
        static const struct {
                enum program_side side;
                enum program_error error;
                unsigned step;
                const char *half;
        } cases[] = {
                { PROGRAM_HUB,    PROGRAM_E_ENCODING,  0, "7" },
                { PROGRAM_HUB,    PROGRAM_E_ENCODING,  0, "{}" },
                { PROGRAM_HUB,    PROGRAM_E_ENCODING,  1, "[[2],7]" },
                { PROGRAM_HUB,    PROGRAM_E_ENCODING,  1, "[[2],[]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[0]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      1, "[[2],[9]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[15]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[21]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[-1]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[256]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[258]]" },
                { PROGRAM_HUB,    PROGRAM_E_VERB,      0, "[[\"deliver\"]]" },
                { PROGRAM_HUB,    PROGRAM_E_SIDE,      1, "[[2],[19,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_SIDE,      0, "[[2]]" },
                { PROGRAM_DEVICE, PROGRAM_E_SIDE,      1, "[[19,1],[4,1,\"a\",\"\",\"\",1,0]]" },

                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 0, "[[1],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 0, "[[1,\"name\"],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 0, "[[1,128],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_NUMBER,    0, "[[1,0],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_NUMBER,    0, "[[1,1,15],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_NUMBER,    0, "[[1,63],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 0, "[[2,1]]" },
                { PROGRAM_HUB,    PROGRAM_E_NUMBER,    1, "[[2],[3,8]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[5]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[6]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[6,256]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[6,1,2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,0,\"a\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,256,\"a\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,\"a\",\"\",\"\",0,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,\"a\",\"\",\"\",4,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,\"a\",\"\",\"\",1,86401]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,\"a\",\"\",\"\",1]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,\"a\",\"\",\"\",1,0,0,0,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,h'61',\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,0,\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,127,\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_ARGUMENTS, 1, "[[2],[4,1,256,\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,131,\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_DOUBLE,    2, "[[2],[4,1,1,1,128,1,0],[4,2,\"temperature\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"abcdefghijklmnopq\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"a/b\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"A\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"a\",\"abcdefghijklmnopqrstuvwxy\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"a\",\"#\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"a\",\"\",\"123456789\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_LEAF,      1, "[[2],[4,1,\"a\",\"\",\"\xe2\x80\xae\",1,0]]" },

                { PROGRAM_HUB,    PROGRAM_E_DELIVER,   1, "[[1,1]]" },
                { PROGRAM_HUB,    PROGRAM_E_DOUBLE,    1, "[[2],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     1, "[[2],[1,1]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     0, "[[3,1],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     0, "[[5,1],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     0, "[[6,1],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     2, "[[2],[3,1],[6,1]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     2, "[[2],[5,1],[6,1]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     2, "[[2],[4,1,\"a\",\"\",\"\",1,0],[6,1]]" },
                { PROGRAM_HUB,    PROGRAM_E_ORDER,     0, "[[4,1,\"a\",\"\",\"\",1,0],[2]]" },
                { PROGRAM_HUB,    PROGRAM_E_DOUBLE,    2, "[[2],[4,1,\"a\",\"\",\"\",1,0],[4,1,\"b\",\"\",\"\",1,0]]" },
                { PROGRAM_HUB,    PROGRAM_E_DOUBLE,    2, "[[2],[4,1,\"a\",\"\",\"\",1,0],[4,2,\"a\",\"\",\"\",1,0]]" },

                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[16]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NUMBER,    0, "[[16,15]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1,\"a\",2]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1," TEXT65 "]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1,{}]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1,[]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1,[1,2]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1,[[1]]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[17,1,[128]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NUMBER,    0, "[[17,15,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NUMBER,    1, "[[16,1],[17,1,[15]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[17,1,5]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[17,1,h'00']]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[17,5,h'00']]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[17,8,-1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[17,9,true]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      1, "[[16,8],[17,1,[8]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      1, "[[16,9],[17,8,[9]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NOT_REQUIRED, 0, "[[17,1,[1]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NOT_REQUIRED, 0, "[[17,1,[1]],[16,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NOT_REQUIRED, 1, "[[16,1],[18,1,4,[2]]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[18]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[18,0]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[18,3]]" },
                { PROGRAM_DEVICE, PROGRAM_E_DOUBLE,    0, "[[16,1,127,1],[19,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_DOUBLE,    1, "[[19,1],[19,2,1,2]]" },
                { PROGRAM_DEVICE, PROGRAM_E_DOUBLE,    0, "[[17,64,1,65,2,64,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_DOUBLE,    0, "[[18,1,1,60,1,60]]" },
                { PROGRAM_HUB,    PROGRAM_E_DOUBLE,    0, "[[1,64,65,64],[2]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[18,256]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[18,1,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NUMBER,    0, "[[18,1,7,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[18,1,1,-1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TYPE,      0, "[[18,1,4,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[19]]" },
                { PROGRAM_DEVICE, PROGRAM_E_NUMBER,    0, "[[19,8]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[20]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[20,4]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ARGUMENTS, 0, "[[20,1,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ORDER,     0, "[[20,1],[6,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_ORDER,     0, "[[20,1],[20,1]]" },
                { PROGRAM_DEVICE, PROGRAM_E_TOO_LARGE, 0, "[[19,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]]" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct program_fault fault = {0};
                enum program_error error = verify(cases[i].side, cases[i].half, &fault);

                if (error != cases[i].error || fault.error != error ||
                    fault.step != cases[i].step || fault.side != cases[i].side)
                        fail_msg("%s: step %u: %s", cases[i].half, fault.step,
                                 program_error_text(error));
                assert_int_equal(verify(cases[i].side, cases[i].half, NULL), error);
        }
}

static void test_verify_limits_hold_to_the_byte(void **state)
{
        char half[8192];
        size_t at;

        (void)state;
        for (unsigned n_steps = PROGRAM_STEPS_MAX; n_steps <= PROGRAM_STEPS_MAX + 1; n_steps++) {
                at = (size_t)sprintf(half, "[");
                for (unsigned i = 0; i < n_steps; i++)
                        at += (size_t)sprintf(half + at, "[18,1]");
                sprintf(half + at, "]");
                assert_int_equal(verify(PROGRAM_DEVICE, half, NULL),
                                 n_steps > PROGRAM_STEPS_MAX ? PROGRAM_E_TOO_LARGE : PROGRAM_OK);
        }
        /* Fourteen steps of 69 bytes, and one that grows past the limit. */
        for (unsigned fill = 0; fill <= 64; fill++) {
                struct diagnostic d;
                struct cbor_span span;

                at = (size_t)sprintf(half, "[");
                for (unsigned i = 0; i < 14; i++)
                        at += (size_t)sprintf(half + at, "[17,1," TEXT64 "],");
                sprintf(half + at, "[17,1,\"%.*s\"]]", (int)fill, &TEXT64[1]);
                span = diagnostic(&d, half);
                assert_int_equal(program_verify_device(span, NULL), span.n_bytes > PROGRAM_BYTES_MAX
                                                                            ? PROGRAM_E_TOO_LARGE
                                                                            : PROGRAM_OK);
                assert_true(fill < 64 || span.n_bytes > PROGRAM_BYTES_MAX);
                assert_true(fill > 0 || span.n_bytes <= PROGRAM_BYTES_MAX);
        }
}

static void test_verify_damaged_half_never_verifies(void **state)
{
        static const char *const halves[] = {hub_good, device_good};
        struct diagnostic d;

        (void)state;
        for (unsigned side = PROGRAM_HUB; side <= PROGRAM_DEVICE; side++) {
                struct cbor_span half = diagnostic(&d, halves[side - 1]), cut = half;
                enum program_error (*check)(struct cbor_span, struct program_fault *) =
                        side == PROGRAM_HUB ? program_verify_hub : program_verify_device;

                for (cut.n_bytes = 0; cut.n_bytes < half.n_bytes; cut.n_bytes++)
                        assert_int_not_equal(check(cut, NULL), PROGRAM_OK);
                d.bytes[half.n_bytes] = 0;
                cut.n_bytes = half.n_bytes + 1;
                assert_int_equal(check(cut, NULL), PROGRAM_E_ENCODING);
        }
}

static void test_verify_pair_rules_name_half_and_step(void **state)
{
        /* clang-format off */
        static const struct {
                enum program_error error;
                enum program_side side;
                unsigned step;
                const char *hub, *device, *configuration;
        } cases[] = {
                { PROGRAM_OK, PROGRAM_HUB, 0, hub_good, device_good, NULL },
                { PROGRAM_OK, PROGRAM_HUB, 0, "[]", "[[18,1],[19,1],[20,1]]", NULL },
                { PROGRAM_OK, PROGRAM_HUB, 0, "[[2],[4,1,\"a\",\"\",\"\",1,0]]", "[]", NULL },
                { PROGRAM_OK, PROGRAM_HUB, 0, "[[2],[5,2,5,6]]", "[]", NULL },
                { PROGRAM_OK, PROGRAM_HUB, 0, "[]", "[[16,1,64]]", "{1:\"x\",64:1}" },
                { PROGRAM_OK, PROGRAM_HUB, 0, "[[1,2],[2]]", "[[16,1,2]]", "{1:\"x\"}" },
                { PROGRAM_OK, PROGRAM_HUB, 0, "[[2],[6,1],[6,1],[6,2]]", "[[6,1],[6,1],[18,1],[6,2]]", NULL },
                { PROGRAM_E_SYNC, PROGRAM_DEVICE, 2, "[[2],[6,1],[6,2]]", "[[6,1],[18,1],[6,3]]", NULL },
                { PROGRAM_E_SYNC, PROGRAM_DEVICE, 0, "[]", "[[6,1]]", NULL },
                { PROGRAM_E_SYNC, PROGRAM_HUB, 2, "[[2],[6,1],[6,2]]", "[[6,1]]", NULL },
                { PROGRAM_E_NOT_SUPPLIED, PROGRAM_DEVICE, 1, "[[1,1],[2]]", "[[16,1],[16,2]]", NULL },
                { PROGRAM_E_NOT_SUPPLIED, PROGRAM_DEVICE, 0, "[]", "[[16,1]]", "{2:\"x\"}" },
                { PROGRAM_E_NOT_REPORTED, PROGRAM_HUB, 1, "[[2],[3,2]]", "[[19,1]]", NULL },
                { PROGRAM_E_NOT_REPORTED, PROGRAM_HUB, 2, "[[2],[3,1],[5,1,64]]", "[[19,1]]", NULL },
                { PROGRAM_E_NOT_REPORTED, PROGRAM_HUB, 1, "[[2],[5,3]]", "[]", NULL },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct diagnostic h, d, c;
                struct program_fault fault = {0};
                struct cbor_span configuration = {NULL, 0};
                enum program_error error;

                if (cases[i].configuration)
                        configuration = diagnostic(&c, cases[i].configuration);
                error = program_verify_pair(diagnostic(&h, cases[i].hub),
                                            diagnostic(&d, cases[i].device), configuration, &fault);
                if (error != cases[i].error || fault.error != error ||
                    (error && (fault.side != cases[i].side || fault.step != cases[i].step)))
                        fail_msg("row %zu: side %d step %u: %s", i, fault.side, fault.step,
                                 program_error_text(error));
        }
}

static void test_verify_maps_of_values_are_checked(void **state)
{
        /* clang-format off */
        static const struct {
                enum program_space space;
                enum program_error error;
                const char *map;
        } cases[] = {
                { PROGRAM_PARAMETER, PROGRAM_OK,         "{}" },
                { PROGRAM_PARAMETER, PROGRAM_OK,         "{1:\"a\",5:" BYTES32 ",8:1,9:-1,64:false}" },
                { PROGRAM_PARAMETER, PROGRAM_E_NUMBER,   "{15:1}" },
                { PROGRAM_PARAMETER, PROGRAM_E_NUMBER,   "{0:1}" },
                { PROGRAM_PARAMETER, PROGRAM_E_NUMBER,   "{128:1}" },
                { PROGRAM_PARAMETER, PROGRAM_E_TYPE,     "{1:1}" },
                { PROGRAM_PARAMETER, PROGRAM_E_TYPE,     "{64:[1]}" },
                { PROGRAM_PARAMETER, PROGRAM_E_TYPE,     "{1:1,15:1}" },
                { PROGRAM_PARAMETER, PROGRAM_E_ENCODING, "{1:" TEXT65 "}" },
                { PROGRAM_PARAMETER, PROGRAM_E_ENCODING, "{2:\"a\",1:\"a\"}" },
                { PROGRAM_PARAMETER, PROGRAM_E_ENCODING, "{64:{}}" },
                { PROGRAM_PARAMETER, PROGRAM_E_ENCODING, "[]" },
                { PROGRAM_ITEM,      PROGRAM_OK,         "{1:\"S1\",2:" BYTES32 ",3:\"1.0\",4:[1,2,3,4],5:\"M\"}" },
                { PROGRAM_ITEM,      PROGRAM_OK,         "{4:[],6:h'000102030405060708090a0b0c0d0e0f'}" },
                { PROGRAM_ITEM,      PROGRAM_OK,         "{4:[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}" },
                { PROGRAM_ITEM,      PROGRAM_E_ENCODING, "{4:[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}" },
                { PROGRAM_ITEM,      PROGRAM_E_ENCODING, "{4:[-1]}" },
                { PROGRAM_ITEM,      PROGRAM_E_TYPE,     "{1:\"\"}" },
                { PROGRAM_ITEM,      PROGRAM_E_TYPE,     "{1:\"012345678901234567890123456789012\"}" },
                { PROGRAM_ITEM,      PROGRAM_E_TYPE,     "{6:h'00'}" },
                { PROGRAM_ITEM,      PROGRAM_E_NUMBER,   "{8:1}" },
        };
        /* clang-format on */
        struct diagnostic d;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct cbor_span map = diagnostic(&d, cases[i].map);
                enum program_error error = program_verify_values(map, cases[i].space);

                if (error != cases[i].error)
                        fail_msg("%s: %s", cases[i].map, program_error_text(error));
                if (cases[i].space == PROGRAM_ITEM)
                        assert_int_equal(program_verify_report(map), error);
        }
        assert_int_equal(program_verify_report(diagnostic(&d, "{1:\"\xe2\x80\xae\"}")),
                         PROGRAM_E_TYPE);
        assert_int_equal(program_verify_report(diagnostic(&d, "{64:\"\n\"}")), PROGRAM_E_TYPE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_verify_good_halves_verify),
                cmocka_unit_test(test_verify_bad_step_is_named),
                cmocka_unit_test(test_verify_limits_hold_to_the_byte),
                cmocka_unit_test(test_verify_damaged_half_never_verifies),
                cmocka_unit_test(test_verify_pair_rules_name_half_and_step),
                cmocka_unit_test(test_verify_maps_of_values_are_checked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
