/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The daemon's warnings and errors on the topic bridge/logging (doc/mqtt.md section 6.8).
 *
 * A line is published in the next turn of the loop, because the one who writes it may be in the
 * middle of publishing something else. What is logged while lines are published is left out, and so
 * is what is logged while there is no connection: the journal has everything.
 */

#include <systemd/sd-event.h>

#include "mqtt/client.h"
#include "util/defer.h"

#define ECHO_LINES_MAX 16 /* that wait for the next turn; further ones are left out */

struct echo;

/* Takes the lines of the log from now on. @client lives longer. 0 or -errno. */
int echo_new(sd_event *event, struct mqtt_client *client, struct echo **ret_echo);
struct echo *echo_free(struct echo *echo);

DEFINE_DEFER(struct echo *, echo_free);
