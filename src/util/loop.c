/* SPDX-License-Identifier: Apache-2.0 */

#include "util/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "util/defer.h"

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

int loop_add_timer(sd_event *event, sd_event_source **ret_source, sd_event_time_handler_t handler,
                   void *userdata)
{
        int r;

        r = sd_event_add_time_relative(event, ret_source, CLOCK_MONOTONIC, 0, ACCURACY_USEC,
                                       handler, userdata);
        return r < 0 ? r : sd_event_source_set_enabled(*ret_source, SD_EVENT_OFF);
}

int loop_add_defer(sd_event *event, sd_event_source **ret_source, sd_event_handler_t handler,
                   void *userdata)
{
        int r = sd_event_add_defer(event, ret_source, handler, userdata);

        return r < 0 ? r : sd_event_source_set_enabled(*ret_source, SD_EVENT_OFF);
}

/*
 * Changing a source that exists fails only for a wrong argument, in a forked child, or when the
 * loop has finished: then nothing is called any more, which is what an object wants that is being
 * freed.
 */
static void loop_must(int r)
{
        assert(r >= 0 || r == -ESTALE);
        (void)r;
}

void loop_rearm_timer(sd_event_source *source, uint64_t milliseconds)
{
        loop_must(sd_event_source_set_time_relative(source, milliseconds * 1000));
        loop_rearm(source);
}

void loop_rearm(sd_event_source *source)
{
        loop_must(sd_event_source_set_enabled(source, SD_EVENT_ONESHOT));
}

bool loop_is_armed(sd_event_source *source)
{
        int enabled = SD_EVENT_OFF;

        loop_must(sd_event_source_get_enabled(source, &enabled));
        return enabled != SD_EVENT_OFF;
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

int loop_on_signals(sd_event *event, sd_event_signal_handler_t on_signal, void *userdata)
{
        static const int ends[] = {SIGTERM, SIGINT};
        int r;

        for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
                r = sd_event_add_signal(event, NULL, ends[i] | SD_EVENT_SIGNAL_PROCMASK, on_signal,
                                        userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}
