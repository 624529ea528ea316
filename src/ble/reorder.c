/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/reorder.h"

#include <string.h>

#define NUMBER_MASK 0x3f

void reorder_init(struct reorder *r)
{
        memset(r, 0, sizeof(*r));
}

bool reorder_put(struct reorder *r, const uint8_t *packet, size_t n_packet)
{
        struct reorder_slot *slot;
        uint8_t number;

        if (n_packet == 0 || n_packet > REORDER_PACKET_BYTES)
                return false;
        number = packet[0] & NUMBER_MASK;
        slot = &r->slots[number % REORDER_WINDOW];
        if (((number - r->next) & NUMBER_MASK) >= REORDER_WINDOW || slot->n_packet > 0)
                return false;
        memcpy(slot->packet, packet, n_packet);
        slot->n_packet = n_packet;
        return true;
}

bool reorder_ready(const struct reorder *r)
{
        return r->slots[r->next % REORDER_WINDOW].n_packet > 0;
}

const uint8_t *reorder_get(struct reorder *r, size_t *ret_n_packet)
{
        struct reorder_slot *slot = &r->slots[r->next % REORDER_WINDOW];

        if (slot->n_packet == 0)
                return NULL;
        *ret_n_packet = slot->n_packet;
        slot->n_packet = 0;
        r->next = (r->next + 1) & NUMBER_MASK;
        return slot->packet;
}
