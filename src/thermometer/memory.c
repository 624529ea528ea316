/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "util/file.h"
#include "util/free.h"

static const char *const names[] = {"slot-a", "slot-b", "identity"};

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
        ssize_t n;

        memset(ret_bytes, 0xff, n_bytes);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        n = file_read_fd(fd, ret_bytes, n_bytes);
        return n < 0 ? (int)n : 0;
}

int memory_write(struct memory *memory, unsigned slot, const void *bytes, size_t n_bytes)
{
        return file_replace(memory->fd, names[slot], bytes, n_bytes);
}

int memory_remove(struct memory *memory, unsigned slot)
{
        if (unlinkat(memory->fd, names[slot], 0) < 0)
                return errno == ENOENT ? 0 : -errno;
        return fsync(memory->fd) < 0 ? -errno : 0;
}
