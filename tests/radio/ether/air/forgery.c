/* SPDX-License-Identifier: Apache-2.0 */

#include "air/forgery.h"

#include <string.h>

enum {
        CHANNEL_SIGNALS = 0x0005,
        CHANNEL_DYNAMIC = 0x0040, /* and above */
        SIGNAL_REJECT = 0x01,
        SIGNAL_ANSWER = 0x15, /* L2CAP_LE_CREDIT_BASED_CONNECTION_RSP */

        /* Where the fields are: a length and a channel; then a signal's code, identifier and
         * length, or the length of a message; then what follows. */
        AT_FRAME_LENGTH = 0,
        AT_CHANNEL = 2,
        FRAME_HEADER = 4,
        AT_MESSAGE_LENGTH = 4,
        MESSAGE_HEADER = 6,
        AT_CODE = 4,
        AT_SIGNAL_LENGTH = 6,
        AT_REASON = 8,
        REJECT_SIZE = 10,
        AT_DESTINATION = 8,
        AT_MTU = 10,
        AT_CREDITS = 14,
        AT_RESULT = 16,
        ANSWER_SIZE = 18,
};

static unsigned get16(const struct pdu *pdu, unsigned at)
{
        return pdu->data[at] | (unsigned)pdu->data[at + 1] << 8;
}

static void put16(struct pdu *pdu, unsigned at, unsigned value)
{
        pdu->data[at] = (uint8_t)value;
        pdu->data[at + 1] = (uint8_t)(value >> 8);
}

static bool pdu_is_answer(const struct pdu *pdu)
{
        return pdu->kind == PDU_FIRST && pdu->n_data == ANSWER_SIZE &&
               get16(pdu, AT_CHANNEL) == CHANNEL_SIGNALS && pdu->data[AT_CODE] == SIGNAL_ANSWER;
}

static bool pdu_begins_message(const struct pdu *pdu)
{
        return pdu->kind == PDU_FIRST && pdu->n_data > MESSAGE_HEADER &&
               get16(pdu, AT_CHANNEL) >= CHANNEL_DYNAMIC;
}

static void refuse(struct pdu *pdu, uint16_t result)
{
        memset(pdu->data + AT_DESTINATION, 0, AT_RESULT - AT_DESTINATION);
        put16(pdu, AT_RESULT, result);
}

static void reject(struct pdu *pdu, uint16_t reason)
{
        pdu->data[AT_CODE] = SIGNAL_REJECT;
        put16(pdu, AT_FRAME_LENGTH, REJECT_SIZE - FRAME_HEADER);
        put16(pdu, AT_SIGNAL_LENGTH, REJECT_SIZE - AT_REASON);
        put16(pdu, AT_REASON, reason);
        pdu->n_data = REJECT_SIZE;
}

static void lengthen(struct pdu *pdu, uint16_t length)
{
        put16(pdu, AT_MESSAGE_LENGTH, length);
        if (length > 0)
                return;
        put16(pdu, AT_FRAME_LENGTH, MESSAGE_HEADER - FRAME_HEADER);
        pdu->n_data = MESSAGE_HEADER;
}

bool forgery_apply(struct forgery *forgery, struct pdu *pdu)
{
        bool fits = forgery->kind == FORGERY_LENGTH ? pdu_begins_message(pdu) : pdu_is_answer(pdu);

        if (forgery->kind == FORGERY_OFF || !fits)
                return false;
        switch (forgery->kind) {
        case FORGERY_OFF:
                break;
        case FORGERY_RESULT:
                refuse(pdu, forgery->value);
                break;
        case FORGERY_REJECT:
                reject(pdu, forgery->value);
                break;
        case FORGERY_MTU:
                put16(pdu, AT_MTU, forgery->value);
                break;
        case FORGERY_CREDITS:
                put16(pdu, AT_CREDITS, forgery->value);
                break;
        case FORGERY_LENGTH:
                lengthen(pdu, forgery->value);
                break;
        }
        forgery->kind = FORGERY_OFF;
        return true;
}
