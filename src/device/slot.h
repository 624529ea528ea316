/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One record that survives power cuts, in two slots of memory that each can be written as a whole.
 *
 * The record is written alternately to one slot and the other, with a sequence number and a CRC-32
 * (IEEE 802.3) over everything behind the CRC. A write that was cut off leaves the previous record.
 * A record whose number is n stands in slot n modulo 2, so the newest is never overwritten.
 *
 * The bytes are the device's own and never leave it; they are in the order of its processor.
 */

#include <stddef.h>
#include <stdint.h>

#define SLOT_COUNT 2

/* What a record begins with; the owner's content follows it. */
struct slot {
        uint32_t crc;
        uint32_t magic;
        uint32_t sequence;
        uint32_t n_bytes; /* of the whole, with this */
};

/*
 * The board's memory. Both return 0, or a negative number if the memory does not work. Reading a
 * slot that was never written gives 0xff or 0x00 throughout. A write has reached the memory when it
 * returns, and may have been cut off anywhere if power failed before.
 */
struct slot_port {
        int (*read)(void *board, unsigned slot, void *ret_bytes, size_t n_bytes);
        int (*write)(void *board, unsigned slot, const void *bytes, size_t n_bytes);
};

/* What a call can lead to, other than 0. */
enum {
        SLOT_E_BLANK = 1, /* no record was ever written; it is all zero now */
        SLOT_E_BROKEN,    /* the memory does not work, or both slots have lost their record */
};

/* Reads the newest record of at most @size bytes into @record. */
int slot_load(const struct slot_port *port, void *board, struct slot *record, size_t size);

/*
 * Writes @record, of @n_bytes with its head, in place of the older one. If the memory fails, it may
 * hold either record; slot_load() shows which one.
 */
int slot_store(const struct slot_port *port, void *board, struct slot *record, size_t n_bytes);
