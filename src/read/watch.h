/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Watches a camera until a code is read, the time is up, or the requester has gone. */

#include <stdint.h>

#include "read/request.h"
#include "read/scanner.h"

struct watch {
        const char *device; /* "" for any camera */
        unsigned seconds;
        int waiter_fd; /* when this hangs up the watch ends; -1 for none */
        void (*on_progress)(void *userdata, enum read_progress progress);
        void *userdata;
};

/*
 * watch_camera() - watch, blocking
 * Return: 0 with the code, -ECANCELED when the waiter is gone, -ENOMEM, or the enum reason why not:
 * those of camera_open() and search_reason().
 */
int watch_camera(const struct watch *w, struct scanner *scanner, struct symbol *ret_symbol);
