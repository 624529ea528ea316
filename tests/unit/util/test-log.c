/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/log.h"

/* What @log writes to stderr; the caller frees it. */
static char *written(void (*log)(void))
{
        int file = memfd_create("err", MFD_CLOEXEC), err = dup(STDERR_FILENO);
        char *text = calloc(1, 4096);

        assert_true(file >= 0 && err >= 0 && text);
        assert_true(dup2(file, STDERR_FILENO) >= 0);
        log();
        assert_true(dup2(err, STDERR_FILENO) >= 0);
        assert_true(pread(file, text, 4095, 0) >= 0);
        (void)close(file);
        (void)close(err);
        return text;
}

static void log_what_deceives(void)
{
        log_error("Cannot open %s", "a\033[31m\nb\342\200\256c\303\244\303.txt");
}

static void log_an_errno(void)
{
        (void)log_errno(-ENOENT, "Cannot open %s", "a\tb");
}

static void log_with_fields(void)
{
        const struct log_field fields[] = {{"DEVICE", "x"}, {NULL, NULL}};

        log_fields(LOG_INFO, NULL, fields, "It is %s.", "\302\2332J");
}

static void log_too_much(void)
{
        char text[2048] = "";

        for (size_t i = 0; i + 2 < sizeof(text); i += 2)
                memcpy(text + i, "\303\244", 3);
        log_info("%s", text);
}

static void log_a_warning(void)
{
        log_warning("That is enough.");
}

static void test_log_shows_only_what_can_be_shown(void **state)
{
        static const struct {
                void (*log)(void);
                const char *line;
        } cases[] = {
                {log_what_deceives, "test: Cannot open a?[31m?b?c\303\244?.txt\n"},
                {log_an_errno, "test: Cannot open a?b: No such file or directory\n"},
                {log_with_fields, "test: It is ?2J.\n"},
        };
        char *text;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                text = written(cases[i].log);
                assert_string_equal(text, cases[i].line);
                free(text);
        }
}

/* Within a character, whose first byte alone cannot be shown. */
static void test_log_cuts_a_long_line(void **state)
{
        char *text = written(log_too_much);
        size_t n = strlen(text);

        (void)state;
        assert_in_range(n, 1024, 1040);
        assert_memory_equal(text + n - 4, "\303\244?\n", 4);
        free(text);
}

static void test_log_level_has_a_name_and_can_change(void **state)
{
        char *text;

        (void)state;
        assert_int_equal(log_level(), LOG_INFO);
        for (int level = LOG_ERR; level <= LOG_DEBUG; level++)
                assert_true(log_level_from_name(log_level_name(level)) >= level);
        assert_int_equal(log_level_from_name("warning"), LOG_WARNING);
        assert_int_equal(log_level_from_name("loud"), -EINVAL);
        log_set_level(LOG_ERR);
        text = written(log_a_warning);
        assert_string_equal(text, "");
        free(text);
        log_set_level(LOG_INFO);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_log_shows_only_what_can_be_shown),
                cmocka_unit_test(test_log_cuts_a_long_line),
                cmocka_unit_test(test_log_level_has_a_name_and_can_change),
        };

        (void)unsetenv("JOURNAL_STREAM");
        log_open("test", LOG_INFO);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
