/* SPDX-License-Identifier: Apache-2.0 */

/* Control procedures of the link layer (Volume 6, Part B, section 5.1). */

#include <string.h>

#include "hci/state.h"
#include "util/defer.h"

#define MIC_BYTES 4

static void send(struct hci_link *link, uint8_t opcode, const void *data, size_t n_data)
{
        struct link_control control = {.opcode = opcode, .n_data = (uint8_t)n_data};

        if (n_data > 0)
                memcpy(control.data, data, n_data);
        if (link_control(link->end, &control) < 0)
                hci_note(link->controller, "out of memory: a control PDU is lost");
}

void hci_procedure_reject(struct hci_link *link, uint8_t opcode, uint8_t status)
{
        send(link, LL_REJECT_EXT_IND, (uint8_t[]){opcode, status}, 2);
}

/* --- data length (5.1.9) --- */

static uint16_t least(uint16_t a, uint16_t b)
{
        return a < b ? a : b;
}

static void length_agree(struct hci_link *link)
{
        uint16_t tx = least(link->own_tx, link->peer_rx), rx = least(link->own_rx, link->peer_tx);
        uint8_t event[10];

        if (tx == link->tx && rx == link->rx)
                return;
        link->tx = tx;
        link->rx = rx;
        link_set_octets(link->end, tx);
        hci_put16(event, link->handle);
        hci_put16(event + 2, tx);
        hci_put16(event + 4, hci_octets_time(tx));
        hci_put16(event + 6, rx);
        hci_put16(event + 8, hci_octets_time(rx));
        hci_le_event(link->controller, HCI_LE_DATA_LENGTH_CHANGE, event, sizeof(event));
}

void hci_procedure_length(struct hci_link *link, uint8_t opcode)
{
        uint8_t data[8];

        hci_put16(data, link->own_rx);
        hci_put16(data + 2, hci_octets_time(link->own_rx));
        hci_put16(data + 4, link->own_tx);
        hci_put16(data + 6, hci_octets_time(link->own_tx));
        send(link, opcode, data, sizeof(data));
}

static void length_learn(struct hci_link *link, const uint8_t *data)
{
        link->peer_rx = hci_get16(data);
        link->peer_tx = hci_get16(data + 4);
}

static void on_length_request(struct hci_link *link, const uint8_t *data)
{
        length_learn(link, data);
        hci_procedure_length(link, LL_LENGTH_RSP);
        length_agree(link);
}

static void on_length_response(struct hci_link *link, const uint8_t *data)
{
        length_learn(link, data);
        length_agree(link);
}

/* --- features (5.1.4), version (5.1.5) --- */

void hci_procedure_features(struct hci_link *link)
{
        send(link, link->role == LINK_CENTRAL ? LL_FEATURE_REQ : LL_PERIPHERAL_FEATURE_REQ,
             hci_info_features(link->controller), 8);
}

static void features_learn(struct hci_link *link, const uint8_t *data)
{
        memcpy(link->features, data, sizeof(link->features));
        link->features_known = true;
}

static void on_features_request(struct hci_link *link, const uint8_t *data)
{
        features_learn(link, data);
        send(link, LL_FEATURE_RSP, hci_info_features(link->controller), 8);
}

static void on_features_response(struct hci_link *link, const uint8_t *data)
{
        features_learn(link, data);
        hci_link_features(link, HCI_SUCCESS);
}

/* Each side says it once. */
void hci_procedure_version(struct hci_link *link)
{
        uint8_t data[5];

        if (link->version.told)
                return;
        link->version.told = true;
        hci_info_version(link->controller, data);
        send(link, LL_VERSION_IND, data, sizeof(data));
}

static void on_version(struct hci_link *link, const uint8_t *data)
{
        link->version.version = data[0];
        link->version.company = hci_get16(data + 1);
        link->version.subversion = hci_get16(data + 3);
        link->version.known = true;
        hci_procedure_version(link);
        if (link->version.wanted)
                hci_link_version(link);
}

/* --- connection parameters (5.1.7) --- */

void hci_procedure_request_timing(struct hci_link *link, const uint8_t *timing)
{
        uint8_t data[23];

        memset(data, 0xff, sizeof(data)); /* no preferred offsets */
        memcpy(data, timing, 8);
        memset(data + 8, 0, 3);
        send(link, LL_CONNECTION_PARAM_REQ, data, sizeof(data));
}

static void on_timing_request(struct hci_link *link, const uint8_t *data)
{
        uint8_t event[10];

        if (link->role != LINK_CENTRAL ||
            !hci_le_wanted(link->controller, HCI_LE_CONNECTION_PARAMETER_REQUEST)) {
                hci_procedure_reject(link, LL_CONNECTION_PARAM_REQ, HCI_UNSUPPORTED_REMOTE_FEATURE);
                return;
        }
        link->timing_asked = true;
        hci_put16(event, link->handle);
        memcpy(event + 2, data, 8);
        hci_le_event(link->controller, HCI_LE_CONNECTION_PARAMETER_REQUEST, event, sizeof(event));
}

/* --- PHY (5.1.10) --- */

void hci_procedure_phys(struct hci_link *link, uint8_t tx, uint8_t rx)
{
        link->tx_phys = tx;
        link->rx_phys = rx;
        send(link, LL_PHY_REQ, (uint8_t[]){tx, rx}, 2);
}

/* The faster one that both can, or 0 if there is none. */
static uint8_t phy_choose(uint8_t a, uint8_t b)
{
        uint8_t common = a & b;

        return common & LINK_PHY_2M ? LINK_PHY_2M : common & LINK_PHY_1M;
}

/* The central decides. What the peer sends is what the central receives. */
static void phys_decide(struct hci_link *link, const uint8_t *peer)
{
        if (link_update_phys(link->end, phy_choose(link->tx_phys, peer[1]),
                             phy_choose(link->rx_phys, peer[0])) < 0)
                hci_procedure_reject(link, LL_PHY_REQ, HCI_PROCEDURE_COLLISION);
}

static void on_phy_request(struct hci_link *link, const uint8_t *data)
{
        const struct controller *c = link->controller;

        if (c->settings.legacy) {
                send(link, LL_UNKNOWN_RSP, (uint8_t[]){LL_PHY_REQ}, 1);
                return;
        }
        link->tx_phys = c->default_tx_phys;
        link->rx_phys = c->default_rx_phys;
        if (link->role == LINK_CENTRAL)
                phys_decide(link, data);
        else
                send(link, LL_PHY_RSP, (uint8_t[]){link->tx_phys, link->rx_phys}, 2);
}

static void on_phy_response(struct hci_link *link, const uint8_t *data)
{
        if (link->role == LINK_CENTRAL)
                phys_decide(link, data);
}

/* --- encryption (5.1.3) --- */

/*
 * Nothing is encrypted in this air, but two hosts with different keys must find out. The first
 * encrypted PDU either side sends has a message integrity check; here it carries one that is made
 * of the key and of what both sides put into the session.
 */
static void mic_make(const struct hci_keys *keys, uint8_t mic[MIC_BYTES])
{
        uint8_t block[16];

        memcpy(block, keys->diversifier, sizeof(block));
        hci_aes(keys->ltk, block);
        memcpy(mic, block, MIC_BYTES);
}

static void random_bytes(struct hci_link *link, uint8_t *bytes)
{
        uint64_t number = chance_draw(&link->controller->chance);

        memcpy(bytes, &number, sizeof(number));
}

void hci_procedure_encrypt(struct hci_link *link, const uint8_t *rand_ediv, const uint8_t *ltk)
{
        uint8_t data[22] = {0};

        memcpy(link->keys.ltk, ltk, sizeof(link->keys.ltk));
        random_bytes(link, link->keys.diversifier);
        memcpy(data, rand_ediv, 10);
        memcpy(data + 10, link->keys.diversifier, 8);
        send(link, LL_ENC_REQ, data, sizeof(data));
}

static void on_encryption_request(struct hci_link *link, const uint8_t *data)
{
        uint8_t response[12] = {0}, event[12];

        memcpy(link->keys.diversifier, data + 10, 8);
        random_bytes(link, link->keys.diversifier + 8);
        memcpy(response, link->keys.diversifier + 8, 8);
        send(link, LL_ENC_RSP, response, sizeof(response));
        if (!hci_le_wanted(link->controller, HCI_LE_LONG_TERM_KEY_REQUEST)) {
                hci_procedure_reject(link, LL_ENC_REQ, HCI_KEY_MISSING);
                return;
        }
        link->keys.wanted = true;
        hci_put16(event, link->handle);
        memcpy(event + 2, data, 10);
        hci_le_event(link->controller, HCI_LE_LONG_TERM_KEY_REQUEST, event, sizeof(event));
}

static void on_encryption_response(struct hci_link *link, const uint8_t *data)
{
        memcpy(link->keys.diversifier + 8, data, 8);
}

void hci_procedure_key(struct hci_link *link, const uint8_t *ltk)
{
        link->keys.wanted = false;
        memcpy(link->keys.ltk, ltk, sizeof(link->keys.ltk));
        send(link, LL_START_ENC_REQ, NULL, 0);
}

static void encryption_started(struct hci_link *link)
{
        uint8_t mic[MIC_BYTES];

        mic_make(&link->keys, mic);
        link_set_encrypted(link->end, true);
        send(link, LL_START_ENC_RSP, mic, sizeof(mic));
}

static void on_encryption_start(struct hci_link *link, const uint8_t *data)
{
        (void)data;
        encryption_started(link);
}

/* HCI has an event for the first time and another one for new keys. */
static void encryption_told(struct hci_link *link, uint8_t status)
{
        uint8_t event[4] = {status, 0, 0, status == HCI_SUCCESS};
        bool again = link->keys.encrypted;

        hci_put16(event + 1, link->handle);
        link->keys.encrypted = again || status == HCI_SUCCESS;
        hci_event(link->controller, again ? HCI_KEY_REFRESH_COMPLETE : HCI_ENCRYPTION_CHANGE, event,
                  again ? 3 : 4);
}

static void on_encryption_started(struct hci_link *link, const uint8_t *data)
{
        uint8_t mic[MIC_BYTES];

        mic_make(&link->keys, mic);
        if (memcmp(mic, data, sizeof(mic)) != 0) {
                link_cut(link->end, HCI_MIC_FAILURE);
                return;
        }
        if (link->role == LINK_PERIPHERAL)
                encryption_started(link);
        encryption_told(link, HCI_SUCCESS);
}

/* --- what the peer refuses or does not know --- */

static void procedure_failed(struct hci_link *link, uint8_t opcode, uint8_t status)
{
        struct link_timing timing = link_timing(link->end);

        switch (opcode) {
        case LL_CONNECTION_PARAM_REQ:
                hci_link_updated(link, status, &timing);
                break;
        case LL_PHY_REQ:
                hci_link_phys(link, status, link->tx_phy, link->rx_phy);
                break;
        case LL_FEATURE_REQ:
        case LL_PERIPHERAL_FEATURE_REQ:
                hci_link_features(link, status);
                break;
        case LL_ENC_REQ:
                encryption_told(link, status);
                break;
        }
}

static void on_reject(struct hci_link *link, const uint8_t *data)
{
        procedure_failed(link, data[0], data[1]);
}

static void on_unknown(struct hci_link *link, const uint8_t *data)
{
        procedure_failed(link, data[0], HCI_UNSUPPORTED_REMOTE_FEATURE);
}

/* --- by opcode --- */

void hci_procedure_receive(struct hci_link *link, const struct link_control *control)
{
        static const struct {
                uint8_t opcode, n_data;
                void (*handler)(struct hci_link *link, const uint8_t *data);
        } procedures[] = {
                {LL_ENC_REQ, 22, on_encryption_request},
                {LL_ENC_RSP, 12, on_encryption_response},
                {LL_START_ENC_REQ, 0, on_encryption_start},
                {LL_START_ENC_RSP, MIC_BYTES, on_encryption_started},
                {LL_UNKNOWN_RSP, 1, on_unknown},
                {LL_FEATURE_REQ, 8, on_features_request},
                {LL_FEATURE_RSP, 8, on_features_response},
                {LL_VERSION_IND, 5, on_version},
                {LL_PERIPHERAL_FEATURE_REQ, 8, on_features_request},
                {LL_CONNECTION_PARAM_REQ, 23, on_timing_request},
                {LL_REJECT_EXT_IND, 2, on_reject},
                {LL_LENGTH_REQ, 8, on_length_request},
                {LL_LENGTH_RSP, 8, on_length_response},
                {LL_PHY_REQ, 2, on_phy_request},
                {LL_PHY_RSP, 2, on_phy_response},
        };

        for (size_t i = 0; i < ELEMENTSOF(procedures); i++)
                if (procedures[i].opcode == control->opcode &&
                    procedures[i].n_data == control->n_data) {
                        procedures[i].handler(link, control->data);
                        return;
                }
        send(link, LL_UNKNOWN_RSP, &control->opcode, 1);
}
