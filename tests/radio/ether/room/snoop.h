/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A btsnoop file of one controller's H:4 packets, as btmon and Wireshark read it: the snoop format
 * (RFC 1761) with version 1, datalink type 1002 and times in microseconds.
 *
 * What is written reaches the file within a second of packets, and when the file is closed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/defer.h"

struct snoop;

/* Begins a file at @path, over one that is there. 0, or what the system said. */
int snoop_new(const char *path, struct snoop **ret_snoop);

/* Closes it. Takes NULL, returns NULL. */
struct snoop *snoop_free(struct snoop *snoop);

/* Adds a packet, its type byte first, that the host was sent or has sent; @time is in microseconds
 * since 1970. 0, or what the system said. */
int snoop_write(struct snoop *snoop, bool to_host, uint64_t time, const uint8_t *packet,
                size_t n_packet);

/* Brings to the file what has been written. 0, or what the system said. */
int snoop_flush(struct snoop *snoop);

const char *snoop_path(const struct snoop *snoop);

DEFINE_DEFER(struct snoop *, snoop_free);
