/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/outline.h"
#include "program/verify.h"
#include "support/diagnostic.h"

#define SWITCH  "[4,1,\"a\",\"\",\"\",3,0,1]"
#define DIMMER  "[4,2,\"b\",\"\",\"\",3,0,[0,0,254]]"
#define READING "[4,3,\"c\",\"\",\"\",1,0]"
#define BOLT    "[4,4,\"d\",\"\",\"\",1,0,[2,56,57,61]]"
#define ORDERS  "[4,5,\"e\",\"\",\"\",2,0,[2,48,58]]"
#define BUTTON  "[4,6,\"f\",\"\",\"\",2,0,4]"
#define ALL     SWITCH "," DIMMER "," READING "," BOLT "," ORDERS "," BUTTON

static void test_group_is_decoded(void **state)
{
        struct program_group group;
        struct program_run run;
        struct diagnostic d;

        (void)state;
        program_run_init(&run, diagnostic(&d, "[[2],[8,1,1,0,3],[8,3]]"));
        assert_true(program_next_group(&run, &group));
        assert_int_equal(group.kind, PROGRAM_LIGHT);
        assert_int_equal(group.channels[0], 1);
        assert_int_equal(group.channels[1], 0);
        assert_int_equal(group.channels[2], 3);
        assert_true(program_next_group(&run, &group));
        assert_int_equal(group.kind, PROGRAM_COVER);
        assert_int_equal(group.channels[0], 0);
        assert_false(program_next_group(&run, &group));
}

static void test_group_is_written_as_it_was_read(void **state)
{
        static const char *const steps[] = {"[8,1,1]", "[8,1,1,0,3]", "[8,2,4,5]", "[8,3,0,0,1]"};

        (void)state;
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
                struct program_group group;
                struct program_step step;
                struct diagnostic d;
                struct cbor_span half;
                struct cbor_writer w;
                uint8_t bytes[32];
                char text[32] = "[";

                (void)strcat(strcat(text, steps[i]), "]");
                half = diagnostic(&d, text);
                assert_true(program_step_at(half, 0, &step));
                assert_true(program_get_group(&step, &group));
                cbor_writer_init(&w, bytes, sizeof(bytes));
                cbor_put_array(&w, 1);
                cbor_put_array(&w, 1 + program_count_group(&group));
                cbor_put_uint(&w, PROGRAM_GROUP);
                program_put_group(&w, &group);
                assert_int_equal(w.n_written, half.n_bytes);
                assert_memory_equal(bytes, half.bytes, half.n_bytes);
        }
}

static void test_group_has_channels_that_fit_their_roles(void **state)
{
        static const struct {
                const char *groups;
                enum program_error error;
        } cases[] = {
                {"[8,1,1]", PROGRAM_OK},
                {"[8,1,1,2]", PROGRAM_OK},
                {"[8,1,1,2,0]", PROGRAM_OK},
                {"[8,2,4,5]", PROGRAM_OK},
                {"[8,2,1]", PROGRAM_OK},           /* a switch that says and takes it */
                {"[8,2,1,5]", PROGRAM_OK},         /* a switch says it, words command it */
                {"[8,4,2,3]", PROGRAM_OK},         /* target and current */
                {"[8,4,2,3,5]", PROGRAM_OK},       /* the mode may have any words */
                {"[8,3,2]", PROGRAM_OK},           /* a position alone */
                {"[8,1,1],[8,2,4,5]", PROGRAM_OK}, /* two groups */
                {"[8,1]", PROGRAM_E_GROUP},        /* a role that must be there */
                {"[8,1,0,2]", PROGRAM_E_GROUP},
                {"[8,1,2]", PROGRAM_E_GROUP},   /* another type */
                {"[8,1,1,3]", PROGRAM_E_GROUP}, /* no range, and no commands */
                {"[8,1,9]", PROGRAM_E_GROUP},   /* no such channel */
                {"[8,2,4]", PROGRAM_E_GROUP},   /* nothing takes commands */
                {"[8,2,5]", PROGRAM_E_GROUP},   /* is not published */
                {"[8,2,4,6]", PROGRAM_E_GROUP}, /* a button has no role */
                {"[8,3,0,4]", PROGRAM_E_GROUP}, /* other words */
                {"[8,3]", PROGRAM_E_GROUP},
                {"[8,4,2,2]", PROGRAM_E_DOUBLE},
                {"[8,1,1],[8,1,1]", PROGRAM_E_DOUBLE},
                {"[8,0,1]", PROGRAM_E_ARGUMENTS},
                {"[8,5,1]", PROGRAM_E_ARGUMENTS},
                {"[8]", PROGRAM_E_ARGUMENTS},
                {"[8,2,4,5,0]", PROGRAM_E_ARGUMENTS},
                {"[8,1,256]", PROGRAM_E_ARGUMENTS},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char text[512] = "[[2]," ALL ",";
                struct diagnostic d;
                enum program_error error;

                (void)strcat(strcat(text, cases[i].groups), "]");
                error = program_verify_hub(diagnostic(&d, text), NULL);
                if (error != cases[i].error)
                        fail_msg("%s: %d", cases[i].groups, error);
        }
}

static void test_group_of_channels_that_come_later_is_refused(void **state)
{
        struct diagnostic d;

        (void)state;
        assert_int_equal(program_verify_hub(diagnostic(&d, "[[2],[8,1,1]," SWITCH "]"), NULL),
                         PROGRAM_E_GROUP);
}

static void test_group_every_kind_has_its_names_and_roles(void **state)
{
        unsigned kind;

        (void)state;
        for (kind = 1; program_group_name(kind); kind++) {
                size_t n = 0;

                assert_int_equal(program_group_from_name(program_group_name(kind)), kind);
                assert_non_null(program_group_text(kind));
                for (; program_role(kind, n); n++)
                        assert_int_equal(program_role(kind, n)->kind, kind);
                assert_in_range(n, 1, PROGRAM_ROLES_MAX);
        }
        assert_int_equal(kind, 5);
        assert_null(program_group_name(0));
        assert_null(program_group_text(5));
        assert_null(program_role(0, 0));
        assert_int_equal(program_group_from_name("fridge"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_group_is_decoded),
                cmocka_unit_test(test_group_is_written_as_it_was_read),
                cmocka_unit_test(test_group_has_channels_that_fit_their_roles),
                cmocka_unit_test(test_group_of_channels_that_come_later_is_refused),
                cmocka_unit_test(test_group_every_kind_has_its_names_and_roles),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
