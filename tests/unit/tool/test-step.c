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
                {PROGRAM_SHAPE_PRESENCE, "sleeps 6 h"},
                {PROGRAM_SHAPE_GROUP, "{kind: light, state: lamp}"},
        };

        for (size_t i = 0; i < ELEMENTSOF(shapes); i++)
                if (row->shape & shapes[i].shape)
                        return shapes[i].text;
        fail_msg("verb %u has a shape that is not known here", row->verb);
        return "";
}

/* Compiles the only step of a half. */
static struct cbor_span compile_text(const char *text, enum program_side side,
                                     struct errors *ret_errors)
{
        static struct channels channels;
        static const struct functions any;
        static const yaml_node_t elsewhere;
        static uint8_t bytes[64];
        struct yaml yaml;
        struct scope scope = {.yaml = &yaml,
                              .side = side,
                              .channels = &channels,
                              .functions = &any,
                              .capabilities = CAPABILITY_ALL};
        struct cbor_writer w;

        memset(&channels, 0, sizeof(channels));
        channels.list[channels.n++] = (struct scope_channel){
                .channel = {.number = 9,
                            .leaf = {(const uint8_t *)"lamp", 4},
                            .direction = PROGRAM_COMMANDED,
                            .type = PROGRAM_CHANNEL_SWITCH},
                .node = &elsewhere,
        };
        memset(ret_errors, 0, sizeof(*ret_errors));
        cbor_writer_init(&w, bytes, sizeof(bytes));
        cbor_put_array(&w, 1);
        yaml_open(&yaml, ret_errors, text, strlen(text));
        (void)step_compile(&scope, yaml_root(&yaml), &w);
        yaml_close(&yaml);
        assert_true(cbor_writer_fits(&w));
        return (struct cbor_span){bytes, w.n_written};
}

static struct cbor_span compile(const struct program_row *row, enum program_side side,
                                struct errors *ret_errors)
{
        char text[128];

        (void)snprintf(text, sizeof(text), "%s: %s", program_verb_words(row->verb)->name,
                       arguments(row));
        return compile_text(text, side, ret_errors);
}

static void test_step_of_each_verb_compiles_in_its_half_only(void **state)
{
        static const enum program_side sides[] = {PROGRAM_HUB, PROGRAM_DEVICE};
        const struct program_row *row = NULL;

        (void)state;
        while ((row = program_verb_next(row)))
                for (size_t i = 0; i < ELEMENTSOF(sides); i++) {
                        struct errors errors;
                        struct cbor_span half = compile(row, sides[i], &errors);
                        struct program_step step;

                        if (!(row->sides & sides[i])) {
                                assert_non_null(strstr(errors.list[0].text, "is a verb of the"));
                                continue;
                        }
                        assert_int_equal(errors.n_list, 0);
                        assert_int_equal(program_verify_steps(half, sides[i], NULL), PROGRAM_OK);
                        assert_true(program_step_at(half, 0, &step));
                        assert_int_equal(step.verb, row->verb);
                }
}

static void test_step_of_an_unknown_verb_names_those_of_its_half(void **state)
{
        struct errors errors;

        (void)state;
        (void)compile_text("jump: 1", PROGRAM_DEVICE, &errors);
        assert_int_equal(errors.n_list, 1);
        assert_string_equal(errors.list[0].text,
                            "jump: there is no such verb; the verbs are sync, require, set, call, "
                            "report and finish");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_step_of_each_verb_compiles_in_its_half_only),
                cmocka_unit_test(test_step_of_an_unknown_verb_names_those_of_its_half),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
