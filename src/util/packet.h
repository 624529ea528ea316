/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets over a SOCK_SEQPACKET socket, each perhaps with one descriptor. */

#include <stddef.h>
#include <sys/un.h>

/* Outcome of packet_connect(). */
enum {
        PACKET_E_UNREACHABLE = 1, /* nobody listens there, or may be reached; errno says why */
};

/*
 * packet_connect() - connect to a server
 * @ret_fd: the connection, which does not block; the caller closes it
 *
 * Return: 0, PACKET_E_UNREACHABLE, or -errno if there can be no socket.
 */
int packet_connect(const struct sockaddr_un *address, int *ret_fd);

/*
 * packet_send() - send a packet
 * @passed_fd: a descriptor that goes with it and stays the caller's; -1: none
 *
 * Return: 0 or -errno; -EPIPE or -ECONNRESET at the end.
 */
int packet_send(int fd, const void *packet, size_t n_packet, int passed_fd);

/*
 * packet_receive() - wait for a packet, for as long as the socket does
 * @size: of @packet; a longer one is not taken
 * @ret_passed_fd: the descriptor, which the caller closes; -1 if none came
 *
 * Return: 0, -ECONNRESET at the end, -EBADMSG for a packet that is too long or has more than one
 * descriptor (all are closed), or another -errno.
 */
int packet_receive(int fd, void *packet, size_t size, size_t *ret_n_packet, int *ret_passed_fd);
