/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Makes presses out of what a button's contact does: timestamps in, a verdict out. It has no clock
 * and no descriptor. All zero is a button that is not pressed.
 *
 * A contact bounces: what comes within PRESS_BOUNCE_USEC of its last release is the same press, and
 * what is shorter than that is noise. A verdict is given by the event that proves it, once
 * for each press.
 */

#include <stdbool.h>
#include <stdint.h>

#define PRESS_BOUNCE_USEC UINT64_C(30000)
#define PRESS_LONG_USEC   UINT64_C(2000000)

enum press_verdict {
        PRESS_NONE,
        PRESS_SHORT,
        PRESS_LONG,
};

struct press {
        bool is_down;
        bool is_spent;       /* its verdict was given, or nobody knows when it began */
        uint64_t began_usec; /* when it went down */
        uint64_t ended_usec; /* when it was released last; 0: never */
};

/*
 * press_take() - what the contact does
 * @value: as in an event of evdev: 1 down, 0 up, 2 it is still down
 * @usec: the time of that event, of any clock that nobody sets
 *
 * Values that change nothing, and times that run backwards, do no harm.
 */
enum press_verdict press_take(struct press *press, int value, uint64_t usec);

/*
 * Events were lost, or none was heard yet: the button is down or up now. One that is down counts
 * from the next time on that it goes down.
 */
void press_resume(struct press *press, bool is_down);
