/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/course.h"

#include <stdio.h>

#include "util/loop.h"
#include "util/time.h"

#define TICK_MS 3000 /* between two events of a step that waits */

static int course_on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct course *c = userdata;

        (void)usec;
        loop_rearm_timer(source, TICK_MS);
        c->handler->on_waiting(c->userdata);
        return 0;
}

int course_init(struct course *c, sd_event *event, uint64_t began_usec,
                const struct course_handler *handler, void *userdata)
{
        *c = (struct course){.handler = handler, .userdata = userdata, .began_usec = began_usec};
        return loop_add_timer(event, &c->tick, course_on_tick, c);
}

void course_done(struct course *c)
{
        loop_drop(&c->tick);
}

void course_begin(struct course *c, enum event_step step, unsigned limit_sec)
{
        c->step = step;
        c->began_usec = time_now_usec();
        c->limit_sec = limit_sec;
        loop_rearm_timer(c->tick, TICK_MS);
}

void course_stop(struct course *c)
{
        loop_disarm(c->tick);
}

void course_wait_on(struct course *c, unsigned sec)
{
        c->limit_sec = sec > 0 ? course_waited_sec(c) + sec : 0;
}

uint64_t course_ms(const struct course *c)
{
        return (time_now_usec() - c->began_usec) / 1000;
}

unsigned course_waited_sec(const struct course *c)
{
        return (unsigned)(course_ms(c) / 1000);
}

void course_waiting_text(const struct course *c, char text[COURSE_TEXT_SIZE])
{
        if (c->limit_sec > 0)
                (void)snprintf(text, COURSE_TEXT_SIZE, "waiting, %u of %u s", course_waited_sec(c),
                               c->limit_sec);
        else
                (void)snprintf(text, COURSE_TEXT_SIZE, "waiting, %u s", course_waited_sec(c));
}
