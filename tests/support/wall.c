/* SPDX-License-Identifier: Apache-2.0 */

#include "support/wall.h"

#include <time.h>

int64_t wall_ahead_sec, steady_ahead_sec;

int __real_clock_gettime(clockid_t clock, struct timespec *ret_time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
        int r = __real_clock_gettime(clock, ret_time);

        if (r == 0 && clock == CLOCK_REALTIME)
                ret_time->tv_sec += wall_ahead_sec;
        if (r == 0 && clock == CLOCK_MONOTONIC)
                ret_time->tv_sec += steady_ahead_sec;
        return r;
}
