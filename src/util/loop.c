/* SPDX-License-Identifier: Apache-2.0 */

#include "util/loop.h"

#include <time.h>

#define ACCURACY_USEC 10000

int loop_arm_timer(sd_event *event, sd_event_source **source, uint64_t milliseconds,
                   sd_event_time_handler_t handler, void *userdata)
{
        uint64_t usec = milliseconds * 1000;
        int r;

        if (!*source)
                return sd_event_add_time_relative(event, source, CLOCK_MONOTONIC, usec,
                                                  ACCURACY_USEC, handler, userdata);

        r = sd_event_source_set_time_relative(*source, usec);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(*source, SD_EVENT_ONESHOT);
}

int loop_arm_defer(sd_event *event, sd_event_source **source, sd_event_handler_t handler,
                   void *userdata)
{
        if (!*source)
                return sd_event_add_defer(event, source, handler, userdata);
        return sd_event_source_set_enabled(*source, SD_EVENT_ONESHOT);
}

void loop_disarm(sd_event_source *source)
{
        if (source)
                (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

void loop_drop(sd_event_source **source)
{
        *source = sd_event_source_disable_unref(*source);
}
