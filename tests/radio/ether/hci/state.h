/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a controller remembers, and what its parts offer each other. For this folder's own files
 * only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/chance.h"
#include "hci/connection.h"
#include "hci/controller.h"
#include "hci/hci.h"

#define HCI_DEVICES    256 /* advertisers that the duplicate filter remembers */
#define HCI_ACL_OCTETS 251
#define HCI_ACL_COUNT  16
#define HCI_TX_POWER   0 /* dBm */

#define HCI_OWN_RANDOM(type)                                                                       \
        (((type)&1) != 0) /* 1, or 3: resolvable if the host has given one, else random */

struct hci_set {
        bool used, enabled, has_address;
        uint8_t own_type;
        uint8_t address[6];
        struct air_advertising advertising;
};

struct hci_scan {
        struct air_scanning scanning;
        uint8_t own_type;
        bool enabled, filter;
        size_t n_seen;
        uint64_t seen[HCI_DEVICES]; /* hashes of what was reported, the oldest overwritten */
};

struct controller {
        struct air *air;
        struct radio *radio;
        const struct controller_owner *owner;
        void *userdata;
        struct controller_settings settings;
        struct chance chance;

        uint64_t event_mask, le_event_mask;
        uint8_t random[6];
        bool has_random;
        enum hci_kind { HCI_EITHER, HCI_LEGACY, HCI_EXTENDED } kind;

        struct hci_set sets[AIR_SETS_MAX];
        struct hci_scan scan;
        bool initiating, initiating_accepted; /* the latter: with the accept list */
        struct air_address accept[AIR_ACCEPT_MAX];
        size_t n_accept;

        uint16_t default_octets;
        uint8_t default_tx_phys, default_rx_phys;
        uint16_t last_handle;
        struct hci_link links[CONTROLLER_LINKS_MAX];

        bool frozen;
        struct packet_queue *in, *out; /* what waits while it is frozen */
};

/* --- controller.c --- */

/* Sends an event, if the host's mask lets it. */
void hci_event(struct controller *controller, uint8_t code, const uint8_t *parameters,
               size_t n_parameters);
void hci_le_event(struct controller *controller, uint8_t subevent, const uint8_t *parameters,
                  size_t n_parameters);
/* Whether the mask lets the subevent through. */
bool hci_le_wanted(const struct controller *controller, uint8_t subevent);
void hci_data(struct controller *controller, uint16_t handle, bool first, const uint8_t *data,
              size_t n_data);
void hci_note(struct controller *controller, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* --- the other parts: what is called from outside their own commands --- */

void hci_info_reset(struct controller *controller);
const uint8_t *hci_info_features(const struct controller *controller);
/* Legacy and extended commands must not be mixed (Volume 4, Part E, section 3.1.1): the first one
 * decides until a reset. Whether this one is of the right kind. */
bool hci_kind_is(struct controller *controller, enum hci_kind kind);
/* The address the air knows for an own address type; false if the host has set none. */
bool hci_own_address(const struct controller *controller, uint8_t own_type, const uint8_t *random,
                     struct air_address *ret_address);
/* VersNr, CompId, SubVersNr as in LL_VERSION_IND. */
void hci_info_version(const struct controller *controller, uint8_t ret_version[5]);
/* AES-128 of one block in place, most significant byte first (FIPS 197). */
void hci_aes(const uint8_t key[16], uint8_t block[16]);
/* Microseconds that so many octets take on LE 1M. */
uint16_t hci_octets_time(uint16_t octets);

void hci_advertising_reset(struct controller *controller);
/* The set has become a connection, or has ended with a status. */
void hci_advertising_ended(struct controller *controller, uint8_t set, uint8_t status,
                           uint16_t handle, unsigned events);

void hci_scanning_reset(struct controller *controller);
void hci_scanning_report(struct controller *controller, const struct air_report *report);

/* Minimum, maximum, latency and timeout as HCI has them; false if they do not go together. The
 * maximum is taken. */
bool hci_timing(const uint8_t *in, struct link_timing *ret_timing);
void hci_connecting_reset(struct controller *controller);
void hci_connecting_done(struct controller *controller, const struct air_connection *connection);
/* There is no connection: LE Connection Complete tells so. */
void hci_connecting_failed(struct controller *controller, uint8_t status, enum link_role role);
