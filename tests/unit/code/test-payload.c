/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/code-sample.h"
#include "wire/message.h"

#define D "h'd1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1'"
#define S "h'5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e'"
#define P "4:[\"M\",\"O\"],5:" D ",6:" S

static enum reason parse_text(const char *text, struct payload *ret_payload,
                              struct payload_fault *ret_fault)
{
        static struct diagnostic d;

        return payload_parse(diagnostic(&d, text), ret_payload, ret_fault);
}

static void test_payload_smallest_payload_has_the_defaults(void **state)
{
        struct payload_fault fault;
        struct payload p;

        (void)state;
        assert_int_equal(parse_text("{1:1," P ",9:[[[],[[18,1]]]]}", &p, &fault), REASON_NONE);
        assert_int_equal(p.daemon, 0);
        assert_int_equal(p.counter, 0);
        assert_string_equal(p.maker, "M");
        assert_string_equal(p.model, "O");
        assert_string_equal(p.serial, "");
        assert_int_equal(p.public_key[31], 0xd1);
        assert_int_equal(p.secret[31], 0x5e);
        assert_int_equal(p.reach, PAYLOAD_REACH_BLE);
        assert_int_equal(p.capabilities, 0);
        assert_int_equal(p.n_applications, 1);
        assert_int_equal(p.applications[0].hub.n_bytes, 1);
        assert_int_equal(p.applications[0].device.n_bytes, 4);
        assert_int_equal(p.configuration.n_bytes, 0);
}

static void test_payload_full_payload_goes_both_ways(void **state)
{
        static const char text[] = "{1:1,2:258,3:4294967295," P ",7:3,8:7,"
                                   "9:[[" SAMPLE_HUB "," SAMPLE_DEVICE "],"
                                   "[[[2],[4,3,\"level\",\"\",\"\",1,0]],[]],"
                                   "[[],[[16,64],[18,2]]],[[[2]],[[6,1]]]],"
                                   "10:\"SN-1\",11:{1:\"x\",64:7}}";
        struct diagnostic d;
        struct cbor_span payload;
        struct payload_fault fault;
        struct payload p;
        struct cbor_writer w;
        uint8_t out[1024];

        (void)state;
        payload = diagnostic(&d, text);
        /* The last application waits where its hub half does not. */
        assert_int_equal(payload_parse(payload, &p, &fault), REASON_CODE_MALFORMED);
        assert_int_equal(fault.application, 3);
        assert_int_equal(fault.program.error, PROGRAM_E_SYNC);

        d.bytes[0] = 0;
        payload = diagnostic(&d, "{1:1,2:258,3:4294967295," P ",7:3,8:7,"
                                 "9:[[" SAMPLE_HUB "," SAMPLE_DEVICE "],"
                                 "[[[2],[4,3,\"level\",\"\",\"\",1,0]],[]],"
                                 "[[],[[16,64],[18,2]]],[[[2],[6,1]],[[6,1]]]],"
                                 "10:\"SN-1\",11:{1:\"x\",64:7}}");
        assert_int_equal(payload_parse(payload, &p, &fault), REASON_NONE);
        assert_int_equal(p.daemon, 258);
        assert_true(p.counter == 4294967295);
        assert_int_equal(p.reach, 3);
        assert_int_equal(p.capabilities, 7);
        assert_int_equal(p.n_applications, 4);
        assert_string_equal(p.serial, "SN-1");

        cbor_writer_init(&w, out, sizeof(out));
        payload_encode(&p, &w);
        assert_int_equal(w.n_written, payload.n_bytes);
        assert_memory_equal(out, payload.bytes, payload.n_bytes);
}

static void test_payload_wrong_payload_names_the_key(void **state)
{
        /* clang-format off */
        static const struct {
                const char *payload;
                unsigned key;
        } cases[] = {
                { "7", 0 },
                { "[]", 0 },
                { "{}", 1 },
                { "{4:[\"M\",\"O\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 1 },
                { "{1:0}", 1 },
                { "{1:0," P ",9:[[[],[[18,1]]]]}", 1 },
                { "{1:\"1\"," P ",9:[[[],[[18,1]]]]}", 1 },
                { "{1:1,2:65536," P ",9:[[[],[[18,1]]]]}", 2 },
                { "{1:1,3:4294967296," P ",9:[[[],[[18,1]]]]}", 3 },
                { "{1:1,5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"M\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"M\",\"O\",\"P\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"\",\"O\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"M/N\",\"O\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"M\",\"\n\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"M\",\"\xe2\x80\xae\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"123456789012345678901234567890123\",\"O\"],5:" D ",6:" S ",9:[[[],[[18,1]]]]}", 4 },
                { "{1:1,4:[\"M\",\"O\"],6:" S ",9:[[[],[[18,1]]]]}", 5 },
                { "{1:1,4:[\"M\",\"O\"],5:h'00',6:" S ",9:[[[],[[18,1]]]]}", 5 },
                { "{1:1,4:[\"M\",\"O\"],5:" D ",9:[[[],[[18,1]]]]}", 6 },
                { "{1:1,4:[\"M\",\"O\"],5:" D ",6:h'',9:[[[],[[18,1]]]]}", 6 },
                { "{1:1," P ",7:0,9:[[[],[[18,1]]]]}", 7 },
                { "{1:1," P ",7:4,9:[[[],[[18,1]]]]}", 7 },
                { "{1:1," P ",8:8,9:[[[],[[18,1]]]]}", 8 },
                { "{1:1," P "}", 9 },
                { "{1:1," P ",9:[]}", 9 },
                { "{1:1," P ",9:[[[],[]]]}", 9 },
                { "{1:1," P ",9:[[[[2]]]]}", 9 },
                { "{1:1," P ",9:[[[[2]],[],[]]]}", 9 },
                { "{1:1," P ",9:[[[],[[18,1]]],[[],[[18,1]]],[[],[[18,1]]],[[],[[18,1]]],[[],[[18,1]]]]}", 9 },
                { "{1:1," P ",9:[[[],[[18,1]]]],10:\"\"}", 10 },
                { "{1:1," P ",9:[[[],[[18,1]]]],10:\"\x7f\"}", 10 },
                { "{1:1," P ",9:[[[],[[18,1]]]],11:{}}", 11 },
                { "{1:1," P ",9:[[[],[[18,1]]]],11:{15:1}}", 11 },
                { "{1:1," P ",9:[[[],[[18,1]]]],11:{1:1}}", 11 },
                { "{1:1," P ",9:[[[],[[18,1]]]],11:7}", 11 },
                { "{1:1," P ",9:[[[],[[18,1]]]],12:1}", 12 },
                { "{0:1,1:1," P ",9:[[[],[[18,1]]]]}", 0 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct payload_fault fault = {.key = 99};
                struct payload p = {.counter = 4711};

                if (parse_text(cases[i].payload, &p, &fault) != REASON_CODE_MALFORMED ||
                    fault.key != cases[i].key || fault.program.error)
                        fail_msg("%s: key %u", cases[i].payload, fault.key);
                assert_int_equal(p.counter, 4711);
        }
}

static void test_payload_newer_format_is_told_whatever_follows(void **state)
{
        struct payload_fault fault;
        struct payload p;

        (void)state;
        assert_int_equal(parse_text("{1:2}", &p, &fault), REASON_CODE_FORMAT_NEWER);
        assert_int_equal(parse_text("{1:18446744,99:[[[[[[1]]]]]]}", &p, &fault),
                         REASON_CODE_FORMAT_NEWER);
        assert_int_equal(parse_text("{1:2,4:7,4:7}", &p, &fault), REASON_CODE_FORMAT_NEWER);
        assert_int_equal(parse_text("{2:2}", &p, &fault), REASON_CODE_MALFORMED);
}

static void test_payload_wrong_half_names_side_and_step(void **state)
{
        /* clang-format off */
        static const struct {
                const char *payload;
                enum program_error error;
                enum program_side side;
                unsigned application, step;
                const char *text;
        } cases[] = {
                { "{1:1," P ",9:[[[],[[18,1],[18,0]]]]}", PROGRAM_E_ARGUMENTS, PROGRAM_DEVICE, 0, 1,
                  "application 1, device half, step 2: the verb takes other arguments" },
                { "{1:1," P ",9:[[[[1,1]],[]]]}", PROGRAM_E_DELIVER, PROGRAM_HUB, 0, 1,
                  "application 1, hub half, step 2: the hub half never delivers the device half" },
                { "{1:1," P ",9:[[[],[[18,1]]],[[],[[16,1]]]]}", PROGRAM_E_NOT_SUPPLIED, PROGRAM_DEVICE, 1, 0,
                  "application 2, device half, step 1: the device half requires a parameter that nothing supplies" },
                { "{1:1," P ",9:[[\"x\",[]]]}", PROGRAM_E_ENCODING, PROGRAM_HUB, 0, 0,
                  "application 1, hub half, step 1: it is not encoded as it must be" },
                { "{1:1," P ",8:1,9:[[[[2],[4,1,\"a\",\"\",\"\",1,0]],[]],[[[2],[4,1,\"b\",\"\",\"\",1,0]],[]]]}",
                  PROGRAM_E_DOUBLE, PROGRAM_HUB, 1, 1,
                  "application 2, hub half, step 2: a second deliver, or a number or leaf used twice" },
                { "{1:1," P ",8:1,9:[[[[2],[4,1,\"a\",\"\",\"\",1,0]],[]],[[[2],[4,2,\"a\",\"\",\"\",1,0]],[]]]}",
                  PROGRAM_E_DOUBLE, PROGRAM_HUB, 1, 1,
                  "application 2, hub half, step 2: a second deliver, or a number or leaf used twice" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct payload_fault fault = {0};
                struct payload p;
                char text[160];

                assert_int_equal(parse_text(cases[i].payload, &p, &fault), REASON_CODE_MALFORMED);
                assert_int_equal(fault.key, 9);
                assert_int_equal(fault.application, cases[i].application);
                assert_int_equal(fault.program.error, cases[i].error);
                assert_int_equal(fault.program.side, cases[i].side);
                assert_int_equal(fault.program.step, cases[i].step);
                payload_fault_text(&fault, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
        }
}

static void test_payload_capability_that_is_not_asked_for_is_malformed(void **state)
{
        /* clang-format off */
        static const struct {
                unsigned asked, lacks;
                const char *hub;
        } cases[] = {
                { 1, 0, "[[2],[4,1,\"a\",\"\",\"\",1,0]]" },
                { 6, 1, "[[2],[4,1,\"a\",\"\",\"\",1,0]]" },
                { 2, 0, "[[2],[4,1,\"a\",\"\",\"\",2,0]]" },
                { 5, 2, "[[2],[4,1,\"a\",\"\",\"\",2,0]]" },
                { 4, 0, "[[2],[5,2]]" },
                { 3, 4, "[[2],[5,2]]" },
                { 0, 0, "[[2]]" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct payload_fault fault = {0};
                struct payload p;
                char text[512];

                (void)snprintf(text, sizeof(text), "{1:1," P ",8:%u,9:[[%s,[]]]}", cases[i].asked,
                               cases[i].hub);
                assert_int_equal(parse_text(text, &p, &fault),
                                 cases[i].lacks ? REASON_CODE_MALFORMED : REASON_NONE);
                assert_int_equal(fault.lacks, cases[i].lacks);
                if (cases[i].lacks == 4) {
                        payload_fault_text(&fault, text, sizeof(text));
                        assert_string_equal(
                                text, "application 1 needs key.forward, which is not asked for");
                }
        }
}

/* The values that the hub supplies beside the configuration have 3 bytes each at least. */
static void test_payload_of_what_can_never_be_sent_is_malformed(void **state)
{
        static const struct {
                bool long_half;
                size_t n_most; /* bytes of a configuration */
        } cases[] = {
                {true, MESSAGE_STAGED_MAX - PROGRAM_BYTES_MAX - 3 * 3},
                {false, MESSAGE_VALUES_MAX - 3 * 3},
        };
        struct sample *s = test_malloc(sizeof(*s));

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                for (size_t more = 0; more <= 1; more++) {
                        struct payload_fault fault = {0};
                        struct payload p;

                        sample_init(s);
                        if (cases[i].long_half)
                                sample_lengthen(s);
                        sample_configure(s, cases[i].n_most + more);
                        sample_encode(s);
                        assert_int_equal(payload_parse((struct cbor_span){s->encoded, s->n_encoded},
                                                       &p, &fault),
                                         more ? REASON_CODE_MALFORMED : REASON_NONE);
                        assert_int_equal(fault.n_values, more ? cases[i].n_most + 9 + 1 : 0);
                }
        test_free(s);
}

static void test_payload_damaged_payload_is_never_taken_for_whole(void **state)
{
        struct sample *s = test_malloc(sizeof(*s));
        struct payload_fault fault;
        struct payload p;

        (void)state;
        sample_init(s);
        sample_encode(s);
        for (size_t n = 0; n < s->n_encoded; n++)
                assert_int_equal(payload_parse((struct cbor_span){s->encoded, n}, &p, &fault),
                                 REASON_CODE_MALFORMED);
        s->encoded[s->n_encoded] = 0;
        assert_int_equal(
                payload_parse((struct cbor_span){s->encoded, s->n_encoded + 1}, &p, &fault),
                REASON_CODE_MALFORMED);
        test_free(s);
}

/* The split: whatever a device is sent holds nothing of the hub's half. */
static void test_application_device_gets_its_half_and_nothing_of_the_hubs(void **state)
{
        struct sample *s = test_malloc(sizeof(*s));
        struct payload_fault fault;
        struct payload p;
        struct program_run run;
        struct program_step step;
        struct cbor_writer w;
        uint8_t sent[PROGRAM_BYTES_MAX];

        (void)state;
        sample_init(s);
        sample_encode(s);
        assert_int_equal(payload_parse((struct cbor_span){s->encoded, s->n_encoded}, &p, &fault),
                         REASON_NONE);
        cbor_writer_init(&w, sent, sizeof(sent));
        application_put_device(&p.applications[0], &w);
        assert_int_equal(w.n_written, s->device.n_bytes);
        assert_memory_equal(sent, s->device.bytes, s->device.n_bytes);

        program_run_init(&run, p.applications[0].hub);
        while (program_run_next(&run, &step)) {
                size_t n = (size_t)(step.arguments.end - step.arguments.at);

                if (n > 0)
                        assert_null(memmem(sent, w.n_written, step.arguments.at - 1, n + 1));
        }
        assert_null(memmem(sent, w.n_written, "temperature", 11));
        assert_null(memmem(sent, w.n_written, p.secret, 4));
        test_free(s);
}

static void test_payload_identity_is_the_documents(void **state)
{
        /* printf 'enrolld devid' | cat - <(head -c 32 /dev/zero) | sha256sum */
        static const char expected[] = "d901367bc29bc9148d082e7c441adade";
        uint8_t key[32] = {0}, identity[16];
        char text[33];

        (void)state;
        payload_identity(key, identity);
        assert_string_equal(hex_encode(identity, 16, text), expected);
}

static void test_payload_done_leaves_no_secret(void **state)
{
        struct payload_fault fault;
        struct payload p;

        (void)state;
        assert_int_equal(parse_text("{1:1," P ",9:[[[],[[18,1]]]]}", &p, &fault), REASON_NONE);
        payload_done(&p);
        for (size_t i = 0; i < sizeof(p); i++)
                assert_int_equal(((const uint8_t *)&p)[i], 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_payload_smallest_payload_has_the_defaults),
                cmocka_unit_test(test_payload_full_payload_goes_both_ways),
                cmocka_unit_test(test_payload_wrong_payload_names_the_key),
                cmocka_unit_test(test_payload_newer_format_is_told_whatever_follows),
                cmocka_unit_test(test_payload_wrong_half_names_side_and_step),
                cmocka_unit_test(test_payload_capability_that_is_not_asked_for_is_malformed),
                cmocka_unit_test(test_payload_of_what_can_never_be_sent_is_malformed),
                cmocka_unit_test(test_payload_damaged_payload_is_never_taken_for_whole),
                cmocka_unit_test(test_application_device_gets_its_half_and_nothing_of_the_hubs),
                cmocka_unit_test(test_payload_identity_is_the_documents),
                cmocka_unit_test(test_payload_done_leaves_no_secret),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
