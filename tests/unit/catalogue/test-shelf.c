/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
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

/* The code of the reference 96385074, or "". */
static const char *found(char code[32])
{
        struct line line;
        int r = shelf_find(directory, "96385074", &line);

        code[0] = '\0';
        if (r == 0) {
                (void)snprintf(code, 32, "%s", line.code);
                line_done(&line);
        } else {
                assert_int_equal(r, SHELF_E_NONE);
        }
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
        struct line line;

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
        assert_int_equal(truncate(path, SHELF_BYTES_MAX + 1), 0);
        assert_string_equal(found(code), "");
        put("z.catalogue", LINE("good"));
        assert_string_equal(found(code), "good");
        assert_int_equal(shelf_find("/dev/null", "96385074", &line), -ENOTDIR);
        assert_int_equal(shelf_find("/nowhere", "96385074", &line), SHELF_E_NONE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_shelf_finds_the_first_line_with_a_code, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_shelf_leaves_out_what_is_no_catalogue, set_up,
                                                tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
