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
#include "tool/step.h"
#include "util/defer.h"

/* What stands behind a verb of this shape in a source. */
static const char *arguments(const struct program_row *row)
{
        static const struct {
                unsigned shape;
                const char *text;
        } shapes[] = {
                {PROGRAM_SHAPE_POINT, "1"},
                {PROGRAM_SHAPE_FUNCTION, "{function: 1, with: {64: 7}}"},
                {PROGRAM_SHAPE_FLAGS, "{erase: yes}"},
                {PROGRAM_SHAPE_NUMBERS, "[64]"},
                {PROGRAM_SHAPE_PAIRS, "{64: 7}"},
                {PROGRAM_SHAPE_CHANNEL, "{number: 1, leaf: level}"},
                {PROGRAM_SHAPE_HALF, "device"},
        };

        for (size_t i = 0; i < ELEMENTSOF(shapes); i++)
                if (row->shape & shapes[i].shape)
                        return shapes[i].text;
        fail_msg("verb %u has a shape that is not known here", row->verb);
        return "";
}

/* Compiles the only step of a half; what was wrong stays in @yaml->error. */
static struct cbor_span compile(struct yaml *yaml, const struct program_row *row,
                                enum program_side side)
{
        static uint8_t bytes[64];
        struct cbor_writer w;
        char text[128];

        (void)snprintf(text, sizeof(text), "%s: %s", program_verb_words(row->verb)->name,
                       arguments(row));
        cbor_writer_init(&w, bytes, sizeof(bytes));
        cbor_put_array(&w, 1);
        yaml_open(yaml, text, strlen(text));
        step_compile(yaml, yaml_root(yaml), side, &w);
        yaml_close(yaml);
        assert_true(cbor_writer_fits(&w));
        return (struct cbor_span){bytes, w.n_written};
}

static void test_step_of_each_verb_compiles_in_its_half_only(void **state)
{
        static const enum program_side sides[] = {PROGRAM_HUB, PROGRAM_DEVICE};
        const struct program_row *row = NULL;

        (void)state;
        while ((row = program_verb_next(row)))
                for (size_t i = 0; i < ELEMENTSOF(sides); i++) {
                        struct yaml yaml;
                        struct cbor_span half = compile(&yaml, row, sides[i]);
                        struct program_step step;

                        if (!(row->sides & sides[i])) {
                                assert_non_null(strstr(yaml.error, "there is no such verb"));
                                continue;
                        }
                        assert_string_equal(yaml.error, "");
                        assert_int_equal(program_verify_steps(half, sides[i], NULL), PROGRAM_OK);
                        assert_true(program_step_at(half, 0, &step));
                        assert_int_equal(step.verb, row->verb);
                }
}

static void test_step_of_an_unknown_verb_names_those_of_its_half(void **state)
{
        static const char text[] = "jump: 1";
        struct cbor_writer w;
        struct yaml yaml;
        uint8_t bytes[8];

        (void)state;
        cbor_writer_init(&w, bytes, sizeof(bytes));
        yaml_open(&yaml, text, sizeof(text) - 1);
        step_compile(&yaml, yaml_root(&yaml), PROGRAM_DEVICE, &w);
        yaml_close(&yaml);
        assert_string_equal(
                yaml.error,
                "1:1: jump: there is no such verb in the device half; the verbs are sync, "
                "require, set, call, report, finish");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_step_of_each_verb_compiles_in_its_half_only),
                cmocka_unit_test(test_step_of_an_unknown_verb_names_those_of_its_half),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
