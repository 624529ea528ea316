/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One line of a catalogue file, or of the answer of a web service: which code a reference names
 * (doc/catalogue.md, section 2).
 *
 * struct line holds the code and so its secret: line_done() wipes it.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "code/reference.h"
#include "reason/reason.h"

#define LINE_BYTES_MAX   8192 /* without the line feed */
#define LINE_DETAIL_SIZE 128

struct line {
        json_t *json;
        char reference[REFERENCE_SIZE]; /* canonical; "": it has none */
        const char *code;               /* a text of it, in .json; NULL: there is no code */
        size_t n_code;
};

/* Whether the line says nothing: it is empty or white space. */
bool line_is_blank(const char *bytes, size_t n_bytes);

/*
 * Reads a line. REASON_NONE; or REASON_CATALOGUE_MALFORMED, with what is wrong as a phrase in
 * @ret_detail and the reference in @ret_line, if that could be read.
 */
enum reason line_read(const char *bytes, size_t n_bytes, struct line *ret_line,
                      char ret_detail[LINE_DETAIL_SIZE]);

void line_done(struct line *line);

/* The line that begins at *@at, without its end, and its length; *@at moves behind it. False at the
 * end of the text. */
bool line_next(const char *text, size_t n_text, size_t *at, const char **ret_line, size_t *ret_n);
