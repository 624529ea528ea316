/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A packet of a socket that keeps their borders, and the descriptor that comes with it. */

#include <stddef.h>

/*
 * packet_receive() - wait for a packet, for as long as the socket does
 * @size: of @packet; a longer one is not taken
 * @ret_passed_fd: the descriptor, which the caller closes; -1 if none came
 *
 * Return: 0, -ECONNRESET at the end, -EBADMSG for a packet that is too long or has more than one
 * descriptor (all are closed), or another -errno.
 */
int packet_receive(int fd, void *packet, size_t size, size_t *ret_n_packet, int *ret_passed_fd);
