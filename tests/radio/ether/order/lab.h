/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A room whose controllers are not plugged into a kernel: the test is the host of each. Whatever
 * does not work fails the test.
 */

#include <stddef.h>
#include <stdint.h>

#include "room/room.h"

#define LAB_HOSTS_MAX  80
#define LAB_ANSWER_MAX 8192

struct lab {
        sd_event *event;
        struct room *room;
        int hosts[LAB_HOSTS_MAX]; /* the host's side of each controller, in the order of plugging */
        unsigned n_hosts;
        int no_host; /* -errno instead of the next host; 0 for a host */

        char answer[LAB_ANSWER_MAX];  /* of the last order */
        char refused[LAB_ANSWER_MAX]; /* of the last due line that was refused */
        uint8_t packet[300];          /* that was heard last */
        size_t n_packet;
};

/* Time stands still until room_start(). */
struct lab *lab_new(uint64_t seed, double factor);
struct lab *lab_free(struct lab *lab);

/* cmocka's setup and teardown: time passes a hundred times as fast, or has not begun. */
int lab_setup(void **state);
int lab_setup_still(void **state);
int lab_teardown(void **state);

/* Gives an order; what it answers. Or one that is refused with @code; the reason. */
const char *lab_order(struct lab *lab, const char *line);
const char *lab_refused(struct lab *lab, const char *line, const char *code);

/* Lets so much real time pass. */
void lab_wait(struct lab *lab, unsigned milliseconds);

/* The host sends a packet. */
void lab_say(struct lab *lab, unsigned host, const void *packet, size_t n_packet);

/* The host's next packet, into lab->packet: true, or false if there is none for a while. */
bool lab_hear(struct lab *lab, unsigned host, unsigned milliseconds);

/* Sends a command and waits for its being completed, or begun, with status 0. */
void lab_command(struct lab *lab, unsigned host, uint16_t opcode, const void *parameters,
                 size_t n_parameters);

/* Waits for an event, letting others pass; its parameters, after the subevent of an LE event. */
const uint8_t *lab_event(struct lab *lab, unsigned host, uint8_t code);
const uint8_t *lab_le_event(struct lab *lab, unsigned host, uint8_t subevent);
