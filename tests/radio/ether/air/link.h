/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One connection of the link layer (Bluetooth Core, Volume 6, Part B, section 4.5): connection
 * events at the interval, in each of them packets both ways while there are any and the time
 * lasts, acknowledged and sent again; peripheral latency; supervision timeout; changes that take
 * effect at an instant both ends know.
 *
 * The two ends are seen by their radios' controllers. An end is valid from the moment its owner
 * learns of the connection until on_ended() returns, or link_abandon().
 *
 * All times are microseconds since the air began.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_OCTETS_MIN  27
#define LINK_OCTETS_MAX  251
#define LINK_CONTROL_MAX 26

#define LINK_PHY_1M 1
#define LINK_PHY_2M 2

enum link_role {
        LINK_CENTRAL = 0, /* as in HCI's events */
        LINK_PERIPHERAL = 1,
};

struct link_timing {
        uint16_t interval; /* 1.25 ms */
        uint16_t latency;  /* connection events that the peripheral may sleep through */
        uint16_t timeout;  /* 10 ms */
};

/* Opcodes of LL control PDUs (Volume 6, Part B, section 2.4.2). */
enum link_opcode {
        LL_CONNECTION_UPDATE_IND = 0x00,
        LL_TERMINATE_IND = 0x02,
        LL_ENC_REQ = 0x03,
        LL_ENC_RSP = 0x04,
        LL_START_ENC_REQ = 0x05,
        LL_START_ENC_RSP = 0x06,
        LL_UNKNOWN_RSP = 0x07,
        LL_FEATURE_REQ = 0x08,
        LL_FEATURE_RSP = 0x09,
        LL_VERSION_IND = 0x0c,
        LL_REJECT_IND = 0x0d,
        LL_PERIPHERAL_FEATURE_REQ = 0x0e,
        LL_CONNECTION_PARAM_REQ = 0x0f,
        LL_CONNECTION_PARAM_RSP = 0x10,
        LL_REJECT_EXT_IND = 0x11,
        LL_LENGTH_REQ = 0x14,
        LL_LENGTH_RSP = 0x15,
        LL_PHY_REQ = 0x16,
        LL_PHY_RSP = 0x17,
        LL_PHY_UPDATE_IND = 0x18,
};

struct link_control {
        uint8_t opcode;
        uint8_t n_data;
        uint8_t data[LINK_CONTROL_MAX];
};

struct link_end;

struct link_owner {
        /* A data PDU; @first begins an L2CAP frame, else it continues one. */
        void (*on_data)(void *userdata, bool first, const uint8_t *data, size_t n_data);
        /* All of the oldest fragment handed to link_send() has been acknowledged. */
        void (*on_delivered)(void *userdata);
        /* A control PDU that the link does not handle by itself: neither UPDATE nor TERMINATE. */
        void (*on_control)(void *userdata, const struct link_control *control);
        /* This is in force from now on. */
        void (*on_timing)(void *userdata, const struct link_timing *timing);
        void (*on_phys)(void *userdata, uint8_t tx_phy, uint8_t rx_phy);
        /* The end of it, with HCI's reason; the end is freed afterwards. */
        void (*on_ended)(void *userdata, uint8_t reason);
};

/* Takes charge of an end; to be called from where the connection is reported. */
void link_hold(struct link_end *end, const struct link_owner *owner, void *userdata);

/* Queues a fragment of an L2CAP frame, as HCI gives it, of 1 to 65,535 bytes. It is cut into PDUs
 * of what the octets in force allow. 0, or -ENOMEM. */
int link_send(struct link_end *end, bool first, const uint8_t *data, size_t n_data);

/* Queues a control PDU; it passes data that waits. 0, or -ENOMEM. */
int link_control(struct link_end *end, const struct link_control *control);

/* The central's: sends LL_CONNECTION_UPDATE_IND or LL_PHY_UPDATE_IND; both ends hear when it
 * takes effect. A PHY of 0 stays as it is. 0, -ENOMEM, or -EBUSY if one of its kind has yet to take
 * effect. */
int link_update_timing(struct link_end *end, const struct link_timing *timing);
int link_update_phys(struct link_end *end, uint8_t tx_phy, uint8_t rx_phy);

/* How long a PDU this end may send from now on, in octets of payload; 27 at first. */
void link_set_octets(struct link_end *end, uint16_t tx_octets);

/* From now on packets of this end carry a message integrity check: 4 bytes of airtime. */
void link_set_encrypted(struct link_end *end, bool encrypted);

/* Sends LL_TERMINATE_IND with @reason, ahead of everything that waits. on_ended(0x16) comes when it
 * has been acknowledged, or with the supervision timeout; the other end is told @reason. */
void link_terminate(struct link_end *end, uint8_t reason);

/* Ends it at once on both sides, each told @reason (not 0) when the air goes on. */
void link_cut(struct link_end *end, uint8_t reason);

/* This end's radio is gone: its owner is told nothing any more, the other end sees silence. */
void link_abandon(struct link_end *end);

enum link_role link_role(const struct link_end *end);
unsigned link_peer(const struct link_end *end); /* the other radio's number */
struct link_timing link_timing(const struct link_end *end);
uint8_t link_phy(const struct link_end *end, bool tx);
int8_t link_signal(const struct link_end *end); /* dBm of what it hears */
/* The number of the first connection event to begin at @now or later. */
uint16_t link_event_counter(const struct link_end *end, uint64_t now);
