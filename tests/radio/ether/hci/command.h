/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The commands of a controller: a table of them, and their handlers.
 *
 * A handler is called with parameters of the length the table says, and returns HCI's status. Of
 * its return parameters it writes what follows the status; those that begin with the command's
 * own first bytes (a handle, most often) are filled in by the table's n_echo.
 */

#include <stddef.h>
#include <stdint.h>

struct controller;
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

typedef uint8_t (*hci_handler)(struct controller *controller, struct hci_call *call);

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

/* --- the handlers, by file --- */
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
