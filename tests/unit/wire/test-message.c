/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/message.h"

static uint8_t bytes[MESSAGE_MAX];
static struct cbor_writer writer;

static struct cbor_writer *start(void)
{
        cbor_writer_init(&writer, bytes, sizeof(bytes));
        return &writer;
}

static struct cbor_span written(void)
{
        assert_true(cbor_writer_fits(&writer));
        return (struct cbor_span){bytes, writer.n_written};
}

static struct cbor_span from_hex(const char *hex)
{
        static uint8_t decoded[MESSAGE_MAX];
        size_t n = strlen(hex) / 2;

        assert_int_equal(hex_decode(hex, decoded, n), 0);
        return (struct cbor_span){decoded, n};
}

static void assert_encoded(const char *hex)
{
        struct cbor_span body = written(), expected = from_hex(hex);

        assert_int_equal(body.n_bytes, expected.n_bytes);
        assert_memory_equal(body.bytes, expected.bytes, expected.n_bytes);
}

static void test_message_every_type_has_the_lengths_of_the_table(void **state)
{
        static const struct {
                uint8_t type;
                size_t least, most;
        } rows[] = {
                {0x01, 65, 65},        {0x02, 49, 49}, {0x03, 65, 65}, {0x04, 19, MESSAGE_MAX},
                {0x05, 65, 65},        {0x06, 49, 49}, {0x0f, 22, 22}, {0x10, 1, 1},
                {0x11, 11, 11},        {0x00, 0, 0},   {0x07, 0, 0},   {0x12, 0, 0},
                {MESSAGE_HELLO, 0, 0}, {0xff, 0, 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                for (size_t n = 1; n <= MESSAGE_MAX + 1; n++)
                        assert_int_equal(message_size_fits(rows[i].type, n),
                                         n >= rows[i].least && n <= rows[i].most);
}

static void test_message_hello_goes_there_and_back(void **state)
{
        struct message_hello hello = {.state = MESSAGE_STATE_PENDING, .epoch = 0xfffffffe};
        struct message_hello got;

        (void)state;
        memcpy(hello.boot_id, "\1\2\3\4\5\6\7\x8", 8);
        message_put_hello(start(), &hello);
        assert_encoded("a401010201031afffffffe04480102030405060708");
        assert_int_equal(message_get_hello(written(), &got), 0);
        assert_int_equal(got.state, MESSAGE_STATE_PENDING);
        assert_int_equal(got.epoch, 0xfffffffe);
        assert_memory_equal(got.boot_id, hello.boot_id, 8);
}

/* Whatever follows it: that may be of the newer version, too. */
static void test_message_hello_of_a_newer_version_is_newer(void **state)
{
        static const uint8_t newer[] = {0xa2, 1, 2, 2, 0xf6};
        struct message_hello got;

        (void)state;
        assert_int_equal(message_get_hello((struct cbor_span){newer, sizeof(newer)}, &got),
                         MESSAGE_E_NEWER);
}

static void test_message_stage_goes_there_and_back(void **state)
{
        static const uint8_t half[] = {0x81, 0x82, 0x14, 0x01}, values[] = {0xa1, 0x01, 0x61, 'x'};
        uint8_t psk[32], hash[32];
        struct message_stage stage = {.epoch = 7,
                                      .psk_own = psk,
                                      .code_hash = hash,
                                      .fail_safe_s = 900,
                                      .half = {half, sizeof(half)},
                                      .values = {values, sizeof(values)}},
                             got;

        (void)state;
        memset(psk, 0xaa, sizeof(psk));
        memset(hash, 0xbb, sizeof(hash));
        message_put_stage(start(), &stage);
        assert_int_equal(message_get_stage(written(), &got), 0);
        assert_int_equal(got.epoch, 7);
        assert_int_equal(got.fail_safe_s, 900);
        assert_memory_equal(got.psk_own, psk, 32);
        assert_memory_equal(got.code_hash, hash, 32);
        assert_int_equal(got.half.n_bytes, sizeof(half));
        assert_memory_equal(got.half.bytes, half, sizeof(half));
        assert_int_equal(got.values.n_bytes, sizeof(values));
        assert_memory_equal(got.values.bytes, values, sizeof(values));
}

static void test_message_stage_has_so_many_bytes_beside_half_and_values(void **state)
{
        static const uint8_t psk_own[MESSAGE_KEY_BYTES], hash[MESSAGE_HASH_BYTES];
        const struct message_stage stage = {.epoch = UINT32_MAX,
                                            .psk_own = psk_own,
                                            .code_hash = hash,
                                            .fail_safe_s = MESSAGE_FAIL_SAFE_MAX};

        (void)state;
        message_put_stage(start(), &stage);
        assert_int_equal(written().n_bytes, MESSAGE_STAGE_HEAD);
}

static void test_message_stage_of_every_bad_content_is_malformed(void **state)
{
        static const struct {
                uint32_t epoch;
                uint16_t fail_safe_s;
                const char *half, *values;
        } cases[] = {
                {1, 9, "80", "a0"},  {1, 901, "80", "a0"},  {1, 60, "a0", "a0"},
                {1, 60, "80", "80"}, {1, 60, "00", "a0"},   {1, 60, "80", "00"},
                {1, 60, "80", ""},   {1, 60, "80", "a000"},
        };
        static const uint8_t zeros[32];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct message_stage stage = {.epoch = cases[i].epoch,
                                              .psk_own = zeros,
                                              .code_hash = zeros,
                                              .fail_safe_s = cases[i].fail_safe_s},
                                     got;
                uint8_t half[4], values[4];

                stage.half = (struct cbor_span){half, strlen(cases[i].half) / 2};
                stage.values = (struct cbor_span){values, strlen(cases[i].values) / 2};
                assert_int_equal(hex_decode(cases[i].half, half, stage.half.n_bytes), 0);
                assert_int_equal(hex_decode(cases[i].values, values, stage.values.n_bytes), 0);
                message_put_stage(start(), &stage);
                assert_int_equal(message_get_stage(written(), &got), MESSAGE_E_MALFORMED);
        }
}

static void test_message_report_goes_there_and_back(void **state)
{
        static const uint8_t items[] = {0xa1, 0x04, 0x82, 0x01, 0x03};
        struct cbor_span got;

        (void)state;
        message_put_report(start());
        cbor_put_raw(&writer, items, sizeof(items));
        assert_encoded("a101a104820103");
        assert_int_equal(message_get_report(written(), &got), 0);
        assert_int_equal(got.n_bytes, sizeof(items));
        assert_memory_equal(got.bytes, items, sizeof(items));
}

static void test_message_numbers_go_there_and_back(void **state)
{
        uint32_t epoch;
        uint8_t point;

        (void)state;
        message_put_number(start(), 0xffffffff);
        assert_int_equal(message_get_epoch(written(), &epoch), 0);
        assert_int_equal(epoch, 0xffffffff);
        assert_int_equal(message_get_point(written(), &point), MESSAGE_E_MALFORMED);
        message_put_number(start(), 255);
        assert_int_equal(message_get_point(written(), &point), 0);
        assert_int_equal(point, 255);
}

static void test_message_fail_goes_there_and_back(void **state)
{
        static const struct {
                struct message_fail fail;
                const char *hex;
        } cases[] = {
                {{.failure = 9, .step = -1}, "a10109"},
                {{.failure = 3, .step = 0}, "a201030200"},
                {{.failure = 3, .step = -1, .text = {(const uint8_t *)"hot", 3}},
                 "a201030363686f74"},
                {{.failure = 255, .step = 31, .text = {(const uint8_t *)"hot", 3}},
                 "a30118ff02181f0363686f74"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct message_fail got;

                message_put_fail(start(), &cases[i].fail);
                assert_encoded(cases[i].hex);
                assert_int_equal(message_get_fail(written(), &got), 0);
                assert_int_equal(got.failure, cases[i].fail.failure);
                assert_int_equal(got.step, cases[i].fail.step);
                assert_int_equal(got.text.n_bytes, cases[i].fail.text.n_bytes);
        }
}

static void test_message_done_goes_there_and_back(void **state)
{
        const struct message_done done = {.epoch = 7, .boot_id = {1, 2, 3, 4, 5, 6, 7, 8}};
        struct message_done got;

        (void)state;
        message_put_done(start(), &done);
        assert_encoded("a2010702480102030405060708");
        assert_int_equal(message_get_done(written(), &got), 0);
        assert_int_equal(got.epoch, 7);
        assert_memory_equal(got.boot_id, done.boot_id, sizeof(done.boot_id));
}

static const struct message_value values[] = {
        {.channel = 1, .type = MESSAGE_DECIMAL, .integer = 2150, .exponent = -2},
        {.channel = 2, .type = MESSAGE_INTEGER, .integer = INT64_MIN},
        {.channel = 3, .type = MESSAGE_BOOLEAN, .integer = 1},
        {.channel = 255, .type = MESSAGE_TEXT, .text = {(const uint8_t *)"on", 2}},
};

static void assert_walk(struct message_values walk, size_t n)
{
        struct message_value got = {.channel = 0};

        for (size_t i = 0; i < n; i++) {
                assert_true(message_values_next(&walk, &got));
                assert_int_equal(got.channel, values[i].channel);
                assert_int_equal(got.type, values[i].type);
                assert_int_equal(got.integer, values[i].integer);
                assert_int_equal(got.exponent, values[i].exponent);
                assert_int_equal(got.text.n_bytes, values[i].text.n_bytes);
                if (got.text.n_bytes > 0)
                        assert_memory_equal(got.text.bytes, values[i].text.bytes, got.text.n_bytes);
        }
        assert_false(message_values_next(&walk, &got));
}

static void test_message_data_goes_there_and_back(void **state)
{
        struct message_values walk;
        uint32_t number;

        (void)state;
        message_put_data(start(), values, 4, UINT32_MAX);
        assert_encoded("a201a40182190866210"
                       "23b7fffffffffffffff03f518ff626f6e021affffffff");
        assert_int_equal(message_get_data(written(), &walk, &number), 0);
        assert_int_equal(number, UINT32_MAX);
        assert_walk(walk, 4);
        message_put_data(start(), NULL, 0, 0);
        assert_encoded("a201a00200");
        assert_int_equal(message_get_data(written(), &walk, &number), 0);
        assert_walk(walk, 0);
}

static void test_message_commands_go_there_and_back(void **state)
{
        static const uint8_t channels[] = {1, 2, 24, 255};
        struct message_command command;
        struct message_values again;
        uint8_t channel;

        (void)state;
        message_put_set(start(), 42, values, 2);
        assert_encoded("a201182a02a2018219086621023b7fffffffffffffff");
        assert_int_equal(message_get_command(MESSAGE_SET, written(), &command), 0);
        assert_int_equal(command.kind, MESSAGE_SET);
        assert_int_equal(command.id, 42);
        assert_walk(command.values, 2);
        assert_walk(command.values, 2); /* a copy, twice */

        message_put_get(start(), UINT32_MAX, channels, sizeof(channels));
        assert_encoded("a2011affffffff02840102181818ff");
        assert_int_equal(message_get_command(MESSAGE_GET, written(), &command), 0);
        assert_int_equal(command.kind, MESSAGE_GET);
        assert_int_equal(command.id, UINT32_MAX);
        again = command.values;
        for (size_t i = 0; i < 2 * sizeof(channels); i++) {
                if (i == sizeof(channels))
                        assert_false(message_channels_next(&command.values, &channel));
                assert_true(message_channels_next(i < sizeof(channels) ? &command.values : &again,
                                                  &channel));
                assert_int_equal(channel, channels[i % sizeof(channels)]);
        }
        assert_false(message_channels_next(&again, &channel));
}

static void test_message_result_goes_there_and_back(void **state)
{
        static const struct {
                struct message_result result;
                size_t n_values;
                const char *hex;
        } cases[] = {
                {{.id = 0, .outcome = MESSAGE_OUTCOME_DONE}, 0, "a201000200"},
                {{.id = 42, .outcome = MESSAGE_OUTCOME_DONE},
                 1,
                 "a301182a020003a10182190866"
                 "21"},
                {{.id = 42, .outcome = MESSAGE_OUTCOME_FAILED, .text = {(const uint8_t *)"hot", 3}},
                 0,
                 "a301182a02040463686f74"},
                {{.id = 42, .outcome = 255, .text = {(const uint8_t *)"hot", 3}},
                 1,
                 "a401182a0218ff03a101821908662104"
                 "63686f74"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct message_values walk;
                struct message_result got;

                message_put_result(start(), &cases[i].result, values, cases[i].n_values);
                assert_encoded(cases[i].hex);
                assert_int_equal(message_get_result(written(), &got, &walk), 0);
                assert_int_equal(got.id, cases[i].result.id);
                assert_int_equal(got.outcome, cases[i].result.outcome);
                assert_int_equal(got.text.n_bytes, cases[i].result.text.n_bytes);
                assert_walk(walk, cases[i].n_values);
        }
}

static void test_message_malformed_bodies_are_refused(void **state)
{
        static const struct {
                const char *what;
                uint8_t kind;
                const char *hex;
        } cases[] = {
                {"nothing", MESSAGE_HELLO, ""},
                {"no map", MESSAGE_HELLO, "84010001480102030405060708"},
                {"an older version", MESSAGE_HELLO,
                 "a4010002000300044801020304050607"
                 "08"},
                {"an owned device that says hello", MESSAGE_HELLO,
                 "a4010102020300044801020304050607"
                 "08"},
                {"an epoch of 33 bits", MESSAGE_HELLO,
                 "a401010200031b000000010000000004480102030405060708"},
                {"a short boot id", MESSAGE_HELLO,
                 "a401010200030004470102030405060"
                 "7"},
                {"a missing key", MESSAGE_HELLO, "a3010102000300"},
                {"an unknown key", MESSAGE_HELLO,
                 "a50101020003000448010203040506070805"
                 "00"},
                {"keys out of order", MESSAGE_HELLO,
                 "a4020001010300044801020304050607"
                 "08"},
                {"bytes after the body", MESSAGE_HELLO,
                 "a401010200030004480102030405060708"
                 "00"},
                {"an epoch that is text", MESSAGE_COMMIT, "a1016131"},
                {"a negative epoch", MESSAGE_DONE,
                 "a20120024801020304050607"
                 "08"},
                {"an epoch too many", MESSAGE_COMMIT, "a201010201"},
                {"an unknown key alone", MESSAGE_COMMIT, "a10201"},
                {"no key", MESSAGE_COMMIT, "a0"},
                {"a point of nine bits", MESSAGE_SYNC, "a101190100"},
                {"failure 0", MESSAGE_FAIL, "a10100"},
                {"failure 256", MESSAGE_FAIL, "a101190100"},
                {"no failure", MESSAGE_FAIL, "a10200"},
                {"an unknown key in a failure", MESSAGE_FAIL, "a201010400"},
                {"a text of 65 bytes", MESSAGE_FAIL,
                 "a20101037841"
                 "61616161616161616161616161616161616161616161616161616161616161616161616161616161"
                 "61616161616161616161616161616161616161616161616161"},
                {"a text that is not UTF-8", MESSAGE_FAIL, "a201010361ff"},
                {"items in an array", MESSAGE_REPORT, "a10180"},
                {"half an item", MESSAGE_REPORT, "a101a101"},
                {"channel 0", MESSAGE_DATA, "a201a100010200"},
                {"channel 256", MESSAGE_DATA, "a201a1190100010200"},
                {"a value of bytes", MESSAGE_DATA, "a201a10141000200"},
                {"a value that is a map", MESSAGE_DATA, "a201a101a00200"},
                {"a decimal of three", MESSAGE_SET, "a2010002a10183010203"},
                {"a decimal of one", MESSAGE_SET, "a2010002a1018101"},
                {"an exponent of 19", MESSAGE_SET, "a2010002a101820113"},
                {"an exponent of -19", MESSAGE_SET, "a2010002a101820132"},
                {"a decimal of texts", MESSAGE_SET, "a2010002a1018261316131"},
                {"a fraction", MESSAGE_DATA, "a201a101f93c000200"},
                {"a channel twice", MESSAGE_DATA, "a201a2010101010200"},
                {"no channel after the head", MESSAGE_DATA, "a201a1"},
                {"no number", MESSAGE_DATA, "a101a0"},
                {"a number of 33 bits", MESSAGE_DATA, "a201a0021b0000000100000000"},
                {"a third key", MESSAGE_DATA, "a301a002000300"},
                {"no boot id", MESSAGE_DONE, "a10101"},
                {"a boot id of seven bytes", MESSAGE_DONE, "a20101024701020304050607"},
                {"no id", MESSAGE_SET, "a102a0"},
                {"an id of 33 bits", MESSAGE_SET, "a2011b000000010000000002a0"},
                {"channels to set", MESSAGE_SET, "a20100028101"},
                {"values to get", MESSAGE_GET, "a2010002a10101"},
                {"nothing to get", MESSAGE_GET, "a201000280"},
                {"17 channels to get", MESSAGE_GET,
                 "a20100029101020304050607"
                 "08090a0b0c0d0e0f1011"},
                {"channel 0 to get", MESSAGE_GET, "a20100028100"},
                {"channel 256 to get", MESSAGE_GET, "a201000281190100"},
                {"a channel to get twice", MESSAGE_GET, "a2010002820101"},
                {"channels that descend", MESSAGE_GET, "a2010002820201"},
                {"half of the channels", MESSAGE_GET, "a20100028201"},
                {"a third key to get", MESSAGE_GET, "a301000281010300"},
                {"no outcome", MESSAGE_RESULT, "a10100"},
                {"outcome 256", MESSAGE_RESULT, "a2010002190100"},
                {"a value of bytes in force", MESSAGE_RESULT, "a30100020003a1014100"},
                {"a fifth key", MESSAGE_RESULT, "a3010002000500"},
                {"a text of 65 bytes for people", MESSAGE_RESULT,
                 "a301000204047841"
                 "61616161616161616161616161616161616161616161616161616161616161616161616161616161"
                 "61616161616161616161616161616161616161616161616161"},
                {"a release without an epoch", MESSAGE_RELEASE, "a0"},
                {"a release of 33 bits", MESSAGE_RELEASED, "a1011b0000000100000000"},
                {"a farewell with words", MESSAGE_BYE, "a10101"},
                {"a farewell that is no map", MESSAGE_BYE, "80"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                if (message_check((enum message_kind)cases[i].kind, from_hex(cases[i].hex)) !=
                    MESSAGE_E_MALFORMED)
                        fail_msg("accepted: %s", cases[i].what);
}

/* Whatever is cut off, and wherever, what is left is not a body. */
static void test_message_every_truncation_is_malformed(void **state)
{
        static const struct {
                uint8_t kind;
                const char *hex;
        } cases[] = {
                {MESSAGE_HELLO, "a401010201031afffffffe04480102030405060708"},
                {MESSAGE_STAGE,
                 "a60107025820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "035820bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                 "0419038405818214010"
                 "6a1016178"},
                {MESSAGE_REPORT, "a101a104820103"},
                {MESSAGE_COMMIT, "a1011affffffff"},
                {MESSAGE_SYNC, "a10118ff"},
                {MESSAGE_FAIL, "a30118ff02181f0363686f74"},
                {MESSAGE_DONE, "a2011affffffff024801020304050607"
                               "08"},
                {MESSAGE_DATA, "a201a4018219086621023b7fffffffffffffff03f518ff626f6e021903e8"},
                {MESSAGE_SET, "a201182a02a202f50318c8"},
                {MESSAGE_GET, "a201182a0283010218ff"},
                {MESSAGE_RESULT, "a401182a020403a1020104636f6e65"},
                {MESSAGE_RELEASE, "a10107"},
                {MESSAGE_RELEASED, "a1011affffffff"},
                {MESSAGE_BYE, "a0"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct cbor_span body = from_hex(cases[i].hex);

                assert_int_equal(message_check((enum message_kind)cases[i].kind, body), 0);
                while (body.n_bytes-- > 0)
                        assert_int_equal(message_check((enum message_kind)cases[i].kind, body),
                                         MESSAGE_E_MALFORMED);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_message_every_type_has_the_lengths_of_the_table),
                cmocka_unit_test(test_message_hello_goes_there_and_back),
                cmocka_unit_test(test_message_hello_of_a_newer_version_is_newer),
                cmocka_unit_test(test_message_stage_goes_there_and_back),
                cmocka_unit_test(test_message_stage_has_so_many_bytes_beside_half_and_values),
                cmocka_unit_test(test_message_stage_of_every_bad_content_is_malformed),
                cmocka_unit_test(test_message_report_goes_there_and_back),
                cmocka_unit_test(test_message_numbers_go_there_and_back),
                cmocka_unit_test(test_message_fail_goes_there_and_back),
                cmocka_unit_test(test_message_done_goes_there_and_back),
                cmocka_unit_test(test_message_data_goes_there_and_back),
                cmocka_unit_test(test_message_commands_go_there_and_back),
                cmocka_unit_test(test_message_result_goes_there_and_back),
                cmocka_unit_test(test_message_malformed_bodies_are_refused),
                cmocka_unit_test(test_message_every_truncation_is_malformed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
