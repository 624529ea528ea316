/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The GATT service of a device that can be enrolled, and what its advertisement carries.
 *
 * One service with two characteristics. The hub writes commands (without response) to IN and is
 * notified of OUT; both carry fragments (wire/fragment.h). The legacy advertisement of 31 bytes
 * holds the flags and Service Data under the service's UUID; nothing else fits, and a name would
 * make the device linkable.
 *
 * Normative: doc/protocol.md, "Bluetooth LE".
 */

#define BLE_SERVICE_UUID "4c0f3f5a-6b1e-4d0e-9a57-2f6d1c8e0001"
#define BLE_IN_UUID      "4c0f3f5a-6b1e-4d0e-9a57-2f6d1c8e0002" /* hub -> device */
#define BLE_OUT_UUID     "4c0f3f5a-6b1e-4d0e-9a57-2f6d1c8e0003" /* device -> hub */

/*
 * What is advertised: a nonce and the tag that only the holder of the code can distinguish from
 * random bytes.
 */
#define BLE_NONCE_BYTES 5
#define BLE_TAG_BYTES   5
#define BLE_DATA_BYTES  (BLE_NONCE_BYTES + BLE_TAG_BYTES)
