/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bridge/devices: all devices of the hub in one message, whenever one of them has changed.
 *
 * What such a list costs grows with the number of devices, and so does how often they change. A
 * list of up to CATALOGUE_PAGE devices is published at once. A longer one is made a page at a time,
 * so that nothing else waits for it; while the broker has not acknowledged it, and for as many
 * milliseconds as there are devices, changes are collected for the next one.
 */

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "mqtt/client.h"
#include "util/defer.h"

#define CATALOGUE_PAGE 64 /* devices */

struct catalogue;

/* @client and @backend live longer. 0; -ENOMEM, or another -errno of the event loop. */
int catalogue_new(sd_event *event, struct mqtt_client *client, const struct api_backend *backend,
                  struct catalogue **ret_catalogue);
struct catalogue *catalogue_free(struct catalogue *catalogue);

/* A new connection: nothing is on its way any more. */
void catalogue_begin(struct catalogue *catalogue);

/* Something in the list has changed. */
void catalogue_change(struct catalogue *catalogue);

DEFINE_DEFER(struct catalogue *, catalogue_free);
