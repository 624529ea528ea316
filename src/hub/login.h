/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the hub logs in at its broker, as its settings say, and what follows from that: a broker to
 * which it does not prove who it is knows nobody, and lets everybody ask for everything.
 */

#include <stdbool.h>

#include "mqtt/options.h"
#include "site/settings.h"

/* What the client connects with; the texts are those of the settings, in place. */
struct mqtt_options login_options(const struct settings *settings);

/* Whether requests are taken over MQTT. Who may call over D-Bus is the bus's policy. */
bool login_takes_requests(const struct settings *settings);

/* Whether the broker knows nobody, and no person has said that this is meant. */
bool login_is_missing(const struct settings *settings);
