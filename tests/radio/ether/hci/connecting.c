/* SPDX-License-Identifier: Apache-2.0 */

/* The filter accept list, and creating connections. */

#include <string.h>

#include "hci/command.h"
#include "hci/state.h"

#define TIMING_MAX 0x0c80
#define ANY_PEER   0xff /* address type of an entry for anonymous advertisers */

/* --- the accept list --- */

static struct air_address entry(const uint8_t *in)
{
        struct air_address address = {.type = in[0]};

        memcpy(address.bytes, in + 1, sizeof(address.bytes));
        return address;
}

static size_t accept_find(const struct controller *c, const struct air_address *address)
{
        size_t i;

        for (i = 0; i < c->n_accept; i++)
                if (memcmp(&c->accept[i], address, sizeof(*address)) == 0)
                        break;
        return i;
}

static bool set_uses_accept(const struct hci_set *set)
{
        return set->enabled && (set->advertising.accept_scans || set->advertising.accept_connects);
}

/* It must not change under those who use it. */
static bool accept_in_use(const struct controller *c)
{
        for (size_t i = 0; i < AIR_SETS_MAX; i++)
                if (set_uses_accept(&c->sets[i]))
                        return true;
        return (c->scan.enabled && c->scan.scanning.accept_only) || c->initiating_accepted;
}

static uint8_t accept_changed(struct controller *c)
{
        radio_accept(c->radio, c->accept, c->n_accept);
        return HCI_SUCCESS;
}

uint8_t hci_le_read_accept_list_size(struct controller *c, struct hci_call *call)
{
        (void)c;
        call->out[call->n_out++] = AIR_ACCEPT_MAX;
        return HCI_SUCCESS;
}

uint8_t hci_le_clear_accept_list(struct controller *c, struct hci_call *call)
{
        (void)call;
        if (accept_in_use(c))
                return HCI_COMMAND_DISALLOWED;
        c->n_accept = 0;
        return accept_changed(c);
}

uint8_t hci_le_add_to_accept_list(struct controller *c, struct hci_call *call)
{
        struct air_address address = entry(call->in);

        if (accept_in_use(c))
                return HCI_COMMAND_DISALLOWED;
        if (address.type > AIR_RANDOM && address.type != ANY_PEER)
                return HCI_INVALID_PARAMETERS;
        if (accept_find(c, &address) < c->n_accept)
                return HCI_SUCCESS;
        if (c->n_accept == AIR_ACCEPT_MAX)
                return HCI_MEMORY_EXCEEDED;
        c->accept[c->n_accept++] = address;
        return accept_changed(c);
}

uint8_t hci_le_remove_from_accept_list(struct controller *c, struct hci_call *call)
{
        struct air_address address = entry(call->in);
        size_t i = accept_find(c, &address);

        if (accept_in_use(c))
                return HCI_COMMAND_DISALLOWED;
        if (i == c->n_accept)
                return HCI_SUCCESS;
        c->accept[i] = c->accept[--c->n_accept];
        return accept_changed(c);
}

/* --- creating --- */

void hci_connecting_reset(struct controller *c)
{
        (void)radio_connect_cancel(c->radio);
        c->initiating = c->initiating_accepted = false;
        c->n_accept = 0;
        radio_accept(c->radio, NULL, 0);
}

bool hci_timing(const uint8_t *in, struct link_timing *ret_timing)
{
        uint16_t min = hci_get16(in), max = hci_get16(in + 2);
        struct link_timing t = {max, hci_get16(in + 4), hci_get16(in + 6)};

        /* Volume 4, Part E, section 7.8.12: the timeout is more than two intervals that the
         * peripheral wakes in. */
        if (min < 6 || min > max || max > TIMING_MAX || t.latency > 499 || t.timeout < 10 ||
            t.timeout > TIMING_MAX || t.timeout * 4U <= (1U + t.latency) * max)
                return false;
        *ret_timing = t;
        return true;
}

static uint8_t connect(struct controller *c, struct air_initiating *i, uint8_t own_type)
{
        const uint8_t *random = c->has_random ? c->random : NULL;

        if (c->initiating)
                return HCI_COMMAND_DISALLOWED;
        if (radio_links(c->radio) >= c->settings.n_links)
                return HCI_CONNECTION_LIMIT;
        if (!i->accept_only && hci_link_find_peer(c, &i->peer))
                return HCI_CONNECTION_EXISTS;
        if (!hci_own_address(c, own_type, random, &i->own) || i->window < 4 * HCI_SLOT ||
            i->window > i->interval)
                return HCI_INVALID_PARAMETERS;
        if (radio_connect(c->radio, i) < 0)
                return HCI_COMMAND_DISALLOWED;
        c->initiating = true;
        c->initiating_accepted = i->accept_only;
        return HCI_SUCCESS;
}

uint8_t hci_le_create_connection(struct controller *c, struct hci_call *call)
{
        const uint8_t *in = call->in;
        struct air_initiating i = {
                .interval = hci_get16(in) * HCI_SLOT,
                .window = hci_get16(in + 2) * HCI_SLOT,
                .accept_only = in[4],
                .peer = entry(in + 5),
        };

        if (!hci_kind_is(c, HCI_LEGACY))
                return HCI_COMMAND_DISALLOWED;
        if (!hci_timing(in + 13, &i.timing))
                return HCI_INVALID_PARAMETERS;
        return connect(c, &i, in[12]);
}

/* Parameters for each PHY follow; those of LE 1M come first, and it must be among them. */
uint8_t hci_le_extended_create_connection(struct controller *c, struct hci_call *call)
{
        const uint8_t *in = call->in, *phy = in + 10;
        struct air_initiating i = {
                .interval = hci_get16(phy) * HCI_SLOT,
                .window = hci_get16(phy + 2) * HCI_SLOT,
                .accept_only = in[0],
                .extended = true,
                .peer = entry(in + 2),
        };

        if (!hci_kind_is(c, HCI_EXTENDED))
                return HCI_COMMAND_DISALLOWED;
        if (!(in[9] & LINK_PHY_1M))
                return HCI_UNSUPPORTED_PARAMETER;
        if (!hci_timing(phy + 4, &i.timing))
                return HCI_INVALID_PARAMETERS;
        return connect(c, &i, in[1]);
}

static void connection_complete(struct controller *c, uint8_t status, uint16_t handle,
                                const struct air_connection *a)
{
        bool enhanced = hci_le_wanted(c, HCI_LE_ENHANCED_CONNECTION_COMPLETE);
        uint8_t event[30] = {status};
        uint8_t *timing = event + (enhanced ? 23 : 11);

        hci_put16(event + 1, handle);
        event[3] = (uint8_t)a->role;
        event[4] = a->peer.type;
        memcpy(event + 5, a->peer.bytes, 6);
        hci_put16(timing, a->timing.interval);
        hci_put16(timing + 2, a->timing.latency);
        hci_put16(timing + 4, a->timing.timeout);
        hci_le_event(c, enhanced ? HCI_LE_ENHANCED_CONNECTION_COMPLETE : HCI_LE_CONNECTION_COMPLETE,
                     event, (size_t)(timing - event) + 7);
}

void hci_connecting_done(struct controller *c, const struct air_connection *connection)
{
        struct hci_link *link = hci_link_new(c, connection);

        if (connection->role == LINK_CENTRAL)
                c->initiating = c->initiating_accepted = false;
        connection_complete(c, HCI_SUCCESS, link->handle, connection);
        if (connection->role == LINK_PERIPHERAL)
                hci_advertising_ended(c, connection->set, HCI_SUCCESS, link->handle,
                                      connection->events);
        hci_link_begin(link);
}

void hci_connecting_failed(struct controller *c, uint8_t status, enum link_role role)
{
        const struct air_connection none = {.role = role};

        connection_complete(c, status, 0, &none);
}

static void cancelled(struct controller *c, struct hci_link *link)
{
        (void)link;
        hci_connecting_failed(c, HCI_UNKNOWN_CONNECTION, LINK_CENTRAL);
}

uint8_t hci_le_create_connection_cancel(struct controller *c, struct hci_call *call)
{
        if (!radio_connect_cancel(c->radio))
                return HCI_COMMAND_DISALLOWED;
        c->initiating = c->initiating_accepted = false;
        call->then = cancelled;
        return HCI_SUCCESS;
}
