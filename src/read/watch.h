/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Watches cameras until a code is read, the time is up, or the requester has gone. Cameras may come
 * and go meanwhile; a camera that is missing or does not work is reported and waited for.
 */

#include <stdint.h>

#include "read/request.h"
#include "read/scanner.h"

struct watch {
        const char *devices; /* as cameras_new() takes them */
        unsigned seconds;
        int waiter_fd; /* when this hangs up the watch ends; -1 for none */
        void (*on_progress)(void *userdata, enum read_progress progress);
        void *userdata;
};

/*
 * watch_cameras() - watch, blocking
 * Return: 0 with the code, -ECANCELED when the waiter is gone, -ENOMEM, or the enum reason why not:
 * that of cameras_reason() if no camera works at the end, otherwise that of search_reason() for the
 * camera that saw most. REASON_SEVERAL_CODES fills @ret_offer.
 */
int watch_cameras(const struct watch *w, struct scanner *scanner, struct symbol *ret_symbol,
                  struct offer *ret_offer);
