/* SPDX-License-Identifier: Apache-2.0 */

#include "support/haste.h"

#include <systemd/sd-event.h>

unsigned haste = 1;

/* What the linker calls them, see ld(1), --wrap. */
int __real_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
                                      uint64_t usec, uint64_t accuracy,
                                      sd_event_time_handler_t callback, void *userdata);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
                                      uint64_t usec, uint64_t accuracy,
                                      sd_event_time_handler_t callback, void *userdata);
int __real_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec);

int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
                                      uint64_t usec, uint64_t accuracy,
                                      sd_event_time_handler_t callback, void *userdata)
{
        return __real_sd_event_add_time_relative(event, source, clock, usec / haste,
                                                 haste > 1 ? 1 : accuracy, callback, userdata);
}

int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
        return __real_sd_event_source_set_time_relative(source, usec / haste);
}
