/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Deferred release of what every file uses: heap memory and file descriptors. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/defer.h"

static inline void free_deferred(void *p)
{
        free(*(void **)p);
}

/* Closes @fd if it is one, keeps errno, returns -1: `fd = fd_close(fd);` */
static inline int fd_close(int fd)
{
        int saved = errno;

        if (fd >= 0)
                (void)close(fd);
        errno = saved;
        return -1;
}

static inline void fd_close_deferred(int *fd)
{
        (void)fd_close(*fd);
}

static inline int fd_take(int *fd)
{
        int taken = *fd;

        *fd = -1;
        return taken;
}
