/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets in the order they came. */

#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 1028 /* bytes; the largest that is taken */

struct packet_queue;

int packet_queue_new(struct packet_queue **ret_queue);
struct packet_queue *packet_queue_free(struct packet_queue *queue);

/* 0, -ENOMEM, or -EMSGSIZE. */
int packet_queue_push(struct packet_queue *queue, const uint8_t *packet, size_t n_packet);

/* Takes the oldest; 0 if there is none. */
size_t packet_queue_pop(struct packet_queue *queue, uint8_t ret_packet[PACKET_MAX]);

size_t packet_queue_length(const struct packet_queue *queue);
