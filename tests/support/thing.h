/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A device to enroll: the reference device on the test's own loop, with a memory in a directory of
 * its own, on a socket that a hub's cable can be.
 */

#include "thermometer/host.h"
#include "link/stream.h"

struct thing {
        sd_event *event;
        char directory[64]; /* its memory */
        char factory[96];   /* the file that the factory made */
        char address[96];   /* of its socket, as in link/stream.h */
        struct identity identity;
        struct memory *memory;
        struct thermometer thermometer;
        struct host *host;
        struct stream_listener *listener;
};

/* A device fresh from the factory, serial number "TH-1", software "1.0"; it has no power. */
void thing_init(struct thing *t, sd_event *event, const uint8_t private_key[32],
                const uint8_t secret[32]);

/* Power comes, and goes. What it remembers stays. */
void thing_start(struct thing *t);
void thing_stop(struct thing *t);

/* Puts the plug in: hubs can connect. */
void thing_listen(struct thing *t);

/* Stops it and removes what it remembers. */
void thing_done(struct thing *t);
