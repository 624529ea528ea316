/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/broker.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/defer.h"

#define UNIX_PATH_MAX sizeof(((struct sockaddr_un *)NULL)->sun_path)

static struct addrinfo *addresses_free(struct addrinfo *addresses)
{
        if (addresses)
                freeaddrinfo(addresses);
        return NULL;
}

DEFINE_DEFER(struct addrinfo *, addresses_free);

static int broker_parse_port(const char *text, int *ret_port)
{
        unsigned long port;
        char *end;

        if (text[0] < '0' || text[0] > '9')
                return -EINVAL;
        port = strtoul(text, &end, 10);
        if (*end != '\0' || port == 0 || port > 65535)
                return -EINVAL;
        *ret_port = (int)port;
        return 0;
}

static int broker_parse_tcp(const char *text, struct broker *ret_broker)
{
        struct broker b = {.is_unix = false};
        const char *colon = strrchr(text, ':');
        size_t n;

        if (!colon)
                return -EINVAL;
        n = (size_t)(colon - text);
        if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
                text++;
                n -= 2;
        } else if (memchr(text, ':', n)) {
                return -EINVAL;
        }
        if (n == 0 || n >= sizeof(b.host))
                return -EINVAL;
        memcpy(b.host, text, n);
        if (broker_parse_port(colon + 1, &b.port) < 0)
                return -EINVAL;
        *ret_broker = b;
        return 0;
}

static int broker_parse_unix(const char *path, struct broker *ret_broker)
{
        struct broker b = {.is_unix = true};
        size_t n = strlen(path);

        if (path[0] != '/' || n >= UNIX_PATH_MAX || n >= sizeof(b.host))
                return -EINVAL;
        memcpy(b.host, path, n);
        *ret_broker = b;
        return 0;
}

int broker_parse(const char *text, struct broker *ret_broker)
{
        if (strncmp(text, "tcp:", 4) == 0)
                return broker_parse_tcp(text + 4, ret_broker);
        if (strncmp(text, "unix:", 5) == 0)
                return broker_parse_unix(text + 5, ret_broker);
        return -EINVAL;
}

int broker_address(const struct broker *broker, size_t i, char ret_address[BROKER_ADDRESS_SIZE],
                   size_t *ret_n_addresses)
{
        _defer_(addresses_free) struct addrinfo *addresses = NULL;
        const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
        const struct addrinfo *a;
        size_t n = 0;

        if (getaddrinfo(broker->host, NULL, &hints, &addresses) != 0)
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
