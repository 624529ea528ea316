/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One-shot event sources: timers, and calls in the next turn of the loop; and what ends the loop.
 *
 * A source belongs to the caller, who drops it with loop_drop(). It is created when it is first
 * armed, or in advance where arming it must not fail. loop_disarm() cancels what is armed, and
 * arming it again replaces it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

/* Calls @handler once, @milliseconds from now; an earlier time of the same source no longer counts.
 */
int loop_arm_timer(sd_event *event, sd_event_source **source, uint64_t milliseconds,
                   sd_event_time_handler_t handler, void *userdata);

/* Calls @handler once, in the next turn of the loop. */
int loop_arm_defer(sd_event *event, sd_event_source **source, sd_event_handler_t handler,
                   void *userdata);

/* Creates a timer that is not armed. */
int loop_add_timer(sd_event *event, sd_event_source **ret_source, sd_event_time_handler_t handler,
                   void *userdata);

/* Creates a source that is not armed; when it is, it calls @handler in the next turn of the loop.
 */
int loop_add_defer(sd_event *event, sd_event_source **ret_source, sd_event_handler_t handler,
                   void *userdata);

/* Arms a timer that exists for @milliseconds from now. */
void loop_rearm_timer(sd_event_source *source, uint64_t milliseconds);

/* Arms a source of loop_add_defer(). */
void loop_rearm(sd_event_source *source);

/* Whether the source is armed and has not fired yet. */
bool loop_is_armed(sd_event_source *source);

/* Cancels what is armed and keeps the source; takes NULL. */
void loop_disarm(sd_event_source *source);

/* Cancels what is armed, frees the source and sets it to NULL. */
void loop_drop(sd_event_source **source);

/*
 * What SIGTERM and SIGINT do, which are blocked for that; without a callback they end the loop. 0
 * or -errno.
 */
int loop_on_signals(sd_event *event, sd_event_signal_handler_t on_signal, void *userdata);
