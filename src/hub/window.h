/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The window: the time in which the hub looks for codes that nobody has announced, so that several
 * devices are enrolled one after the other without a command for each.
 *
 * There is one, however it was opened: by the button, over D-Bus or MQTT. While it is open the
 * camera is asked again after each code, and again when it is back or is free. It has one end,
 * which the settings limit; its end, or closing it, ends the reading and no enrollment.
 */

#include <stdbool.h>

#include "hub/intake.h"
#include "util/defer.h"

struct window;

/* What is needed outlives it. 0 or -errno of the event loop. */
int window_new(const struct job_means *means, struct intake *intake, struct window **ret_window);
struct window *window_free(struct window *window);

/*
 * Opens it, or gives it another end if it is open: @request says who asks and for how many seconds,
 * 0 for those of the settings. @ret_seconds: how long it is open from now on, the limit of the
 * settings at most. Refused where nothing can read a code: REASON_READER_UNAVAILABLE,
 * REASON_STOPPING, REASON_INTERNAL.
 */
struct api_answer window_open(struct window *window, const struct api_request *request,
                              unsigned *ret_seconds);

/* Closes it; that it is not open is no failure. */
struct api_answer window_close(struct window *window);

bool window_is_open(const struct window *window);

/* Its part of the status, after that of the intake: until when it is open, and who opened it. */
void window_status(const struct window *window, struct api_status *status);

DEFINE_DEFER(struct window *, window_free);
