/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/errors.h"

#include <stdio.h>
#include <string.h>

#include "wire/utf8.h"

static bool is_before(const struct error *a, const struct error *b)
{
        return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static bool is_same(const struct error *a, const struct error *b)
{
        return a->line == b->line && a->column == b->column && strcmp(a->text, b->text) == 0;
}

/* A field's name or value may hold what a terminal would obey, or have been cut in a character. */
static void finish(char text[ERRORS_TEXT_SIZE], bool is_cut)
{
        static const char more[] = "...";

        if (is_cut)
                memcpy(text + ERRORS_TEXT_SIZE - sizeof(more), more, sizeof(more));
        utf8_make_printable(text);
}

static void insert(struct errors *errors, const struct error *error)
{
        size_t at = errors->n_list;

        while (at > 0 && is_before(error, &errors->list[at - 1]))
                at--;
        if (errors->n_list == ERRORS_MAX)
                errors->n_left_out++;
        else
                errors->n_list++;
        if (at == ERRORS_MAX)
                return;
        memmove(&errors->list[at + 1], &errors->list[at],
                (errors->n_list - at - 1) * sizeof(*error));
        errors->list[at] = *error;
}

void errors_add(struct errors *errors, bool is_warning, size_t line, size_t column,
                const char *format, va_list arguments)
{
        struct error error = {.line = line, .column = column, .is_warning = is_warning};
        int n;

        n = vsnprintf(error.text, sizeof(error.text), format, arguments);
        finish(error.text, n >= (int)sizeof(error.text));
        for (size_t i = 0; i < errors->n_list; i++)
                if (is_same(&errors->list[i], &error))
                        return;
        errors->n_errors += !is_warning;
        insert(errors, &error);
}
