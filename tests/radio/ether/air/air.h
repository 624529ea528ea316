/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The air between Bluetooth LE radios: advertising, scanning, connecting (Bluetooth Core, Volume 6,
 * Part B, section 4.4) and, by link.h, connections. It has no descriptor and no clock: it is told
 * what time it is and says when it wants to be told again. The same calls at the same times have
 * the same effects.
 *
 * All times are microseconds since the air began. Callbacks come from within air_advance(), in the
 * order of the times of what they tell, and may call anything here but air_advance() and
 * air_free().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/link.h"
#include "air/space.h"

#define AIR_DATA_MAX   1650 /* bytes of an extended advertisement, in all */
#define AIR_SETS_MAX   8    /* advertising sets of a radio */
#define AIR_ACCEPT_MAX 16   /* entries of a radio's filter accept list */

enum air_address_type {
        AIR_PUBLIC = 0,
        AIR_RANDOM = 1,
};

struct air_address {
        uint8_t type;
        uint8_t bytes[6]; /* least significant first, as on the wire */
};

/* An advertising set. */
struct air_advertising {
        uint64_t interval; /* us, between the beginnings of two advertising events, before the
                              random delay */
        bool extended;     /* extended PDUs; otherwise legacy ones, of at most 31 bytes */
        bool connectable;
        bool scannable;
        bool directed;        /* to @peer, and to nobody else */
        bool high_duty;       /* directed, every 3.75 ms */
        bool accept_scans;    /* only accept-listed radios get a scan response */
        bool accept_connects; /* only accept-listed radios can connect */
        uint8_t channels;     /* bit 0 for channel 37, 1 for 38, 2 for 39 */
        uint8_t primary_phy;
        uint8_t secondary_phy;
        uint8_t sid;
        int8_t tx_power; /* dBm, 127 if not told */
        struct air_address own;
        struct air_address peer;
        uint64_t duration;   /* us, then it ends with 0x3c; 0 for no limit */
        unsigned max_events; /* then it ends with 0x43; 0 for no limit */
        uint16_t n_data, n_response;
        uint8_t data[AIR_DATA_MAX];
        uint8_t response[AIR_DATA_MAX];
};

struct air_scanning {
        uint32_t interval, window; /* us */
        bool active;               /* asks for scan responses */
        bool accept_only;          /* hears only accept-listed advertisers */
        bool extended;             /* hears extended PDUs, too */
        struct air_address own;
};

struct air_initiating {
        uint32_t interval, window; /* us */
        bool accept_only;          /* to those on the accept list; else to @peer */
        bool extended;
        struct air_address own;
        struct air_address peer;
        struct link_timing timing;
};

/* What a scanning radio heard. */
struct air_report {
        bool extended;
        bool connectable;
        bool scannable;
        bool directed;
        bool response; /* this is a scan response */
        struct air_address from;
        struct air_address to; /* if directed */
        uint8_t primary_phy, secondary_phy, sid;
        int8_t tx_power, signal;
        const uint8_t *data;
        size_t n_data;
};

struct air_connection {
        struct link_end *end; /* to be held at once */
        enum link_role role;
        struct air_address own, peer;
        struct link_timing timing;
        uint8_t set;     /* the peripheral's advertising set, that has ended by this */
        unsigned events; /* extended advertising events it has completed */
};

struct radio_owner {
        void (*on_report)(void *userdata, const struct air_report *report);
        void (*on_connected)(void *userdata, const struct air_connection *connection);
        /* A set has ended by itself without a connection: HCI's status 0x3c or 0x43. */
        void (*on_set_ended)(void *userdata, uint8_t set, uint8_t status, unsigned events);
};

struct air;
struct radio;

int air_new(uint64_t seed, struct air **ret_air);
/* Frees what is left in it, too, and tells nobody. */
struct air *air_free(struct air *air);

struct space *air_space(struct air *air);
uint64_t air_now(const struct air *air);

/* When something will happen by itself; UINT64_MAX for never. */
uint64_t air_next(const struct air *air);

/* Lets everything happen that happens up to and at @now, which is not before the last one; or until
 * the space has stopped the air, and then it is that time. */
void air_advance(struct air *air, uint64_t now);

/* Advertisements of @n_addresses random addresses in turn, @per_second of them, heard by every
 * scanning radio with @signal; 0 addresses end it. */
void air_flood(struct air *air, unsigned n_addresses, unsigned per_second, int8_t signal);

/* A radio with the lowest free number. 0, -ENOMEM, or -ENOSPC if there are SPACE_RADIOS. */
int radio_new(struct air *air, const struct radio_owner *owner, void *userdata,
              struct radio **ret_radio);
/* Gone without a word, as when it is unplugged; its orders in the space are kept. */
struct radio *radio_free(struct radio *radio);

unsigned radio_number(const struct radio *radio);

/* At most so many links in either role: then it does not hear connection requests, nor make them.
 */
void radio_limit(struct radio *radio, unsigned n_links);
unsigned radio_links(const struct radio *radio);

/* Starts a set, or changes one that runs and keeps its rhythm. 0, -ENOMEM, or -ENOSPC beyond
 * AIR_SETS_MAX. */
int radio_advertise(struct radio *radio, uint8_t set, const struct air_advertising *advertising);
void radio_advertise_stop(struct radio *radio, uint8_t set);

/* Starts, changes, or with NULL ends scanning. */
void radio_scan(struct radio *radio, const struct air_scanning *scanning);

/* Looks for a peer and connects to it. 0, or -EBUSY if it does so already. */
int radio_connect(struct radio *radio, const struct air_initiating *initiating);
/* True if it was still looking. */
bool radio_connect_cancel(struct radio *radio);

/* The filter accept list. */
void radio_accept(struct radio *radio, const struct air_address *list, size_t n_list);

/* What the radio has done as a link's central or peripheral. */
struct radio_tally {
        uint64_t events;  /* connection events it took part in */
        uint64_t missed;  /* connection events it could not, being busy with another link */
        uint64_t airtime; /* us, of everything it sent: links and advertisements */
        uint64_t adverts; /* advertising events */
        uint64_t reports; /* advertisements it heard and told of */
};
struct radio_tally radio_tally(const struct radio *radio);

/* Calls @each with the ends of all links between two radios, as seen from the first. */
void air_each_link(struct air *air, unsigned from, unsigned to,
                   void (*each)(struct link_end *end, void *userdata), void *userdata);
