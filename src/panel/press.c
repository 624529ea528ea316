/* SPDX-License-Identifier: Apache-2.0 */

#include "panel/press.h"

/* From one time to another, 0 if it runs backwards. */
static uint64_t press_span(uint64_t from_usec, uint64_t to_usec)
{
        return to_usec > from_usec ? to_usec - from_usec : 0;
}

static void press_go_down(struct press *press, uint64_t usec)
{
        bool bounces =
                press->ended_usec > 0 && press_span(press->ended_usec, usec) < PRESS_BOUNCE_USEC;

        press->is_down = true;
        if (bounces)
                return;
        press->is_spent = false;
        press->began_usec = usec;
}

static enum press_verdict press_decide(struct press *press, uint64_t usec, bool is_over)
{
        uint64_t lasted = press_span(press->began_usec, usec);

        if (press->is_spent || lasted < PRESS_BOUNCE_USEC)
                return PRESS_NONE;
        if (lasted < PRESS_LONG_USEC && !is_over)
                return PRESS_NONE;
        press->is_spent = true;
        return lasted < PRESS_LONG_USEC ? PRESS_SHORT : PRESS_LONG;
}

enum press_verdict press_take(struct press *press, int value, uint64_t usec)
{
        if (value == 1 && !press->is_down)
                press_go_down(press, usec);
        else if (value == 2 && press->is_down)
                return press_decide(press, usec, false);
        else if (value == 0 && press->is_down) {
                press->is_down = false;
                press->ended_usec = usec;
                return press_decide(press, usec, true);
        }
        return PRESS_NONE;
}

void press_resume(struct press *press, bool is_down)
{
        *press = (struct press){.is_down = is_down, .is_spent = is_down};
}
