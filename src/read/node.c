/* SPDX-License-Identifier: Apache-2.0 */

#include "read/node.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define VIDEO_MAJOR 81 /* the kernel's admin-guide/devices.txt */

/* Merely opening some devices has an effect, a watchdog for instance, so this comes first. */
static int node_stat(const char *device, struct stat *ret_st)
{
        struct stat st;

        if (stat(device, &st) < 0)
                return errno == ENOENT || errno == ENOTDIR ? -ENODEV : -errno;
        if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != VIDEO_MAJOR)
                return -ENODEV;
        *ret_st = st;
        return 0;
}

int node_open(const char *device)
{
        struct stat st;
        int fd, r;

        r = node_stat(device, &st);
        if (r < 0)
                return r;
        fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : fd;
}

uint64_t node_identity(const char *device)
{
        struct stat st = {.st_ino = 0};

        if (node_stat(device, &st) < 0)
                return 0;
        return ((uint64_t)st.st_ctim.tv_sec * 1000000000 + (uint64_t)st.st_ctim.tv_nsec) ^
               (uint64_t)st.st_ino << 32 ^ (uint64_t)st.st_rdev;
}

int node_ask(int fd, unsigned long request, void *argument)
{
        int r;

        do
                r = ioctl(fd, request, argument);
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : 0;
}

int node_map(int fd, size_t n_bytes, uint32_t offset, uint8_t **ret_bytes)
{
        void *bytes;

        bytes = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
        if (bytes == MAP_FAILED)
                return -errno;
        *ret_bytes = bytes;
        return 0;
}

void node_unmap(uint8_t *bytes, size_t n_bytes)
{
        (void)munmap(bytes, n_bytes);
}
