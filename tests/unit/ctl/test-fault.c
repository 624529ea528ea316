/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/fault.h"
#include "util/defer.h"

static void test_fault_every_reason_has_its_exit_code(void **state)
{
        (void)state;
        for (int i = 1; i < REASON_MAX; i++) {
                enum reason reason = (enum reason)i;
                enum exit_code special = reason == REASON_ALREADY_ENROLLED     ? EXIT_NOTHING_TO_DO
                                         : reason == REASON_NO_SUCH_DEVICE     ? EXIT_NO_SUCH_DEVICE
                                         : reason == REASON_REQUEST_INVALID    ? EXIT_USAGE
                                         : reason == REASON_NAME_TAKEN         ? EXIT_USAGE
                                         : reason == REASON_MODEL_DIFFERS      ? EXIT_USAGE
                                         : reason == REASON_PARAMETER_UNKNOWN  ? EXIT_USAGE
                                         : reason == REASON_PARAMETER_INVALID  ? EXIT_USAGE
                                         : reason == REASON_PARAMETER_UNWANTED ? EXIT_USAGE
                                         : reason == REASON_CHANNEL_UNKNOWN    ? EXIT_USAGE
                                         : reason == REASON_CHANNEL_ACCESS     ? EXIT_USAGE
                                         : reason == REASON_VALUE_REFUSED      ? EXIT_USAGE
                                                                               : EXIT_OK;
                struct fault fault;

                fault_from_reason(&fault, reason, "", true);
                assert_int_equal(fault.exit_code, special ? special : EXIT_ENROLLMENT);
                assert_string_equal(fault.code, reason_code(reason));
                assert_string_equal(fault.text, reason_text(reason));
                assert_string_equal(fault.remedy, reason_remedy(reason));
                fault_from_reason(&fault, reason, "", false);
                assert_int_equal(fault.exit_code, special ? special : EXIT_FAULT);
        }
}

static void test_fault_text_of_the_event_replaces_the_reasons_own(void **state)
{
        struct fault fault;

        (void)state;
        fault_from_reason(&fault, REASON_DEVICE_NOT_FOUND, "Nothing\nheard.", true);
        assert_int_equal(fault.exit_code, EXIT_ENROLLMENT);
        assert_string_equal(fault.code, "device_not_found");
        assert_string_equal(fault.text, "Nothing?heard.");
        assert_string_equal(fault.remedy, reason_remedy(REASON_DEVICE_NOT_FOUND));
}

static void test_fault_bus_errors_have_their_exit_codes(void **state)
{
        static const struct {
                const char *name;
                int r;
                enum exit_code exit_code;
                const char *code;
        } cases[] = {
                {"org.freedesktop.DBus.Error.ServiceUnknown", 0, EXIT_NOT_RUNNING, "not_running"},
                {"org.freedesktop.DBus.Error.NameHasNoOwner", 0, EXIT_NOT_RUNNING, "not_running"},
                {"org.freedesktop.DBus.Error.Spawn.Failed", 0, EXIT_NOT_RUNNING, "not_running"},
                {"org.freedesktop.DBus.Error.NoReply", 0, EXIT_NOT_RUNNING, "not_running"},
                {"org.freedesktop.DBus.Error.Timeout", 0, EXIT_TIMEOUT, "timeout"},
                {"org.freedesktop.DBus.Error.AccessDenied", 0, EXIT_PERMISSION, "permission"},
                {"org.freedesktop.DBus.Error.UnknownMethod", 0, EXIT_FAULT, "failed"},
                {NULL, -ENOENT, EXIT_NOT_RUNNING, "not_running"},
                {NULL, -ECONNREFUSED, EXIT_NOT_RUNNING, "not_running"},
                {NULL, -ETIMEDOUT, EXIT_TIMEOUT, "timeout"},
                {NULL, -EACCES, EXIT_PERMISSION, "permission"},
                {NULL, -ENOMEM, EXIT_FAULT, "failed"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                sd_bus_error error = {.name = cases[i].name, .message = "what it says"};
                struct fault fault;

                fault_from_bus(&fault, &error, cases[i].r, true);
                assert_int_equal(fault.exit_code, cases[i].exit_code);
                assert_string_equal(fault.code, cases[i].code);
        }
}

static void assert_daemon(const char *name, const char *message, enum exit_code exit_code,
                          const char *code, const char *text, const char *remedy)
{
        sd_bus_error error = {.name = name, .message = message};
        struct fault fault;

        fault_from_bus(&fault, &error, -EIO, true);
        assert_int_equal(fault.exit_code, exit_code);
        assert_string_equal(fault.code, code);
        assert_string_equal(fault.text, text);
        assert_string_equal(fault.remedy, remedy);
}

static void test_fault_daemon_message_is_taken_apart(void **state)
{
        (void)state;
        assert_daemon(
                "org.enrolld1.Error.request_invalid",
                "The request is not valid: 'name' is wrong. Correct what is named here; "
                "doc/dbus-api.md, doc/mqtt.md and enrollctl(1) list what each request takes.",
                EXIT_USAGE, "request_invalid", "The request is not valid: 'name' is wrong.",
                "Correct what is named here; doc/dbus-api.md, doc/mqtt.md and enrollctl(1) list "
                "what each request takes.");
        assert_daemon("org.enrolld1.Error.busy", "Another wording.", EXIT_ENROLLMENT, "busy",
                      "Another wording.", reason_remedy(REASON_BUSY));
        assert_daemon("org.enrolld1.Error.brand_new", "It is new. Do this.", EXIT_ENROLLMENT,
                      "brand_new", "It is new. Do this.", "");
        assert_daemon("org.enrolld1.Error.", "", EXIT_ENROLLMENT, "", "", "");
}

static void test_fault_texts_of_strangers_are_printable_and_bounded(void **state)
{
        static char message[2000];
        sd_bus_error error = {.name = "org.enrolld1.Error.\033[2J", .message = message};
        struct fault fault;

        (void)state;
        memset(message, 7, sizeof(message) - 1);
        fault_from_bus(&fault, &error, -EIO, false);
        assert_string_equal(fault.code, "?[2J");
        assert_int_equal(strlen(fault.text), FAULT_TEXT_SIZE - 1);
        assert_int_equal(strspn(fault.text, "?"), FAULT_TEXT_SIZE - 1);
        fault_advise(&fault, "Did you mean \033[31mhall?");
        assert_string_equal(fault.remedy, "Did you mean ?[31mhall?");
}

static void test_fault_of_the_output_says_why(void **state)
{
        struct fault fault;

        (void)state;
        fault_output(&fault, -ENOSPC);
        assert_int_equal(fault.exit_code, EXIT_FAULT);
        assert_string_equal(fault.code, "output");
        assert_string_equal(fault.text, "The output cannot be written: No space left on device.");
}

static void test_fault_is_shown_for_people_and_programs(void **state)
{
        struct fault fault;
        char *text = NULL;
        size_t n_text;
        FILE *file = open_memstream(&text, &n_text);

        (void)state;
        fault_not_running(&fault);
        fault_show(&fault, false, 0, file);
        fault_show(&fault, true, 0, file);
        fault_show(&fault, true, 40, file);
        fault_show_json(&fault, true, file);
        (void)fclose(file);
        assert_string_equal(
                text,
                "error: The service enrolld is not running. (not_running)\n"
                "remedy: Start it with systemctl start enrolld.\n"
                "\033[31merror:\033[0m The service enrolld is not running. (not_running)\n"
                "remedy: Start it with systemctl start enrolld.\n"
                "\033[31merror:\033[0m The service enrolld is not\nrunning. (not_running)\n"
                "remedy: Start it with systemctl start\nenrolld.\n"
                "{\"error\":{\"code\":\"not_running\",\"message\":\"The service enrolld is not "
                "running.\",\"remedy\":\"Start it with systemctl start enrolld.\"}}\n");
        free(text);
}

static void test_fault_of_an_enrollment_says_which_and_where(void **state)
{
        struct fault fault;
        char *text = NULL;
        size_t n_text;
        FILE *file = open_memstream(&text, &n_text);

        (void)state;
        fault_nothing_to_do(&fault);
        fault_place(&fault, "0011223344556677", EVENT_STEP_FIND);
        fault_show_json(&fault, true, file);
        (void)fclose(file);
        assert_string_equal(text,
                            "{\"error\":{\"code\":\"nothing_to_do\",\"message\":\"No enrollment is "
                            "running.\",\"remedy\":\"Nothing to do.\",\"transaction\":"
                            "\"0011223344556677\",\"step\":1,\"steps\":7,\"step_name\":\"find\","
                            "\"step_title\":\"find the device\"}}\n");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fault_every_reason_has_its_exit_code),
                cmocka_unit_test(test_fault_text_of_the_event_replaces_the_reasons_own),
                cmocka_unit_test(test_fault_bus_errors_have_their_exit_codes),
                cmocka_unit_test(test_fault_daemon_message_is_taken_apart),
                cmocka_unit_test(test_fault_texts_of_strangers_are_printable_and_bounded),
                cmocka_unit_test(test_fault_of_the_output_says_why),
                cmocka_unit_test(test_fault_of_an_enrollment_says_which_and_where),
                cmocka_unit_test(test_fault_is_shown_for_people_and_programs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
