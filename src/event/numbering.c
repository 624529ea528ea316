/* SPDX-License-Identifier: Apache-2.0 */

#include "event/numbering.h"

#include <string.h>

/*
 * After a restart of the device that the hub has followed, all numbers from 0 on are new. Otherwise
 * nothing before @number is missed: it was not for this hub, or had its time before the hub ended.
 */
static void numbering_begin(struct numbering *n, const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES],
                            uint32_t number)
{
        bool is_same = n->is_known && memcmp(n->boot_id, boot_id, MESSAGE_BOOT_ID_BYTES) == 0;
        bool is_followed = n->is_known && !n->is_old;

        n->is_old = false;
        if (is_same && (is_followed || number <= n->next))
                return;
        n->next = is_same || !is_followed ? number : 0;
        n->taken = 0;
        n->reported = n->next;
        n->is_known = true;
        memcpy(n->boot_id, boot_id, MESSAGE_BOOT_ID_BYTES);
}

/* One of those before the latest: it had been missed, or comes again. */
static bool numbering_take_earlier(struct numbering *n, uint32_t number)
{
        uint64_t behind = n->next - 1 - number;
        uint64_t bit = behind < NUMBERING_WINDOW ? UINT64_C(1) << behind : 0;

        if (bit == 0 || (n->taken & bit))
                return false;
        n->taken |= bit;
        n->missed -= number >= n->reported;
        return true;
}

bool numbering_take(struct numbering *n, const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES],
                    uint32_t number)
{
        uint64_t steps;

        numbering_begin(n, boot_id, number);
        if (number < n->next)
                return numbering_take_earlier(n, number);
        steps = number - n->next + 1;
        n->missed += steps - 1;
        n->taken = (steps < NUMBERING_WINDOW ? n->taken << steps : 0) | 1;
        n->next = (uint64_t)number + 1;
        return true;
}

uint64_t numbering_report(struct numbering *n)
{
        uint64_t missed = n->missed;

        n->missed = 0;
        n->reported = n->next;
        return missed;
}
