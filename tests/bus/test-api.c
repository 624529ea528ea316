/* SPDX-License-Identifier: Apache-2.0 */

/* What enrollctl asks of org.enrolld1, and how it ends: the real program on a private bus. */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/json.h"
#include "config.h"
#include "support/served-hub.h"

#define PATIENCE_SEC 120 /* for the whole test */

static const struct event bad[] = {
        EVENT(EVENT_STARTED, .text = ""),
        EVENT(EVENT_PROGRESS, .text = "", .step = EVENT_STEP_FIND),
        EVENT(EVENT_FAILED, .text = "Nothing was heard of it.", .step = EVENT_STEP_FIND,
              .reason = REASON_DEVICE_NOT_FOUND),
};

static void test_api_enroll_shows_each_step_and_ends_with_0(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        RUN(&hub, "enroll", "ENR1:ABC", "--name=hall", "--set", "location=Hall", "--set",
            "owner=Ada=Countess", "--dry-run");
        assert_string_equal(hub.run.err, "");
        assert_string_equal(
                hub.run.out,
                "Thermo One, signed by Nordlicht (trusted).\n"
                " 1/7  find the device                 found, -58 dBm                0.4 s\n"
                "Enrolled as thermo-one in 1.1 s.\n");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll");
        assert_int_equal(hub.source, EVENT_SOURCE_TEXT);
        assert_int_equal(hub.n_code, 8);
        assert_memory_equal(hub.code, "ENR1:ABC", 8);
        assert_string_equal(hub.name, "hall");
        assert_int_equal(hub.n_values, 2);
        assert_string_equal(hub.value, "location=Hall");
        assert_true(hub.dry_run);
        hub_stop(&hub);
}

static void test_api_quiet_enrollment_says_nothing(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        RUN(&hub, "scan", "-q", "--seconds=7");
        assert_string_equal(hub.run.out, "");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "scan");
        assert_int_equal(hub.source, EVENT_SOURCE_CAMERA);
        assert_int_equal(hub.seconds, 7);
        hub_stop(&hub);
}

/* The same as an enrollment by every way, with the device whose place is taken. */
static void test_api_replacement_names_the_device(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        RUN(&hub, "replace", "hall", "enr1.x", "--other-model", "--set=location=Hall");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll");
        assert_string_equal(hub.device, "hall");
        assert_string_equal(hub.value, "location=Hall");
        assert_true(hub.other_model);
        RUN(&hub, "replace", "hall", "--seconds=7");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "scan");
        assert_string_equal(hub.device, "hall");
        assert_int_equal(hub.seconds, 7);
        assert_false(hub.other_model);
        RUN(&hub, "scan");
        assert_string_equal(hub.device, "");
        hub_stop(&hub);
}

static void test_api_json_is_one_document_or_one_for_each_event(void **state)
{
        struct hub hub;
        json_t *json;
        char *line, *rest;
        int n = 0;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        RUN(&hub, "--json", "scan");
        assert_int_equal(hub.run.exit_code, 0);
        json = json_loads(hub.run.out, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(json, "status")), "successful");
        assert_string_equal(json_string_value(json_object_get(json, "friendly_name")),
                            "thermo-one");
        json_decref(json);

        RUN(&hub, "--json=lines", "scan");
        assert_int_equal(hub.run.exit_code, 0);
        rest = hub.run.out;
        while ((line = strsep(&rest, "\n")) && line[0]) {
                json = json_loads(line, 0, NULL);
                assert_string_equal(json_string_value(json_object_get(json, "status")),
                                    event_status_name(hub_good[n++].status));
                json_decref(json);
        }
        assert_int_equal(n, 5);
        hub_stop(&hub);
}

static void test_api_failed_enrollment_ends_with_4_and_a_remedy(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, bad);
        RUN(&hub, "scan");
        assert_int_equal(hub.run.exit_code, 4);
        assert_string_equal(hub.run.out, " 1/7  find the device                 failed\n");
        assert_string_equal(hub.run.err,
                            "error: Nothing was heard of it. (device_not_found)\n"
                            "remedy: Switch the device on, bring it closer, and disconnect it from "
                            "phones and other hubs; put a new one into enrollment mode, if it has "
                            "one.\n");
        RUN(&hub, "scan", "--json");
        assert_int_equal(hub.run.exit_code, 4);
        hub_expect_json_error(&hub.run, "device_not_found");
        assert_non_null(strstr(hub.run.out, "Nothing was heard of it."));
        RUN(&hub, "scan", "--quiet");
        assert_string_equal(hub.run.out, "");
        assert_non_null(strstr(hub.run.err, "error: Nothing was heard of it."));
        hub_stop(&hub);
}

static void test_api_refusals_have_their_exit_codes(void **state)
{
        static const struct {
                enum reason answer;
                int exit_code;
        } cases[] = {
                {REASON_BUSY, 4},
                {REASON_CODE_NOT_ENROLLMENT, 4},
                {REASON_ALREADY_ENROLLED, 5},
                {REASON_REQUEST_INVALID, 2},
                {REASON_INTERNAL, 4},
        };
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char expected[512];

                hub.answer = api_refuse(cases[i].answer);
                RUN(&hub, "enroll", "ENR1:X");
                assert_int_equal(hub.run.exit_code, cases[i].exit_code);
                (void)snprintf(expected, sizeof(expected), "error: %s (%s)\nremedy: %s\n",
                               reason_text(hub.answer.reason), reason_code(hub.answer.reason),
                               reason_remedy(hub.answer.reason));
                assert_string_equal(hub.run.err, expected);
                assert_string_equal(hub.run.out, "");
                RUN(&hub, "--json", "enroll", "ENR1:X");
                assert_int_equal(hub.run.exit_code, cases[i].exit_code);
                hub_expect_json_error(&hub.run, reason_code(hub.answer.reason));
        }
        hub_stop(&hub);
}

static void test_api_refusal_says_what_exactly(void **state)
{
        char phrase[API_DETAIL_SIZE];
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub.answer = api_refuse_because(REASON_BUSY, "%d enrollments are running", 8);
        RUN(&hub, "scan");
        assert_int_equal(hub.run.exit_code, 4);
        assert_memory_equal(hub.run.err,
                            "error: The hub is busy: 8 enrollments are running. (busy)\n", 58);
        RUN(&hub, "scan", "--json");
        hub_expect_json_error(&hub.run, "busy");
        assert_non_null(strstr(hub.run.out, "The hub is busy: 8 enrollments are running.\""));

        /* The longest one, whole and without the remedy behind it. */
        memset(phrase, 'x', sizeof(phrase) - 1);
        phrase[sizeof(phrase) - 1] = 0;
        hub.answer = api_refuse_because(REASON_BUSY, "%s", phrase);
        RUN(&hub, "scan");
        assert_non_null(strstr(hub.run.err, phrase));
        assert_non_null(strstr(hub.run.err, "xxx. (busy)\nremedy: Wait"));
        hub_stop(&hub);
}

/* Writes a file into the bus's directory; private_bus_stop() expects it to be removed again. */
static void write_file(struct hub *hub, char path[128], const char *text, size_t n_text)
{
        FILE *file;

        (void)snprintf(path, 128, "%s/code", hub->private_bus.directory);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, n_text, file), n_text);
        assert_int_equal(fclose(file), 0);
}

static void test_api_file_is_what_its_content_says(void **state)
{
        static const struct {
                const char *content;
                size_t n_content;
                const char *asked;
        } cases[] = {
                {"\x89PNG\r\n\x1a\n....", 12, "enroll_picture"},
                {"\xff\xd8\xff\xe0", 4, "enroll_picture"},
                {"P5\n1 1\n", 7, "enroll_picture"},
                {"P2 1 1", 6, "enroll_picture"},
                {"P51", 3, "enroll"},
                {"ENR1:ABC\n", 9, "enroll"},
                {"\xd2\x84\x4d\x00\xff", 5, "enroll"},
        };
        struct hub hub;
        char path[128];

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                write_file(&hub, path, cases[i].content, cases[i].n_content);
                RUN(&hub, "enroll", "--file", path);
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.asked, cases[i].asked);
                assert_int_equal(hub.source, EVENT_SOURCE_FILE);
                assert_int_equal(hub.n_code, cases[i].n_content);
                assert_memory_equal(hub.code, cases[i].content, cases[i].n_content);
                RUN(&hub, "enroll", path);
                assert_int_equal(hub.run.exit_code, 0);
                assert_string_equal(hub.asked, cases[i].asked);
                assert_int_equal(hub.source, EVENT_SOURCE_FILE);
        }
        (void)unlink(path);
        RUN(&hub, "enroll", "--file", path, "--json");
        assert_int_equal(hub.run.exit_code, 1);
        hub_expect_json_error(&hub.run, "input");
        RUN(&hub, "enroll", path, "--json");
        assert_int_equal(hub.run.exit_code, 1);
        hub_expect_json_error(&hub.run, "input");
        RUN(&hub, "enroll", "--file", "/dev/null");
        assert_int_equal(hub.run.exit_code, 1);
        hub_stop(&hub);
}

static void test_api_code_that_a_shell_has_split_is_joined(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        RUN(&hub, "enroll", "ENR1:RRQT", "9P60GO", "--dry-run", "A");
        assert_int_equal(hub.run.exit_code, 0);
        assert_int_equal(hub.source, EVENT_SOURCE_TEXT);
        assert_int_equal(hub.n_code, 18);
        assert_memory_equal(hub.code, "ENR1:RRQT 9P60GO A", 18);
        RUN(&hub, "enroll", "");
        assert_int_equal(hub.run.exit_code, 1);
        hub_stop(&hub);
}

static void test_api_standard_input_takes_codes_and_pictures(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        SCRIPT(&hub, hub_good);
        RUN_INPUT(&hub, "ENR1:FROM-A-PIPE\n", "enroll", "-");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll");
        assert_memory_equal(hub.code, "ENR1:FROM-A-PIPE\n", hub.n_code);
        RUN_INPUT(&hub, "P5 1 1 255 x", "enroll", "-");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.asked, "enroll_picture");
        assert_int_equal(hub.n_code, 12);
        assert_memory_equal(hub.code, "P5 1 1 255 x", 12);
        RUN_INPUT(&hub, "", "enroll", "-");
        assert_int_equal(hub.run.exit_code, 1);
        hub_stop(&hub);
}

static void test_api_interrupt_cancels_the_enrollment(void **state)
{
        static const int signals[] = {SIGINT, SIGTERM};
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub_set_script(&hub, hub_good, 3);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                hub.signal = signals[i];
                hub.cancelled[0] = 0;
                RUN(&hub, "scan");
                assert_string_equal(hub.cancelled, TRANSACTION);
                assert_int_equal(hub.run.exit_code, 4);
                assert_non_null(strstr(hub.run.err, "(cancelled)"));
        }
        hub_stop(&hub);
}

static void test_api_cancel_ends_what_runs(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        RUN(&hub, "cancel");
        assert_int_equal(hub.run.exit_code, 5);
        hub_set_running(&hub, 1);
        RUN(&hub, "cancel");
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.cancelled, TRANSACTION);
        RUN(&hub, "cancel", "ff");
        assert_int_equal(hub.run.exit_code, 2);
        hub_stop(&hub);
}

static void test_api_cancel_wants_a_name_while_several_run(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub_set_running(&hub, 2);
        RUN(&hub, "cancel");
        assert_int_equal(hub.run.exit_code, 2);
        assert_non_null(strstr(hub.run.err, TRANSACTION " (kitchen), 8899aabbccddeeff."));
        assert_string_equal(hub.cancelled, "");
        RUN(&hub, "cancel", TRANSACTION);
        assert_int_equal(hub.run.exit_code, 0);
        assert_string_equal(hub.cancelled, TRANSACTION);
        hub_stop(&hub);
}

static void test_api_timeout_cancels_and_ends_with_3(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub_set_script(&hub, hub_good, 3);
        RUN(&hub, "scan", "--timeout=1");
        assert_int_equal(hub.run.exit_code, 3);
        assert_string_equal(hub.cancelled, TRANSACTION);
        hub_stop(&hub);
}

static void test_api_daemon_absent_ends_with_8(void **state)
{
        static const char *const verbs[] = {"list", "status", "monitor", "scan", "cancel"};
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub.bus = bus_free(hub.bus);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                RUN(&hub, verbs[i]);
                assert_int_equal(hub.run.exit_code, 8);
                assert_non_null(strstr(hub.run.err, "(not_running)"));
                assert_string_equal(hub.run.out, "");
        }
        private_bus_kill(&hub.private_bus);
        RUN(&hub, "list", "--json");
        assert_int_equal(hub.run.exit_code, 8);
        hub_expect_json_error(&hub.run, "not_running");
        hub_stop(&hub);
}

static void test_api_daemon_gone_in_between_ends_with_8(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        hub_set_script(&hub, hub_good, 3);
        hub.leaves = true;
        RUN(&hub, "scan");
        assert_int_equal(hub.run.exit_code, 8);
        hub_stop(&hub);
}

static void test_api_somebody_without_permission_ends_with_77(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "<deny send_destination=\"org.enrolld1\"/>");
        RUN(&hub, "list");
        assert_int_equal(hub.run.exit_code, 77);
        RUN(&hub, "scan", "--json");
        assert_int_equal(hub.run.exit_code, 77);
        hub_expect_json_error(&hub.run, "permission");
        hub_stop(&hub);
}

static void test_api_wrong_command_lines_end_with_2(void **state)
{
        static const char *const lines[][4] = {
                {"frobnicate"},
                {"info"},
                {"info", "a", "b"},
                {"enroll"},
                {"scan", "x"},
                {"enroll", "x", "--file=y"},
                {"--json=xml"},
                {"--nonsense"},
                {"scan", "--timeout=0"},
                {"scan", "--seconds=-1"},
                {"scan", "--set=x"},
                {"scan", "--set==x"},
                {"list", "--dry-run"},
                {"list", "--color=pink"},
                {"scan", "--name=a/b"},
                {"enroll", "x", "--seconds=5"},
                {"scan", "--seconds=601"},
        };
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                hub_run(&hub, ENROLLCTL, NULL, lines[i]);
                if (hub.run.exit_code != 2)
                        fail_msg("%s %s: %d", lines[i][0], lines[i][1] ? lines[i][1] : "",
                                 hub.run.exit_code);
                assert_string_equal(hub.asked, "");
        }
        hub_stop(&hub);
}

static void test_api_mistakes_are_named_with_what_was_meant(void **state)
{
        static const struct {
                const char *line[3];
                const char *says;
        } cases[] = {
                {{"lsit"}, "there is no verb lsit (did you mean list?)."},
                {{"list", "--jsn"}, "there is no option --jsn (did you mean --json?)."},
                {{"list", "--color=alway"}, "not alway (did you mean always?)."},
                {{"scan", "--seconds=601"}, "--seconds takes a number from 1 to 600, not 601."},
                {{"scan", "--name=a/b"}, "--name takes 1 to 32 letters, digits, - and _."},
                {{"list", "--name=a"}, "list takes no option --name, which is for scan, enroll."},
                {{"enroll"}, "enroll needs a file, a code, - or --file."},
                {{"/dev/null"}, "remedy: To enroll a device from it, use enrollctl enroll."},
                {{"enr1.AAAA"}, "remedy: To enroll a device from it, use enrollctl enroll."},
                {{"enroll", "/nonexistent"}, "cannot be read from /nonexistent: No such file"},
        };
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                hub_run(&hub, ENROLLCTL, NULL, cases[i].line);
                if (!strstr(hub.run.err, cases[i].says))
                        fail_msg("%s %s: %s", cases[i].line[0],
                                 cases[i].line[1] ? cases[i].line[1] : "", hub.run.err);
                assert_non_null(strstr(hub.run.err, "\nremedy: "));
                assert_string_equal(hub.asked, "");
        }
        RUN(&hub, "cancel", "ff");
        assert_non_null(strstr(hub.run.err, "remedy: See enrollctl status"));
        hub_stop(&hub);
}

static void test_api_help_and_version_need_no_bus(void **state)
{
        struct hub hub;

        (void)state;
        hub_start(&hub, "");
        private_bus_kill(&hub.private_bus);
        RUN(&hub, "--help");
        assert_int_equal(hub.run.exit_code, 0);
        assert_non_null(strstr(hub.run.out, "Exit codes"));
        RUN(&hub, "--version");
        assert_int_equal(hub.run.exit_code, 0);
        assert_memory_equal(hub.run.out, "enrollctl ", 10);
        hub_stop(&hub);
}

static void test_api_output_that_cannot_be_written_is_a_failure(void **state)
{
        const char *const arguments[] = {"--help", NULL};
        int full = open("/dev/full", O_WRONLY | O_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
        char text[OUTPUT_MAX];
        pid_t pid;
        int status;

        (void)state;
        assert_true(full >= 0 && err >= 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                hub_execute(ENROLLCTL, "unix:path=/nowhere", arguments, STDIN_FILENO, full, err);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 1);
        hub_read_back(err, text);
        assert_non_null(strstr(text, "cannot be written: No space left on device. (output)"));
        (void)close(full);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_api_enroll_shows_each_step_and_ends_with_0),
                cmocka_unit_test(test_api_quiet_enrollment_says_nothing),
                cmocka_unit_test(test_api_replacement_names_the_device),
                cmocka_unit_test(test_api_json_is_one_document_or_one_for_each_event),
                cmocka_unit_test(test_api_failed_enrollment_ends_with_4_and_a_remedy),
                cmocka_unit_test(test_api_refusals_have_their_exit_codes),
                cmocka_unit_test(test_api_refusal_says_what_exactly),
                cmocka_unit_test(test_api_file_is_what_its_content_says),
                cmocka_unit_test(test_api_code_that_a_shell_has_split_is_joined),
                cmocka_unit_test(test_api_standard_input_takes_codes_and_pictures),
                cmocka_unit_test(test_api_interrupt_cancels_the_enrollment),
                cmocka_unit_test(test_api_cancel_ends_what_runs),
                cmocka_unit_test(test_api_cancel_wants_a_name_while_several_run),
                cmocka_unit_test(test_api_timeout_cancels_and_ends_with_3),
                cmocka_unit_test(test_api_daemon_absent_ends_with_8),
                cmocka_unit_test(test_api_daemon_gone_in_between_ends_with_8),
                cmocka_unit_test(test_api_somebody_without_permission_ends_with_77),
                cmocka_unit_test(test_api_wrong_command_lines_end_with_2),
                cmocka_unit_test(test_api_mistakes_are_named_with_what_was_meant),
                cmocka_unit_test(test_api_help_and_version_need_no_bus),
                cmocka_unit_test(test_api_output_that_cannot_be_written_is_a_failure),
        };

        (void)alarm(PATIENCE_SEC);
        (void)signal(SIGPIPE, SIG_IGN);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
