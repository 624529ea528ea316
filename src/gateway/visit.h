/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A visit to an owned device: its readings are taken while a session is open.
 *
 * It takes over the conversation of an enrollment that has just succeeded, hands every reading to
 * its handler under the channel's name, and says BYE when it has heard each channel that publishes,
 * or after VISIT_SECONDS.
 */

#include <systemd/sd-event.h>

#include "contact/conversation.h"
#include "event/reading.h"
#include "store/device.h"
#include "util/defer.h"
#include "wire/program.h"

#define VISIT_SECONDS      5
#define VISIT_READINGS_MAX PROGRAM_STEPS_MAX

struct visit;

struct visit_handler {
        /* The readings of one message, at least one; valid during the call. */
        void (*on_readings)(void *userdata, const struct store_device *device,
                            const struct reading *readings, size_t n_readings);
        /* Over, well or not; the visit may be freed here and must be freed afterwards. */
        void (*on_ended)(void *userdata);
};

/* @device and @channels are copied. 0 or -errno; takes @conversation_take also when it fails. */
int visit_new(sd_event *event, struct conversation *conversation_take,
              const struct store_device *device, const struct store_channel *channels,
              size_t n_channels, const struct visit_handler *handler, void *userdata,
              struct visit **ret_visit);
struct visit *visit_free(struct visit *v);

/*
 * Reads one DATA body into @ret_readings. Channels that the device was not enrolled with, or that
 * it only obeys, are left out. Returns how many there are; 0 also if the body is malformed.
 */
size_t visit_read(struct cbor_span body, const struct store_channel *channels, size_t n_channels,
                  struct reading ret_readings[VISIT_READINGS_MAX]);

DEFINE_DEFER(struct visit *, visit_free);
