/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A visit to an owned device: its readings are taken while a session is open.
 *
 * It takes over the session of an enrollment that has just succeeded, passes every reading to its
 * handler under the channel's name, and says BYE when it has heard each channel that publishes, or
 * after VISIT_SECONDS. If its slot is needed for something more important, it parts with the
 * device, waits for its turn again, and connects by itself.
 */

#include <stddef.h>

#include <systemd/sd-event.h>

#include "contact/meeting.h"
#include "event/reading.h"
#include "program/program.h"
#include "store/device.h"
#include "util/defer.h"

#define VISIT_SECONDS      5
#define VISIT_FIND_SECONDS 30 /* how long a device is looked for that was left */
#define VISIT_READINGS_MAX PROGRAM_STEPS_MAX

struct visit;

/* What the hub has; by reference. */
struct visit_means {
        sd_event *event;
        const uint8_t *master; /* 32 bytes */
};

/* Whom to visit; copied. */
struct visit_wish {
        const struct store_device *device;
        const struct store_channel *channels;
        size_t n_channels;
};

struct visit_handler {
        /* The readings of one message, at least one; valid during the call. */
        void (*on_readings)(void *userdata, const struct store_device *device,
                            const struct reading *readings, size_t n_readings);
        /* Over, well or not; the visit may be freed here and must be freed afterwards. */
        void (*on_ended)(void *userdata);
};

/*
 * Goes on with a meeting whose session is open; takes @meeting_take also when it fails. 0 or
 * -errno.
 */
int visit_new(const struct visit_means *means, const struct visit_wish *wish,
              struct meeting *meeting_take, const struct visit_handler *handler, void *userdata,
              struct visit **ret_visit);
struct visit *visit_free(struct visit *v);

/* Says BYE and ends: somebody else needs the device. */
void visit_end(struct visit *v);

/* Whom it visits. */
const struct store_device *visit_device(const struct visit *v);

/*
 * Reads one DATA body into @ret_readings. Channels that the device was not enrolled with, or that
 * it only obeys, are left out. Returns how many there are.
 */
size_t visit_read(struct cbor_span body, const struct store_channel *channels, size_t n_channels,
                  struct reading ret_readings[VISIT_READINGS_MAX]);

DEFINE_DEFER(struct visit *, visit_free);
