/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/channel.h"
#include "program/verify.h"
#include "support/diagnostic.h"

static const char hub_good[] = "[[1,1,2,3],[2],[3,1,2,3,4],"
                               "[4,1,\"temperature\",\"temperature\",\"C\",1,60],"
                               "[4,2,\"identify\",\"\",\"\",2,0],[5,6,2]]";

static void test_channel_is_decoded(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_step step;
        struct program_channel c;

        (void)state;
        program_run_init(&run, diagnostic(&d, hub_good));
        while (program_run_next(&run, &step) && step.verb != PROGRAM_CHANNEL)
                assert_false(program_get_channel(&step, &c));
        assert_true(program_get_channel(&step, &c));
        assert_int_equal(c.number, 1);
        assert_memory_equal(c.leaf.bytes, "temperature", c.leaf.n_bytes);
        assert_int_equal(c.device_class.n_bytes, 11);
        assert_int_equal(c.unit.n_bytes, 1);
        assert_int_equal(c.direction, PROGRAM_PUBLISHED);
        assert_int_equal(c.type, PROGRAM_CHANNEL_NUMBER);
        assert_int_equal(c.category, PROGRAM_CATEGORY_NONE);
        assert_false(c.has_range);
        assert_int_equal(c.period_sec, 60);
        assert_true(program_run_next(&run, &step));
        assert_true(program_get_channel(&step, &c));
        assert_int_equal(c.number, 2);
        assert_int_equal(c.direction, PROGRAM_COMMANDED);
        assert_int_equal(c.period_sec, 0);
}

static void test_channel_with_words_is_the_same_as_with_texts(void **state)
{
        struct diagnostic d;
        struct program_run run;
        struct program_step step;
        struct program_channel c;

        (void)state;
        program_run_init(&run, diagnostic(&d, "[[4,1,1,2,131,1,60]]"));
        assert_true(program_run_next(&run, &step));
        assert_true(program_get_channel(&step, &c));
        assert_memory_equal(c.leaf.bytes, "temperature", c.leaf.n_bytes);
        assert_int_equal(c.leaf.n_bytes, 11);
        assert_memory_equal(c.device_class.bytes, "humidity", c.device_class.n_bytes);
        assert_memory_equal(c.unit.bytes, "%", c.unit.n_bytes);
}

/* The only step of a half, decoded. */
static bool decoded(struct diagnostic *d, const char *step_text,
                    struct program_channel *ret_channel)
{
        struct program_step step;
        char half[256] = "[";

        (void)strcat(strcat(half, step_text), "]");
        assert_true(program_step_at(diagnostic(d, half), 0, &step));
        return program_get_channel(&step, ret_channel);
}

static void test_channel_of_each_type_has_its_limits(void **state)
{
        struct program_channel c;
        struct diagnostic d;

        (void)state;
        assert_true(decoded(&d, "[4,1,\"a\",\"\",\"\",3,0,[0,-50,300,-1,5],1]", &c));
        assert_int_equal(c.direction, PROGRAM_BOTH_WAYS);
        assert_true(c.has_range);
        assert_int_equal(c.range.low, -50);
        assert_int_equal(c.range.high, 300);
        assert_int_equal(c.range.exponent, -1);
        assert_int_equal(c.range.step, 5);
        assert_int_equal(c.category, PROGRAM_CATEGORY_CONFIG);
        assert_true(decoded(&d, "[4,1,\"a\",\"\",\"\",3,0,[2,\"x\",67]]", &c));
        assert_int_equal(c.type, PROGRAM_CHANNEL_ENUMERATION);
        assert_int_equal(c.n_words, 2);
        assert_true(program_channel_has_word(&c, "x", 1));
        assert_true(program_channel_has_word(&c, "on", 2));
        assert_false(program_channel_has_word(&c, "off", 3));
        assert_true(decoded(&d, "[4,1,\"a\",\"\",\"\",3,0,3]", &c));
        assert_int_equal(c.length, PROGRAM_LENGTH_MAX);
        assert_true(decoded(&d, "[4,1,\"a\",\"\",\"\",3,0,[3,7]]", &c));
        assert_int_equal(c.length, 7);
        assert_true(decoded(&d, "[4,1,\"a\",\"\",\"\",1,0,0,2]", &c));
        assert_int_equal(c.category, PROGRAM_CATEGORY_DIAGNOSTIC);
}

static void test_channel_is_written_as_it_was_read(void **state)
{
        static const char *const steps[] = {
                "[4,1,1,2,131,1,60]",
                "[4,255,\"own\",\"\",\"\",2,0]",
                "[4,1,\"a\",\"\",\"\",3,0,1]",
                "[4,1,\"a\",\"\",\"\",3,0,0,2]",
                "[4,1,\"a\",\"\",\"\",3,0,[0,1,2]]",
                "[4,1,\"a\",\"\",\"\",3,0,[0,1,2,-3]]",
                "[4,1,\"a\",\"\",\"\",3,0,[0,1,2,0,4],1]",
                "[4,1,\"a\",\"\",\"\",3,0,[2,67,\"x\"]]",
                "[4,1,\"a\",\"\",\"\",3,0,3]",
                "[4,1,\"a\",\"\",\"\",3,0,[3,7]]",
                "[4,1,\"a\",\"\",\"\",2,0,4]",
                "[4,1,\"a\",\"\",\"\",1,0,[5,79]]",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
                struct program_channel c;
                struct diagnostic d;
                struct cbor_writer w;
                uint8_t bytes[64];

                assert_true(decoded(&d, steps[i], &c));
                cbor_writer_init(&w, bytes, sizeof(bytes));
                cbor_put_array(&w, 1);
                cbor_put_array(&w, 1 + program_count_channel(&c));
                cbor_put_uint(&w, PROGRAM_CHANNEL);
                program_put_channel(&w, &c);
                assert_int_equal(w.n_written, d.n_bytes);
                assert_memory_equal(bytes, d.bytes, d.n_bytes);
        }
}

static void test_channel_whose_parts_do_not_go_together_is_refused(void **state)
{
        static const struct {
                const char *arguments;
                enum program_error error;
        } cases[] = {
                {"\"\",3,0", PROGRAM_OK},
                {"\"\",4,0", PROGRAM_E_ARGUMENTS},
                {"\"\",0,0", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,6", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,true", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,0,3", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,0,0,0", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[0]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[0,1]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[0,1,2,0,0]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[0,1,2,19]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[0,1,2,0,1,1]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[0,2,1]", PROGRAM_E_LIMITS},
                {"\"\",1,0,[0,1,1]", PROGRAM_OK},
                {"\"%\",1,0,[0,1,1]", PROGRAM_OK},
                {"\"%\",1,0,1", PROGRAM_E_LIMITS},
                {"\"\",1,0,[1,1]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,2", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[2,1]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[2,1,\"temperature\"]", PROGRAM_E_DOUBLE},
                {"\"\",1,0,[2,1,\"A\"]", PROGRAM_E_LEAF},
                {"\"\",1,0,[2,1,128]", PROGRAM_E_LEAF},
                {"\"\",1,0,[2,1,2,3,4,5,6,7,8,9,10,11,12]", PROGRAM_OK},
                {"\"\",1,0,[2,1,2,3,4,5,6,7,8,9,10,11,12,13]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[3,0]", PROGRAM_E_ARGUMENTS},
                {"\"\",1,0,[3,65]", PROGRAM_E_ARGUMENTS},
                {"\"\",2,0,4", PROGRAM_OK},
                {"\"\",1,0,4", PROGRAM_E_LIMITS},
                {"\"\",3,0,4", PROGRAM_E_LIMITS},
                {"\"\",1,0,[5,1]", PROGRAM_OK},
                {"\"\",3,0,[5,1]", PROGRAM_E_LIMITS},
                {"\"\",1,1,[5,1]", PROGRAM_E_LIMITS},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char half[256] = "[[2],[4,1,\"a\",\"\",";
                struct diagnostic d;
                enum program_error error;

                (void)strcat(strcat(half, cases[i].arguments), "]]");
                error = program_verify_hub(diagnostic(&d, half), NULL);
                if (error != cases[i].error)
                        fail_msg("%s: %d", cases[i].arguments, error);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_channel_is_decoded),
                cmocka_unit_test(test_channel_with_words_is_the_same_as_with_texts),
                cmocka_unit_test(test_channel_of_each_type_has_its_limits),
                cmocka_unit_test(test_channel_is_written_as_it_was_read),
                cmocka_unit_test(test_channel_whose_parts_do_not_go_together_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
