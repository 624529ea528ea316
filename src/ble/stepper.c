/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/stepper.h"

#include "util/loop.h"

static int stepper_on_soon(sd_event_source *source, void *userdata)
{
        const struct stepper *s = userdata;

        (void)source;
        s->step(s->userdata);
        return 0;
}

static int stepper_on_later(sd_event_source *source, uint64_t usec, void *userdata)
{
        const struct stepper *s = userdata;

        (void)source;
        (void)usec;
        s->step(s->userdata);
        return 0;
}

int stepper_init(struct stepper *stepper, sd_event *event, void (*step)(void *userdata),
                 void *userdata)
{
        int r;

        stepper->step = step;
        stepper->userdata = userdata;
        r = loop_add_defer(event, &stepper->soon, stepper_on_soon, stepper);
        if (r < 0)
                return r;
        return loop_add_timer(event, &stepper->later, stepper_on_later, stepper);
}

void stepper_done(struct stepper *stepper)
{
        loop_drop(&stepper->soon);
        loop_drop(&stepper->later);
}

void stepper_soon(struct stepper *stepper)
{
        loop_rearm(stepper->soon);
}

void stepper_later(struct stepper *stepper)
{
        loop_rearm_timer(stepper->later, STEPPER_LATER_MS);
}

void stepper_cancel(struct stepper *stepper)
{
        loop_disarm(stepper->later);
}
