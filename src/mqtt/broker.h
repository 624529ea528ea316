/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the broker is: "tcp:HOST:PORT", "tcp:[IPV6]:PORT" or "unix:/PATH".
 *
 * A host with several addresses is tried address by address.
 */

#include <stdbool.h>
#include <stddef.h>

#define BROKER_HOST_SIZE    256
#define BROKER_ADDRESS_SIZE 64

struct broker {
        bool is_unix;
        char host[BROKER_HOST_SIZE]; /* or the path */
        int port;                    /* 0 for a path, as libmosquitto wants it */
};

/* 0, or -EINVAL if @text is none of the three. */
int broker_parse(const char *text, struct broker *ret_broker);

/*
 * The numeric address to try at attempt @i, counted from 0, of a host that is not a path, and how
 * many there are. 0; -EHOSTUNREACH if the name cannot be resolved. Blocks for as long as
 * resolv.conf(5) says, if the name server is silent.
 */
int broker_address(const struct broker *broker, size_t i, char ret_address[BROKER_ADDRESS_SIZE],
                   size_t *ret_n_addresses);
