/* SPDX-License-Identifier: Apache-2.0 */

/* Connections by their handles: data, and the commands that concern one. */

#include <errno.h>
#include <string.h>

#include "hci/command.h"
#include "hci/state.h"

#define HANDLE_MAX   0x0eff
#define PB_CONTINUES 1
#define PHY_BITS(p)  ((p) & (LINK_PHY_1M | LINK_PHY_2M))

static const uint8_t reasons[] = {0x05, 0x13, 0x14, 0x15,
                                  0x1a, 0x29, 0x3b}; /* that a host may give */

struct hci_link *hci_link_find(struct controller *c, uint16_t handle)
{
        for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++)
                if (c->links[i].end && c->links[i].handle == handle)
                        return &c->links[i];
        return NULL;
}

struct hci_link *hci_link_find_peer(struct controller *c, const struct air_address *peer)
{
        for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++)
                if (c->links[i].end && memcmp(&c->links[i].peer, peer, sizeof(*peer)) == 0)
                        return &c->links[i];
        return NULL;
}

/* The link a command is about, by the handle it begins with. */
static struct hci_link *subject(struct controller *c, const struct hci_call *call)
{
        return hci_link_find(c, hci_get16(call->in));
}

/* --- what the air says --- */

static void on_data(void *userdata, bool first, const uint8_t *data, size_t n_data)
{
        struct hci_link *link = userdata;

        hci_data(link->controller, link->handle, first, data, n_data);
}

static void on_delivered(void *userdata)
{
        struct hci_link *link = userdata;
        uint8_t event[5] = {1};

        hci_put16(event + 1, link->handle);
        hci_put16(event + 3, 1);
        hci_event(link->controller, HCI_COMPLETED_PACKETS, event, sizeof(event));
}

static void on_control(void *userdata, const struct link_control *control)
{
        hci_procedure_receive(userdata, control);
}

static void on_timing(void *userdata, const struct link_timing *timing)
{
        hci_link_updated(userdata, HCI_SUCCESS, timing);
}

void hci_link_updated(struct hci_link *link, uint8_t status, const struct link_timing *timing)
{
        uint8_t event[9] = {status};

        hci_put16(event + 1, link->handle);
        hci_put16(event + 3, timing->interval);
        hci_put16(event + 5, timing->latency);
        hci_put16(event + 7, timing->timeout);
        hci_le_event(link->controller, HCI_LE_CONNECTION_UPDATE_COMPLETE, event, sizeof(event));
}

static void on_phys(void *userdata, uint8_t tx_phy, uint8_t rx_phy)
{
        struct hci_link *link = userdata;

        if (link->phy_wanted || tx_phy != link->tx_phy || rx_phy != link->rx_phy)
                hci_link_phys(link, HCI_SUCCESS, tx_phy, rx_phy);
}

void hci_link_phys(struct hci_link *link, uint8_t status, uint8_t tx_phy, uint8_t rx_phy)
{
        uint8_t event[5] = {status, 0, 0, tx_phy, rx_phy};

        link->phy_wanted = false;
        link->tx_phy = tx_phy;
        link->rx_phy = rx_phy;
        hci_put16(event + 1, link->handle);
        hci_le_event(link->controller, HCI_LE_PHY_UPDATE_COMPLETE, event, sizeof(event));
}

static void on_ended(void *userdata, uint8_t reason)
{
        struct hci_link *link = userdata;
        uint8_t event[4] = {HCI_SUCCESS, 0, 0, reason};

        link->end = NULL;
        hci_put16(event + 1, link->handle);
        hci_event(link->controller, HCI_DISCONNECTION_COMPLETE, event, sizeof(event));
}

/* --- begin and end --- */

/* Handles are not used again at once, so that a host that mixes up an old and a new link is caught.
 */
static uint16_t handle_new(struct controller *c)
{
        do
                c->last_handle = (uint16_t)(c->last_handle % HANDLE_MAX + 1);
        while (hci_link_find(c, c->last_handle));
        return c->last_handle;
}

/* The radio keeps to its limit, so there is a free slot. */
static struct hci_link *slot_new(struct controller *c)
{
        struct hci_link *link = c->links;

        while (link->end)
                link++;
        memset(link, 0, sizeof(*link));
        return link;
}

struct hci_link *hci_link_new(struct controller *c, const struct air_connection *connection)
{
        static const struct link_owner owner = {on_data,   on_delivered, on_control,
                                                on_timing, on_phys,      on_ended};
        struct hci_link *link = slot_new(c);

        link->controller = c;
        link->handle = handle_new(c);
        link->end = connection->end;
        link->role = connection->role;
        link->peer = connection->peer;
        link->tx_phy = link->rx_phy = LINK_PHY_1M;
        link->own_tx = c->default_octets;
        link->own_rx = LINK_OCTETS_MAX;
        link->peer_tx = link->peer_rx = LINK_OCTETS_MIN;
        link->tx = link->rx = LINK_OCTETS_MIN;
        link_hold(link->end, &owner, link);
        return link;
}

/* The central asks for the data length that the host has suggested. */
void hci_link_begin(struct hci_link *link)
{
        if (link->role == LINK_CENTRAL && link->own_tx > LINK_OCTETS_MIN)
                hci_procedure_length(link, LL_LENGTH_REQ);
}

void hci_link_reset(struct controller *c)
{
        for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
                if (c->links[i].end)
                        link_abandon(c->links[i].end);
                c->links[i].end = NULL;
        }
}

void hci_link_send(struct controller *c, const uint8_t *packet, size_t n_packet)
{
        struct hci_link *link;
        size_t n_data;

        if (n_packet < 6 || n_packet - 5 != hci_get16(packet + 3) ||
            n_packet - 5 > HCI_ACL_OCTETS) {
                hci_note(c, "the host sent data of %zu bytes whose length is wrong", n_packet);
                return;
        }
        n_data = n_packet - 5;
        link = hci_link_find(c, hci_get16(packet + 1) & 0xfff);
        if (!link)
                return; /* it ended while this was under way */
        if (link_send(link->end, (packet[2] >> 4 & 3) != PB_CONTINUES, packet + 5, n_data) < 0)
                hci_note(c, "out of memory: data is lost");
}

/* --- commands --- */

uint8_t hci_disconnect(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!memchr(reasons, call->in[2], sizeof(reasons)))
                return HCI_INVALID_PARAMETERS;
        link_terminate(link->end, call->in[2]);
        return HCI_SUCCESS;
}

uint8_t hci_read_transmit_power_level(struct controller *c, struct hci_call *call)
{
        if (!subject(c, call))
                return HCI_UNKNOWN_CONNECTION;
        call->out[call->n_out++] = HCI_TX_POWER;
        return HCI_SUCCESS;
}

uint8_t hci_read_rssi(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        call->out[call->n_out++] = (uint8_t)link_signal(link->end);
        return HCI_SUCCESS;
}

uint8_t hci_le_read_channel_map(struct controller *c, struct hci_call *call)
{
        static const uint8_t all[5] = {0xff, 0xff, 0xff, 0xff, 0x1f};

        if (!subject(c, call))
                return HCI_UNKNOWN_CONNECTION;
        memcpy(call->out + call->n_out, all, sizeof(all));
        call->n_out += sizeof(all);
        return HCI_SUCCESS;
}

static uint8_t timing_update(struct hci_link *link, const struct link_timing *timing)
{
        int r = link_update_timing(link->end, timing);

        if (r == -EBUSY)
                return HCI_COMMAND_DISALLOWED;
        return r < 0 ? HCI_MEMORY_EXCEEDED : HCI_SUCCESS;
}

uint8_t hci_le_connection_update(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);
        struct link_timing timing;

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!hci_timing(call->in + 2, &timing))
                return HCI_INVALID_PARAMETERS;
        if (link->role == LINK_CENTRAL)
                return timing_update(link, &timing);
        hci_procedure_request_timing(link, call->in + 2);
        return HCI_SUCCESS;
}

/* What a peripheral has asked for; the central's host agrees, with values of its own. */
uint8_t hci_le_connection_parameter_reply(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);
        struct link_timing timing;

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!link->timing_asked)
                return HCI_COMMAND_DISALLOWED;
        if (!hci_timing(call->in + 2, &timing))
                return HCI_INVALID_PARAMETERS;
        link->timing_asked = false;
        return timing_update(link, &timing);
}

uint8_t hci_le_connection_parameter_refuse(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!link->timing_asked)
                return HCI_COMMAND_DISALLOWED;
        link->timing_asked = false;
        hci_procedure_reject(link, LL_CONNECTION_PARAM_REQ, call->in[2]);
        return HCI_SUCCESS;
}

static void features_told(struct controller *c, struct hci_link *link)
{
        (void)c;
        hci_link_features(link, HCI_SUCCESS);
}

void hci_link_features(struct hci_link *link, uint8_t status)
{
        uint8_t event[11] = {status};

        hci_put16(event + 1, link->handle);
        memcpy(event + 3, link->features, sizeof(link->features));
        hci_le_event(link->controller, HCI_LE_REMOTE_FEATURES_COMPLETE, event, sizeof(event));
}

uint8_t hci_le_read_remote_features(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (link->features_known) {
                call->then = features_told;
                call->then_link = link;
        } else {
                hci_procedure_features(link);
        }
        return HCI_SUCCESS;
}

static void version_told(struct controller *c, struct hci_link *link)
{
        (void)c;
        hci_link_version(link);
}

void hci_link_version(struct hci_link *link)
{
        uint8_t event[8] = {HCI_SUCCESS, 0, 0, link->version.version};

        link->version.wanted = false;
        hci_put16(event + 1, link->handle);
        hci_put16(event + 4, link->version.company);
        hci_put16(event + 6, link->version.subversion);
        hci_event(link->controller, HCI_REMOTE_VERSION_COMPLETE, event, sizeof(event));
}

uint8_t hci_read_remote_version(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        link->version.wanted = true;
        if (link->version.known) {
                call->then = version_told;
                call->then_link = link;
        } else {
                hci_procedure_version(link);
        }
        return HCI_SUCCESS;
}

uint8_t hci_le_set_data_length(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);
        uint16_t octets = hci_get16(call->in + 2);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (octets < LINK_OCTETS_MIN || octets > LINK_OCTETS_MAX)
                return HCI_INVALID_PARAMETERS;
        link->own_tx = octets;
        hci_procedure_length(link, LL_LENGTH_REQ);
        return HCI_SUCCESS;
}

uint8_t hci_le_read_phy(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        call->out[call->n_out++] = link_phy(link->end, true);
        call->out[call->n_out++] = link_phy(link->end, false);
        return HCI_SUCCESS;
}

uint8_t hci_le_set_phy(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);
        uint8_t no_preference = call->in[2];
        uint8_t tx = no_preference & 1 ? 3 : PHY_BITS(call->in[3]);
        uint8_t rx = no_preference & 2 ? 3 : PHY_BITS(call->in[4]);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!tx || !rx)
                return HCI_UNSUPPORTED_PARAMETER;
        if (link->phy_wanted)
                return HCI_COMMAND_DISALLOWED;
        link->phy_wanted = true;
        hci_procedure_phys(link, tx, rx);
        return HCI_SUCCESS;
}

uint8_t hci_le_enable_encryption(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (link->role != LINK_CENTRAL)
                return HCI_COMMAND_DISALLOWED;
        hci_procedure_encrypt(link, call->in + 2, call->in + 12);
        return HCI_SUCCESS;
}

uint8_t hci_le_long_term_key_reply(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!link->keys.wanted)
                return HCI_COMMAND_DISALLOWED;
        hci_procedure_key(link, call->in + 2);
        return HCI_SUCCESS;
}

uint8_t hci_le_long_term_key_refuse(struct controller *c, struct hci_call *call)
{
        struct hci_link *link = subject(c, call);

        if (!link)
                return HCI_UNKNOWN_CONNECTION;
        if (!link->keys.wanted)
                return HCI_COMMAND_DISALLOWED;
        link->keys.wanted = false;
        hci_procedure_reject(link, LL_ENC_REQ, HCI_KEY_MISSING);
        return HCI_SUCCESS;
}
