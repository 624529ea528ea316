/* SPDX-License-Identifier: Apache-2.0 */

#include "util/time.h"

#include <stdio.h>
#include <time.h>

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
