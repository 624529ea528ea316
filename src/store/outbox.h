/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The outbox: messages that must reach the broker, kept until it has taken them.
 *
 * Order holds within a lane: the informational rows of one device, its other rows, and the same two
 * for rows that belong to no device. Ids only ever grow.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define STORE_PAYLOAD_MAX 4096 /* bytes */

/* Whether the recipient has to acknowledge a message before it counts as delivered. */
enum store_receipt {
        STORE_RECEIPT_NONE = 0,
        STORE_RECEIPT_WANTED,  /* and the broker has not taken the message yet */
        STORE_RECEIPT_AWAITED, /* the broker has */
};

struct store_message {
        int64_t id; /* given by the store; positive */
        bool has_device;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        char topic[STORE_TOPIC_SIZE];
        bool informational; /* delivered even where nobody listens */
        int64_t created_at; /* Unix time, s */
        enum store_receipt receipt;
        size_t n_payload;
        uint8_t payload[STORE_PAYLOAD_MAX];
};

/* Adds @message, durably; its id is the store's to choose. 0 or -errno. */
int store_outbox_add(struct store *store, const struct store_message *message);

/* The first row after @after_id (0: the first of all). 0; STORE_E_NONE; -errno. */
int store_outbox_next(struct store *store, int64_t after_id, struct store_message *ret_message);

/* The first row after @after_id in the lane of @like. 0; STORE_E_NONE; -errno. */
int store_outbox_next_in_lane(struct store *store, const struct store_message *like,
                              int64_t after_id, struct store_message *ret_message);

/*
 * Forgets a delivered row without waiting for the disk: after a power cut the row may be there
 * again, and delivering it again does no harm. 0 also if it was gone already; -errno.
 */
int store_outbox_drop(struct store *store, int64_t id);

/*
 * Notes that the broker has taken a row whose receipt is wanted; without waiting for the disk. 0;
 * STORE_E_NONE if the row is gone; -errno.
 */
int store_outbox_note_sent(struct store *store, int64_t id);

/* Gives the row with the id of @message its topic and payload. 0 or -errno. */
int store_outbox_replace(struct store *store, const struct store_message *message);

/*
 * Forgets the oldest informational rows beyond @n_max of them; the others are never forgotten.
 * *@ret_n_dropped: how many. Does not wait for the disk. 0 or -errno.
 */
int store_outbox_trim(struct store *store, unsigned n_max, unsigned *ret_n_dropped);

/* How many rows wait. 0 or -errno. */
int store_outbox_count(struct store *store, uint64_t *ret_n_messages);
