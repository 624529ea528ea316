/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One line for the service manager about what is going on, which systemctl status shows: "Ready: 3
 * devices; enrolling hall (find the device); no MQTT broker since 2026-01-31T12:00:00Z."
 *
 * A face like others: whatever changes, the line is made again soon, and sent if it is another one.
 */

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "api/face.h"
#include "util/defer.h"

#define BULLETIN_SIZE 512

struct bulletin;

/* @backend is copied. 0 or -errno. */
int bulletin_new(sd_event *event, const struct api_backend *backend,
                 struct bulletin **ret_bulletin);
struct bulletin *bulletin_free(struct bulletin *bulletin);

struct face bulletin_face(struct bulletin *bulletin);

/*
 * The line for @status. @broker_since: when the broker went, Unix time; 0 if it was never there.
 * What does not fit is left out, the last first.
 */
void bulletin_text(const struct api_status *status, int64_t broker_since,
                   char ret_text[BULLETIN_SIZE]);

DEFINE_DEFER(struct bulletin *, bulletin_free);
