/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/broker.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/defer.h"

static struct addrinfo *addresses_free(struct addrinfo *addresses)
{
        if (addresses)
                freeaddrinfo(addresses);
        return NULL;
}

DEFINE_DEFER(struct addrinfo *, addresses_free);

int broker_address(const char *host, size_t i, char ret_address[BROKER_ADDRESS_SIZE],
                   size_t *ret_n_addresses)
{
        _defer_(addresses_free) struct addrinfo *addresses = NULL;
        const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
        const struct addrinfo *a;
        size_t n = 0;

        if (getaddrinfo(host, NULL, &hints, &addresses) != 0)
                return -EHOSTUNREACH;
        for (a = addresses; a; a = a->ai_next)
                n++;
        if (n == 0)
                return -EHOSTUNREACH;
        a = addresses;
        for (size_t k = i % n; k > 0; k--)
                a = a->ai_next;
        if (getnameinfo(a->ai_addr, a->ai_addrlen, ret_address, BROKER_ADDRESS_SIZE, NULL, 0,
                        NI_NUMERICHOST) != 0)
                return -EHOSTUNREACH;
        *ret_n_addresses = n;
        return 0;
}
