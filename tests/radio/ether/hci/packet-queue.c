/* SPDX-License-Identifier: Apache-2.0 */

#include "hci/packet-queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct packet {
        struct packet *next;
        size_t n;
        uint8_t bytes[];
};

struct packet_queue {
        struct packet *first, **end;
        size_t n_packets;
};

int packet_queue_new(struct packet_queue **ret_queue)
{
        struct packet_queue *queue = calloc(1, sizeof(*queue));

        if (!queue)
                return -ENOMEM;
        queue->end = &queue->first;
        *ret_queue = queue;
        return 0;
}

struct packet_queue *packet_queue_free(struct packet_queue *queue)
{
        uint8_t packet[PACKET_MAX];

        if (!queue)
                return NULL;
        while (packet_queue_pop(queue, packet) > 0)
                ;
        free(queue);
        return NULL;
}

int packet_queue_push(struct packet_queue *queue, const uint8_t *packet, size_t n_packet)
{
        struct packet *p;

        if (n_packet > PACKET_MAX)
                return -EMSGSIZE;
        p = malloc(sizeof(*p) + n_packet);
        if (!p)
                return -ENOMEM;
        p->next = NULL;
        p->n = n_packet;
        memcpy(p->bytes, packet, n_packet);
        *queue->end = p;
        queue->end = &p->next;
        queue->n_packets++;
        return 0;
}

size_t packet_queue_pop(struct packet_queue *queue, uint8_t ret_packet[PACKET_MAX])
{
        struct packet *p = queue->first;
        size_t n;

        if (!p)
                return 0;
        queue->first = p->next;
        if (!queue->first)
                queue->end = &queue->first;
        queue->n_packets--;
        n = p->n;
        memcpy(ret_packet, p->bytes, n);
        free(p);
        return n;
}

size_t packet_queue_length(const struct packet_queue *queue)
{
        return queue->n_packets;
}
