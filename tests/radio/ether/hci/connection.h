/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A connection by its handle, what has been agreed on it, and the control procedures of the link
 * layer that agree it (Bluetooth Core, Volume 6, Part B, section 5.1).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/air.h"

struct controller;

/* One connection. */
struct hci_link {
        struct controller *controller;
        struct link_end *end; /* NULL: this slot is free */
        enum link_role role;
        uint16_t handle;
        struct air_address peer;

        uint16_t own_tx, own_rx;   /* octets that this side offers */
        uint16_t peer_tx, peer_rx; /* and the other */
        uint16_t tx, rx;           /* in force */

        uint8_t features[8];
        bool features_known;
        struct hci_version {
                uint8_t version;
                uint16_t company, subversion;
                bool known, told; /* LL_VERSION_IND has been received, sent */
                bool wanted;      /* the host has asked */
        } version;

        bool timing_asked;        /* of the host, by the peripheral */
        bool phy_wanted;          /* the host waits for LE PHY Update Complete */
        uint8_t tx_phy, rx_phy;   /* as last told */
        uint8_t tx_phys, rx_phys; /* bits of what this side would like */

        struct hci_keys {
                bool encrypted;
                bool wanted; /* the host has been asked for the key */
                uint8_t ltk[16];
                uint8_t diversifier[16]; /* SKD: the central's 8 bytes, then the peripheral's */
        } keys;
};

/* Takes charge of a new connection and starts what a controller does by itself. */
struct hci_link *hci_link_new(struct controller *controller,
                              const struct air_connection *connection);
void hci_link_begin(struct hci_link *link);
struct hci_link *hci_link_find(struct controller *controller, uint16_t handle);
struct hci_link *hci_link_find_peer(struct controller *controller, const struct air_address *peer);
void hci_link_reset(struct controller *controller);
/* Report what a procedure has brought about. */
void hci_link_updated(struct hci_link *link, uint8_t status, const struct link_timing *timing);
void hci_link_phys(struct hci_link *link, uint8_t status, uint8_t tx_phy, uint8_t rx_phy);
void hci_link_features(struct hci_link *link, uint8_t status);
void hci_link_version(struct hci_link *link);
void hci_link_send(struct controller *controller, const uint8_t *packet, size_t n_packet);

/* procedure.c: control procedures of the link layer. */
void hci_procedure_receive(struct hci_link *link, const struct link_control *control);
void hci_procedure_length(struct hci_link *link, uint8_t opcode);
void hci_procedure_features(struct hci_link *link);
void hci_procedure_version(struct hci_link *link);
void hci_procedure_request_timing(struct hci_link *link, const uint8_t *timing);
void hci_procedure_phys(struct hci_link *link, uint8_t tx, uint8_t rx);
void hci_procedure_encrypt(struct hci_link *link, const uint8_t *rand_ediv, const uint8_t *ltk);
void hci_procedure_key(struct hci_link *link, const uint8_t *ltk);
void hci_procedure_reject(struct hci_link *link, uint8_t opcode, uint8_t status);
