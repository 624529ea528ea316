/* SPDX-License-Identifier: Apache-2.0 */

#include "site/master.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <sodium.h>

#include "util/file.h"
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
        n = file_read_fd(fd, key, MASTER_BYTES);
        if (n < 0)
                return (int)n;
        return n == MASTER_BYTES ? 0 : -EBADMSG;
}

int master_load(const char *path, bool make, struct master **ret_master)
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
        } else if (errno == ENOENT && make) {
                randombytes_buf(m->key, sizeof(m->key));
                r = file_replace(AT_FDCWD, path, m->key, sizeof(m->key));
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
