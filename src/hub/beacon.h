/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hub's light says to somebody who has a device in one hand and no screen: that a code is
 * awaited, that one was read, that an enrollment runs, and how it has ended. It is a face, and
 * makes that from the events that every face is shown.
 *
 * What a person has not asked for (the hub finishes an enrollment by itself), or has ended, is not
 * shown.
 */

#include <systemd/sd-event.h>

#include "api/face.h"
#include "panel/light.h"
#include "util/defer.h"

#define BEACON_READ_MS  1000 /* for how long it shows that a code was read */
#define BEACON_ENDED_MS 8000 /* and how an enrollment has ended */

struct beacon;

/* @light outlives it. 0 or -errno of the event loop. */
int beacon_new(sd_event *event, struct light *light, struct beacon **ret_beacon);
struct beacon *beacon_free(struct beacon *beacon);

struct face beacon_face(struct beacon *beacon);

/* What a person has asked for at the hub itself cannot be done. */
void beacon_refuse(struct beacon *beacon);

DEFINE_DEFER(struct beacon *, beacon_free);
