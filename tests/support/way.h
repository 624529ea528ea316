/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hub's ways to its devices where there is no radio: stream ports and whose turn it is on them.
 */

#include "contact/finder.h"

#define WAY_PORTS_MAX 8

struct way {
        struct airtime *airtime;
        struct port *ports[WAY_PORTS_MAX];
        size_t n_ports;
        struct finder_means means;
};

/* Without ports. */
void way_init(struct way *way, sd_event *event);

/* Adds a port with this address, as in link/stream.h. */
void way_add(struct way *way, const char *address);

/* No finder, turn or link may be left. */
void way_done(struct way *way);
