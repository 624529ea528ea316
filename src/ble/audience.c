/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/audience.h"

#include <stdlib.h>

void audience_add(struct audience *audience, struct audience_member *member)
{
        member->next = audience->first;
        audience->first = member;
}

static void audience_sweep(struct audience *a)
{
        struct audience_member **at = &a->first;

        while (*at) {
                struct audience_member *m = *at;

                if (m->gone) {
                        *at = m->next;
                        free(m);
                } else
                        at = &m->next;
        }
}

void audience_hold(struct audience *audience)
{
        audience->n_holds++;
}

void audience_release(struct audience *audience)
{
        if (--audience->n_holds == 0)
                audience_sweep(audience);
}

void audience_remove(struct audience *audience, struct audience_member *member)
{
        audience_hold(audience);
        member->gone = true;
        audience_release(audience);
}

static struct audience_member *audience_skip(struct audience *a, struct audience_member *m)
{
        while (m && m->gone)
                m = m->next;
        if (!m)
                audience_release(a);
        return m;
}

struct audience_member *audience_first(struct audience *audience)
{
        audience_hold(audience);
        return audience_skip(audience, audience->first);
}

struct audience_member *audience_next(struct audience *audience,
                                      const struct audience_member *after)
{
        return audience_skip(audience, after->next);
}
