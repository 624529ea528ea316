/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a controller remembers, and what its parts offer each other. For this folder's own files
 * only.
 *
 * A handler is called with parameters of the length the table says, and returns HCI's status. Of
 * its return parameters it writes what follows the status; those that begin with the command's
 * own first bytes (a handle, most often) are filled in by the table's n_echo.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/chance.h"
#include "hci/controller.h"
#include "hci/hci.h"

#define HCI_DEVICES    256 /* advertisers that the duplicate filter remembers */
#define HCI_ACL_OCTETS 251
#define HCI_ACL_COUNT  16
#define HCI_TX_POWER   0 /* dBm */

#define HCI_OWN_RANDOM(type)                                                                       \
        (((type)&1) != 0) /* 1, or 3: resolvable if the host has given one, else random */

struct hci_link;

struct hci_call {
        uint16_t opcode;
        const uint8_t *in;
        size_t n_in;
        uint8_t out[255];
        size_t n_out;
        /* Runs after the answer, with @then_link. */
        void (*then)(struct controller *controller, struct hci_link *link);
        struct hci_link *then_link;
};

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
                bool known, told,
                        wanted; /* LL_VERSION_IND received, sent, and asked for by the host */
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

struct hci_set {
        bool used, enabled, has_address, has_data, has_response;
        uint8_t own_type;
        uint8_t address[6];
        struct air_advertising advertising;
};

struct hci_scan {
        struct air_scanning scanning;
        uint8_t own_type;
        bool enabled, filter;
        size_t n_seen;
        uint64_t seen[HCI_DEVICES]; /* hashes of what was told, the oldest overwritten */
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
        /* Legacy and extended commands must not be mixed (Volume 4, Part E, section 3.1.1). */
        enum { HCI_EITHER, HCI_LEGACY, HCI_EXTENDED } kind;

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

typedef uint8_t (*hci_handler)(struct controller *controller, struct hci_call *call);

/* --- command.c: the table --- */

struct hci_command {
        uint16_t opcode;
        uint16_t support; /* octet * 8 + bit in the list of supported commands */
        uint8_t n_in;     /* bytes of parameters, at least */
        uint8_t n_echo;   /* of them, these begin the return parameters */
        uint8_t flags;
        hci_handler handler;
};

#define HCI_BY_STATUS 1 /* answered by Command Status instead of Command Complete */
#define HCI_MORE      2 /* more parameters than n_in may come */
#define HCI_NOT_4_2   4 /* a legacy controller does not have it */

/* NULL for what this controller does not implement. */
const struct hci_command *hci_command_find(const struct controller *controller, uint16_t opcode);
void hci_command_support(const struct controller *controller, uint8_t ret_bitmap[64]);

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

/* Takes charge of a new connection and starts what a controller does by itself. */
struct hci_link *hci_link_new(struct controller *controller,
                              const struct air_connection *connection);
void hci_link_begin(struct hci_link *link);
struct hci_link *hci_link_find(struct controller *controller, uint16_t handle);
struct hci_link *hci_link_find_peer(struct controller *controller, const struct air_address *peer);
void hci_link_reset(struct controller *controller);
/* What a procedure has brought about is told. */
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

/* The address the air knows for an own address type; false if the host has set none. */
bool hci_own_address(const struct controller *controller, uint8_t own_type, const uint8_t *random,
                     struct air_address *ret_address);

/* --- the handlers of the table --- */
/* info.c */
uint8_t hci_set_event_mask(struct controller *controller, struct hci_call *call);
uint8_t hci_reset(struct controller *controller, struct hci_call *call);
uint8_t hci_read_local_version(struct controller *controller, struct hci_call *call);
uint8_t hci_read_local_commands(struct controller *controller, struct hci_call *call);
uint8_t hci_read_local_features(struct controller *controller, struct hci_call *call);
uint8_t hci_read_address(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_event_mask(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_buffer_size(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_features(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_random_address(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_channel_classification(struct controller *controller, struct hci_call *call);
uint8_t hci_le_encrypt(struct controller *controller, struct hci_call *call);
uint8_t hci_le_rand(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_states(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_default_length(struct controller *controller, struct hci_call *call);
uint8_t hci_le_write_default_length(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_maximum_length(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_default_phy(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_transmit_power(struct controller *controller, struct hci_call *call);
/* advertising.c */
uint8_t hci_le_set_advertising_parameters(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_advertising_power(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_advertising_data(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_response_data(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_advertising_enable(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_set_address(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_extended_parameters(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_extended_data(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_extended_response(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_extended_enable(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_maximum_data(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_number_of_sets(struct controller *controller, struct hci_call *call);
uint8_t hci_le_remove_set(struct controller *controller, struct hci_call *call);
uint8_t hci_le_clear_sets(struct controller *controller, struct hci_call *call);
/* scanning.c */
uint8_t hci_le_set_scan_parameters(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_scan_enable(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_extended_scan_parameters(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_extended_scan_enable(struct controller *controller, struct hci_call *call);
/* connecting.c */
uint8_t hci_le_create_connection(struct controller *controller, struct hci_call *call);
uint8_t hci_le_create_connection_cancel(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_accept_list_size(struct controller *controller, struct hci_call *call);
uint8_t hci_le_clear_accept_list(struct controller *controller, struct hci_call *call);
uint8_t hci_le_add_to_accept_list(struct controller *controller, struct hci_call *call);
uint8_t hci_le_remove_from_accept_list(struct controller *controller, struct hci_call *call);
uint8_t hci_le_extended_create_connection(struct controller *controller, struct hci_call *call);
/* connection.c */
uint8_t hci_disconnect(struct controller *controller, struct hci_call *call);
uint8_t hci_read_remote_version(struct controller *controller, struct hci_call *call);
uint8_t hci_read_transmit_power_level(struct controller *controller, struct hci_call *call);
uint8_t hci_read_rssi(struct controller *controller, struct hci_call *call);
uint8_t hci_le_connection_update(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_channel_map(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_remote_features(struct controller *controller, struct hci_call *call);
uint8_t hci_le_enable_encryption(struct controller *controller, struct hci_call *call);
uint8_t hci_le_long_term_key_reply(struct controller *controller, struct hci_call *call);
uint8_t hci_le_long_term_key_refuse(struct controller *controller, struct hci_call *call);
uint8_t hci_le_connection_parameter_reply(struct controller *controller, struct hci_call *call);
uint8_t hci_le_connection_parameter_refuse(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_data_length(struct controller *controller, struct hci_call *call);
uint8_t hci_le_read_phy(struct controller *controller, struct hci_call *call);
uint8_t hci_le_set_phy(struct controller *controller, struct hci_call *call);
