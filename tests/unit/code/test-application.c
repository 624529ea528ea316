/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/code-sample.h"

#define D "h'd1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1'"
#define S "h'5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e'"
#define P "4:[\"M\",\"O\"],5:" D ",6:" S

static enum reason parse_text(const char *text, struct application *ret_application,
                              struct application_fault *ret_fault)
{
        static struct diagnostic d;

        return application_parse(diagnostic(&d, text), ret_application, ret_fault);
}

static void test_application_smallest_payload_has_the_defaults(void **state)
{
        struct application_fault fault;
        struct application a;

        (void)state;
        assert_int_equal(parse_text("{1:1," P ",9:[[[],[[18,1]]]]}", &a, &fault), REASON_NONE);
        assert_int_equal(a.daemon, 0);
        assert_int_equal(a.counter, 0);
        assert_string_equal(a.maker, "M");
        assert_string_equal(a.model, "O");
        assert_string_equal(a.serial, "");
        assert_int_equal(a.public_key[31], 0xd1);
        assert_int_equal(a.secret[31], 0x5e);
        assert_int_equal(a.reach, APPLICATION_REACH_BLE);
        assert_int_equal(a.capabilities, 0);
        assert_int_equal(a.n_pairs, 1);
        assert_int_equal(a.pairs[0].hub.n_bytes, 1);
        assert_int_equal(a.pairs[0].device.n_bytes, 4);
        assert_int_equal(a.configuration.n_bytes, 0);
}

static void test_application_full_payload_goes_both_ways(void **state)
{
        static const char text[] = "{1:1,2:258,3:4294967295," P ",7:3,8:7,"
                                   "9:[[" SAMPLE_HUB "," SAMPLE_DEVICE "],"
                                   "[[[2],[4,3,\"level\",\"\",\"\",1,0]],[]],"
                                   "[[],[[16,64],[18,2]]],[[[2]],[[6,1]]]],"
                                   "10:\"SN-1\",11:{1:\"x\",64:7}}";
        struct diagnostic d;
        struct cbor_span payload;
        struct application_fault fault;
        struct application a;
        struct cbor_writer w;
        uint8_t out[1024];

        (void)state;
        payload = diagnostic(&d, text);
        /* The last application waits where its hub half does not. */
        assert_int_equal(application_parse(payload, &a, &fault), REASON_CODE_MALFORMED);
        assert_int_equal(fault.pair, 3);
        assert_int_equal(fault.program.error, PROGRAM_E_SYNC);

        d.bytes[0] = 0;
        payload = diagnostic(&d, "{1:1,2:258,3:4294967295," P ",7:3,8:7,"
                                 "9:[[" SAMPLE_HUB "," SAMPLE_DEVICE "],"
                                 "[[[2],[4,3,\"level\",\"\",\"\",1,0]],[]],"
                                 "[[],[[16,64],[18,2]]],[[[2],[6,1]],[[6,1]]]],"
                                 "10:\"SN-1\",11:{1:\"x\",64:7}}");
        assert_int_equal(application_parse(payload, &a, &fault), REASON_NONE);
        assert_int_equal(a.daemon, 258);
        assert_true(a.counter == 4294967295);
        assert_int_equal(a.reach, 3);
        assert_int_equal(a.capabilities, 7);
        assert_int_equal(a.n_pairs, 4);
        assert_string_equal(a.serial, "SN-1");

        cbor_writer_init(&w, out, sizeof(out));
        application_encode(&a, &w);
        assert_int_equal(w.n_written, payload.n_bytes);
        assert_memory_equal(out, payload.bytes, payload.n_bytes);
}

static void test_application_wrong_payload_names_the_key(void **state)
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
                struct application_fault fault = {.key = 99};
                struct application a = {.counter = 4711};

                if (parse_text(cases[i].payload, &a, &fault) != REASON_CODE_MALFORMED ||
                    fault.key != cases[i].key || fault.program.error)
                        fail_msg("%s: key %u", cases[i].payload, fault.key);
                assert_int_equal(a.counter, 4711);
        }
}

static void test_application_newer_format_is_told_whatever_follows(void **state)
{
        struct application_fault fault;
        struct application a;

        (void)state;
        assert_int_equal(parse_text("{1:2}", &a, &fault), REASON_CODE_FORMAT_NEWER);
        assert_int_equal(parse_text("{1:18446744,99:[[[[[[1]]]]]]}", &a, &fault),
                         REASON_CODE_FORMAT_NEWER);
        assert_int_equal(parse_text("{1:2,4:7,4:7}", &a, &fault), REASON_CODE_FORMAT_NEWER);
        assert_int_equal(parse_text("{2:2}", &a, &fault), REASON_CODE_MALFORMED);
}

static void test_application_wrong_half_names_side_and_step(void **state)
{
        /* clang-format off */
        static const struct {
                const char *payload;
                enum program_error error;
                enum program_side side;
                unsigned pair, step;
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
                  "application 2, hub half, step 2: a second deliver, or a channel number or leaf used twice" },
                { "{1:1," P ",8:1,9:[[[[2],[4,1,\"a\",\"\",\"\",1,0]],[]],[[[2],[4,2,\"a\",\"\",\"\",1,0]],[]]]}",
                  PROGRAM_E_DOUBLE, PROGRAM_HUB, 1, 1,
                  "application 2, hub half, step 2: a second deliver, or a channel number or leaf used twice" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct application_fault fault = {0};
                struct application a;
                char text[160];

                assert_int_equal(parse_text(cases[i].payload, &a, &fault), REASON_CODE_MALFORMED);
                assert_int_equal(fault.key, 9);
                assert_int_equal(fault.pair, cases[i].pair);
                assert_int_equal(fault.program.error, cases[i].error);
                assert_int_equal(fault.program.side, cases[i].side);
                assert_int_equal(fault.program.step, cases[i].step);
                application_fault_text(&fault, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
        }
}

static void test_application_capability_that_is_not_asked_for_is_malformed(void **state)
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
                struct application_fault fault = {0};
                struct application a;
                char text[512];

                (void)snprintf(text, sizeof(text), "{1:1," P ",8:%u,9:[[%s,[]]]}", cases[i].asked,
                               cases[i].hub);
                assert_int_equal(parse_text(text, &a, &fault),
                                 cases[i].lacks ? REASON_CODE_MALFORMED : REASON_NONE);
                assert_int_equal(fault.lacks, cases[i].lacks);
                if (cases[i].lacks == 4) {
                        application_fault_text(&fault, text, sizeof(text));
                        assert_string_equal(
                                text, "application 1 needs key.forward, which is not asked for");
                }
        }
}

static void test_application_damaged_payload_is_never_taken_for_whole(void **state)
{
        struct sample *s = test_malloc(sizeof(*s));
        struct application_fault fault;
        struct application a;

        (void)state;
        sample_init(s);
        sample_encode(s);
        for (size_t n = 0; n < s->n_payload; n++)
                assert_int_equal(application_parse((struct cbor_span){s->payload, n}, &a, &fault),
                                 REASON_CODE_MALFORMED);
        s->payload[s->n_payload] = 0;
        assert_int_equal(
                application_parse((struct cbor_span){s->payload, s->n_payload + 1}, &a, &fault),
                REASON_CODE_MALFORMED);
        test_free(s);
}

/* The split: whatever a device is sent holds nothing of the hub's half. */
static void test_application_device_gets_its_half_and_nothing_of_the_hubs(void **state)
{
        struct sample *s = test_malloc(sizeof(*s));
        struct application_fault fault;
        struct application a;
        struct program_run run;
        struct program_step step;
        struct cbor_writer w;
        uint8_t sent[PROGRAM_BYTES_MAX];

        (void)state;
        sample_init(s);
        sample_encode(s);
        assert_int_equal(
                application_parse((struct cbor_span){s->payload, s->n_payload}, &a, &fault),
                REASON_NONE);
        cbor_writer_init(&w, sent, sizeof(sent));
        application_put_device(&a, 0, &w);
        assert_int_equal(w.n_written, s->device.n_bytes);
        assert_memory_equal(sent, s->device.bytes, s->device.n_bytes);

        program_run_init(&run, a.pairs[0].hub);
        while (program_run_next(&run, &step)) {
                size_t n = (size_t)(step.arguments.end - step.arguments.at);

                if (n > 0)
                        assert_null(memmem(sent, w.n_written, step.arguments.at - 1, n + 1));
        }
        assert_null(memmem(sent, w.n_written, "temperature", 11));
        assert_null(memmem(sent, w.n_written, a.secret, 4));
        test_free(s);
}

static void test_application_identity_is_the_documents(void **state)
{
        /* printf 'enrolld devid' | cat - <(head -c 32 /dev/zero) | sha256sum */
        static const char expected[] = "d901367bc29bc9148d082e7c441adade";
        uint8_t key[32] = {0}, identity[16];
        char text[33];

        (void)state;
        application_identity(key, identity);
        assert_string_equal(hex_encode(identity, 16, text), expected);
}

static void test_application_done_leaves_no_secret(void **state)
{
        struct application_fault fault;
        struct application a;

        (void)state;
        assert_int_equal(parse_text("{1:1," P ",9:[[[],[[18,1]]]]}", &a, &fault), REASON_NONE);
        application_done(&a);
        for (size_t i = 0; i < sizeof(a); i++)
                assert_int_equal(((const uint8_t *)&a)[i], 0);
}

static void test_application_capability_names_go_both_ways(void **state)
{
        (void)state;
        for (unsigned i = 0; i < 16; i++) {
                const char *name = application_capability_name(i);

                assert_int_equal(name != NULL, i == 1 || i == 2 || i == 4);
                if (name)
                        assert_int_equal(application_capability_from_name(name, strlen(name)), i);
        }
        assert_int_equal(application_capability_from_name("key", 3), 0);
        assert_int_equal(application_capability_from_name("key.forwards", 12), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_application_smallest_payload_has_the_defaults),
                cmocka_unit_test(test_application_full_payload_goes_both_ways),
                cmocka_unit_test(test_application_wrong_payload_names_the_key),
                cmocka_unit_test(test_application_newer_format_is_told_whatever_follows),
                cmocka_unit_test(test_application_wrong_half_names_side_and_step),
                cmocka_unit_test(test_application_capability_that_is_not_asked_for_is_malformed),
                cmocka_unit_test(test_application_damaged_payload_is_never_taken_for_whole),
                cmocka_unit_test(test_application_device_gets_its_half_and_nothing_of_the_hubs),
                cmocka_unit_test(test_application_identity_is_the_documents),
                cmocka_unit_test(test_application_done_leaves_no_secret),
                cmocka_unit_test(test_application_capability_names_go_both_ways),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
