/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The devices of the hub by name: gives them other names, and removes and replaces them.
 *
 * Each is one transaction of the store, and what is published follows it; if the hub dies in
 * between, the next start publishes what the store says and removes the rest from the broker.
 */

#include <stdbool.h>

#include "api/backend.h"
#include "api/command.h"
#include "gateway/gateway.h"
#include "hub/eraser.h"
#include "hub/herald.h"
#include "hub/intake.h"
#include "hub/means.h"
#include "hub/settle.h"
#include "hub/strays.h"
#include "mqtt/outbox.h"

/* What it works on; everything outlives it. */
struct roster {
        struct means *means;
        const char *hub; /* its name */
        struct herald *herald;
        struct intake *intake;
        struct settle *settle;
        struct strays *strays;
        struct gateway *gateway;
        struct eraser *eraser;
        struct mqtt_outbox *outbox;
};

/*
 * Which device @device is, as devices_resolve() takes it, and whether another may take its place
 * now: with the same refusal as of a removal.
 */
struct api_answer roster_replace(const struct roster *roster, const char *device,
                                 uint8_t ret_device_id[STORE_DEVICE_ID_BYTES]);

/* As api_handler.on_rename() says. Refused as busy while the device is being enrolled. */
struct api_answer roster_rename(const struct roster *roster, const char *device, const char *name);

/* As api_handler.on_delivery() says. */
struct api_answer roster_deliver(const struct roster *roster, const char *device,
                                 const struct store_delivery *delivery);

/*
 * As api_handler.on_remove() says, with the same refusal. Without @force the device is asked to let
 * itself go, and the row is removed when it has, or already had; with it the device becomes a
 * stray.
 */
void roster_remove(const struct roster *roster, const char *device, bool force,
                   const struct api_later *later);

/* As api_handler.on_command() says, with the same refusal. */
void roster_command(const struct roster *roster, const struct command *command,
                    const struct api_later *later);
