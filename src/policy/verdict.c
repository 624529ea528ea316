/* SPDX-License-Identifier: Apache-2.0 */

#include "policy/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/channel.h"

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

static void verdict_count(const struct application *a, unsigned *n_publish, unsigned *n_command)
{
        struct program_run run;
        struct program_step step;
        struct program_channel channel;

        program_run_init(&run, a->pairs[0].hub);
        while (program_run_next(&run, &step))
                if (step.verb == PROGRAM_CHANNEL && program_get_channel(&step, &channel))
                        *(channel.command ? n_command : n_publish) += 1;
}

/* "Thermo One, signed by Nordlicht (trusted). It asks to publish 1 reading, forward its public
 * key." */
static void verdict_preview(const struct code *code, struct verdict *v)
{
        char wish[3][40];
        unsigned n_publish = 0, n_command = 0, n = 0;

        verdict_count(&code->application, &n_publish, &n_command);
        if (n_publish)
                (void)snprintf(wish[n++], sizeof(wish[0]), "publish %u reading%s", n_publish,
                               n_publish > 1 ? "s" : "");
        if (n_command)
                (void)snprintf(wish[n++], sizeof(wish[0]), "take %u command%s", n_command,
                               n_command > 1 ? "s" : "");
        if (code->application.capabilities & APPLICATION_KEY_FORWARD)
                (void)snprintf(wish[n++], sizeof(wish[0]), "forward its public key");
        (void)verdict_say(v, REASON_NONE, "%s, signed by %s (trusted). It asks %s%s%s%s%s%s.",
                          code->application.model, code->issuer_name, n ? "to " : "for nothing",
                          n > 0 ? wish[0] : "", n > 1 ? ", " : "", n > 1 ? wish[1] : "",
                          n > 2 ? ", " : "", n > 2 ? wish[2] : "");
}

enum reason verdict_make(struct code *code, uint32_t hub_ceiling, struct store *store,
                         struct verdict *ret_verdict)
{
        struct verdict v = {.capabilities = code->application.capabilities};
        uint32_t seen = 0;
        enum reason why;
        int r;

        (void)snprintf(v.product, sizeof(v.product), "%s/%s", code->application.maker,
                       code->application.model);
        r = store_counter_get(store, code->envelope.kid, v.product, &seen);
        if (r < 0)
                why = verdict_say(&v, store_reason(r), "%s", reason_text(store_reason(r)));
        else if (code->application.n_pairs != 1)
                why = verdict_say(&v, REASON_CODE_DAEMON_TOO_OLD,
                                  "The code holds %zu applications; this enrolld runs one.",
                                  code->application.n_pairs);
        else
                why = code_permit(code, seen, hub_ceiling);

        if (why == REASON_NONE)
                verdict_preview(code, &v);
        else if (!v.text[0])
                (void)verdict_say(&v, why, "%s", code->detail[0] ? code->detail : reason_text(why));
        *ret_verdict = v;
        return why;
}
