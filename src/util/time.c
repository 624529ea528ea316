/* SPDX-License-Identifier: Apache-2.0 */

#include "util/time.h"

#include <stdio.h>
#include <time.h>

static int64_t clock_usec(clockid_t clock)
{
        struct timespec now;

        (void)clock_gettime(clock, &now);
        return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

uint64_t time_now_usec(void)
{
        return (uint64_t)clock_usec(CLOCK_MONOTONIC);
}

int64_t time_shown(uint64_t usec)
{
        int64_t ahead = (int64_t)usec - clock_usec(CLOCK_MONOTONIC);

        return (clock_usec(CLOCK_REALTIME) + ahead) / 1000000;
}

char *time_text(int64_t unix_time, char ret_text[TIME_TEXT_SIZE])
{
        static const struct tm epoch = {.tm_year = 70, .tm_mday = 1};
        time_t when = (time_t)unix_time;
        struct tm tm;

        if (!gmtime_r(&when, &tm)) /* a year that no int holds */
                tm = epoch;
        (void)strftime(ret_text, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
        return ret_text;
}
