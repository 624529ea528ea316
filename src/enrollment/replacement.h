/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A device that takes the place of another one, which is dead, as a rule: it gets the name of that
 * one, the values that it was given, and what it is known as. Until the new device is owned, the
 * former one stays as it is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "reason/reason.h"
#include "store/device.h"
#include "wire/cbor.h"

struct replacement {
        bool is_due;                /* the former device is there and goes with the commit */
        bool is_alike;              /* the former device is of the same maker and model */
        struct store_device former; /* its row, of either; the ownership is a secret */
};

/*
 * Finds the device @former_id, whose place @device shall take; this one has its maker and model
 * already, and gets the name, and what it is known as. REASON_NONE; REASON_NO_SUCH_DEVICE;
 * REASON_MODEL_DIFFERS with a phrase in @ret_detail, unless @other_model; REASON_STORE_*. A device
 * takes no place of its own: then nothing is due.
 */
enum reason replacement_make(struct replacement *r, struct store *store,
                             const uint8_t former_id[STORE_DEVICE_ID_BYTES], bool other_model,
                             struct store_device *device, char ret_detail[REASON_TEXT_SIZE]);

/* The values that the former device was given; no bytes if there is none. */
struct cbor_span replacement_values(const struct replacement *r);

/* A sentence for the preview: what happens to the former device. */
void replacement_text(const struct replacement *r, char *ret_text, size_t size);
