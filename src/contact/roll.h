/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose advertisement is it? Devices, by the keys of their advertisements.
 *
 * Only the holder of a device's key recognises what it announces, and no key can be found from what
 * was announced but by trying them: a MAC for each device and state, several devices at once
 * (contact/lanes.h). That is paid once for each nonce, which a device keeps for 15 minutes; what
 * has been heard before is looked up. A device that its hub owns announces OWNED or WAITING
 * (doc/protocol.md section 2.2), one that nobody owns announces FACTORY, and only that is
 * recognised.
 *
 * Knows no clock: times are the caller's, in microseconds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/defer.h"
#include "wire/kdf.h"
#include "wire/message.h"

struct roll;

/* What is known of one advertisement. */
struct roll_match {
        void *whom;     /* as roll_add() was given it */
        bool waits;     /* the device has something to say */
        uint64_t since; /* when these bytes were heard first */
};

/* Empty, for devices that this hub owns. 0 or -ENOMEM. */
int roll_new(struct roll **ret_roll);

/* The same, for devices that nobody owns. */
int roll_new_factory(struct roll **ret_roll);

struct roll *roll_free(struct roll *roll);

/* Forgets all devices and all that was heard. */
void roll_clear(struct roll *roll);

/* Adds a device with this key, and forgets what was heard. 0 or -ENOMEM. */
int roll_add(struct roll *roll, const uint8_t adv_key[KDF_KEY_BYTES], void *whom);

/*
 * So many devices are tried in a second; 0, as in the beginning: any number. A second's worth may
 * be spent at once. What comes beyond that is not recognised, and not remembered: it is when it is
 * heard again.
 */
void roll_set_budget(struct roll *roll, unsigned tries_per_sec);

/* Whether one of the devices has announced this, at @now. */
bool roll_recognise(struct roll *roll, const uint8_t data[MESSAGE_ADV_BYTES], uint64_t now,
                    struct roll_match *ret_match);

DEFINE_DEFER(struct roll *, roll_free);
