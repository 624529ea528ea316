/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whole messages over links that carry small packets (Bluetooth LE) or a stream of bytes (socket,
 * serial line).
 *
 * Packets: every fragment starts with one byte, FIRST 0x80 | LAST 0x40 | number modulo 64. The
 * numbers of one direction run on from message to message, so that a lost, doubled or swapped
 * packet is seen at once; the link is then given up, never repaired. (Where Bluetooth itself
 * disorders packets, ble/reorder.h puts them right before they come here.)
 *
 * Streams: every message is COBS-encoded and ends with a zero byte (Cheshire and Baker, IEEE/ACM
 * ToN 7(2), 1999), so that a receiver which joins in the middle, or which heard noise, is in step
 * again at the next zero.
 *
 * Normative: doc/protocol.md, "Links".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX 2048 /* bytes of the largest whole message */

#define FRAGMENT_HEADER_BYTES 1
#define FRAGMENT_ATT_MTU_MIN  23

/*
 * What ATT takes of a packet beside the fragment: opcode and handle, and the length, too, where the
 * stack may send a notification as a Multiple Handle Value Notification (Bluetooth Core, Vol 3,
 * Part F, 3.4.7.4).
 */
#define FRAGMENT_ATT_BYTES          3
#define FRAGMENT_ATT_MULTIPLE_BYTES 5

/* One byte of COBS code for every 254 bytes begun, and the zero that ends it. */
#define STREAM_ENCODED_MAX (MESSAGE_MAX + MESSAGE_MAX / 254 + 2)

/* What taking a fragment or a byte led to. */
enum fragment_event {
        FRAGMENT_MORE = 0, /* taken; the message is not complete yet */
        FRAGMENT_MESSAGE,  /* a whole message lies in the buffer */
        FRAGMENT_BROKEN,   /* loss, disorder, overflow or a malformed header: packets: give the link
                              up */
};

/* Cuts one message at a time into packets of one direction. */
struct fragment_writer {
        const uint8_t *message;
        size_t n_message, at;
        uint8_t number;
};

/* Puts the packets of the other direction together. */
struct fragment_reader {
        uint8_t *message; /* MESSAGE_MAX bytes, the caller's */
        size_t n_message;
        uint8_t number;
        bool open;
};

void fragment_writer_init(struct fragment_writer *w);

/* Starts on a message of 1 to MESSAGE_MAX bytes, which must stay in place until the last fragment
 * is out. */
void fragment_writer_start(struct fragment_writer *w, const uint8_t *message, size_t n_message);

/* True while fragments of the message remain. */
bool fragment_writer_pending(const struct fragment_writer *w);

/*
 * Writes the next fragment into @packet of @size bytes (at least FRAGMENT_HEADER_BYTES + 1) and
 * returns its length; 0 if nothing remains. fragment_writer_undo() takes the last one back, for a
 * socket that had no room.
 */
size_t fragment_writer_next(struct fragment_writer *w, uint8_t *packet, size_t size);
void fragment_writer_undo(struct fragment_writer *w, size_t n_packet);

void fragment_reader_init(struct fragment_reader *r, uint8_t *message);

/* Takes one packet. After FRAGMENT_MESSAGE, r->message holds r->n_message bytes until the next
 * call. */
enum fragment_event fragment_reader_take(struct fragment_reader *r, const uint8_t *packet,
                                         size_t n_packet);

/*
 * The packet size to use for a link with this ATT_MTU, of which ATT takes @n_att bytes: the largest
 * of 495 and 244 bytes that fits, because those fill link-layer packets of 251 bytes exactly, else
 * what fits. An ATT_MTU below the smallest there can be, or none, counts as the smallest.
 */
size_t fragment_packet_size(unsigned att_mtu, unsigned n_att);

/* Encodes a message of 1 to MESSAGE_MAX bytes for a stream; returns the length written. */
size_t stream_encode(const uint8_t *message, size_t n_message,
                     uint8_t ret_encoded[STREAM_ENCODED_MAX]);

/* Decodes a stream byte by byte. */
struct stream_reader {
        uint8_t *message; /* MESSAGE_MAX bytes, the caller's */
        size_t n_message;
        uint8_t run;     /* bytes of the current COBS block still to come */
        bool zero_after; /* the block is followed by a zero byte of the message */
        bool started, broken;
};

void stream_reader_init(struct stream_reader *r, uint8_t *message);

/*
 * Takes one byte. FRAGMENT_MESSAGE: r->message holds r->n_message bytes until the next call.
 * FRAGMENT_BROKEN comes once, at the zero that ends the damaged message; the reader is in step
 * again after it.
 */
enum fragment_event stream_reader_take(struct stream_reader *r, uint8_t byte);
