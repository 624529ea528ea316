/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Listens for devices that announce themselves, on the air and on every port, for somebody who
 * knows which of them matter. It connects to none.
 *
 * Asleep, it only hears along with those that look for a device anyway; awake, it makes the
 * adapters and the ports listen by itself.
 */

#include <stdbool.h>

#include "contact/finder.h"
#include "util/defer.h"

struct vigil_handler {
        /* Some device has announced this; vigil_wake() may be called here. */
        void (*on_announced)(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES]);
};

struct vigil;

/* Begins asleep; @means stays in place. 0 or -errno. */
int vigil_new(const struct finder_means *means, const struct vigil_handler *handler, void *userdata,
              struct vigil **ret_vigil);
struct vigil *vigil_free(struct vigil *vigil);

/* Wakes it, or puts it to sleep. What it cannot listen to is logged and left out. */
void vigil_wake(struct vigil *vigil, bool awake);

DEFINE_DEFER(struct vigil *, vigil_free);
