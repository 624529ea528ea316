/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "util/free.h"

void file_free(char *bytes, size_t n_bytes)
{
        if (bytes)
                sodium_memzero(bytes, n_bytes);
        free(bytes);
}

static int fd_read(int fd, char *bytes, size_t size, size_t *ret_n_bytes)
{
        size_t n = 0;

        for (;;) {
                ssize_t r = read(fd, bytes + n, size - n);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                if (r == 0)
                        break;
                n += (size_t)r;
                if (n == size)
                        return -EFBIG;
        }
        *ret_n_bytes = n;
        return 0;
}

int file_read(const char *path, char **ret_bytes, size_t *ret_n_bytes)
{
        _defer_(fd_close) int opened = -1;
        int fd = STDIN_FILENO, r;
        char *bytes;

        if (strcmp(path, "-") != 0) {
                opened = open(path, O_RDONLY | O_CLOEXEC);
                if (opened < 0)
                        return -errno;
                fd = opened;
        }
        bytes = calloc(1, FILE_BYTES_MAX + 2);
        if (!bytes)
                return -ENOMEM;
        r = fd_read(fd, bytes, FILE_BYTES_MAX + 1, ret_n_bytes);
        if (r < 0) {
                file_free(bytes, FILE_BYTES_MAX + 2);
                return r;
        }
        *ret_bytes = bytes;
        return 0;
}

static int fd_write(int fd, const char *bytes, size_t n_bytes)
{
        while (n_bytes > 0) {
                ssize_t r = write(fd, bytes, n_bytes);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                bytes += r;
                n_bytes -= (size_t)r;
        }
        return 0;
}

int file_write(const char *path, const void *bytes, size_t n_bytes, mode_t mode, bool fresh)
{
        _defer_(fd_close) int fd = -1;

        if (!path || strcmp(path, "-") == 0)
                return fd_write(STDOUT_FILENO, bytes, n_bytes);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (fresh ? O_EXCL : O_TRUNC), mode);
        if (fd < 0)
                return -errno;
        if (fchmod(fd, mode) < 0)
                return -errno;
        return fd_write(fd, bytes, n_bytes);
}

int file_flush(FILE *file)
{
        if (fflush(file) != 0)
                return -errno;
        return ferror(file) ? -EIO : 0;
}
