/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the loop ends: what was said last reaches the broker first, if the broker takes it within two
 * seconds.
 */

#include <systemd/sd-event.h>

#include "mqtt/client.h"
#include "util/defer.h"

struct farewell;

/* @client outlives it. 0 or -errno. */
int farewell_new(sd_event *event, const struct mqtt_client *client, struct farewell **ret_farewell);

/* Takes NULL, returns NULL. */
struct farewell *farewell_free(struct farewell *farewell);

/* Everything has been said: ends the loop, in one of its next turns. */
void farewell_begin(struct farewell *farewell);

DEFINE_DEFER(struct farewell *, farewell_free);
