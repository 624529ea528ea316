/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "hci/command.h"
#include "hci/state.h"
#include "util/defer.h"

#define AT(octet, bit) ((octet)*8 + (bit))

/* By opcode (Volume 4, Part E, section 7), with the place in the list of supported commands
 * (section 6.27). */
/* clang-format off */
static const struct hci_command commands[] = {
        {0x0406, AT(0, 5), 3, 0, HCI_BY_STATUS, hci_disconnect}, /* Disconnect */
        {0x041d, AT(2, 7), 2, 0, HCI_BY_STATUS, hci_read_remote_version}, /* Read Remote Version Information */
        {0x0c01, AT(5, 6), 8, 0, 0, hci_set_event_mask}, /* Set Event Mask */
        {0x0c03, AT(5, 7), 0, 0, 0, hci_reset}, /* Reset */
        {0x0c2d, AT(10, 2), 3, 2, 0, hci_read_transmit_power_level}, /* Read Transmit Power Level */
        {0x1001, AT(14, 3), 0, 0, 0, hci_read_local_version}, /* Read Local Version Information */
        {0x1002, AT(14, 4), 0, 0, 0, hci_read_local_commands}, /* Read Local Supported Commands */
        {0x1003, AT(14, 5), 0, 0, 0, hci_read_local_features}, /* Read Local Supported Features */
        {0x1009, AT(15, 1), 0, 0, 0, hci_read_address}, /* Read BD_ADDR */
        {0x1405, AT(15, 5), 2, 2, 0, hci_read_rssi}, /* Read RSSI */
        {0x2001, AT(25, 0), 8, 0, 0, hci_le_set_event_mask}, /* LE Set Event Mask */
        {0x2002, AT(25, 1), 0, 0, 0, hci_le_read_buffer_size}, /* LE Read Buffer Size */
        {0x2003, AT(25, 2), 0, 0, 0, hci_le_read_features}, /* LE Read Local Supported Features */
        {0x2005, AT(25, 4), 6, 0, 0, hci_le_set_random_address}, /* LE Set Random Address */
        {0x2006, AT(25, 5), 15, 0, 0, hci_le_set_advertising_parameters}, /* LE Set Advertising Parameters */
        {0x2007, AT(25, 6), 0, 0, 0, hci_le_read_advertising_power}, /* LE Read Advertising Physical Channel Tx Power */
        {0x2008, AT(25, 7), 32, 0, 0, hci_le_set_advertising_data}, /* LE Set Advertising Data */
        {0x2009, AT(26, 0), 32, 0, 0, hci_le_set_response_data}, /* LE Set Scan Response Data */
        {0x200a, AT(26, 1), 1, 0, 0, hci_le_set_advertising_enable}, /* LE Set Advertising Enable */
        {0x200b, AT(26, 2), 7, 0, 0, hci_le_set_scan_parameters}, /* LE Set Scan Parameters */
        {0x200c, AT(26, 3), 2, 0, 0, hci_le_set_scan_enable}, /* LE Set Scan Enable */
        {0x200d, AT(26, 4), 25, 0, HCI_BY_STATUS, hci_le_create_connection}, /* LE Create Connection */
        {0x200e, AT(26, 5), 0, 0, 0, hci_le_create_connection_cancel}, /* LE Create Connection Cancel */
        {0x200f, AT(26, 6), 0, 0, 0, hci_le_read_accept_list_size}, /* LE Read Filter Accept List Size */
        {0x2010, AT(26, 7), 0, 0, 0, hci_le_clear_accept_list}, /* LE Clear Filter Accept List */
        {0x2011, AT(27, 0), 7, 0, 0, hci_le_add_to_accept_list}, /* LE Add Device To Filter Accept List */
        {0x2012, AT(27, 1), 7, 0, 0, hci_le_remove_from_accept_list}, /* LE Remove Device From Filter Accept List */
        {0x2013, AT(27, 2), 14, 0, HCI_BY_STATUS, hci_le_connection_update}, /* LE Connection Update */
        {0x2014, AT(27, 3), 5, 0, 0, hci_le_set_channel_classification}, /* LE Set Host Channel Classification */
        {0x2015, AT(27, 4), 2, 2, 0, hci_le_read_channel_map}, /* LE Read Channel Map */
        {0x2016, AT(27, 5), 2, 0, HCI_BY_STATUS, hci_le_read_remote_features}, /* LE Read Remote Features */
        {0x2017, AT(27, 6), 32, 0, 0, hci_le_encrypt}, /* LE Encrypt */
        {0x2018, AT(27, 7), 0, 0, 0, hci_le_rand}, /* LE Rand */
        {0x2019, AT(28, 0), 28, 0, HCI_BY_STATUS, hci_le_enable_encryption}, /* LE Enable Encryption */
        {0x201a, AT(28, 1), 18, 2, 0, hci_le_long_term_key_reply}, /* LE Long Term Key Request Reply */
        {0x201b, AT(28, 2), 2, 2, 0, hci_le_long_term_key_refuse}, /* LE Long Term Key Request Negative Reply */
        {0x201c, AT(28, 3), 0, 0, 0, hci_le_read_states}, /* LE Read Supported States */
        {0x2020, AT(33, 4), 14, 2, 0, hci_le_connection_parameter_reply}, /* LE Remote Connection Parameter Request Reply */
        {0x2021, AT(33, 5), 3, 2, 0, hci_le_connection_parameter_refuse}, /* LE Remote Connection Parameter Request Negative Reply */
        {0x2022, AT(33, 6), 6, 2, 0, hci_le_set_data_length}, /* LE Set Data Length */
        {0x2023, AT(33, 7), 0, 0, 0, hci_le_read_default_length}, /* LE Read Suggested Default Data Length */
        {0x2024, AT(34, 0), 4, 0, 0, hci_le_write_default_length}, /* LE Write Suggested Default Data Length */
        {0x202f, AT(35, 3), 0, 0, 0, hci_le_read_maximum_length}, /* LE Read Maximum Data Length */
        {0x2030, AT(35, 4), 2, 2, HCI_NOT_4_2, hci_le_read_phy}, /* LE Read PHY */
        {0x2031, AT(35, 5), 3, 0, HCI_NOT_4_2, hci_le_set_default_phy}, /* LE Set Default PHY */
        {0x2032, AT(35, 6), 7, 0, HCI_BY_STATUS | HCI_NOT_4_2, hci_le_set_phy}, /* LE Set PHY */
        {0x2035, AT(36, 1), 7, 0, HCI_NOT_4_2, hci_le_set_set_address}, /* LE Set Advertising Set Random Address */
        {0x2036, AT(36, 2), 25, 0, HCI_NOT_4_2, hci_le_set_extended_parameters}, /* LE Set Extended Advertising Parameters */
        {0x2037, AT(36, 3), 4, 0, HCI_MORE | HCI_NOT_4_2, hci_le_set_extended_data}, /* LE Set Extended Advertising Data */
        {0x2038, AT(36, 4), 4, 0, HCI_MORE | HCI_NOT_4_2, hci_le_set_extended_response}, /* LE Set Extended Scan Response Data */
        {0x2039, AT(36, 5), 2, 0, HCI_MORE | HCI_NOT_4_2, hci_le_set_extended_enable}, /* LE Set Extended Advertising Enable */
        {0x203a, AT(36, 6), 0, 0, HCI_NOT_4_2, hci_le_read_maximum_data}, /* LE Read Maximum Advertising Data Length */
        {0x203b, AT(36, 7), 0, 0, HCI_NOT_4_2, hci_le_read_number_of_sets}, /* LE Read Number of Supported Advertising Sets */
        {0x203c, AT(37, 0), 1, 0, HCI_NOT_4_2, hci_le_remove_set}, /* LE Remove Advertising Set */
        {0x203d, AT(37, 1), 0, 0, HCI_NOT_4_2, hci_le_clear_sets}, /* LE Clear Advertising Sets */
        {0x2041, AT(37, 5), 8, 0, HCI_MORE | HCI_NOT_4_2, hci_le_set_extended_scan_parameters}, /* LE Set Extended Scan Parameters */
        {0x2042, AT(37, 6), 6, 0, HCI_NOT_4_2, hci_le_set_extended_scan_enable}, /* LE Set Extended Scan Enable */
        {0x2043, AT(37, 7), 26, 0, HCI_BY_STATUS | HCI_MORE | HCI_NOT_4_2, hci_le_extended_create_connection}, /* LE Extended Create Connection */
        {0x204b, AT(38, 7), 0, 0, HCI_NOT_4_2, hci_le_read_transmit_power}, /* LE Read Transmit Power */
};
/* clang-format on */

static bool command_is_there(const struct controller *controller, const struct hci_command *command)
{
        return !controller->settings.legacy || !(command->flags & HCI_NOT_4_2);
}

const struct hci_command *hci_command_find(const struct controller *controller, uint16_t opcode)
{
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (commands[i].opcode == opcode && command_is_there(controller, &commands[i]))
                        return &commands[i];
        return NULL;
}

void hci_command_support(const struct controller *controller, uint8_t ret_bitmap[64])
{
        memset(ret_bitmap, 0, 64);
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (command_is_there(controller, &commands[i]))
                        ret_bitmap[commands[i].support / 8] |=
                                (uint8_t)(1U << commands[i].support % 8);
}
