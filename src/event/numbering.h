/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which DATA of a device have been taken (doc/protocol.md section 4.1): each is taken once, and
 * those that are left out are missed. Pure.
 *
 * A device numbers its DATA from 0 since its start, and may say one again under its number. What is
 * more than NUMBERING_WINDOW behind the latest counts as taken.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/message.h"

#define NUMBERING_WINDOW 64

/* Begins as {0}. */
struct numbering {
        bool is_known; /* a start of the device, to which the rest belongs */
        bool is_old;   /* others may have been taken since, before the hub was killed */
        uint8_t boot_id[MESSAGE_BOOT_ID_BYTES];
        uint64_t next;             /* the number after the latest */
        uint64_t taken;            /* bit i: the number next - 1 - i has been taken */
        uint64_t missed, reported; /* how many, of the numbers from .reported on */
};

/* Whether the DATA with this number, since this start of the device, is new. Then it is taken. */
bool numbering_take(struct numbering *n, const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES],
                    uint32_t number);

/* How many are missed that have not been reported; they are now. */
uint64_t numbering_report(struct numbering *n);
