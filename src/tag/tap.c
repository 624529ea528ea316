/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/tap.h"

#include <string.h>

#include "util/address.h"
#include "util/defer.h"

#define VERSION       1
#define REQUEST_WATCH 1
#define HEAD_BYTES    2 /* version, kind */

/* A reader that reports any other reason violates the protocol. */
static const enum reason reasons[] = {
        REASON_TAG_EMPTY,       REASON_TAG_FOREIGN,     REASON_TAG_REMOVED, REASON_TAG_UNREADABLE,
        REASON_TAG_UNSUPPORTED, REASON_REQUEST_INVALID, REASON_INTERNAL,
};

int tap_request_encode(const struct tap_request *request, uint8_t packet[TAP_PACKET_MAX],
                       size_t *ret_n_packet)
{
        size_t n = strnlen(request->device, sizeof(request->device));
        struct tap_request check;

        packet[0] = VERSION;
        packet[1] = REQUEST_WATCH;
        memcpy(packet + HEAD_BYTES, request->device, n);
        if (tap_request_decode(packet, HEAD_BYTES + n, &check))
                return TAP_E_MALFORMED;
        *ret_n_packet = HEAD_BYTES + n;
        return 0;
}

int tap_request_decode(const uint8_t *packet, size_t n_packet, struct tap_request *ret_request)
{
        const char *device = (const char *)packet + HEAD_BYTES;
        size_t n_device = n_packet - HEAD_BYTES;

        if (n_packet < HEAD_BYTES || packet[0] != VERSION || packet[1] != REQUEST_WATCH)
                return TAP_E_MALFORMED;
        if (n_device > 0 && !address_is_nfc(device, n_device))
                return TAP_E_MALFORMED;
        memcpy(ret_request->device, device, n_device);
        ret_request->device[n_device] = '\0';
        return 0;
}

static bool name_is_valid(const uint8_t *name, size_t n_name)
{
        for (size_t i = 0; i < n_name; i++)
                if (name[i] < ' ' || name[i] > '~')
                        return false;
        return n_name <= TAP_NAME_MAX;
}

static bool reason_is_valid(enum reason reason)
{
        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (reasons[i] == reason)
                        return true;
        return false;
}

int tap_encode(const struct tap *tap, uint8_t packet[TAP_PACKET_MAX], size_t *ret_n_packet)
{
        uint8_t *body = packet + HEAD_BYTES;
        const char *word;
        size_t n = 0;

        packet[0] = VERSION;
        packet[1] = (uint8_t)tap->kind;
        switch (tap->kind) {
        case TAP_READER:
                n = strnlen(tap->name, sizeof(tap->name));
                if (!name_is_valid((const uint8_t *)tap->name, n))
                        return TAP_E_MALFORMED;
                memcpy(body, tap->name, n);
                break;
        case TAP_CODE:
                n = tap->n_code;
                if (n < 1 || n > TAP_CODE_MAX)
                        return TAP_E_MALFORMED;
                memcpy(body, tap->code, n);
                break;
        case TAP_FAILURE:
                if (!reason_is_valid(tap->reason))
                        return TAP_E_MALFORMED;
                word = reason_code(tap->reason);
                n = strlen(word);
                memcpy(body, word, n);
                break;
        case TAP_ALIVE:
                break;
        }
        *ret_n_packet = HEAD_BYTES + n;
        return 0;
}

static int failure_decode(const uint8_t *body, size_t n_body, struct tap *tap)
{
        for (size_t i = 0; i < ELEMENTSOF(reasons); i++) {
                const char *word = reason_code(reasons[i]);

                if (n_body == strlen(word) && memcmp(body, word, n_body) == 0) {
                        tap->reason = reasons[i];
                        return 0;
                }
        }
        return TAP_E_MALFORMED;
}

int tap_decode(const uint8_t *packet, size_t n_packet, struct tap *ret_tap)
{
        const uint8_t *body = packet + HEAD_BYTES;
        size_t n_body = n_packet - HEAD_BYTES;

        if (n_packet < HEAD_BYTES || packet[0] != VERSION)
                return TAP_E_MALFORMED;
        ret_tap->kind = (enum tap_kind)packet[1];
        switch (packet[1]) {
        case TAP_READER:
                if (!name_is_valid(body, n_body))
                        return TAP_E_MALFORMED;
                memcpy(ret_tap->name, body, n_body);
                ret_tap->name[n_body] = '\0';
                return 0;
        case TAP_CODE:
                if (n_body < 1 || n_body > TAP_CODE_MAX)
                        return TAP_E_MALFORMED;
                memcpy(ret_tap->code, body, n_body);
                ret_tap->n_code = n_body;
                return 0;
        case TAP_FAILURE:
                return failure_decode(body, n_body, ret_tap);
        case TAP_ALIVE:
                return n_body == 0 ? 0 : TAP_E_MALFORMED;
        default:
                return TAP_E_MALFORMED;
        }
}
