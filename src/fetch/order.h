/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protocol between the hub and enroll-fetch: one order, any number of replies, each one packet
 * of a SOCK_SEQPACKET socket; the last reply ends it.
 *
 *     hub                                          enroll-fetch
 *      | -- order (+ descriptor of the CA's file) -----> |
 *      | <- code | absent ... ---------------------------|
 *      | <- end -----------------------------------------|
 *
 * Each end treats the other as hostile. Source: doc/fetch.md, section 3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/reference.h"
#include "reason/reason.h"

#define ORDER_PACKET_MAX 12288 /* bytes; both ends can receive this much */
#define ORDER_IDS_MAX    100
#define ORDER_URL_SIZE   256  /* with the NUL */
#define ORDER_CODE_MAX   8192 /* bytes of a code's text */
#define ORDER_SEC        60   /* how long an order may take */

enum {
        ORDER_E_MALFORMED = 1,
};

struct order {
        char url[ORDER_URL_SIZE];
        char ids[ORDER_IDS_MAX][REFERENCE_SIZE]; /* canonical, each once */
        size_t n_ids;
};

enum order_reply_kind {
        ORDER_REPLY_CODE = 0x81,
        ORDER_REPLY_ABSENT = 0x82, /* the service has no code for it */
        ORDER_REPLY_END = 0x83,
};

struct order_reply {
        enum order_reply_kind kind;
        char id[REFERENCE_SIZE]; /* of a code, or what is absent */
        const char *code;        /* in the packet, without a NUL */
        size_t n_code;
        enum reason reason; /* of the end: REASON_NONE or REASON_FETCH_* */
};

/* The place of an id in the order; .n_ids if it is not there. */
size_t order_find(const struct order *order, const char *id);

/* 0, or ORDER_E_MALFORMED if the far end would refuse it. */
int order_encode(const struct order *order, uint8_t packet[ORDER_PACKET_MAX], size_t *ret_n_packet);
int order_decode(const uint8_t *packet, size_t n_packet, struct order *ret_order);
int order_reply_encode(const struct order_reply *reply, uint8_t packet[ORDER_PACKET_MAX],
                       size_t *ret_n_packet);
int order_reply_decode(const uint8_t *packet, size_t n_packet, struct order_reply *ret_reply);
