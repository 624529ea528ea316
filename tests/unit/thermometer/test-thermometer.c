/* SPDX-License-Identifier: Apache-2.0 */

/* The reference device's board and its memory on a disk. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "thermometer/thermometer.h"

static char directory[32], path[64];
static struct identity identity = {.serial = "N1-000042"};
static struct memory *memory;
static struct thermometer thermometer;

static int setup(void **state)
{
        (void)state;
        (void)snprintf(directory, sizeof(directory), "/tmp/test-memory.XXXXXX");
        assert_non_null(mkdtemp(directory));
        (void)snprintf(path, sizeof(path), "%s/degrees", directory);
        assert_int_equal(memory_open(directory, &memory), 0);
        thermometer = (struct thermometer){.identity = &identity, .memory = memory};
        return 0;
}

static int teardown(void **state)
{
        char command[64];

        (void)state;
        memory = memory_free(memory);
        (void)snprintf(command, sizeof(command), "rm -r %s", directory);
        return system(command);
}

static void test_memory_holds_what_was_written(void **state)
{
        uint8_t bytes[10], blank[10];
        struct stat status;

        (void)state;
        memset(blank, 0xff, sizeof(blank));
        assert_int_equal(memory_read(memory, 0, bytes, 10), 0);
        assert_memory_equal(bytes, blank, 10);
        assert_int_equal(memory_write(memory, 0, "0123456789", 10), 0);
        assert_int_equal(memory_write(memory, 1, "abc", 3), 0);
        assert_int_equal(memory_read(memory, 0, bytes, 10), 0);
        assert_memory_equal(bytes, "0123456789", 10);
        assert_int_equal(memory_read(memory, 1, bytes, 10), 0);
        assert_memory_equal(bytes, "abc", 3);
        assert_memory_equal(bytes + 3, blank, 7);
        (void)snprintf(path, sizeof(path), "%s/slot-a", directory);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_memory_forgets_what_is_removed(void **state)
{
        uint8_t bytes[3];

        (void)state;
        assert_int_equal(memory_remove(memory, MEMORY_IDENTITY), 0);
        assert_int_equal(memory_write(memory, MEMORY_IDENTITY, "abc", 3), 0);
        assert_int_equal(memory_remove(memory, MEMORY_IDENTITY), 0);
        assert_int_equal(memory_read(memory, MEMORY_IDENTITY, bytes, 3), 0);
        assert_memory_equal(bytes, "\xff\xff\xff", 3);
}

static void test_memory_is_one_process_s(void **state)
{
        struct memory *other;

        (void)state;
        assert_int_equal(memory_open(directory, &other), -16);
        memory = memory_free(memory);
        assert_int_equal(memory_open(directory, &memory), 0);
        assert_int_equal(memory_open("/dev/null/nothing", &other), -20);
}

static void test_memory_that_cannot_be_written_says_so(void **state)
{
        (void)state;
        (void)snprintf(path, sizeof(path), "%s/slot-a.new", directory);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_true(memory_write(memory, 0, "0123456789", 10) < 0);
        assert_int_equal(memory_write(memory, 1, "0123456789", 10), 0);
}

static int call(unsigned function, const struct ownership_argument *arguments, size_t n)
{
        return thermometer_port.call(&thermometer, function, arguments, n);
}

static struct ownership_argument argument(uint8_t number, int64_t value)
{
        return (struct ownership_argument){number, {.kind = VALUE_INTEGER, .number = value}};
}

static void test_thermometer_functions_do_and_undo(void **state)
{
        struct ownership_argument interval = argument(1, 30);
        struct ownership_argument range[] = {argument(5, -5), argument(6, 30)};

        (void)state;
        assert_int_equal(call(1, &interval, 1), 0);
        assert_int_equal(thermometer.interval_s, 30);
        assert_int_equal(call(4, range, 2), 0);
        assert_true(thermometer.alarms);
        assert_int_equal(thermometer.low, -5);
        assert_int_equal(thermometer.high, 30);
        assert_int_equal(call(2, NULL, 0), 0);
        thermometer_port.undo(&thermometer, 4);
        thermometer_port.undo(&thermometer, 1);
        assert_false(thermometer.alarms);
        assert_int_equal(thermometer.interval_s, 0);
}

static void test_thermometer_senseless_calls_fail(void **state)
{
        struct ownership_argument interval = argument(1, 0);
        struct ownership_argument range[] = {argument(5, 31), argument(6, 30)};

        (void)state;
        assert_int_equal(call(1, &interval, 1), BOARD_E_FAILED);
        interval.value.number = 86401;
        assert_int_equal(call(1, &interval, 1), BOARD_E_FAILED);
        assert_int_equal(call(4, range, 2), BOARD_E_FAILED);
        assert_false(thermometer.alarms);
        assert_int_equal(call(5, NULL, 0), BOARD_E_UNKNOWN);
        thermometer.failing_function = 2;
        assert_int_equal(call(2, NULL, 0), BOARD_E_FAILED);
}

static void test_thermometer_items_are_those_it_has(void **state)
{
        struct value value;

        (void)state;
        assert_int_equal(thermometer_port.item(&thermometer, PROGRAM_ITEM_SERIAL, &value), 0);
        assert_int_equal(value.kind, VALUE_TEXT);
        assert_int_equal(value.span.n_bytes, 9);
        assert_int_equal(thermometer_port.item(&thermometer, PROGRAM_ITEM_FUNCTIONS, &value), 0);
        assert_true(program_value_fits(&value, PROGRAM_TYPE_LIST));
        assert_int_equal(thermometer_port.item(&thermometer, PROGRAM_ITEM_MODEL, &value),
                         BOARD_E_UNKNOWN);
        assert_int_equal(thermometer_port.item(&thermometer, 64, &value), BOARD_E_UNKNOWN);
}

static void write_degrees(const char *text)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        (void)fputs(text, f);
        assert_int_equal(fclose(f), 0);
}

static void test_thermometer_measures_what_the_file_says(void **state)
{
        static const struct {
                const char *text;
                int64_t hundredths;
        } cases[] = {{"21.5\n", 2150}, {"-0.05", -5}, {" 40 degrees", 4000}, {"19.999", 2000}};
        static const char *const senseless[] = {"", "warm", "nan", "1e9", "inf"};
        struct message_value value;

        (void)state;
        thermometer.temperature_path = path;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                write_degrees(cases[i].text);
                value = thermometer_measure(&thermometer, 0);
                assert_int_equal(value.channel, 1);
                assert_int_equal(value.type, MESSAGE_DECIMAL);
                assert_int_equal(value.integer, cases[i].hundredths);
                assert_int_equal(value.exponent, -2);
        }
        for (size_t i = 0; i < sizeof(senseless) / sizeof(senseless[0]); i++) {
                write_degrees(senseless[i]);
                assert_int_equal(thermometer_measure(&thermometer, 0).integer, 2100);
        }
}

static void test_thermometer_makes_up_a_day(void **state)
{
        (void)state;
        assert_int_equal(thermometer_measure(&thermometer, 0).integer, 2100);
        assert_int_equal(thermometer_measure(&thermometer, 21600).integer, 2350);
        assert_int_equal(thermometer_measure(&thermometer, 64800).integer, 1850);
}

static struct thermometer_answer answer;
static uint8_t body[128];

static void command(struct cbor_writer *w, enum message_kind kind)
{
        struct message_command command;

        assert_true(cbor_writer_fits(w));
        assert_int_equal(
                message_get_command(kind, (struct cbor_span){body, w->n_written}, &command), 0);
        thermometer_command(&thermometer, &command, 0, &answer);
}

static void set(const struct message_value *values, size_t n_values)
{
        struct cbor_writer w;

        cbor_writer_init(&w, body, sizeof(body));
        message_put_set(&w, 1, values, n_values);
        command(&w, MESSAGE_SET);
}

static void get(const uint8_t *channels, size_t n_channels)
{
        struct cbor_writer w;

        cbor_writer_init(&w, body, sizeof(body));
        message_put_get(&w, 1, channels, n_channels);
        command(&w, MESSAGE_GET);
}

static void test_thermometer_sets_what_can_be_set_as_a_whole(void **state)
{
        static const struct {
                struct message_value value;
                enum message_outcome outcome;
        } cases[] = {
                {{.channel = 1, .type = MESSAGE_DECIMAL}, MESSAGE_OUTCOME_DIRECTION},
                {{.channel = 2, .type = MESSAGE_BOOLEAN, .integer = 1}, MESSAGE_OUTCOME_DONE},
                {{.channel = 2, .type = MESSAGE_BOOLEAN}, MESSAGE_OUTCOME_DONE},
                {{.channel = 2, .type = MESSAGE_INTEGER, .integer = 1}, MESSAGE_OUTCOME_VALUE},
                {{.channel = 3, .type = MESSAGE_INTEGER, .integer = 1}, MESSAGE_OUTCOME_DONE},
                {{.channel = 3, .type = MESSAGE_INTEGER, .integer = 86400}, MESSAGE_OUTCOME_DONE},
                {{.channel = 3, .type = MESSAGE_INTEGER, .integer = 0}, MESSAGE_OUTCOME_VALUE},
                {{.channel = 3, .type = MESSAGE_INTEGER, .integer = 86401}, MESSAGE_OUTCOME_VALUE},
                {{.channel = 3, .type = MESSAGE_INTEGER, .integer = INT64_MIN},
                 MESSAGE_OUTCOME_VALUE},
                {{.channel = 3, .type = MESSAGE_DECIMAL, .integer = 5}, MESSAGE_OUTCOME_VALUE},
                {{.channel = 4, .type = MESSAGE_INTEGER, .integer = 5}, MESSAGE_OUTCOME_CHANNEL},
                {{.channel = 255, .type = MESSAGE_BOOLEAN}, MESSAGE_OUTCOME_CHANNEL},
        };
        struct message_value both[] = {{.channel = 2, .type = MESSAGE_BOOLEAN, .integer = 1},
                                       {.channel = 3, .type = MESSAGE_INTEGER, .integer = 30}};

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                bool done = cases[i].outcome == MESSAGE_OUTCOME_DONE;

                thermometer.interval_s = 60;
                set(&cases[i].value, 1);
                assert_int_equal(answer.outcome, cases[i].outcome);
                assert_int_equal(answer.n_values, done);
                assert_int_equal(thermometer.interval_s,
                                 done && cases[i].value.channel == 3 ? cases[i].value.integer : 60);
                if (done)
                        assert_int_equal(answer.values[0].integer, cases[i].value.integer);
        }
        thermometer.interval_s = 60;
        set(both, 2);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_DONE);
        assert_int_equal(answer.n_values, 2);
        assert_int_equal(thermometer.interval_s, 30);
        both[0].channel = 3;
        both[1].channel = 4;
        both[0].type = MESSAGE_INTEGER;
        set(both, 2);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_CHANNEL);
        assert_int_equal(thermometer.interval_s, 30);
        set(NULL, 0);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_DONE);
        assert_int_equal(answer.n_values, 0);
}

static void test_thermometer_with_a_function_that_fails_says_so(void **state)
{
        const struct message_value both[] = {
                {.channel = 2, .type = MESSAGE_BOOLEAN, .integer = 1},
                {.channel = 3, .type = MESSAGE_INTEGER, .integer = 30}};

        (void)state;
        thermometer.interval_s = 60;
        thermometer.failing_function = 2;
        set(both, 2);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_FAILED);
        assert_string_equal(answer.text, "the function does not work");
        assert_int_equal(thermometer.interval_s, 60);
        thermometer.failing_function = 0;
        set(both, 2);
        assert_null(answer.text);
        assert_int_equal(thermometer.interval_s, 30);
}

static void test_thermometer_reads_what_can_be_read(void **state)
{
        static const uint8_t both[] = {1, 3}, all[] = {1, 2, 3}, many[] = {1, 3, 4};

        (void)state;
        thermometer.interval_s = 60;
        get(both, 2);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_DONE);
        assert_int_equal(answer.n_values, 2);
        assert_int_equal(answer.values[0].channel, 1);
        assert_int_equal(answer.values[0].integer, 2100);
        assert_int_equal(answer.values[0].exponent, -2);
        assert_int_equal(answer.values[1].channel, 3);
        assert_int_equal(answer.values[1].integer, 60);
        get(all, 3);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_DIRECTION);
        assert_int_equal(answer.n_values, 0);
        get(many, 3);
        assert_int_equal(answer.outcome, MESSAGE_OUTCOME_CHANNEL);
        assert_int_equal(answer.n_values, 0);
}

/* Runs the set of a half with a hostile value, and gives what a person saw of it. */
static void print_set(const char *text, char *ret_line, size_t size)
{
        const struct value value = {VALUE_TEXT, 0, {(const uint8_t *)text, strlen(text)}};
        int terminal = dup(STDOUT_FILENO);
        FILE *f;

        assert_true(terminal >= 0);
        assert_non_null(freopen(path, "w", stdout));
        assert_int_equal(thermometer_port.set(&thermometer, PROGRAM_PARAMETER_NAME, &value), 0);
        assert_true(dup2(terminal, STDOUT_FILENO) >= 0);
        (void)close(terminal);
        f = fopen(path, "r");
        assert_non_null(f);
        assert_non_null(fgets(ret_line, (int)size, f));
        assert_int_equal(fgetc(f), EOF);
        (void)fclose(f);
}

static void test_thermometer_prints_nothing_that_could_deceive(void **state)
{
        char line[256];

        (void)state;
        print_set("K\xc3\xbc"
                  "che",
                  line, sizeof(line));
        assert_string_equal(line, "set name (1) to \"K\xc3\xbc"
                                  "che\"\n");
        print_set("\x1b]0;x\a\nstate owned\xe2\x80\xae", line, sizeof(line));
        assert_string_equal(line, "set name (1) to \"?]0;x??state owned?\"\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_memory_holds_what_was_written, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_memory_forgets_what_is_removed, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_memory_is_one_process_s, setup, teardown),
                cmocka_unit_test_setup_teardown(test_memory_that_cannot_be_written_says_so, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_functions_do_and_undo, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_senseless_calls_fail, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_items_are_those_it_has, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_measures_what_the_file_says, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_makes_up_a_day, setup, teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_sets_what_can_be_set_as_a_whole,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_with_a_function_that_fails_says_so,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_reads_what_can_be_read, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_thermometer_prints_nothing_that_could_deceive,
                                                setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
