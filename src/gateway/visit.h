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
#include "program/program.h"
#include "store/device.h"
#include "util/defer.h"

#define VISIT_SECONDS    5
#define VISIT_VALUES_MAX PROGRAM_STEPS_MAX

struct visit;

/* A reading: what a channel has to say. */
struct visit_value {
        const char *leaf;
        struct message_value value;
};

struct visit_handler {
        /* The readings of one message, at least one; valid during the call. */
        void (*on_values)(void *userdata, const struct store_device *device,
                          const struct visit_value *values, size_t n_values);
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
 * Reads one DATA body into @ret_values. Channels that the device was not enrolled with, or that it
 * only obeys, are left out. Returns how many there are; 0 also if the body is malformed.
 */
size_t visit_read(struct cbor_span body, const struct store_channel *channels, size_t n_channels,
                  struct visit_value ret_values[VISIT_VALUES_MAX]);

DEFINE_DEFER(struct visit *, visit_free);
