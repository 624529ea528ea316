/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an enrollment needs to be brought to its end after a restart: the code, which holds the
 * device's secret, and the values it was given. It is sealed under a key of the hub's master
 * (XChaCha20-Poly1305, bound to the device and the epoch) and kept in the device's row until the
 * device has confirmed.
 */

#include <stddef.h>
#include <stdint.h>

#include "store/device.h"
#include "wire/message.h"

#define RESUME_CODE_MAX   2953 /* bytes of the largest code, doc/code.md section 1 */
#define RESUME_VALUES_MAX MESSAGE_VALUES_MAX

struct resume {
        size_t n_code;
        uint8_t code[RESUME_CODE_MAX];
        size_t n_values;
        uint8_t values[RESUME_VALUES_MAX];
};

/* Seals @resume into the device's ownership; its id and epoch must be set. 0, or -EMSGSIZE. */
int resume_seal(const struct resume *resume, const uint8_t master[32], struct store_device *device);

/* The other way round. 0; -EBADMSG if the blob is not ours, was altered, or belongs to another row.
 */
int resume_open(const struct store_device *device, const uint8_t master[32],
                struct resume *ret_resume);

void resume_wipe(struct resume *resume);
