/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers of HCI (Bluetooth Core, Volume 4, Part E; status codes in Volume 1, Part F), and
 * little-endian numbers in packets.
 */

#include <stdint.h>

#define HCI_SLOT 625 /* us: what times of advertising and scanning are counted in */

enum hci_packet {
        HCI_COMMAND = 0x01,
        HCI_ACL = 0x02,
        HCI_EVENT = 0x04,
};

enum hci_status {
        HCI_SUCCESS = 0x00,
        HCI_UNKNOWN_COMMAND = 0x01,
        HCI_UNKNOWN_CONNECTION = 0x02,
        HCI_KEY_MISSING = 0x06,
        HCI_MEMORY_EXCEEDED = 0x07,
        HCI_CONNECTION_TIMEOUT = 0x08,
        HCI_CONNECTION_LIMIT = 0x09,
        HCI_CONNECTION_EXISTS = 0x0b,
        HCI_COMMAND_DISALLOWED = 0x0c,
        HCI_UNSUPPORTED_PARAMETER = 0x11,
        HCI_INVALID_PARAMETERS = 0x12,
        HCI_TERMINATED_BY_HOST = 0x16,
        HCI_UNSUPPORTED_REMOTE_FEATURE = 0x1a,
        HCI_ADVERTISING_TIMEOUT = 0x3c,
        HCI_PROCEDURE_COLLISION = 0x23,
        HCI_MIC_FAILURE = 0x3d,
        HCI_UNKNOWN_ADVERTISING_SET = 0x42,
};

enum hci_event {
        HCI_DISCONNECTION_COMPLETE = 0x05,
        HCI_ENCRYPTION_CHANGE = 0x08,
        HCI_REMOTE_VERSION_COMPLETE = 0x0c,
        HCI_COMMAND_COMPLETE = 0x0e,
        HCI_COMMAND_STATUS = 0x0f,
        HCI_COMPLETED_PACKETS = 0x13,
        HCI_KEY_REFRESH_COMPLETE = 0x30,
        HCI_LE_META = 0x3e,
};

/* Subevents of HCI_LE_META. */
enum hci_le_event {
        HCI_LE_CONNECTION_COMPLETE = 0x01,
        HCI_LE_ADVERTISING_REPORT = 0x02,
        HCI_LE_CONNECTION_UPDATE_COMPLETE = 0x03,
        HCI_LE_REMOTE_FEATURES_COMPLETE = 0x04,
        HCI_LE_LONG_TERM_KEY_REQUEST = 0x05,
        HCI_LE_CONNECTION_PARAMETER_REQUEST = 0x06,
        HCI_LE_DATA_LENGTH_CHANGE = 0x07,
        HCI_LE_ENHANCED_CONNECTION_COMPLETE = 0x0a,
        HCI_LE_PHY_UPDATE_COMPLETE = 0x0c,
        HCI_LE_EXTENDED_ADVERTISING_REPORT = 0x0d,
        HCI_LE_ADVERTISING_SET_TERMINATED = 0x12,
};

static inline uint16_t hci_get16(const uint8_t *p)
{
        return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t hci_get24(const uint8_t *p)
{
        return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static inline void hci_put16(uint8_t *p, uint16_t value)
{
        p[0] = (uint8_t)value;
        p[1] = (uint8_t)(value >> 8);
}
