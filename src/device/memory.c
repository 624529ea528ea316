/* SPDX-License-Identifier: Apache-2.0 */

#include "device/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "util/free.h"

static const char *const names[] = {"slot-a", "slot-b"};
static const char *const drafts[] = {"slot-a.new", "slot-b.new"};

struct memory {
        int fd; /* the directory, locked */
};

int memory_open(const char *directory, struct memory **ret_memory)
{
        _defer_(memory_free) struct memory *m = malloc(sizeof(*m));

        if (!m)
                return -ENOMEM;
        m->fd = -1;
        if (mkdir(directory, 0700) < 0 && errno != EEXIST)
                return -errno;
        m->fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (m->fd < 0)
                return -errno;
        if (flock(m->fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? -EBUSY : -errno;
        *ret_memory = take(m);
        return 0;
}

struct memory *memory_free(struct memory *memory)
{
        if (!memory)
                return NULL;
        (void)fd_close(memory->fd);
        free(memory);
        return NULL;
}

/* What was never written is 0xff, as in flash. */
int memory_read(struct memory *memory, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        _defer_(fd_close) int fd = openat(memory->fd, names[slot], O_RDONLY | O_CLOEXEC);

        memset(ret_bytes, 0xff, n_bytes);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        return read(fd, ret_bytes, n_bytes) < 0 ? -errno : 0;
}

static int draft_write(int fd, const void *bytes, size_t n_bytes)
{
        ssize_t n = write(fd, bytes, n_bytes);

        if (n < 0)
                return -errno;
        if ((size_t)n < n_bytes)
                return -ENOSPC;
        return fsync(fd) < 0 ? -errno : 0;
}

int memory_write(struct memory *memory, unsigned slot, const void *bytes, size_t n_bytes)
{
        _defer_(fd_close) int fd =
                openat(memory->fd, drafts[slot], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = draft_write(fd, bytes, n_bytes);
        if (r < 0)
                return r;
        if (renameat(memory->fd, drafts[slot], memory->fd, names[slot]) < 0 ||
            fsync(memory->fd) < 0)
                return -errno;
        return 0;
}
