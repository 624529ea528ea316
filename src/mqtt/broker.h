/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The addresses of the broker's host.
 *
 * A host with several addresses is tried address by address.
 */

#include <stddef.h>

#define BROKER_ADDRESS_SIZE 64

/*
 * The numeric address to try at attempt @i, counted from 0, of a host that is not a path, and how
 * many there are. 0; -EHOSTUNREACH if the name cannot be resolved. Blocks for as long as
 * resolv.conf(5) says, if the name server is silent.
 */
int broker_address(const char *host, size_t i, char ret_address[BROKER_ADDRESS_SIZE],
                   size_t *ret_n_addresses);
