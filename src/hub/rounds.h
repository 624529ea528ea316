/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's rounds: its watch over the devices (gateway/watch.h), with what the hub knows of its
 * adapters and ports and of who else is busy with a device, and whom it reports to.
 */

#include "gateway/watch.h"
#include "hub/herald.h"
#include "hub/intake.h"
#include "hub/means.h"
#include "hub/settle.h"
#include "util/defer.h"

struct rounds;

/* Everything outlives it. */
struct rounds_means {
        sd_event *event;
        struct means *means;
        struct herald *herald;
        struct gateway *gateway;
        const struct intake *intake;
        const struct settle *settle;
        unsigned offline_after_sec; /* [gateway] offline_after */
};

/* 0 or -errno. */
int rounds_new(const struct rounds_means *means, struct rounds **ret_rounds);
struct rounds *rounds_free(struct rounds *rounds);

/* For the herald, so that the watch follows the devices of the store. */
struct face rounds_face(struct rounds *rounds);

/* An enrollment has heard from this device. */
void rounds_heard(struct rounds *rounds, const struct store_device *device);

/* What the gateway reports. */
void rounds_met(struct rounds *rounds, const struct store_device *device, const char *place);
void rounds_readings(struct rounds *rounds, const struct store_device *device,
                     const struct reading *readings, size_t n_readings);
void rounds_parted(struct rounds *rounds, const struct gateway_parting *parting);

/* An adapter, or a port, may have gone; an adapter has come. */
void rounds_look_at_places(struct rounds *rounds);
void rounds_listen(struct rounds *rounds);

/* Adds the sessions and what waits for one. */
void rounds_status(const struct rounds *rounds, struct api_status *status);

DEFINE_DEFER(struct rounds *, rounds_free);
