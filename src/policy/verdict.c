/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/log.h"

static enum reason verdict_say(struct verdict *v, enum reason why, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static enum reason verdict_say(struct verdict *v, enum reason why, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(v->text, sizeof(v->text), format, ap);
        va_end(ap);
        return why;
}

/* Which application is run: a code has one, or it waits for an enrolld that can choose. */
static enum reason verdict_choose(const struct code *code, struct verdict *v)
{
        const struct payload *p = &code->payload;

        (void)snprintf(v->product, sizeof(v->product), "%s/%s", p->maker, p->model);
        if (p->n_applications != 1)
                return verdict_say(v, REASON_CODE_DAEMON_TOO_OLD,
                                   "The code holds %zu applications; this enrolld runs one.",
                                   p->n_applications);
        v->application = &p->applications[0];
        return REASON_NONE;
}

static enum reason verdict_permit(struct code *code, uint32_t hub_ceiling, struct store *store,
                                  struct verdict *v)
{
        uint32_t seen = 0;
        int r;

        r = store_counter_get(store, code->envelope.kid, v->product, &seen);
        if (r < 0) {
                (void)log_errno(r, "%s: cannot look up its issuer's counter", v->product);
                return store_reason(r);
        }
        return code_permit(code, seen, hub_ceiling);
}

enum reason verdict_make(struct code *code, uint32_t hub_ceiling, struct store *store,
                         struct verdict *ret_verdict)
{
        struct verdict v = {.capabilities = code->payload.capabilities};
        enum reason why;

        why = verdict_choose(code, &v);
        if (why == REASON_NONE)
                why = verdict_permit(code, hub_ceiling, store, &v);
        if (why != REASON_NONE && !v.text[0])
                reason_explain(why, code->detail, v.text);
        if (why != REASON_NONE)
                v.application = NULL;
        *ret_verdict = v;
        return why;
}

enum reason verdict_make_again(const struct code *code, uint32_t granted,
                               struct verdict *ret_verdict)
{
        struct verdict v = {.capabilities = granted};
        enum reason why;

        why = verdict_choose(code, &v);
        *ret_verdict = v;
        return why;
}
