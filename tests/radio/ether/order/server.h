/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A Unix stream socket on which lines are asked and answered.
 *
 * A request is a line. Its answer is lines that the owner writes; the next request of the same
 * client is looked at when its answer has left, so a client that does not read what it asked for
 * keeps nobody waiting but itself.
 */

#include <stdio.h>

#include <systemd/sd-event.h>

#include "util/defer.h"

#define SERVER_LINE_MAX    1000 /* bytes of a request without its newline */
#define SERVER_CLIENTS_MAX 32   /* at once; the next is told so and sent away */

struct server_owner {
        /* Writes the whole answer to @line, newlines included. */
        void (*on_line)(void *userdata, const char *line, FILE *answer);
        /* Writes the answer to a line that is too long, or not text. */
        void (*on_nonsense)(void *userdata, FILE *answer);
        /* Writes what is said to a client that is one too many. */
        void (*on_crowd)(void *userdata, FILE *answer);
};

struct server;

/*
 * Listens at @path, that is made with mode 0600; a socket that was left behind there is replaced.
 * on_line() must not free the server. 0, -ENAMETOOLONG, -EADDRINUSE if somebody listens there, or
 * what the system said.
 */
int server_new(sd_event *event, const char *path, const struct server_owner *owner, void *userdata,
               struct server **ret_server);

/* Closes it with all its clients and removes the socket. Takes NULL, returns NULL. */
struct server *server_free(struct server *server);

DEFINE_DEFER(struct server *, server_free);
