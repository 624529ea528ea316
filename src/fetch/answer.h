/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The answer of a web service as it comes in, in pieces of any size: its lines, checked against
 * what was asked (doc/fetch.md, section 2).
 *
 * It holds a line at a time, and so a secret: answer_done() wipes it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "catalogue/line.h"
#include "fetch/order.h"

#define ANSWER_BYTES_MAX (ORDER_IDS_MAX * (LINE_BYTES_MAX + 1)) /* of a whole one */

struct answer {
        const struct order *order;
        /* The code for this id, or NULL if the service has none. False: nobody listens any more. */
        bool (*on_line)(void *userdata, const char *id, const char *code, size_t n_code);
        void *userdata;
        bool is_answered[ORDER_IDS_MAX];
        char line[LINE_BYTES_MAX + 1];
        size_t n_line, n_all;
};

void answer_init(struct answer *answer, const struct order *order,
                 bool (*on_line)(void *userdata, const char *id, const char *code, size_t n_code),
                 void *userdata);

/*
 * Takes the next piece. REASON_NONE; REASON_FETCH_TOO_LONG, _MALFORMED or _UNASKED: then nothing
 * more may be given; REASON_STOPPING if nobody listens.
 */
enum reason answer_take(struct answer *answer, const char *bytes, size_t n_bytes);

/* There is no more: the last line needs no line feed. The same. */
enum reason answer_end(struct answer *answer);

void answer_done(struct answer *answer);
