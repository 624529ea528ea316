/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Links over a stream of bytes: a Unix socket or a serial line.
 *
 * Messages are COBS-framed (wire/fragment.h). Noise between two frames is skipped and costs at
 * most one message; the end of the stream is the end of the link.
 *
 * Addresses: "unix:PATH" and "serial:DEVICE:BAUD" (util/address.h), for instance
 * "serial:/dev/ttyUSB0:115200"; the line is 8 data bits, no parity, 1 stop bit, no flow control.
 */

#include <systemd/sd-event.h>

#include "link/link.h"

/*
 * Opens the port, sends the zero that every hub begins with, and makes it a link. 0;
 * REASON_PORT_UNAVAILABLE when the port cannot be opened; -EINVAL for an address of another form;
 * or what the system said.
 */
int stream_link_open(sd_event *event, const char *address, struct link **ret_link);

/*
 * Whether there is something at the address that this user may open, without opening it. 0, or the
 * -errno that opening would end with; -ENOTSOCK or -ENOTTY for what is there, but is of another
 * kind. With 0, *@ret_node is another number than before if what is there was made since.
 */
int stream_look(const char *address, uint64_t *ret_node);

/* Makes a connected, non-blocking stream a link; takes @fd even when it fails. */
int stream_link_new(sd_event *event, int fd_take, struct link **ret_link);

/* The listening end. It serves one peer at a time; the next one waits until the link is freed. */
struct stream_listener;

struct stream_listener_handler {
        /* A peer has connected; the link belongs to the callee. */
        void (*on_link)(void *userdata, struct link *link);
};

/*
 * Listens on "unix:PATH" with mode 0600; a socket that nobody listens on any more is replaced. 0;
 * REASON_PORT_UNAVAILABLE after logging why; -EINVAL for an address of another form; or what the
 * system said.
 */
int stream_listener_new(sd_event *event, const char *address,
                        const struct stream_listener_handler *handler, void *userdata,
                        struct stream_listener **ret_listener);

/* Stops listening and removes the socket; a link that is in use lives on. Takes NULL. */
struct stream_listener *stream_listener_free(struct stream_listener *listener);

DEFINE_DEFER(struct stream_listener *, stream_listener_free);
