/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/progress.h"
#include "ctl/text.h"
#include "util/defer.h"

#define BEGIN(n)                                                                                   \
        {                                                                                          \
                .status = EVENT_PROGRESS, .step = (n), .text = "", .source = EVENT_SOURCE_TEXT     \
        }
#define DONE(n, t, ms)                                                                             \
        {                                                                                          \
                .status = EVENT_PROGRESS, .step = (n), .done = true, .text = (t), .step_ms = (ms), \
                .source = EVENT_SOURCE_TEXT                                                        \
        }

static const struct event good[] = {
        {.status = EVENT_STARTED, .text = "", .source = EVENT_SOURCE_TEXT},
        {.status = EVENT_PREVIEW,
         .text = "Thermo One, signed by Nordlicht (trusted). It asks to publish 1 reading.",
         .source = EVENT_SOURCE_TEXT},
        BEGIN(EVENT_STEP_FIND),
        DONE(EVENT_STEP_FIND, "found, -58 dBm", 412),
        BEGIN(EVENT_STEP_CONNECT),
        DONE(EVENT_STEP_CONNECT, "connected over hci0", 230),
        BEGIN(EVENT_STEP_PROVE),
        DONE(EVENT_STEP_PROVE, "both sides", 180),
        BEGIN(EVENT_STEP_SUPPLY),
        DONE(EVENT_STEP_SUPPLY, "3 values from site settings", 0),
        BEGIN(EVENT_STEP_CONFIGURE),
        DONE(EVENT_STEP_CONFIGURE, "function 1, interval 60 s", 130),
        BEGIN(EVENT_STEP_OWN),
        DONE(EVENT_STEP_OWN, "committed", 20),
        BEGIN(EVENT_STEP_GATEWAY),
        DONE(EVENT_STEP_GATEWAY, "enrolld/home/thermo-one", 0),
        {.status = EVENT_SUCCESSFUL,
         .step = EVENT_STEP_GATEWAY,
         .text = "",
         .device = "thermo-one",
         .total_ms = 1120},
};

/* Everything that is written for @events, to be freed. */
static char *written(const struct event *events, size_t n_events, bool terminal, bool colour,
                     size_t width)
{
        struct progress progress;
        char *text = NULL;
        size_t n_text = 0;
        FILE *file = open_memstream(&text, &n_text);

        assert_non_null(file);
        progress_init(&progress, file, terminal, colour, width);
        for (size_t i = 0; i < n_events; i++)
                progress_show(&progress, &events[i]);
        progress_clear(&progress);
        (void)fclose(file);
        return text;
}

static void assert_written(const struct event *events, size_t n_events, bool terminal,
                           const char *expected)
{
        char *text = written(events, n_events, terminal, false, 80);

        assert_string_equal(text, expected);
        free(text);
}

static void test_progress_in_a_pipe_has_a_line_for_each_finished_step(void **state)
{
        (void)state;
        assert_written(good, ELEMENTSOF(good), false,
                       "Thermo One, signed by Nordlicht (trusted). It asks to publish 1 reading.\n"
                       " 1/7  find the device                 found, -58 dBm                0.4 s\n"
                       " 2/7  connect to the device           connected over hci0           0.2 s\n"
                       " 3/7  prove the code                  both sides                    0.2 s\n"
                       " 4/7  supply the values               3 values from site settings\n"
                       " 5/7  device configures itself        function 1, interval 60 s     0.1 s\n"
                       " 6/7  take ownership                  committed\n"
                       " 7/7  become its gateway              enrolld/home/thermo-one\n"
                       "Enrolled as thermo-one in 1.1 s.\n");
}

static void test_progress_on_a_terminal_writes_over_the_running_step(void **state)
{
        (void)state;
        assert_written(good + 2, 3, true,
                       " 1/7  find the device\r\033[K"
                       " 1/7  find the device                 found, -58 dBm                0.4 s\n"
                       " 2/7  connect to the device\r\033[K");
}

static void test_progress_failure_shows_the_step_where_it_happened(void **state)
{
        static const struct event failed[] = {
                BEGIN(EVENT_STEP_FIND),
                {.status = EVENT_FAILED,
                 .step = EVENT_STEP_FIND,
                 .reason = REASON_DEVICE_NOT_FOUND,
                 .text = "best signal heard: -92 dBm",
                 .source = EVENT_SOURCE_TEXT},
        };

        (void)state;
        assert_written(failed, 2, false, " 1/7  find the device                 failed\n");
        assert_written(failed, 2, true,
                       " 1/7  find the device\r\033[K"
                       " 1/7  find the device                 failed\n");
}

static void test_progress_what_is_tried_again_stays_in_view(void **state)
{
        static const struct event again[] = {
                BEGIN(EVENT_STEP_PROVE),
                {.status = EVENT_PROGRESS,
                 .step = EVENT_STEP_PROVE,
                 .reason = REASON_LINK_LOST,
                 .text = "The connection was lost. Trying again, attempt 2 of 3."},
        };

        (void)state;
        assert_written(again, 2, false,
                       " 3/7  prove the code                  "
                       "The connection was lost. Trying again, attempt 2 of 3.\n");
}

static void test_progress_failure_leaves_the_reason_to_the_end(void **state)
{
        struct event failed = {.status = EVENT_FAILED,
                               .reason = REASON_CODE_ALTERED,
                               .text = reason_text(REASON_CODE_ALTERED)};

        (void)state;
        assert_written(&failed, 1, false, "");
        failed.step = EVENT_STEP_PROVE;
        assert_written(&failed, 1, false, " 3/7  prove the code                  failed\n");
        failed.reason = REASON_ALREADY_ENROLLED; /* no step failed */
        assert_written(&failed, 1, false, "");
        failed.step = EVENT_STEP_CODE;
        failed.text = "The issuer is Nordlicht.";
        assert_written(&failed, 1, false, "");
}

static void test_progress_reader_is_quoted_once_for_each_thing_it_says(void **state)
{
        static const struct event reading[] = {
                {.status = EVENT_STARTED, .text = "Show the code to the camera."},
                {.status = EVENT_READING, .text = "too dark"},
                {.status = EVENT_READING, .text = "too dark"},
                {.status = EVENT_READING, .text = "a code, not sharp"},
        };

        (void)state;
        assert_written(reading, 4, false,
                       "Show the code to the camera.\ntoo dark\na code, not sharp\n");
        assert_written(reading, 4, true,
                       "Show the code to the camera.\r\033[Ktoo dark\r\033[K"
                       "a code, not sharp\r\033[K");
}

static void test_progress_dry_run_ends_with_its_text(void **state)
{
        static const struct event dry[] = {
                {.status = EVENT_SUCCESSFUL, .text = "The code is good.", .device = "thermo-one"},
                {.status = EVENT_SUCCESSFUL, .text = ""}};

        (void)state;
        assert_written(dry, 2, false, "The code is good.\nDone.\n");
}

static void test_progress_strangers_cannot_move_the_cursor(void **state)
{
        static const struct event hostile[] = {
                {.status = EVENT_PREVIEW, .text = "\033[2Jevil\r\n\xc2\x9bm \xe2\x80\xae \xff\x80"},
                {.status = EVENT_FAILED,
                 .step = EVENT_STEP_CONFIGURE,
                 .reason = REASON_STEP_FAILED,
                 .text = "a\033]0;b\007"},
                {.status = EVENT_SUCCESSFUL,
                 .step = EVENT_STEP_GATEWAY,
                 .device = "x\033y",
                 .text = ""},
        };

        (void)state;
        assert_written(hostile, 3, true,
                       "?[2Jevil???m ? ??\n"
                       " 5/7  device configures itself        failed\n"
                       "Enrolled as x?y in 0.0 s.\n");
}

static void test_progress_running_line_fits_into_the_terminal(void **state)
{
        struct event reading = {.status = EVENT_READING, .text = "0123456789"};
        char *text = written(&reading, 1, true, false, 8);

        (void)state;
        assert_string_equal(text, "0123456\r\033[K");
        free(text);
}

static void test_progress_long_text_keeps_two_spaces(void **state)
{
        static const struct event step =
                DONE(EVENT_STEP_GATEWAY, "enrolld/home/a-name-of-thirty-two-letters", 5000);

        (void)state;
        assert_written(&step, 1, false,
                       " 7/7  become its gateway              "
                       "enrolld/home/a-name-of-thirty-two-letters  5.0 s\n");
}

static void assert_lines_fit(const char *text, size_t width)
{
        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\r\n");
                char copy[200];

                (void)snprintf(copy, sizeof(copy), "%.*s", (int)n, line);
                if (strncmp(copy, "\033[K", 3) == 0)
                        memmove(copy, copy + 3, strlen(copy + 3) + 1);
                if (text_width(copy) > width)
                        fail_msg("more than %zu columns: %s", width, copy);
                line += n + (line[n] != 0);
        }
}

static void test_progress_lines_fit_into_a_narrow_terminal(void **state)
{
        (void)state;
        for (size_t width = 100; width >= 20; width--) {
                char *text = written(good, ELEMENTSOF(good), true, false, width);

                assert_lines_fit(text, width);
                free(text);
        }
}

static void test_progress_step_that_begins_is_its_title(void **state)
{
        static const struct event begin = {
                .status = EVENT_PROGRESS, .step = EVENT_STEP_FIND, .text = "find the device"};

        (void)state;
        assert_written(&begin, 1, true, " 1/7  find the device\r\033[K");
}

static void test_progress_is_readable_without_utf8(void **state)
{
        static const struct event step = DONE(EVENT_STEP_CONFIGURE, "21 \xc2\xb0\x43", 0);

        (void)state;
        assert_non_null(setlocale(LC_ALL, "C"));
        assert_written(&step, 1, false, " 5/7  device configures itself        21 degC\n");
        (void)setlocale(LC_ALL, "C.UTF-8");
}

static void test_progress_colour_marks_the_result(void **state)
{
        char *text = written(good + ELEMENTSOF(good) - 1, 1, true, true, 80);

        (void)state;
        assert_string_equal(text, "\033[32mEnrolled as thermo-one in 1.1 s.\033[0m\n");
        free(text);
}

static void test_progress_log_has_one_line_for_each_event(void **state)
{
        struct event failed = {.status = EVENT_FAILED,
                               .step = EVENT_STEP_OWN,
                               .reason = REASON_LINK_LOST,
                               .transaction = "0011223344556677",
                               .text = ""};
        struct progress progress;
        char *text = NULL;
        size_t n_text = 0;
        FILE *file = open_memstream(&text, &n_text);

        (void)state;
        progress_init(&progress, file, false, false, 0);
        progress_log(&progress, "12:00:00", &good[3]);
        failed.device = "kitchen";
        failed.device_id = "000102030405060708090a0b0c0d0e0f";
        progress_log(&progress, "12:00:01", &failed);
        failed.device = NULL;
        progress_log(&progress, "12:00:02", &failed);
        (void)fclose(file);
        assert_string_equal(text,
                            "12:00:00  - progress 1/7 find the device, done: found, -58 dBm\n"
                            "12:00:01 0011223344556677 kitchen failed 6/7 take ownership "
                            "(link_lost)\n"
                            "12:00:02 0011223344556677 000102030405060708090a0b0c0d0e0f failed 6/7 "
                            "take ownership (link_lost)\n");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_progress_in_a_pipe_has_a_line_for_each_finished_step),
                cmocka_unit_test(test_progress_on_a_terminal_writes_over_the_running_step),
                cmocka_unit_test(test_progress_failure_shows_the_step_where_it_happened),
                cmocka_unit_test(test_progress_what_is_tried_again_stays_in_view),
                cmocka_unit_test(test_progress_failure_leaves_the_reason_to_the_end),
                cmocka_unit_test(test_progress_reader_is_quoted_once_for_each_thing_it_says),
                cmocka_unit_test(test_progress_dry_run_ends_with_its_text),
                cmocka_unit_test(test_progress_strangers_cannot_move_the_cursor),
                cmocka_unit_test(test_progress_running_line_fits_into_the_terminal),
                cmocka_unit_test(test_progress_long_text_keeps_two_spaces),
                cmocka_unit_test(test_progress_lines_fit_into_a_narrow_terminal),
                cmocka_unit_test(test_progress_step_that_begins_is_its_title),
                cmocka_unit_test(test_progress_is_readable_without_utf8),
                cmocka_unit_test(test_progress_colour_marks_the_result),
                cmocka_unit_test(test_progress_log_has_one_line_for_each_event),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
