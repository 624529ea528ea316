/* SPDX-License-Identifier: Apache-2.0 */

#include "air/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct outbox_item {
        struct outbox_item *next;
        enum pdu_kind kind; /* of its next PDU */
        size_t n_data, n_taken;
        uint8_t data[];
};

static struct outbox_item *outbox_item_new(enum pdu_kind kind, size_t n_data)
{
        struct outbox_item *item = calloc(1, sizeof(*item) + n_data);

        if (item) {
                item->kind = kind;
                item->n_data = n_data;
        }
        return item;
}

static void outbox_push(struct outbox_queue *queue, struct outbox_item *item)
{
        if (queue->last)
                queue->last->next = item;
        else
                queue->first = item;
        queue->last = item;
}

static void outbox_pop(struct outbox_queue *queue)
{
        struct outbox_item *item = queue->first;

        queue->first = item->next;
        if (!queue->first)
                queue->last = NULL;
        free(item);
}

int outbox_add_data(struct outbox *outbox, bool first, const uint8_t *data, size_t n_data)
{
        struct outbox_item *item = outbox_item_new(first ? PDU_FIRST : PDU_CONTINUING, n_data);

        if (!item)
                return -ENOMEM;
        memcpy(item->data, data, n_data);
        outbox_push(&outbox->data, item);
        return 0;
}

int outbox_add_control(struct outbox *outbox, const struct link_control *control)
{
        struct outbox_item *item = outbox_item_new(PDU_CONTROL, 1 + (size_t)control->n_data);

        if (!item)
                return -ENOMEM;
        item->data[0] = control->opcode;
        memcpy(item->data + 1, control->data, control->n_data);
        outbox_push(&outbox->control, item);
        return 0;
}

void outbox_done(struct outbox *outbox)
{
        while (outbox->control.first)
                outbox_pop(&outbox->control);
        while (outbox->data.first)
                outbox_pop(&outbox->data);
}

bool outbox_waits(const struct outbox *outbox, bool held)
{
        return outbox->control.first || (outbox->data.first && !held);
}

static size_t outbox_item_next(const struct outbox_item *item, size_t octets)
{
        size_t left = item->n_data - item->n_taken;

        return item->kind != PDU_CONTROL && left > octets ? octets : left;
}

size_t outbox_next_size(const struct outbox *outbox, bool held, size_t octets)
{
        if (!outbox_waits(outbox, held))
                return 0;
        return outbox_item_next(outbox->control.first ? outbox->control.first : outbox->data.first,
                                octets);
}

void outbox_take(struct outbox *outbox, bool held, size_t octets, struct pdu *ret_pdu)
{
        struct outbox_queue *queue = outbox->control.first ? &outbox->control : &outbox->data;
        struct outbox_item *item = queue->first;

        if (!outbox_waits(outbox, held)) {
                ret_pdu->kind = PDU_EMPTY;
                ret_pdu->last = false;
                ret_pdu->n_data = 0;
                return;
        }
        ret_pdu->kind = item->kind;
        ret_pdu->n_data = (uint16_t)outbox_item_next(item, octets);
        memcpy(ret_pdu->data, item->data + item->n_taken, ret_pdu->n_data);
        item->n_taken += ret_pdu->n_data;
        ret_pdu->last = item->n_taken == item->n_data;
        if (item->kind == PDU_FIRST)
                item->kind = PDU_CONTINUING;
        if (ret_pdu->last)
                outbox_pop(queue);
}
