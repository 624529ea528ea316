/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Event sources that are made when first needed and armed again afterwards.
 *
 * Both are one-shot. The source belongs to the caller, who drops it with loop_drop(); dropping it
 * is also how something armed is called off for good.
 */

#include <stdint.h>

#include <systemd/sd-event.h>

/* Calls @handler once, @milliseconds from now; an earlier time of the same source is forgotten. */
int loop_arm_timer(sd_event *event, sd_event_source **source, uint64_t milliseconds,
                   sd_event_time_handler_t handler, void *userdata);

/* Calls @handler once, in the next turn of the loop. */
int loop_arm_defer(sd_event *event, sd_event_source **source, sd_event_handler_t handler,
                   void *userdata);

/* Calls off what is armed and keeps the source; takes NULL. */
void loop_disarm(sd_event_source *source);

/* Calls off what is armed, frees the source and sets it to NULL. */
void loop_drop(sd_event_source **source);
