/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/errand.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/time.h"

/* A value's text moves into the errand. */
static int errand_take_text(struct errand *e, size_t i)
{
        struct cbor_span *text = &e->values[i].text;
        uint8_t *to = e->texts + i * MESSAGE_TEXT_MAX;

        if (e->values[i].type != MESSAGE_TEXT)
                return 0;
        if (text->n_bytes > MESSAGE_TEXT_MAX)
                return -EINVAL;
        if (text->n_bytes > 0)
                memcpy(to, text->bytes, text->n_bytes);
        text->bytes = to;
        return 0;
}

int errand_new(const struct errand_wish *wish, errand_on_answer_t on_answer, void *userdata,
               struct errand **ret_errand)
{
        _defer_(errand_free) struct errand *e = NULL;
        int r;

        if (wish->n_values > ERRAND_VALUES_MAX ||
            (wish->n_values == 0) != (wish->kind == ERRAND_RELEASE))
                return -EINVAL;
        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->kind = wish->kind;
        e->is_patient = wish->is_patient;
        e->until = time_now_usec() + wish->seconds * UINT64_C(1000000);
        e->on_answer = on_answer;
        e->userdata = userdata;
        e->n_values = wish->n_values;
        for (size_t i = 0; i < e->n_values; i++) {
                e->values[i] = wish->values[i];
                r = errand_take_text(e, i);
                if (r < 0)
                        return r;
        }
        *ret_errand = take(e);
        return 0;
}

struct errand *errand_free(struct errand *errand)
{
        free(errand);
        return NULL;
}

void errand_answer(struct errand *errand_take, const struct errand_answer *answer)
{
        errand_on_answer_t on_answer = errand_take->on_answer;
        void *userdata = errand_take->userdata;

        free(errand_take);
        on_answer(userdata, answer);
}

/* What @text says beyond the reason's own sentence, as a phrase. */
static void answer_explain(struct errand_answer *answer, const char *text)
{
        const char *sentence = reason_text(answer->why);
        size_t n_sentence = strlen(sentence) - 1; /* without its full stop */
        size_t n;

        if (strncmp(text, sentence, n_sentence) == 0)
                text += n_sentence;
        text += strspn(text, ".: ");
        n = strlen(text);
        (void)snprintf(answer->text, sizeof(answer->text), "%.*s",
                       (int)(n > 0 && text[n - 1] == '.' ? n - 1 : n), text);
        answer->text[0] = (char)tolower((unsigned char)answer->text[0]);
}

void errand_fail(struct errand *errand_take, enum reason why, const char *text)
{
        struct errand_answer answer = {.why = why};

        if (text)
                answer_explain(&answer, text);
        errand_answer(errand_take, &answer);
}
