/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finds the device of a code and connects to it: over the air by its advertisement, over a cable by
 * asking.
 *
 * Only the holder of the code recognises the device, because what it announces is a nonce and a
 * keyed hash over it and the device's state (doc/protocol.md section 2.2).
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "ble/adapter.h"
#include "ble/central.h"
#include "link/link.h"
#include "util/defer.h"
#include "wire/kdf.h"
#include "wire/message.h"

/* What the hub has to find devices with. */
struct finder_means {
        sd_event *event;
        struct adapters *adapters; /* NULL: there are none, and no_air says why */
        struct central *central;   /* NULL with adapters */
        enum reason no_air;
        const char *stream; /* address of the cable (link/stream.h), or NULL */
};

struct finder_found {
        uint8_t nonce[KDF_NONCE_BYTES];
        enum message_state state;
        bool has_rssi;
        int rssi; /* dBm */
};

struct finder_handler {
        /* Found; connecting goes on by itself. */
        void (*on_found)(void *userdata, const struct finder_found *found);
        /* Connected; the link is the handler's. The finder may be freed here. */
        void (*on_link)(void *userdata, struct link *link_take);
        /* Neither; @text is one line for people with what was heard. The finder may be freed here.
         */
        void (*on_failed)(void *userdata, enum reason why, const char *text);
};

struct finder;

/*
 * Starts to look for @seconds; @reach is the code's (doc/code.md key 7), @adv_key its K_adv. One of
 * on_link and on_failed is called once, from the loop. 0 or -errno.
 */
int finder_new(const struct finder_means *means, unsigned reach, const uint8_t adv_key[32],
               unsigned seconds, const struct finder_handler *handler, void *userdata,
               struct finder **ret_finder);
struct finder *finder_free(struct finder *f);

/*
 * Whether these announced bytes are of the device with this key, and then its state. In constant
 * time over the states.
 */
bool finder_recognise(const uint8_t adv_key[32], const uint8_t data[MESSAGE_ADV_BYTES],
                      enum message_state *ret_state);

DEFINE_DEFER(struct finder *, finder_free);
