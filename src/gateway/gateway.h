/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub as the gateway of its devices: the visits under way, several at once, one for a device,
 * and the errands that they run. When a device is to be visited is for gateway/watch.h to say.
 */

#include <stdbool.h>

#include "gateway/errand.h"
#include "gateway/visit.h"

/* How often a device is called on for the same errand, where that may help. */
#define GATEWAY_CALLS_MAX 3

/* How a visit has ended. */
struct gateway_parting {
        const uint8_t *device_id;
        enum reason why; /* REASON_NONE, or why it was not made or was broken off */
        bool has_met;    /* there was a session */
        bool has_heard;  /* the device has said a reading */
};

struct gateway_handler {
        /* A device has said something; valid during the call. */
        void (*on_readings)(void *userdata, const struct store_device *device,
                            const struct reading *readings, size_t n_readings);
        /*
         * A device has proven that it is there, at this place of airtime. NULL: never mind, as for
         * the next one.
         */
        void (*on_met)(void *userdata, const struct store_device *device, const char *place);
        /* These three are as in struct visit_handler. */
        void (*on_done)(void *userdata, const struct store_device *device);
        bool (*on_data)(void *userdata, const struct store_device *device,
                        const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES], uint32_t number);
        void (*on_leaving)(void *userdata, const struct store_device *device, bool leaving);
        /* A visit is over, and no other one follows it; valid during the call. */
        void (*on_parted)(void *userdata, const struct gateway_parting *parting);
};

struct gateway;

/* @means stays in place. 0 or -ENOMEM. */
int gateway_new(const struct visit_means *means, const struct gateway_handler *handler,
                void *userdata, struct gateway **ret_gateway);

/* Ends every visit at once; errands fail with REASON_STOPPING. Takes NULL, returns NULL. */
struct gateway *gateway_free(struct gateway *gateway);

/* Takes over a meeting whose session is open, also when it fails. 0 or -errno. */
int gateway_adopt(struct gateway *gateway, const struct visit_wish *wish,
                  struct meeting *meeting_take);

/*
 * Asks the device: in the visit that it has, or in one that is made for it. The errand is answered,
 * once, from the loop or from here. @wish is copied.
 */
void gateway_ask(struct gateway *gateway, const struct visit_wish *wish,
                 struct errand *errand_take);

/*
 * Visits the device for its readings; one that is being visited is asked for them there, if its
 * session is open. @wish is copied. 0 or -errno.
 */
int gateway_visit(struct gateway *gateway, const struct visit_wish *wish);

/* The visit to this device has waited long: it goes before other visits. */
void gateway_hurry(struct gateway *gateway, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Parts with a device that somebody else needs now; what it has been asked fails with @why. */
void gateway_yield(struct gateway *gateway, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                   enum reason why);

DEFINE_DEFER(struct gateway *, gateway_free);
