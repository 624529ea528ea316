/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalogue/import.h"
#include "support/catalogue-sample.h"
#include "util/file.h"

struct report {
        sd_event *event;
        size_t n_kept, n_joining, n_refused, n_done;
        struct {
                size_t number;
                enum reason reason;
                char reference[REFERENCE_SIZE], detail[CATALOGUE_DETAIL_SIZE];
        } refusals[8];
};

static void on_kept(void *userdata, const struct store_entry *entry)
{
        struct report *report = userdata;

        report->n_kept++;
        report->n_joining += entry->joins;
}

static void on_refused(void *userdata, const struct import_refusal *refusal)
{
        struct report *report = userdata;

        assert_in_range(report->n_refused, 0, 7);
        report->refusals[report->n_refused].number = refusal->number;
        report->refusals[report->n_refused].reason = refusal->reason;
        strcpy(report->refusals[report->n_refused].reference, refusal->reference);
        strcpy(report->refusals[report->n_refused].detail, refusal->detail);
        report->n_refused++;
}

static void on_done(void *userdata, int r)
{
        struct report *report = userdata;

        assert_int_equal(r, 0);
        report->n_done++;
        assert_int_equal(sd_event_exit(report->event, 0), 0);
}

static const struct import_handler handler = {on_kept, on_refused, on_done};

/* Imports the text, as a file, to its end. */
static void import(struct shop *s, const char *text, bool joins, struct report *report)
{
        int fd = memfd_create("catalogue", 0);
        struct import *im = NULL;

        assert_int_equal(file_write_fd(fd, text, strlen(text)), 0);
        *report = (struct report){.event = NULL};
        assert_true(sd_event_new(&report->event) >= 0);
        assert_int_equal(import_new(report->event, &s->catalogue, fd, joins, &handler, report, &im),
                         0);
        assert_int_equal(close(fd), 0);
        assert_int_equal(sd_event_loop(report->event), 0);
        im = import_free(im);
        sd_event_unref(report->event);
        assert_int_equal(report->n_done, 1);
}

static void add_line(struct shop *s, char *text, size_t size, unsigned number, const char *id)
{
        size_t n = strlen(text);

        (void)snprintf(text + n, size - n, "{%s%s%s\"code\": \"%s\"}\n", id[0] ? "\"id\": \"" : "",
                       id, id[0] ? "\", " : "", shop_code(s, number, ""));
}

#define SIZE 65536

static void test_import_keeps_the_good_lines_and_names_the_others(void **state)
{
        char *text = calloc(1, SIZE);
        struct shop *s = *state;
        struct report report;

        add_line(s, text, SIZE, 1, "96385074");
        strcat(text, "\n  \r\nnonsense\n");
        add_line(s, text, SIZE, 2, "");
        strcat(text, "{\"id\": \"36000291452\", \"code\": \"enr1.nonsense\"}\n");
        strcat(text, "{\"id\": \"36000291452\", \"error\": \"none\"}\n");
        add_line(s, text, SIZE, 3, "96385074");
        import(s, text, true, &report);
        assert_int_equal(report.n_kept, 2);
        assert_int_equal(report.n_joining, 2);
        assert_int_equal(report.n_refused, 4);
        assert_int_equal(report.refusals[0].number, 4);
        assert_int_equal(report.refusals[0].reason, REASON_CATALOGUE_MALFORMED);
        assert_string_equal(report.refusals[0].detail, "it is not a JSON object");
        assert_int_equal(report.refusals[1].number, 6);
        assert_string_equal(report.refusals[1].reference, "36000291452");
        assert_int_equal(report.refusals[1].reason, REASON_CODE_MISCOPIED);
        assert_int_equal(report.refusals[2].number, 7);
        assert_int_equal(report.refusals[2].reason, REASON_CATALOGUE_MALFORMED);
        assert_int_equal(report.refusals[3].number, 8);
        assert_int_equal(report.refusals[3].reason, REASON_REFERENCE_TAKEN);
        free(text);
}

static void test_import_takes_as_many_turns_as_it_needs(void **state)
{
        char *text = calloc(1, SIZE);
        struct shop *s = *state;
        struct report report;
        uint64_t n;

        for (unsigned i = 0; i < 50; i++)
                add_line(s, text, SIZE, i, "");
        text[strlen(text) - 1] = '\0';
        import(s, text, false, &report);
        assert_int_equal(report.n_kept, 50);
        assert_int_equal(report.n_joining, 0);
        assert_int_equal(store_entry_count(s->catalogue.store, &n), 0);
        assert_int_equal(n, 50);
        import(s, "", false, &report);
        assert_int_equal(report.n_kept + report.n_refused, 0);
        free(text);
}

static void test_import_takes_regular_files_only(void **state)
{
        struct shop *s = *state;
        struct import *im = NULL;
        sd_event *event = NULL;
        int pipes[2];

        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(pipe(pipes), 0);
        assert_int_equal(import_new(event, &s->catalogue, pipes[0], false, &handler, NULL, &im), 1);
        assert_int_equal(import_new(event, &s->catalogue, -1, false, &handler, NULL, &im), -EBADF);
        assert_int_equal(close(pipes[0]) + close(pipes[1]), 0);
        assert_null(sd_event_unref(event));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_set_up, shop_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_import_keeps_the_good_lines_and_names_the_others),
                TEST(test_import_takes_as_many_turns_as_it_needs),
                TEST(test_import_takes_regular_files_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
