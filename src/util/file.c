/* SPDX-License-Identifier: Apache-2.0 */

#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/free.h"

ssize_t file_read_fd(int fd, void *ret_bytes, size_t size)
{
        size_t n = 0;

        while (n < size) {
                ssize_t r = read(fd, (char *)ret_bytes + n, size - n);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                if (r == 0)
                        break;
                n += (size_t)r;
        }
        return (ssize_t)n;
}

int file_write_fd(int fd, const void *bytes, size_t n_bytes)
{
        const char *at = bytes;

        while (n_bytes > 0) {
                ssize_t r = write(fd, at, n_bytes);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                at += r;
                n_bytes -= (size_t)r;
        }
        return 0;
}

int file_load_fd(int fd, size_t max, char **ret_bytes, size_t *ret_n_bytes)
{
        char *bytes = malloc(max + 1);
        ssize_t n;

        if (!bytes)
                return -ENOMEM;
        n = file_read_fd(fd, bytes, max + 1);
        if (n < 0 || (size_t)n > max) {
                file_free(bytes, max + 1);
                return n < 0 ? (int)n : -EFBIG;
        }
        bytes[n] = '\0';
        *ret_bytes = bytes;
        *ret_n_bytes = (size_t)n;
        return 0;
}

int file_load(const char *path, size_t max, char **ret_bytes, size_t *ret_n_bytes)
{
        _defer_(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? -errno : file_load_fd(fd, max, ret_bytes, ret_n_bytes);
}

void file_free(char *bytes, size_t n_bytes)
{
        if (bytes)
                explicit_bzero(bytes, n_bytes);
        free(bytes);
}

uint64_t file_stamp_directory(const char *path)
{
        DIR *directory = opendir(path);
        const struct dirent *entry;
        uint64_t stamp = 0;
        struct stat st;

        if (!directory)
                return 0;
        while ((entry = readdir(directory))) {
                if (fstatat(dirfd(directory), entry->d_name, &st, 0) < 0)
                        continue;
                stamp = stamp * 31 + (uint64_t)st.st_ino;
                stamp = stamp * 31 + (uint64_t)st.st_size;
                stamp = stamp * 31 + (uint64_t)st.st_mtim.tv_sec;
                stamp = stamp * 31 + (uint64_t)st.st_mtim.tv_nsec;
        }
        (void)closedir(directory);
        return stamp;
}

int file_set_mode(int fd, mode_t mode)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) && fchmod(fd, mode) < 0 ? -errno : 0;
}

int file_write(const char *path, const void *bytes, size_t n_bytes, mode_t mode, bool fresh)
{
        _defer_(fd_close) int fd = -1;
        int r;

        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (fresh ? O_EXCL : O_TRUNC), mode);
        if (fd < 0)
                return -errno;
        r = file_set_mode(fd, mode);
        if (r < 0)
                return r;
        return file_write_fd(fd, bytes, n_bytes);
}

/* What is in a directory by name is durable once the directory itself is. */
static int directory_sync(int at, const char *path)
{
        char copy[PATH_MAX];
        _defer_(fd_close) int fd = -1;

        (void)snprintf(copy, sizeof(copy), "%s", path);
        fd = openat(at, dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int draft_write(int at, const char *draft, const void *bytes, size_t n_bytes)
{
        _defer_(fd_close) int fd = -1;
        int r;

        (void)unlinkat(at, draft, 0);
        fd = openat(at, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = file_write_fd(fd, bytes, n_bytes);
        return r == 0 && fsync(fd) < 0 ? -errno : r;
}

int file_replace(int at, const char *path, const void *bytes, size_t n_bytes)
{
        char draft[PATH_MAX];
        int r;

        if (snprintf(draft, sizeof(draft), "%s.new", path) >= (int)sizeof(draft))
                return -ENAMETOOLONG;
        r = draft_write(at, draft, bytes, n_bytes);
        if (r == 0 && renameat(at, draft, at, path) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(at, draft, 0);
                return r;
        }
        return directory_sync(at, path);
}

int file_flush(FILE *file)
{
        if (fflush(file) != 0)
                return -errno;
        return ferror(file) ? -EIO : 0;
}
