/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/command.h"
#include "support/store-sample.h"
#include "util/defer.h"

static bool read_text(enum command_kind kind, const char *text, struct command *ret_command,
                      json_t **ret_json, char ret_wrong[API_DETAIL_SIZE])
{
        *ret_json = text[0] ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
        return command_read(kind, "device-1", *ret_json, ret_command, ret_wrong);
}

static void test_command_reads_what_is_set_and_what_is_asked_for(void **state)
{
        char wrong[API_DETAIL_SIZE];
        struct command command;
        json_t *json;

        (void)state;
        assert_true(read_text(COMMAND_SET, "{\"a\":1,\"b\":\"x\"}", &command, &json, wrong));
        assert_int_equal(command.n_values, 2);
        assert_string_equal(command.values[0].leaf, "a");
        assert_int_equal(command.values[1].value.type, MESSAGE_TEXT);
        json_decref(json);
        assert_true(read_text(COMMAND_GET, "[\"a\",\"b\"]", &command, &json, wrong));
        assert_int_equal(command.n_values, 2);
        json_decref(json);
        assert_true(read_text(COMMAND_GET, "{\"a\":\"\"}", &command, &json, wrong));
        assert_string_equal(command.values[0].leaf, "a");
        json_decref(json);
        assert_true(read_text(COMMAND_GET, "", &command, &json, wrong));
        assert_int_equal(command.n_values, 0);
}

static void test_command_names_what_is_wrong(void **state)
{
        static const struct {
                enum command_kind kind;
                const char *text, *wrong;
        } cases[] = {
                {COMMAND_SET, "", "not an object"},
                {COMMAND_SET, "[\"a\"]", "not an object"},
                {COMMAND_SET, "{}", "sets no channel"},
                {COMMAND_SET, "{\"a\":null}", "the value of 'a'"},
                {COMMAND_SET, "{\"a b\":1}", "the name of a channel"},
                {COMMAND_GET, "7", "not a list"},
                {COMMAND_GET, "[7]", "not a text"},
                {COMMAND_GET, "[\"a\",\"a\"]", "twice"},
                {COMMAND_GET,
                 "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\","
                 "\"n\",\"o\",\"p\",\"q\"]",
                 "more than 16"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char wrong[API_DETAIL_SIZE] = "";
                struct command command;
                json_t *json;

                assert_false(read_text(cases[i].kind, cases[i].text, &command, &json, wrong));
                if (!strstr(wrong, cases[i].wrong))
                        fail_msg("%s: %s", cases[i].text, wrong);
                json_decref(json);
        }
}

/* A hub that notes the command that comes there. */
struct desk {
        struct api_backend backend;
        char store_path[256];
        struct command command;
        char text[MESSAGE_TEXT_MAX + 1]; /* of its first value, if that is one */
        char leaves[80];
        unsigned n_commands, n_outcomes;
        struct api_answer answer;
};

static void desk_on_command(void *userdata, const struct command *command,
                            const struct api_later *later)
{
        struct desk *desk = userdata;

        desk->command = *command;
        desk->n_commands++;
        desk->leaves[0] = '\0';
        if (command->values[0].value.type == MESSAGE_TEXT)
                (void)snprintf(desk->text, sizeof(desk->text), "%.*s",
                               (int)command->values[0].value.text.n_bytes,
                               (const char *)command->values[0].value.text.bytes);
        for (size_t i = 0; i < command->n_values; i++)
                (void)snprintf(desk->leaves + strlen(desk->leaves),
                               sizeof(desk->leaves) - strlen(desk->leaves), "%u:%s ",
                               command->values[i].value.channel, command->values[i].leaf);
        api_settle(later, api_accept(""));
}

static void desk_on_outcome(void *userdata, const struct api_outcome *outcome)
{
        struct desk *desk = userdata;

        desk->n_outcomes++;
        desk->answer = outcome->answer;
}

static void desk_open(struct desk *desk)
{
        static const struct api_handler handler = {.on_command = desk_on_command};
        struct sample sample;

        *desk = (struct desk){.backend = {.handler = &handler, .userdata = desk}};
        sample_path(desk->store_path, sizeof(desk->store_path), "store");
        assert_int_equal(store_open(desk->store_path, &desk->backend.store), 0);
        sample_init(&sample, 1);
        sample.channels[1].number = 7;
        sample.channels[1].direction = STORE_PUBLISH;
        assert_int_equal(store_enroll(desk->backend.store, &sample.enrollment), 0);
        sample_init(&sample, 2);
        assert_int_equal(store_enroll(desk->backend.store, &sample.enrollment), 0);
}

static void desk_close(struct desk *desk)
{
        (void)store_free(desk->backend.store);
        sample_clean(desk->store_path);
}

/* What becomes of a command, which has exactly one outcome. */
static enum reason run(struct desk *desk, enum command_kind kind, const char *device,
                       const char *text)
{
        const struct api_later later = {desk_on_outcome, desk};
        json_t *json = text[0] ? json_loads(text, 0, NULL) : NULL;
        char wrong[API_DETAIL_SIZE];
        struct command command;

        desk->n_outcomes = 0;
        assert_true(command_read(kind, device, json, &command, wrong));
        command_run(&desk->backend, &command, &later);
        assert_int_equal(desk->n_outcomes, 1);
        json_decref(json);
        return desk->answer.reason;
}

static void test_command_finds_its_device_and_channels(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        assert_int_equal(run(&desk, COMMAND_GET, "device-1", "[\"identify\",\"temperature\"]"),
                         REASON_NONE);
        assert_string_equal(desk.leaves, "1:temperature 7:identify ");
        assert_string_equal(desk.command.name, "device-1");
        assert_int_equal(desk.command.device_id[0], 1);
        assert_int_equal(run(&desk, COMMAND_GET, "01000000101010101010101010101010", ""),
                         REASON_NONE);
        assert_string_equal(desk.leaves, "1:temperature 7:identify ");
        assert_int_equal(run(&desk, COMMAND_SET, "0x0200000010101010", "{\"identify\":true}"),
                         REASON_NONE);
        assert_string_equal(desk.leaves, "2:identify ");
        assert_string_equal(desk.command.name, "device-2");
        assert_int_equal(desk.n_commands, 3);
        desk_close(&desk);
}

static void enroll_switch_and_words(struct desk *desk)
{
        struct sample sample;

        sample_init(&sample, 3);
        sample.channels[0].type = STORE_SWITCH;
        sample.channels[0].direction = STORE_BOTH;
        sample.channels[1].type = STORE_ENUMERATION;
        (void)snprintf(sample.channels[1].words, sizeof(sample.channels[1].words),
                       "lock unlock Lock");
        assert_int_equal(store_enroll(desk->backend.store, &sample.enrollment), 0);
}

static void test_command_takes_on_and_off_and_words_in_any_case(void **state)
{
        static const struct {
                const char *text;
                int is_on;        /* of the switch, or -1: it is left as a text */
                const char *word; /* of the enumeration */
        } cases[] = {
                {"{\"temperature\":\"ON\"}", 1, NULL},
                {"{\"temperature\":\"off\"}", 0, NULL},
                {"{\"temperature\":\"toggle\"}", -1, NULL},
                {"{\"temperature\":\"o\"}", -1, NULL},
                {"{\"identify\":\"UNLOCK\"}", -1, "unlock"},
                {"{\"identify\":\"Lock\"}", -1, "Lock"},
                {"{\"identify\":\"lock\"}", -1, "lock"},
                {"{\"identify\":\"unloc\"}", -1, "unloc"},
                {"{\"identify\":\"on\"}", -1, "on"},
        };
        struct desk desk;

        (void)state;
        desk_open(&desk);
        enroll_switch_and_words(&desk);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct message_value *value = &desk.command.values[0].value;

                assert_int_equal(run(&desk, COMMAND_SET, "device-3", cases[i].text), REASON_NONE);
                assert_int_equal(value->type, cases[i].is_on >= 0 ? MESSAGE_BOOLEAN : MESSAGE_TEXT);
                if (cases[i].is_on >= 0)
                        assert_int_equal(value->integer, cases[i].is_on);
                if (cases[i].word)
                        assert_string_equal(desk.text, cases[i].word);
        }
        desk_close(&desk);
}

static void test_command_that_the_device_cannot_take_is_refused(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        assert_int_equal(run(&desk, COMMAND_SET, "nobody", "{\"a\":1}"), REASON_NO_SUCH_DEVICE);
        assert_int_equal(run(&desk, COMMAND_SET, "0x0300000010101010", "{\"a\":1}"),
                         REASON_NO_SUCH_DEVICE);
        assert_int_equal(run(&desk, COMMAND_SET, "device-2", "{\"a\":1}"), REASON_CHANNEL_UNKNOWN);
        assert_string_equal(desk.answer.detail, "'a'; of device-2, identify can be set");
        assert_int_equal(run(&desk, COMMAND_SET, "device-2", "{\"temperature\":1}"),
                         REASON_CHANNEL_ACCESS);
        assert_int_equal(run(&desk, COMMAND_SET, "device-1", "{\"temperature\":1}"),
                         REASON_CHANNEL_ACCESS);
        assert_string_equal(desk.answer.detail,
                            "'temperature'; of device-1, no channel can be set");
        assert_int_equal(run(&desk, COMMAND_GET, "device-2", "[\"identify\"]"),
                         REASON_CHANNEL_ACCESS);
        assert_int_equal(desk.n_commands, 0);
        desk_close(&desk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_command_reads_what_is_set_and_what_is_asked_for),
                cmocka_unit_test(test_command_names_what_is_wrong),
                cmocka_unit_test(test_command_finds_its_device_and_channels),
                cmocka_unit_test(test_command_takes_on_and_off_and_words_in_any_case),
                cmocka_unit_test(test_command_that_the_device_cannot_take_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
