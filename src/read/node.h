/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The system calls of a Video4Linux2 node, and nothing else; the tests link a fake camera
 * instead. */

#include <stddef.h>
#include <stdint.h>

/* Opens a node for streaming. -ENODEV if @device is not one of Video4Linux, or another -errno. */
int node_open(const char *device);

/*
 * What tells this node from the one that had its name before, and from itself with other
 * permissions; 0 if @device is not one of Video4Linux.
 */
uint64_t node_identity(const char *device);

/* ioctl() that signals do not interrupt. Return: 0 or -errno. */
int node_ask(int fd, unsigned long request, void *argument);

/* Maps a buffer of the driver. Return: 0 or -errno. */
int node_map(int fd, size_t n_bytes, uint32_t offset, uint8_t **ret_bytes);
void node_unmap(uint8_t *bytes, size_t n_bytes);
