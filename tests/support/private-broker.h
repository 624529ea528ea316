/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A mosquitto for one test: its configuration, socket and log in a directory of its own, a unix
 * socket and a port on the loopback, and nothing kept. Started, stopped and started again at will.
 */

#include <stdbool.h>
#include <sys/types.h>

struct private_broker {
        char directory[256];
        char unix_url[320]; /* unix:... */
        char tcp_url[64];   /* tcp:127.0.0.1:... */
        char socket[300];
        int port;
        int tls_port; /* free, for a listener that the test configures */
        pid_t pid;    /* 0 while it does not run */
};

/* Chooses the directory and the port; nothing runs yet. False where there is no mosquitto. */
bool private_broker_init(struct private_broker *b);

/* Adds @lines to the configuration, in which an access list or passwords may stand. */
void private_broker_configure(struct private_broker *b, const char *lines);

/* Writes @text to @file in the directory. */
void private_broker_write(struct private_broker *b, const char *file, const char *text);

/* Starts it and waits until it accepts connections. */
void private_broker_start(struct private_broker *b);

void private_broker_stop(struct private_broker *b);

/* Stops it and removes the directory. */
void private_broker_done(struct private_broker *b);
