/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Listens for devices that announce themselves, on the air and on every port, for somebody who
 * knows which of them matter. It connects to none.
 */

#include <stdbool.h>
#include <stdint.h>

#include "contact/finder.h"
#include "util/defer.h"

/* What a device has announced, and where; valid during the call. */
struct vigil_heard {
        const uint8_t *data; /* MESSAGE_ADV_BYTES */
        const char *place;   /* of airtime: the adapter's name or the port's address */
        bool has_rssi;
        int rssi; /* dBm */
};

struct vigil_handler {
        /* Some device has announced this; vigil_set_zeal() may be called here. */
        void (*on_announced)(void *userdata, const struct vigil_heard *heard);
};

/* How much a vigil does by itself. */
enum vigil_zeal {
        VIGIL_ALONG, /* it only hears along with those that look for a device anyway */
        VIGIL_CALM,  /* it listens to the air, and asks at the ports now and then */
        VIGIL_EAGER, /* it listens to the air, and asks at the ports as one who looks does */
};

struct vigil;

/* Begins as VIGIL_ALONG; @means stays in place. 0 or -errno. */
int vigil_new(const struct finder_means *means, const struct vigil_handler *handler, void *userdata,
              struct vigil **ret_vigil);
struct vigil *vigil_free(struct vigil *vigil);

/* What it cannot listen to is logged and left out. */
void vigil_set_zeal(struct vigil *vigil, enum vigil_zeal zeal);

DEFINE_DEFER(struct vigil *, vigil_free);
