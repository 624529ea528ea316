/* SPDX-License-Identifier: Apache-2.0 */

#include "site/master.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "util/free.h"

struct master {
        uint8_t key[MASTER_BYTES];
};

static int master_read(int fd, uint8_t key[MASTER_BYTES])
{
        struct stat st;
        ssize_t n;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_mode & (S_IRWXG | S_IRWXO))
                return -EPERM;
        if (st.st_size != MASTER_BYTES)
                return -EBADMSG;
        n = read(fd, key, MASTER_BYTES);
        if (n < 0)
                return -errno;
        return n == MASTER_BYTES ? 0 : -EBADMSG;
}

static int directory_sync(const char *path)
{
        char copy[PATH_MAX];
        _defer_(fd_close) int fd = -1;

        (void)snprintf(copy, sizeof(copy), "%s", path);
        fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

/* A crash leaves either no file or a whole one: written beside its place, synced, then linked into
 * it. */
static int master_write(const char *path, const uint8_t key[MASTER_BYTES])
{
        _defer_(fd_close) int fd = -1;
        char beside[PATH_MAX];
        int r = 0;

        if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
                return -ENAMETOOLONG;
        (void)unlink(beside);
        fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        if (write(fd, key, MASTER_BYTES) != MASTER_BYTES || fsync(fd) < 0 ||
            rename(beside, path) < 0) {
                r = errno ? -errno : -EIO;
                (void)unlink(beside);
                return r;
        }
        return directory_sync(path);
}

int master_load(const char *path, struct master **ret_master)
{
        _defer_(master_free) struct master *m = NULL;
        _defer_(fd_close) int fd = -1;
        int r;

        if (sodium_init() < 0)
                return -ENOSYS;
        m = sodium_malloc(sizeof(*m));
        if (!m)
                return -ENOMEM;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0) {
                r = master_read(fd, m->key);
        } else if (errno == ENOENT) {
                randombytes_buf(m->key, sizeof(m->key));
                r = master_write(path, m->key);
        } else {
                r = -errno;
        }
        if (r < 0)
                return r;

        (void)sodium_mprotect_readonly(m);
        *ret_master = take(m);
        return 0;
}

struct master *master_free(struct master *master)
{
        sodium_free(master); /* wipes, takes NULL */
        return NULL;
}

const uint8_t *master_key(const struct master *master)
{
        return master->key;
}
