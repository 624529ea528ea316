/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-listen BROKER FILTER COUNT PATIENCE: subscribes, at the path of the broker's socket and as
 * soon as there is one, and waits for COUNT messages, or until PATIENCE seconds have passed without
 * one. One line of JSON: how many arrived, and the seconds from the first to the last.
 */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

struct listener {
        size_t count, n_arrived;
        double first, last;
};

static double now(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_message(void *userdata, const char *topic, const char *payload, size_t n_payload)
{
        struct listener *l = userdata;

        (void)topic;
        (void)payload;
        (void)n_payload;
        l->last = now();
        if (l->n_arrived++ == 0)
                l->first = l->last;
}

/* False if nothing comes any more. */
static bool turn(struct client *client, int patience_msec)
{
        struct pollfd p = {.fd = client_fd(client), .events = POLLIN};

        if (client_wants_write(client))
                p.events |= POLLOUT;
        if (poll(&p, 1, patience_msec) != 1)
                return false;
        client_turn(client, p.revents);
        return true;
}

int main(int argc, char **argv)
{
        static const struct client_handler handler = {.on_message = on_message};
        struct listener l = {.count = 0};
        struct client *client;
        int patience_msec;

        if (argc != 5)
                return 2;
        l.count = strtoul(argv[3], NULL, 10);
        patience_msec = (int)strtol(argv[4], NULL, 10) * 1000;
        while (access(argv[1], F_OK) < 0)
                (void)usleep(1000);
        client = client_new(argv[1], argv[2], &handler, &l);
        while (l.n_arrived < l.count && turn(client, patience_msec))
                ;
        client = client_free(client);
        (void)printf("{\"arrived\":%zu,\"seconds\":%.4f}\n", l.n_arrived, l.last - l.first);
        return EXIT_SUCCESS;
}
