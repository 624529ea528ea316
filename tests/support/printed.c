/* SPDX-License-Identifier: Apache-2.0 */

#include "support/printed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/text.h"

char *printed(printed_table *table, const char *json, size_t width)
{
        json_t *value = json_loads(json, 0, NULL);
        char *text = NULL;
        size_t n_text = 0;
        FILE *file = open_memstream(&text, &n_text);

        assert_non_null(value);
        assert_non_null(file);
        assert_int_equal(table(value, width, file), 0);
        assert_int_equal(fclose(file), 0);
        json_decref(value);
        return text;
}

static void assert_fits(const char *text, size_t width)
{
        char *copy = strdup(text), *rest = copy, *line;

        assert_non_null(copy);
        while ((line = strsep(&rest, "\n")))
                if (text_width(line) > width)
                        fail_msg("more than %zu columns: %s", width, line);
        free(copy);
}

void assert_printed_fits(printed_table *table, const char *json)
{
        for (size_t width = 132; width >= 30; width--) {
                char *text = printed(table, json, width);

                assert_fits(text, width);
                free(text);
        }
}
