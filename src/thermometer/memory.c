/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "util/free.h"

static const char *const names[] = {"slot-a", "slot-b", "identity"};
static const char *const drafts[] = {"slot-a.new", "slot-b.new", "identity.new"};

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

static int file_replace(int directory, const char *draft, const char *name, const void *bytes,
                        size_t n_bytes)
{
        _defer_(fd_close) int fd =
                openat(directory, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = draft_write(fd, bytes, n_bytes);
        if (r < 0)
                return r;
        if (renameat(directory, draft, directory, name) < 0 || fsync(directory) < 0)
                return -errno;
        return 0;
}

int memory_write(struct memory *memory, unsigned slot, const void *bytes, size_t n_bytes)
{
        return file_replace(memory->fd, drafts[slot], names[slot], bytes, n_bytes);
}

int memory_remove(struct memory *memory, unsigned slot)
{
        if (unlinkat(memory->fd, names[slot], 0) < 0)
                return errno == ENOENT ? 0 : -errno;
        return fsync(memory->fd) < 0 ? -errno : 0;
}

int memory_replace_file(const char *path, const void *bytes, size_t n_bytes)
{
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        int n_directory = slash ? (int)(name - path) : 0;
        char directory[PATH_MAX], draft[NAME_MAX + 1];
        _defer_(fd_close) int fd = -1;

        if (snprintf(directory, sizeof(directory), "%.*s.", n_directory, path) >=
                    (int)sizeof(directory) ||
            snprintf(draft, sizeof(draft), "%s.new", name) >= (int)sizeof(draft))
                return -ENAMETOOLONG;
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : file_replace(fd, draft, name, bytes, n_bytes);
}
