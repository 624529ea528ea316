/* SPDX-License-Identifier: Apache-2.0 */

#include "fetch/answer.h"

#include <string.h>

void answer_init(struct answer *answer, const struct order *order,
                 bool (*on_line)(void *userdata, const char *id, const char *code, size_t n_code),
                 void *userdata)
{
        memset(answer, 0, sizeof(*answer));
        answer->order = order;
        answer->on_line = on_line;
        answer->userdata = userdata;
}

static enum reason answer_pass(struct answer *answer, const struct line *line)
{
        size_t i = order_find(answer->order, line->reference);

        if (i == answer->order->n_ids || answer->is_answered[i])
                return REASON_FETCH_UNASKED;
        answer->is_answered[i] = true;
        return answer->on_line(answer->userdata, line->reference, line->code, line->n_code)
                       ? REASON_NONE
                       : REASON_STOPPING;
}

static enum reason answer_read(struct answer *answer)
{
        char detail[LINE_DETAIL_SIZE];
        struct line line;
        enum reason why;

        if (line_is_blank(answer->line, answer->n_line))
                return REASON_NONE;
        why = line_read(answer->line, answer->n_line, &line, detail);
        why = why == REASON_NONE ? answer_pass(answer, &line) : REASON_FETCH_MALFORMED;
        line_done(&line);
        return why;
}

enum reason answer_take(struct answer *answer, const char *bytes, size_t n_bytes)
{
        enum reason why = REASON_NONE;

        answer->n_all += n_bytes;
        if (answer->n_all > ANSWER_BYTES_MAX)
                return REASON_FETCH_TOO_LONG;
        for (size_t i = 0; why == REASON_NONE && i < n_bytes; i++) {
                if (bytes[i] == '\n') {
                        why = answer_read(answer);
                        answer->n_line = 0;
                } else if (answer->n_line == LINE_BYTES_MAX) {
                        why = REASON_FETCH_TOO_LONG;
                } else {
                        answer->line[answer->n_line++] = bytes[i];
                }
        }
        return why;
}

enum reason answer_end(struct answer *answer)
{
        return answer_read(answer);
}

void answer_done(struct answer *answer)
{
        explicit_bzero(answer, sizeof(*answer));
}
