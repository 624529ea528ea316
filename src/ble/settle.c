/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/settle.h"

#include "util/loop.h"

static int settle_on_soon(sd_event_source *source, void *userdata)
{
        const struct settle *s = userdata;

        (void)source;
        s->step(s->userdata);
        return 0;
}

static int settle_on_later(sd_event_source *source, uint64_t usec, void *userdata)
{
        const struct settle *s = userdata;

        (void)source;
        (void)usec;
        s->step(s->userdata);
        return 0;
}

int settle_init(struct settle *settle, sd_event *event, void (*step)(void *userdata),
                void *userdata)
{
        int r;

        settle->step = step;
        settle->userdata = userdata;
        r = loop_add_defer(event, &settle->soon, settle_on_soon, settle);
        if (r < 0)
                return r;
        return loop_add_timer(event, &settle->later, settle_on_later, settle);
}

void settle_done(struct settle *settle)
{
        loop_drop(&settle->soon);
        loop_drop(&settle->later);
}

void settle_soon(struct settle *settle)
{
        loop_rearm(settle->soon);
}

void settle_later(struct settle *settle)
{
        loop_rearm_timer(settle->later, SETTLE_LATER_MS);
}

void settle_cancel(struct settle *settle)
{
        loop_disarm(settle->later);
}
