/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was forwarded of each device when it was enrolled, to forward it again. A secret in it is
 * sealed for its recipient. It goes with the row of the device.
 */

#include "store/outbox.h"
#include "store/store.h"

/*
 * What was forwarded of this device: the payload of that message, in @ret_message. 0; STORE_E_NONE
 * if nothing was; -errno.
 */
int store_forwarded(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                    struct store_message *ret_message);
