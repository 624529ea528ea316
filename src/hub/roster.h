/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The devices of the hub by name: gives them other names and removes them.
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
#include "mqtt/outbox.h"

/* What it works on; everything outlives it. */
struct roster {
        struct means *means;
        const char *hub; /* its name */
        struct herald *herald;
        struct intake *intake;
        struct settle *settle;
        struct gateway *gateway;
        struct eraser *eraser;
        struct mqtt_outbox *outbox;
};

/* As api_handler.on_rename() says. Refused as busy while the device is being enrolled. */
struct api_answer roster_rename(const struct roster *roster, const char *device, const char *name);

/*
 * As api_handler.on_remove() says, with the same refusal. Without @force the device is asked to let
 * itself go, and the row is removed when it has, or already had.
 */
void roster_remove(const struct roster *roster, const char *device, bool force,
                   const struct api_later *later);

/* As api_handler.on_command() says, with the same refusal. */
void roster_command(const struct roster *roster, const struct command *command,
                    const struct api_later *later);
