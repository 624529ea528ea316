/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/line.h"

#include <stdio.h>
#include <string.h>

static const char blanks[] = " \t\r";

bool line_is_blank(const char *bytes, size_t n_bytes)
{
        for (size_t i = 0; i < n_bytes; i++)
                if (!memchr(blanks, bytes[i], sizeof(blanks) - 1))
                        return false;
        return true;
}

bool line_next(const char *text, size_t n_text, size_t *at, const char **ret_line, size_t *ret_n)
{
        const char *begin = text + *at, *end;

        if (*at >= n_text)
                return false;
        end = memchr(begin, '\n', n_text - *at);
        *ret_line = begin;
        *ret_n = end ? (size_t)(end - begin) : n_text - *at;
        *at += *ret_n + 1;
        return true;
}

static const char *wrong_reference(const json_t *id, char ret_reference[REFERENCE_SIZE])
{
        char canonical[REFERENCE_SIZE];
        const char *text = json_string_value(id);

        if (!text)
                return "its 'id' is not a text";
        switch (reference_read((const uint8_t *)text, json_string_length(id), canonical)) {
        case REFERENCE_OTHER:
                return "its 'id' is not a reference";
        case REFERENCE_WRONG_CHECK:
                return "the last character of its 'id' does not match the others";
        case REFERENCE_DONE:
                break;
        }
        if (strcmp(text, canonical) != 0)
                return "its 'id' is not in the canonical form";
        memcpy(ret_reference, canonical, sizeof(canonical));
        return NULL;
}

/* An object with "id" and "code", one of which may be missing, and "error" in the place of "code".
 */
static const char *wrong_object(struct line *line)
{
        const json_t *id = json_object_get(line->json, "id");
        const json_t *code = json_object_get(line->json, "code");
        const json_t *error = json_object_get(line->json, "error");
        size_t n_known = (id != NULL) + (code != NULL) + (error != NULL);
        const char *wrong;

        if (!json_is_object(line->json))
                return "it is not a JSON object";
        if (n_known != json_object_size(line->json))
                return "it has another key than 'id' and 'code'";
        wrong = id ? wrong_reference(id, line->reference) : NULL;
        if (wrong)
                return wrong;
        if (error)
                return id && !code && json_is_string(error) ? NULL
                                                            : "its 'error' is not one of an 'id'";
        if (!json_is_string(code) || json_string_length(code) == 0)
                return "its 'code' is missing or not a text";
        line->code = json_string_value(code);
        line->n_code = json_string_length(code);
        return NULL;
}

enum reason line_read(const char *bytes, size_t n_bytes, struct line *ret_line,
                      char ret_detail[LINE_DETAIL_SIZE])
{
        const char *wrong = "it is longer than 8192 bytes";

        *ret_line = (struct line){.json = NULL};
        ret_detail[0] = '\0';
        if (n_bytes <= LINE_BYTES_MAX) {
                ret_line->json = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES, NULL);
                wrong = ret_line->json ? wrong_object(ret_line) : "it is not a JSON object";
        }
        if (!wrong)
                return REASON_NONE;
        (void)snprintf(ret_detail, LINE_DETAIL_SIZE, "%s", wrong);
        return REASON_CATALOGUE_MALFORMED;
}

void line_done(struct line *line)
{
        json_decref(line->json);
        *line = (struct line){.json = NULL};
}
