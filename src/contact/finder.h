/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finds a device by its advertisement key and connects to it: over the air by what it advertises,
 * on the stream ports by what it answers, on all of them at the same time.
 *
 * Only the holder of the code recognises the device, because what it announces is a nonce and a
 * keyed hash over it and the device's state (doc/protocol.md section 2.2). A device that was found
 * waits for its turn on its adapter or port; until then it is listened to, so that the nonce is
 * fresh when the turn comes, and it moves to another adapter or port that hears it and has room.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "ble/central.h"
#include "contact/airtime.h"
#include "contact/port.h"
#include "link/link.h"
#include "util/defer.h"
#include "wire/kdf.h"
#include "wire/message.h"

/* What the hub has to find devices with; the same for all. */
struct finder_means {
        sd_event *event;
        struct airtime *airtime;
        struct adapters *adapters; /* NULL: there is no Bluetooth, and no_air says why */
        struct central *central;   /* NULL with adapters */
        enum reason no_air;
        struct port *const *ports;
        size_t n_ports;
};

struct finder_wish {
        unsigned reach;         /* the code's (doc/code.md key 7) */
        const uint8_t *adv_key; /* K_adv, 32 bytes; copied */
        unsigned seconds;       /* how long to look */
        enum airtime_rank rank;
};

struct finder_found {
        const char *place;  /* of airtime: the adapter's name or the port's address */
        bool waits;         /* the place has no room now */
        unsigned limit_sec; /* how long connecting takes at most; 0: it takes no time */
        uint8_t nonce[KDF_NONCE_BYTES];
        enum message_state state;
        bool has_rssi;
        int rssi; /* dBm */
};

struct finder_handler {
        /* Found; the turn and the connection come by themselves. Called once. */
        void (*on_found)(void *userdata, const struct finder_found *found);
        /* Its turn to be connected has come, or is lost again: found->waits says which. */
        void (*on_turn)(void *userdata, const struct finder_found *found);
        /*
         * Connected. @found is what was announced last; @turn_take has its slot, and
         * turn_hand_over() must be called for it here. The finder may be freed here.
         */
        void (*on_link)(void *userdata, const struct finder_found *found, struct link *link_take,
                        struct turn *turn_take);
        /* Not found, or not connected; @text is one line for people. The finder may be freed here.
         */
        void (*on_failed)(void *userdata, enum reason why, const char *text);
};

struct finder;

/* Starts to look. One of on_link and on_failed is called once, from the loop. 0 or -errno. */
int finder_new(const struct finder_means *means, const struct finder_wish *wish,
               const struct finder_handler *handler, void *userdata, struct finder **ret_finder);
struct finder *finder_free(struct finder *f);

/* What it looks for has become more important, or less: its place in the queue follows. */
void finder_set_rank(struct finder *f, enum airtime_rank rank);

/*
 * Whether these announced bytes are of the device with this key, and then its state. In constant
 * time over the states.
 */
bool finder_recognise(const uint8_t adv_key[32], const uint8_t data[MESSAGE_ADV_BYTES],
                      enum message_state *ret_state);

DEFINE_DEFER(struct finder *, finder_free);
