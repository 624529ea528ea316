/* SPDX-License-Identifier: Apache-2.0 */

#include "fetch/order.h"

#include <string.h>

#include "util/address.h"
#include "util/defer.h"

#define VERSION 1

/* An end with any other reason violates the protocol. */
static const enum reason reasons[] = {
        REASON_NONE,
        REASON_FETCH_UNREACHABLE,
        REASON_FETCH_UNTRUSTED,
        REASON_FETCH_REFUSED,
        REASON_FETCH_REDIRECTED,
        REASON_FETCH_TOO_LONG,
        REASON_FETCH_MALFORMED,
        REASON_FETCH_UNASKED,
        REASON_FETCH_INCOMPLETE,
        REASON_REQUEST_INVALID,
        REASON_INTERNAL,
};

size_t order_find(const struct order *order, const char *id)
{
        size_t i = 0;

        while (i < order->n_ids && strcmp(order->ids[i], id) != 0)
                i++;
        return i;
}

static bool order_is_valid(const struct order *order)
{
        if (!address_is_https(order->url) || order->n_ids == 0 || order->n_ids > ORDER_IDS_MAX)
                return false;
        for (size_t i = 0; i < order->n_ids; i++)
                if (!reference_is_canonical(order->ids[i]) || order_find(order, order->ids[i]) != i)
                        return false;
        return true;
}

/* Appends a text with its NUL; there is room for all that is valid. */
static void put_text(uint8_t *packet, size_t *n, const char *text)
{
        size_t n_text = strlen(text) + 1;

        memcpy(packet + *n, text, n_text);
        *n += n_text;
}

/* Takes a text with its NUL. */
static bool get_text(const uint8_t *packet, size_t n_packet, size_t *at, char *ret_text,
                     size_t size)
{
        const uint8_t *end = memchr(packet + *at, '\0', n_packet - *at);
        size_t n = end ? (size_t)(end - packet) - *at : size;

        if (n >= size)
                return false;
        memcpy(ret_text, packet + *at, n + 1);
        *at += n + 1;
        return true;
}

int order_encode(const struct order *order, uint8_t packet[ORDER_PACKET_MAX], size_t *ret_n_packet)
{
        size_t n = 0;

        if (!order_is_valid(order))
                return ORDER_E_MALFORMED;
        packet[n++] = VERSION;
        put_text(packet, &n, order->url);
        for (size_t i = 0; i < order->n_ids; i++)
                put_text(packet, &n, order->ids[i]);
        *ret_n_packet = n;
        return 0;
}

int order_decode(const uint8_t *packet, size_t n_packet, struct order *ret_order)
{
        size_t at = 1;

        memset(ret_order, 0, sizeof(*ret_order));
        if (n_packet < 1 || packet[0] != VERSION ||
            !get_text(packet, n_packet, &at, ret_order->url, sizeof(ret_order->url)))
                return ORDER_E_MALFORMED;
        while (at < n_packet) {
                if (ret_order->n_ids == ORDER_IDS_MAX ||
                    !get_text(packet, n_packet, &at, ret_order->ids[ret_order->n_ids++],
                              REFERENCE_SIZE))
                        return ORDER_E_MALFORMED;
        }
        return order_is_valid(ret_order) ? 0 : ORDER_E_MALFORMED;
}

static bool is_reason(enum reason reason)
{
        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (reasons[i] == reason)
                        return true;
        return false;
}

static bool reply_is_valid(const struct order_reply *reply)
{
        switch (reply->kind) {
        case ORDER_REPLY_CODE:
                return reference_is_canonical(reply->id) && reply->n_code > 0 &&
                       reply->n_code <= ORDER_CODE_MAX;
        case ORDER_REPLY_ABSENT:
                return reference_is_canonical(reply->id);
        case ORDER_REPLY_END:
                return is_reason(reply->reason);
        }
        return false;
}

int order_reply_encode(const struct order_reply *reply, uint8_t packet[ORDER_PACKET_MAX],
                       size_t *ret_n_packet)
{
        size_t n = 0;

        if (!reply_is_valid(reply))
                return ORDER_E_MALFORMED;
        packet[n++] = VERSION;
        packet[n++] = (uint8_t)reply->kind;
        put_text(packet, &n,
                 reply->kind == ORDER_REPLY_END ? reason_code(reply->reason) : reply->id);
        if (reply->kind == ORDER_REPLY_CODE) {
                memcpy(packet + n, reply->code, reply->n_code);
                n += reply->n_code;
        }
        *ret_n_packet = n;
        return 0;
}

/* The reason of an end, which is a word with a NUL. */
static bool get_reason(const char *word, enum reason *ret_reason)
{
        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (strcmp(word, reason_code(reasons[i])) == 0) {
                        *ret_reason = reasons[i];
                        return true;
                }
        return false;
}

int order_reply_decode(const uint8_t *packet, size_t n_packet, struct order_reply *ret_reply)
{
        struct order_reply reply = {.reason = REASON_NONE};
        char word[REFERENCE_SIZE];
        size_t at = 2;

        if (n_packet < 3 || packet[0] != VERSION ||
            !get_text(packet, n_packet, &at, word, sizeof(word)))
                return ORDER_E_MALFORMED;
        reply.kind = packet[1];
        if (reply.kind == ORDER_REPLY_END && !get_reason(word, &reply.reason))
                return ORDER_E_MALFORMED;
        if (reply.kind != ORDER_REPLY_END)
                memcpy(reply.id, word, sizeof(word));
        reply.code = (const char *)packet + at;
        reply.n_code = n_packet - at;
        if (!reply_is_valid(&reply) || (reply.kind != ORDER_REPLY_CODE && reply.n_code > 0))
                return ORDER_E_MALFORMED;
        *ret_reply = reply;
        return 0;
}
