/* SPDX-License-Identifier: Apache-2.0 */

#include "air/link.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "air/link-internal.h"

/* Connection events from ordering a change to its instant, beside those the peripheral may sleep
 * through (Volume 6, Part B, section 5.1.1). */
#define INSTANT_EVENTS 6

struct way *end_way(const struct link_end *end)
{
        const struct link *link = end->link;

        return space_way(link->links->space, end->number, link->ends[!end->role].number);
}

static bool end_held(const struct link_end *end)
{
        return end_way(end)->held;
}

bool end_waits(const struct link_end *end)
{
        return end->terminating || outbox_waits(&end->outbox, end_held(end));
}

static size_t end_next_size(const struct link_end *end)
{
        if (end->in_flight)
                return end->flight.n_data;
        if (end->terminating)
                return 2;
        return outbox_next_size(&end->outbox, end_held(end), end->octets);
}

static uint32_t end_airtime(const struct link_end *end, size_t n)
{
        return packet_airtime(end->link->phys[end->role], n + (end->encrypted && n > 0 ? 4 : 0));
}

uint32_t end_next_airtime(const struct link_end *end)
{
        return end_airtime(end, end_next_size(end));
}

uint32_t end_longest_airtime(const struct link_end *end)
{
        return end_airtime(end, end->octets);
}

void end_close(struct link_end *end)
{
        if (end->antenna)
                end->antenna->n_links--;
        end->antenna = NULL;
        end->owner = NULL;
        outbox_done(&end->outbox);
}

void end_tell_ended(struct link_end *end, uint8_t reason)
{
        const struct link_owner *owner = end->owner;

        end_close(end);
        if (owner)
                owner->on_ended(end->userdata, reason);
}

/* Volume 6, Part B, section 4.5.2: six intervals until a connection is established, then the
 * supervision timeout. */
static uint64_t end_patience(const struct link_end *end)
{
        if (!end->established)
                return 6 * link_interval(end->link);
        return (uint64_t)end->link->timing.timeout * LINK_TIMEOUT_UNIT;
}

uint64_t end_deadline(const struct link_end *end)
{
        uint64_t since = end->heard_at;

        if (!end_there(end))
                return UINT64_MAX;
        if (end->terminating && end->terminating_since < since)
                since = end->terminating_since;
        return since + end_patience(end);
}

uint8_t end_deadline_reason(const struct link_end *end)
{
        if (end->terminating)
                return LINK_TERMINATED_HERE;
        return end->established ? LINK_TIMED_OUT : LINK_NOT_ESTABLISHED;
}

void link_hold(struct link_end *end, const struct link_owner *owner, void *userdata)
{
        end->owner = owner;
        end->userdata = userdata;
}

int link_send(struct link_end *end, bool first, const uint8_t *data, size_t n_data)
{
        assert(n_data > 0 && n_data <= UINT16_MAX);
        return outbox_add_data(&end->outbox, first, data, n_data);
}

int link_control(struct link_end *end, const struct link_control *control)
{
        assert(control->n_data <= LINK_CONTROL_MAX);
        return outbox_add_control(&end->outbox, control);
}

/* What the PDU says is kept in the link; it only needs its size. */
static int link_order(struct link_end *end, enum link_opcode opcode, uint8_t n_data,
                      struct link_instant *instant)
{
        struct link_control control = {.opcode = opcode, .n_data = n_data};
        struct link *link = end->link;
        int r;

        assert(end->role == LINK_CENTRAL);
        if (instant->pending)
                return -EBUSY;
        r = link_control(end, &control);
        if (r < 0)
                return r;
        *instant = (struct link_instant){
                .pending = true,
                .counter = (uint16_t)(link->counter + link->timing.latency + INSTANT_EVENTS),
        };
        return 0;
}

int link_update_timing(struct link_end *end, const struct link_timing *timing)
{
        int r = link_order(end, LL_CONNECTION_UPDATE_IND, 11, &end->link->timing_instant);

        if (r < 0)
                return r;
        end->link->new_timing = *timing;
        return 0;
}

int link_update_phys(struct link_end *end, uint8_t tx_phy, uint8_t rx_phy)
{
        struct link *link = end->link;
        int r = link_order(end, LL_PHY_UPDATE_IND, 4, &link->phys_instant);

        if (r < 0)
                return r;
        link->new_phys[LINK_CENTRAL] = tx_phy ? tx_phy : link->phys[LINK_CENTRAL];
        link->new_phys[LINK_PERIPHERAL] = rx_phy ? rx_phy : link->phys[LINK_PERIPHERAL];
        return 0;
}

void link_set_octets(struct link_end *end, uint16_t tx_octets)
{
        assert(tx_octets >= LINK_OCTETS_MIN && tx_octets <= LINK_OCTETS_MAX);
        end->octets = tx_octets;
}

void link_set_encrypted(struct link_end *end, bool encrypted)
{
        end->encrypted = encrypted;
}

void link_terminate(struct link_end *end, uint8_t reason)
{
        if (end->terminating)
                return;
        end->terminating = true;
        end->terminating_since = end->link->links->now;
        end->reason = reason;
}

void link_cut(struct link_end *end, uint8_t reason)
{
        end->link->cut = reason;
        end->link->cut_at = end->link->links->now;
}

void link_abandon(struct link_end *end)
{
        end_close(end);
}

enum link_role link_role(const struct link_end *end)
{
        return end->role;
}

unsigned link_peer(const struct link_end *end)
{
        return end->link->ends[!end->role].number;
}

struct link_timing link_timing(const struct link_end *end)
{
        return end->link->timing;
}

uint8_t link_phy(const struct link_end *end, bool tx)
{
        return end->link->phys[tx ? end->role : !end->role];
}

int8_t link_signal(const struct link_end *end)
{
        return end_way(&end->link->ends[!end->role])->signal;
}

uint16_t link_event_counter(const struct link_end *end, uint64_t now)
{
        const struct link *link = end->link;
        uint64_t interval = link_interval(link);

        if (now <= link->anchor)
                return link->counter;
        return (uint16_t)(link->counter + (now - link->anchor + interval - 1) / interval);
}
