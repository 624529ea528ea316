/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is wrong with a file: every error with its place, in the order of the places. A reader that
 * finds one continues, so that a person sees all of them at once.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define ERRORS_MAX       20 /* how many are kept; the rest is only counted */
#define ERRORS_TEXT_SIZE 400

struct error {
        size_t line, column; /* from 1 */
        bool is_warning;
        char text[ERRORS_TEXT_SIZE];
};

struct errors {
        struct error list[ERRORS_MAX];
        size_t n_list;
        size_t n_left_out; /* found, and not in the list */
        size_t n_errors;   /* found, without the warnings */
};

/* Adds one; the same text at the same place counts once. What cannot be shown of a text is
 * replaced, and a long one ends with "...". */
void errors_add(struct errors *errors, bool is_warning, size_t line, size_t column,
                const char *format, va_list arguments) __attribute__((format(printf, 5, 0)));
