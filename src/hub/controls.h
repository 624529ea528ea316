/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person has at the hub itself: its buttons, each press of which is a request, and its
 * light. A short press opens the window; a long one closes it, or, where it is closed, ends the one
 * enrollment that is running. A press that does nothing shows in the light.
 */

#include "api/backend.h"
#include "hub/job.h"
#include "hub/window.h"
#include "util/defer.h"

struct controls;

/*
 * Looks for them from now on, and shows in the light what the herald tells every face. @backend is
 * copied; everything else outlives it. 0 or -errno.
 */
int controls_new(const struct job_means *means, struct window *window,
                 const struct api_backend *backend, struct controls **ret_controls);

/* Their part of the status. */
void controls_status(const struct controls *controls, struct api_status *status);

/* Takes NULL, returns NULL. */
struct controls *controls_free(struct controls *controls);

DEFINE_DEFER(struct controls *, controls_free);
