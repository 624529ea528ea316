/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A Bluetooth LE controller: on one side a host that speaks HCI (Bluetooth Core, Volume 4, Part E),
 * in H:4 packets (Part A, a type byte first), on the other a radio in the air.
 *
 * It answers when it is asked and speaks from within air_advance(). What it does not implement it
 * answers with Unknown HCI Command, and says so.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/air.h"

/* The largest H:4 packet either way: ACL data of 251 bytes, an event or a command of 255. */
#define CONTROLLER_PACKET_MAX 260

#define CONTROLLER_LINKS_MAX 64

struct controller_settings {
        uint8_t address[6]; /* public, least significant first */
        unsigned n_links;   /* as many at once, in either role, at most CONTROLLER_LINKS_MAX; the
                               next is refused with 0x09 */
        uint64_t seed;      /* of the random numbers it gives its host */
        bool legacy;        /* as Bluetooth 4.2: no extended advertising, no 2M PHY */
};

struct controller_owner {
        /* A packet for the host. */
        void (*on_packet)(void *userdata, const uint8_t *packet, size_t n_packet);
        /* Something a person should know, such as a command it does not implement; a line of text.
         */
        void (*on_note)(void *userdata, const char *text);
};

struct controller;

/* 0, -ENOMEM, or -ENOSPC if the air is full. */
int controller_new(struct air *air, const struct controller_settings *settings,
                   const struct controller_owner *owner, void *userdata,
                   struct controller **ret_controller);
/* Unplugged: without a word to anybody. */
struct controller *controller_free(struct controller *controller);

/* A packet of the host's. */
void controller_receive(struct controller *controller, const uint8_t *packet, size_t n_packet);

/* A frozen controller leaves what its host says unread, and says nothing; its links go on. Thawed,
 * it does all of it in order; of many advertisements only the first have been kept. */
void controller_freeze(struct controller *controller, bool frozen);

/* Its radio's number in the space. */
unsigned controller_number(const struct controller *controller);
struct radio_tally controller_tally(const struct controller *controller);
