/* SPDX-License-Identifier: Apache-2.0 */

#include "device/slot.h"

#include <stdbool.h>
#include <string.h>

#define MAGIC 0x31726c65U /* "elr1" */

/* The CRC-32 of IEEE 802.3, a bit at a time: there is little to sum up, and tables take flash. */
static uint32_t crc32(const uint8_t *bytes, size_t n_bytes)
{
        uint32_t crc = 0xffffffffU;

        for (size_t i = 0; i < n_bytes; i++) {
                crc ^= bytes[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
        }
        return ~crc;
}

static uint32_t slot_crc(const struct slot *record)
{
        return crc32((const uint8_t *)record + sizeof(record->crc),
                     record->n_bytes - sizeof(record->crc));
}

static bool slot_is_blank(const struct slot *record)
{
        const uint8_t *bytes = (const uint8_t *)record;

        for (size_t i = 1; i < sizeof(*record); i++)
                if (bytes[i] != bytes[0])
                        return false;
        return bytes[0] == 0xff || bytes[0] == 0;
}

/* What is in a slot, when the memory could be read. */
enum content {
        RECORD,
        BLANK,
        TORN,
        UNREADABLE,
};

static enum content slot_read(const struct slot_port *port, void *board, unsigned slot,
                              struct slot *record, size_t size)
{
        if (port->read(board, slot, record, size) < 0)
                return UNREADABLE;
        if (slot_is_blank(record))
                return BLANK;
        if (record->magic != MAGIC || record->n_bytes < sizeof(*record) || record->n_bytes > size ||
            record->sequence % SLOT_COUNT != slot || record->crc != slot_crc(record))
                return TORN;
        return RECORD;
}

int slot_load(const struct slot_port *port, void *board, struct slot *record, size_t size)
{
        enum content first, second;
        uint32_t first_sequence;

        first = slot_read(port, board, 0, record, size);
        first_sequence = record->sequence;
        second = slot_read(port, board, 1, record, size);
        if (first == UNREADABLE || second == UNREADABLE)
                return SLOT_E_BROKEN;

        /* The numbers wrap, so the newer is the one that is ahead by less than half their range. */
        if (second == RECORD &&
            (first != RECORD || record->sequence - first_sequence < 0x80000000U))
                return 0;
        if (first == RECORD)
                return slot_read(port, board, 0, record, size) == RECORD ? 0 : SLOT_E_BROKEN;

        /* The first record of all goes to slot 1, and only that one may be torn with none left. */
        memset(record, 0, size);
        return first == BLANK ? SLOT_E_BLANK : SLOT_E_BROKEN;
}

int slot_store(const struct slot_port *port, void *board, struct slot *record, size_t n_bytes)
{
        record->magic = MAGIC;
        record->sequence++;
        record->n_bytes = (uint32_t)n_bytes;
        record->crc = slot_crc(record);
        return port->write(board, record->sequence % SLOT_COUNT, record, n_bytes) < 0
                       ? SLOT_E_BROKEN
                       : 0;
}
