/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/schedule.h"

void schedule_init(struct schedule *s, uint64_t now)
{
        *s = (struct schedule){.next = now + SCHEDULE_FIRST, .pause = SCHEDULE_PAUSE_MIN};
}

static void schedule_wait(struct schedule *s, uint64_t now)
{
        s->looks = false;
        s->next = now + s->pause;
        s->pause = 2 * s->pause < SCHEDULE_PAUSE_MAX ? 2 * s->pause : SCHEDULE_PAUSE_MAX;
}

bool schedule_turn(struct schedule *s, uint64_t now, uint64_t look)
{
        if (now < s->next)
                return s->looks;
        if (s->looks) {
                schedule_wait(s, now);
        } else {
                s->looks = true;
                s->next = now + look;
        }
        return s->looks;
}

bool schedule_may_try(const struct schedule *s, uint64_t now)
{
        return now >= s->rest;
}

void schedule_fail(struct schedule *s, uint64_t now)
{
        s->rest = now + SCHEDULE_REST;
        schedule_wait(s, now);
}

void schedule_soon(struct schedule *s, uint64_t now)
{
        *s = (struct schedule){.next = now, .pause = SCHEDULE_PAUSE_MIN};
}

void schedule_often(struct schedule *s, uint64_t now)
{
        s->pause = SCHEDULE_PAUSE_MIN;
        if (!s->looks && s->next > now + SCHEDULE_PAUSE_MIN)
                s->next = now + SCHEDULE_PAUSE_MIN;
}
