/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A handler of a link that writes down what it is told; for the tests of every kind of link. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "link/link.h"

struct link_record {
        struct link *link;
        size_t n_messages, n_lost, n_again;
        uint8_t message[MESSAGE_MAX]; /* the newest */
        size_t n_message;
        enum reason why;
        /* whether the handler frees the link when told, or retreats; and how that went */
        bool free_on_message, free_on_lost, free_on_again;
        bool retreat_on_message, retreat_on_lost;
        int retreated;
};

extern const struct link_handler link_record_handler;

/* Starts to write down what @link delivers; the record owns the link. */
void link_record_hold(struct link_record *record, struct link *link);

/* Turns the loop until nothing is ready any more. */
void loop_settle(sd_event *event);

/* Turns the loop until @count has reached @wanted, generously: two minutes. */
void loop_until(sd_event *event, const size_t *count, size_t wanted);

/* Turns the loop for @ms of its time: every timer that runs now and is shorter has run out then. */
void loop_outlast(sd_event *event, unsigned ms);

/* Fills @bytes with a pattern that differs from message to message. */
void pattern_fill(uint8_t *bytes, size_t n_bytes, unsigned seed);

/* Puts a message together from the packets on a socket; returns the size of the largest packet. */
size_t packets_receive(int fd, uint8_t ret_message[MESSAGE_MAX], size_t *ret_n_message);
