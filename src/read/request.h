/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protocol between the hub and the code reader: one request, any number of progress replies,
 * one final reply; each is one packet of a SOCK_SEQPACKET socket.
 *
 *     hub                                      enroll-read
 *      | -- image (+ file descriptor) | camera -----> |
 *      | <- progress ... -----------------------------|
 *      | <- code | another ..., failure | failure --- |
 *
 * Both ends link this file. It turns bytes into values and back; each end treats the other as
 * hostile.
 * Source: doc/read.md.
 */

#include <stddef.h>
#include <stdint.h>

#include "code/foreign.h"
#include "read/symbol.h"
#include "reason/reason.h"

#define READ_PACKET_MAX  8192 /* bytes; both ends can receive this much */
#define READ_SECONDS_MAX 3600
#define READ_IMAGE_SEC   30  /* a reader that works on one picture for longer ends itself */
#define READ_DEVICES_MAX 255 /* bytes, without the terminating NUL */

/* Outcomes of decoding. */
enum {
        READ_E_MALFORMED = 1,
};

enum read_request_kind {
        READ_REQUEST_IMAGE = 1,
        READ_REQUEST_CAMERA = 2,
};

struct read_request {
        enum read_request_kind kind;
        uint16_t seconds; /* how long to watch, 1 to READ_SECONDS_MAX; 0 for an image */
        char devices[READ_DEVICES_MAX + 1]; /* separated by commas or blanks, "" for all cameras */
};

enum read_progress {
        READ_PROGRESS_WATCHING,      /* a camera delivered its first picture */
        READ_PROGRESS_TOO_DARK,      /* the pictures are too dark */
        READ_PROGRESS_CODE_SEEN,     /* there is a code, not readable yet */
        READ_PROGRESS_FOREIGN,       /* a code was read that is not an enrollment code */
        READ_PROGRESS_SEVERAL,       /* several enrollment codes are in view */
        READ_PROGRESS_NO_CAMERA,     /* there is none; one that is plugged in will be used */
        READ_PROGRESS_CAMERA_BUSY,   /* it will be used when the other program is done */
        READ_PROGRESS_CAMERA_DENIED, /* the reader may not open it */
        READ_PROGRESS_CAMERA_FAILED, /* it delivers no pictures; it is tried again */
        READ_PROGRESS_KINDS, /* from here on: a foreign code by its kind, read_progress_of() */
        READ_PROGRESS_MAX = READ_PROGRESS_KINDS + FOREIGN_KINDS,
};

#define READ_PROGRESS_USEC 2000000 /* each of them is reported at most once in this time */

enum read_reply_kind {
        READ_REPLY_PROGRESS = 0x81,
        READ_REPLY_CODE = 0x82,
        READ_REPLY_FAILURE = 0x83,
        READ_REPLY_ANOTHER = 0x84, /* one of several codes, before REASON_SEVERAL_CODES */
};

struct read_reply {
        enum read_reply_kind kind;
        enum read_progress progress; /* of READ_REPLY_PROGRESS */
        struct symbol symbol;        /* of READ_REPLY_CODE and READ_REPLY_ANOTHER */
        enum reason reason;          /* of READ_REPLY_FAILURE */
};

/* The stable word for a progress, for instance "too_dark". */
const char *read_progress_code(enum read_progress progress);

/* The progress for a code that is not an enrollment code, for what foreign_reason() says. */
enum read_progress read_progress_of(enum reason foreign);

/* A sentence for people. */
const char *read_progress_text(enum read_progress progress);

/*
 * read_request_encode() - write a request as one packet
 * @request: what to ask
 * @packet: receives the packet
 * @ret_n_packet: receives its length in bytes
 *
 * Return: 0, or READ_E_MALFORMED if the far end would refuse it (seconds, devices).
 */
int read_request_encode(const struct read_request *request, uint8_t packet[READ_PACKET_MAX],
                        size_t *ret_n_packet);

/* Takes a request from a packet. Return: 0, or READ_E_MALFORMED. */
int read_request_decode(const uint8_t *packet, size_t n_packet, struct read_request *ret_request);

/* Writes a reply as one packet. Return: 0, or READ_E_MALFORMED if the far end would refuse it. */
int read_reply_encode(const struct read_reply *reply, uint8_t packet[READ_PACKET_MAX],
                      size_t *ret_n_packet);

/*
 * Takes a reply from a packet; *@ret_reply is undefined on failure, being too big to be copied
 * twice. Return: 0, or READ_E_MALFORMED.
 */
int read_reply_decode(const uint8_t *packet, size_t n_packet, struct read_reply *ret_reply);
