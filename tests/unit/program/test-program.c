/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/program.h"
#include "support/diagnostic.h"

static const char device_good[] =
        "[[16,1,2,3],[17,1,[1],2,[2],3,[3]],[18,1,1,60],[19,1,2,3,4],[20,1]]";

static void test_program_run_gives_each_step_in_order(void **state)
{
        static const enum program_verb expected[] = {PROGRAM_REQUIRE, PROGRAM_SET, PROGRAM_CALL,
                                                     PROGRAM_REPORT, PROGRAM_FINISH};
        struct diagnostic d;
        struct cbor_span half = diagnostic(&d, device_good);
        struct program_run run;
        struct program_step step;
        unsigned number, n = 0, sum = 0;

        (void)state;
        program_run_init(&run, half);
        while (program_run_next(&run, &step)) {
                struct program_step again;

                assert_int_equal(step.index, n);
                assert_int_equal(step.verb, expected[n]);
                assert_int_equal(step.row->verb, step.verb);
                assert_true(program_step_at(half, n, &again));
                assert_int_equal(again.verb, step.verb);
                assert_ptr_equal(again.arguments.at, step.arguments.at);
                if (step.verb == PROGRAM_CALL)
                        assert_int_equal(step.number, 1);
                if (step.verb == PROGRAM_REPORT)
                        while (program_next_number(&step, &number))
                                sum = 10 * sum + number;
                n++;
        }
        assert_int_equal(n, 5);
        assert_int_equal(sum, 1234);
        assert_false(program_step_at(half, 5, &step));

        program_run_init(&run, diagnostic(&d, "[]"));
        assert_false(program_run_next(&run, &step));
}

static void test_program_patience_is_that_of_the_steps_up_to_the_next_sync(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_step step;

        (void)state;
        program_run_init(&run, diagnostic(&d, "[[16,1],[18,1],[6,1],[18,2],[18,4],[19,1],[20,1]]"));
        assert_int_equal(program_run_patience(&run), 11);
        for (unsigned i = 0; i < 3; i++)
                assert_true(program_run_next(&run, &step));
        assert_int_equal(step.verb, PROGRAM_SYNC);
        assert_int_equal(step.number, 1);
        assert_int_equal(program_run_patience(&run), 25);
}

static void test_program_pairs_resolve_references(void **state)
{
        struct diagnostic d, v;
        struct cbor_span values = diagnostic(&v, "{1:\"Kitchen\",8:1700000000,64:-7}");
        struct program_run run;
        struct program_step step;
        struct value value;
        unsigned number = 0;

        (void)state;
        program_run_init(&run,
                         diagnostic(&d, "[[17,1,[1],2,\"x\",9,[8],65,true],[18,7,2,[64],4,[64]],"
                                        "[17,1,[2]]]"));
        assert_true(program_run_next(&run, &step));
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_PAIR);
        assert_int_equal(number, 1);
        assert_int_equal(value.kind, VALUE_TEXT);
        assert_int_equal(value.span.n_bytes, 7);
        assert_memory_equal(value.span.bytes, "Kitchen", 7);
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_PAIR);
        assert_int_equal(number, 2);
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_PAIR);
        assert_int_equal(value.kind, VALUE_INTEGER);
        assert_true(value.number == 1700000000);
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_PAIR);
        assert_int_equal(value.kind, VALUE_BOOLEAN);
        assert_true(value.number == 1);
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_END);

        assert_true(program_run_next(&run, &step));
        assert_int_equal(step.number, 7);
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_PAIR);
        assert_true(value.number == -7);
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_MISFIT);

        assert_true(program_run_next(&run, &step));
        assert_int_equal(program_next_pair(&step, values, &number, &value), PROGRAM_MISSING);
        assert_int_equal(number, 2);
        assert_int_equal(program_next_pair(&step, (struct cbor_span){NULL, 0}, &number, &value),
                         PROGRAM_END);
}

static void test_program_operands_are_taken_and_written_back(void **state)
{
        struct diagnostic d;
        struct cbor_span half = diagnostic(&d, "[[17,1,[9],64,-300]]");
        struct program_operand operand;
        struct program_step step;
        struct cbor_writer w;
        unsigned number;
        uint8_t out[8];

        (void)state;
        assert_true(program_step_at(half, 0, &step));
        cbor_writer_init(&w, out, sizeof(out));
        assert_true(program_next_operand(&step, &number, &operand));
        assert_true(operand.is_reference);
        assert_int_equal(operand.parameter, 9);
        program_put_operand(&w, &operand);
        assert_true(program_next_operand(&step, &number, &operand));
        assert_false(operand.is_reference);
        assert_int_equal(number, 64);
        program_put_operand(&w, &operand);
        assert_false(program_next_operand(&step, &number, &operand));
        assert_int_equal(w.n_written, 5);
        assert_memory_equal(out, "\x81\x09\x39\x01\x2b", 5);
}

/* Any pairing of a value with a type that the table has, and with one that it has not. */
static void test_program_value_fits_only_its_types(void **state)
{
        static const uint8_t bytes[33];
        const struct {
                struct value value;
                unsigned types; /* bits */
        } cases[] = {
#define BIT(type) (1U << PROGRAM_TYPE_##type)
                {{.kind = VALUE_NOTHING}, 0},
                {{.kind = VALUE_INTEGER, .number = 0}, BIT(ANY) | BIT(UNSIGNED) | BIT(INTEGER)},
                {{.kind = VALUE_INTEGER, .number = -1}, BIT(ANY) | BIT(INTEGER)},
                {{.kind = VALUE_INTEGER, .span = {bytes, 33}},
                 BIT(ANY) | BIT(UNSIGNED) | BIT(INTEGER)},
                {{.kind = VALUE_BOOLEAN, .number = 1}, BIT(ANY)},
                {{.kind = VALUE_TEXT, .span = {bytes, 0}}, BIT(ANY) | BIT(TEXT)},
                {{.kind = VALUE_TEXT, .span = {bytes, 1}}, BIT(ANY) | BIT(TEXT) | BIT(LABEL)},
                {{.kind = VALUE_TEXT, .span = {bytes, 32}}, BIT(ANY) | BIT(TEXT) | BIT(LABEL)},
                {{.kind = VALUE_TEXT, .span = {bytes, 33}}, BIT(ANY) | BIT(TEXT)},
                {{.kind = VALUE_BYTES, .span = {bytes, 15}}, BIT(ANY)},
                {{.kind = VALUE_BYTES, .span = {bytes, 16}}, BIT(ANY) | BIT(BYTES16)},
                {{.kind = VALUE_BYTES, .span = {bytes, 32}}, BIT(ANY) | BIT(BYTES32)},
                {{.kind = VALUE_LIST, .span = {bytes, 1}}, BIT(LIST)},
#undef BIT
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                for (unsigned type = 0; type < 32; type++)
                        if (program_value_fits(&cases[i].value, (enum program_type)type) !=
                            (cases[i].types >> type & 1))
                                fail_msg("row %zu, type %u", i, type);
}

static void test_program_unknown_verbs_and_spaces_are_refused(void **state)
{
        const struct program_row *row = NULL;
        unsigned n = 0;

        (void)state;
        while ((row = program_verb_next(row))) {
                assert_ptr_equal(program_verb_row(row->verb), row);
                n++;
        }
        assert_int_equal(n, 13);
        assert_null(program_verb_row(0));
        assert_null(program_verb_row(9));
        assert_null(program_verb_row(256 + PROGRAM_SUPPLY));
        assert_int_equal(program_type_of(PROGRAM_NO_SPACE, 1), PROGRAM_TYPE_UNKNOWN);
        assert_int_equal(program_type_of((enum program_space)77, 1), PROGRAM_TYPE_UNKNOWN);
        assert_int_equal(program_type_of((enum program_space)77, PROGRAM_OWN_MIN),
                         PROGRAM_TYPE_UNKNOWN);
        assert_int_equal(program_type_of(PROGRAM_PARAMETER, PROGRAM_NAMED_MAX + 1),
                         PROGRAM_TYPE_UNKNOWN);
        assert_int_equal(program_type_of(PROGRAM_PARAMETER, UINT32_MAX), PROGRAM_TYPE_UNKNOWN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_program_run_gives_each_step_in_order),
                cmocka_unit_test(test_program_patience_is_that_of_the_steps_up_to_the_next_sync),
                cmocka_unit_test(test_program_pairs_resolve_references),
                cmocka_unit_test(test_program_operands_are_taken_and_written_back),
                cmocka_unit_test(test_program_value_fits_only_its_types),
                cmocka_unit_test(test_program_unknown_verbs_and_spaces_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
