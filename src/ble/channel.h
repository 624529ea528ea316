/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A link over the two packet sockets that bluetoothd and its peer share for a pair of GATT
 * characteristics: what AcquireWrite and AcquireNotify hand out. Central and peripheral use the
 * same one, with the ends swapped.
 */

#include <systemd/sd-event.h>

#include "link/link.h"

struct channel;

/* Called when the link is freed, as the last thing. */
typedef void (*channel_on_free_t)(void *owner);

/*
 * Makes a link of @in_take, from which packets are received, and @out_take, to which they are sent;
 * both non-blocking SOCK_SEQPACKET, both are taken even if it fails. A packet that is sent has at
 * most @packet_size bytes (fragment_packet_size()).
 */
int channel_new(sd_event *event, int in_take, int out_take, size_t packet_size,
                channel_on_free_t on_free, void *owner, struct channel **ret_channel);

struct link *channel_link(struct channel *channel);

/* Declares the link lost; the handler is called in a later turn of the loop, after what has
 * already arrived. */
void channel_lose(struct channel *channel, enum reason why);
