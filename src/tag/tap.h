/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protocol between the hub and the reader of tags: one request, and from then on a packet for
 * each tap and each change of the reader; each is one packet of a SOCK_SEQPACKET socket.
 *
 *     hub                                      enroll-tag
 *      | -- watch ----------------------------------> |
 *      | <- reader | code | failure | alive ... ----- |
 *
 * Both ends link this file. Each end treats the other as hostile.
 * Source: doc/tag.md.
 */

#include <stddef.h>
#include <stdint.h>

#include "code/text.h"
#include "reason/reason.h"
#include "util/address.h"

#define TAP_PACKET_MAX 8192            /* bytes; both ends can receive this much */
#define TAP_DEVICE_MAX ADDRESS_NFC_MAX /* bytes, without the terminating NUL */
#define TAP_NAME_MAX   64              /* bytes of a reader's name, without the NUL */
#define TAP_CODE_MAX   TEXT_CHARS_MAX
#define TAP_ALIVE_SEC  5  /* a packet comes at least this often */
#define TAP_HANG_SEC   25 /* a process that hangs in its reader for longer ends itself */

/* Outcomes of decoding. */
enum {
        TAP_E_MALFORMED = 1,
};

struct tap_request {
        char device[TAP_DEVICE_MAX + 1]; /* as libnfc writes it, "pn532_uart:/dev/ttyS0"; "": any */
};

enum tap_kind {
        TAP_READER = 0x81,
        TAP_CODE = 0x82,
        TAP_FAILURE = 0x83,
        TAP_ALIVE = 0x84,
};

struct tap {
        enum tap_kind kind;
        char name[TAP_NAME_MAX + 1]; /* of TAP_READER: printable ASCII; "": there is no reader */
        uint8_t code[TAP_CODE_MAX];  /* of TAP_CODE */
        size_t n_code;               /* 1 to TAP_CODE_MAX */
        enum reason reason;          /* of TAP_FAILURE */
};

/* Writes the request as one packet. 0, or TAP_E_MALFORMED if the far end would refuse it. */
int tap_request_encode(const struct tap_request *request, uint8_t packet[TAP_PACKET_MAX],
                       size_t *ret_n_packet);

/* Takes the request from a packet. 0, or TAP_E_MALFORMED. */
int tap_request_decode(const uint8_t *packet, size_t n_packet, struct tap_request *ret_request);

/* Writes a packet of the reader. 0, or TAP_E_MALFORMED if the far end would refuse it. */
int tap_encode(const struct tap *tap, uint8_t packet[TAP_PACKET_MAX], size_t *ret_n_packet);

/* Takes a packet of the reader; *@ret_tap is undefined on failure. 0, or TAP_E_MALFORMED. */
int tap_decode(const uint8_t *packet, size_t n_packet, struct tap *ret_tap);
