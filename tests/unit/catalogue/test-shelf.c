/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalogue/shelf.h"
#include "util/file.h"

static char directory[64];

static int set_up(void **state)
{
        (void)state;
        strcpy(directory, "/tmp/test-shelf-XXXXXX");
        assert_non_null(mkdtemp(directory));
        return 0;
}

static int tear_down(void **state)
{
        char command[96];

        (void)state;
        (void)snprintf(command, sizeof(command), "rm -rf %s", directory);
        return system(command);
}

static void path_of(const char *name, char path[128])
{
        (void)snprintf(path, 128, "%s/%s", directory, name);
}

static void put(const char *name, const char *text)
{
        char path[128];

        path_of(name, path);
        assert_int_equal(file_write(path, text, strlen(text), 0600, false), 0);
}

/* What a search has come to. */
struct search {
        sd_event *event;
        char code[32];
        unsigned n_turns;
};

static void on_end(void *userdata, const struct line *line)
{
        struct search *search = userdata;

        if (line)
                (void)snprintf(search->code, sizeof(search->code), "%s", line->code);
        assert_int_equal(sd_event_exit(search->event, 0), 0);
}

static const struct shelf_handler handler = {.on_end = on_end};

/* Looks for the reference 96385074. */
static struct search look_in(const char *where)
{
        struct search search = {.n_turns = 0};
        struct shelf *shelf = NULL;

        assert_true(sd_event_new(&search.event) >= 0);
        assert_int_equal(shelf_new(search.event, where, "96385074", &handler, &search, &shelf), 0);
        while (sd_event_get_state(search.event) != SD_EVENT_FINISHED) {
                assert_true(sd_event_run(search.event, UINT64_MAX) >= 0);
                search.n_turns++;
        }
        assert_null(shelf_free(shelf));
        assert_null(sd_event_unref(search.event));
        return search;
}

/* Its code, or "". */
static const char *found(char code[32])
{
        memcpy(code, look_in(directory).code, 32);
        return code;
}

#define LINE(code) "{\"id\": \"96385074\", \"code\": \"" code "\"}\n"

static void test_shelf_finds_the_first_line_with_a_code(void **state)
{
        char code[32];

        (void)state;
        assert_string_equal(found(code), "");
        put("b.catalogue", "{\"id\": \"36000291452\", \"code\": \"96385074\"}\n" LINE("second"));
        assert_string_equal(found(code), "second");
        put("a.catalogue",
            "96385074\n{\"id\": \"96385074\", \"error\": \"none\"}\n\n" LINE("first"));
        assert_string_equal(found(code), "first");
}

static void test_shelf_leaves_out_what_is_no_catalogue(void **state)
{
        char path[128], code[32];

        (void)state;
        put("a.txt", LINE("x"));
        put(".hidden.catalogue", LINE("x"));
        path_of("link.catalogue", path);
        assert_int_equal(symlink("a.txt", path), 0);
        path_of("pipe.catalogue", path);
        assert_int_equal(mkfifo(path, 0600), 0);
        path_of("directory.catalogue", path);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_string_equal(found(code), "");
        path_of("large.catalogue", path);
        put("large.catalogue", LINE("x"));
        assert_int_equal(truncate(path, SOURCE_BYTES_MAX + 1), 0);
        assert_string_equal(found(code), "");
        put("z.catalogue", LINE("good"));
        assert_string_equal(found(code), "good");
        assert_string_equal(look_in("/dev/null").code, "");
        assert_string_equal(look_in("/nowhere").code, "");
}

static void test_shelf_looks_at_a_slice_in_each_turn(void **state)
{
        size_t n = SOURCE_BYTES_MAX - 64;
        char *text = malloc(n + 64);
        struct search search;

        (void)state;
        assert_non_null(text);
        memset(text, ' ', n);
        for (size_t i = 1000; i < n; i += 1000)
                text[i] = '\n';
        text[n - 1] = '\n';
        strcpy(text + n, LINE("last"));
        put("a.catalogue", text);
        search = look_in(directory);
        assert_string_equal(search.code, "last");
        assert_in_range(search.n_turns, SOURCE_BYTES_MAX / SOURCE_SLICE,
                        SOURCE_BYTES_MAX / SOURCE_SLICE + 8);
        free(text);
}

static void test_shelf_looks_at_the_first_files_only(void **state)
{
        char name[32], code[32];

        (void)state;
        for (int i = SHELF_FILES_MAX; i >= 1; i--) {
                (void)snprintf(name, sizeof(name), "%02d.catalogue", i);
                put(name, "");
        }
        put("z.catalogue", LINE("too far"));
        assert_string_equal(found(code), "");
        put("00.catalogue", LINE("first"));
        assert_string_equal(found(code), "first");
        put("02.catalogue", LINE("second"));
        assert_string_equal(found(code), "first");
}

static void test_shelf_can_be_given_up(void **state)
{
        struct search search = {.n_turns = 0};
        struct shelf *shelf = NULL;

        (void)state;
        put("a.catalogue", LINE("never"));
        for (unsigned n = 0; n < 4; n++) {
                assert_true(sd_event_new(&search.event) >= 0);
                assert_int_equal(shelf_new(search.event, directory, "36000291452", &handler,
                                           &search, &shelf),
                                 0);
                for (unsigned i = 0; i < n; i++)
                        assert_true(sd_event_run(search.event, UINT64_MAX) >= 0);
                shelf = shelf_free(shelf);
                assert_null(sd_event_unref(search.event));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_shelf_finds_the_first_line_with_a_code, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_shelf_leaves_out_what_is_no_catalogue, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_shelf_looks_at_a_slice_in_each_turn, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_shelf_looks_at_the_first_files_only, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_shelf_can_be_given_up, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
