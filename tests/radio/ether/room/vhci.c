/* SPDX-License-Identifier: Apache-2.0 */

#include "room/vhci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/free.h"
#include "util/loop.h"

#define VENDOR_PACKET  0xff
#define CREATE_PRIMARY 0x00

struct vhci {
        int fd;
        unsigned index;
        sd_event_source *io;
        const struct vhci_owner *owner;
        void *userdata;
        uint8_t packet[VHCI_PACKET_MAX];
};

int vhci_open(const char *path)
{
        int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* The driver queues its answer before the write returns, ahead of everything else. */
static int vhci_create(struct vhci *v)
{
        static const uint8_t create[] = {VENDOR_PACKET, CREATE_PRIMARY};
        uint8_t answer[4];
        ssize_t n;

        if (write(v->fd, create, sizeof(create)) < 0)
                return -errno;
        n = read(v->fd, answer, sizeof(answer));
        if (n < 0 && errno != EAGAIN)
                return -errno;
        if (n != sizeof(answer) || answer[0] != VENDOR_PACKET || answer[1] != CREATE_PRIMARY)
                return -EPROTO;
        v->index = answer[2] | (unsigned)answer[3] << 8;
        return 0;
}

static void vhci_lose(struct vhci *v, int error)
{
        loop_disarm(v->io);
        v->owner->on_lost(v->userdata, error);
}

static int vhci_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct vhci *v = userdata;
        ssize_t n = read(fd, v->packet, sizeof(v->packet));

        (void)source;
        (void)events;
        if (n > 0)
                v->owner->on_packet(v->userdata, v->packet, (size_t)n);
        else if (n == 0)
                vhci_lose(v, -ENODEV);
        else if (errno != EAGAIN && errno != EINTR)
                vhci_lose(v, -errno);
        return 0;
}

int vhci_new(sd_event *event, int fd_take, const struct vhci_owner *owner, void *userdata,
             struct vhci **ret_vhci)
{
        _defer_(vhci_free) struct vhci *v = calloc(1, sizeof(*v));
        int r;

        if (!v) {
                (void)fd_close(fd_take);
                return -ENOMEM;
        }
        v->fd = fd_take;
        v->owner = owner;
        v->userdata = userdata;
        r = vhci_create(v);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &v->io, v->fd, EPOLLIN, vhci_on_io, v);
        if (r < 0)
                return r;
        *ret_vhci = take(v);
        return 0;
}

/* A child's life: it has the last descriptor, and ends when the other end of @wait_fd is closed. */
static void __attribute__((noreturn)) bury(int fd, int wait_fd)
{
        uint8_t byte;

        if (dup2(fd, 0) == 0 && dup2(wait_fd, 1) == 1 && close_range(2, ~0U, 0) == 0)
                (void)!read(1, &byte, 1);
        _exit(0);
}

/*
 * The kernel lets the last close of a controller that is in use wait for its commands, that nobody
 * will answer, for two seconds each. Other controllers must not wait with it, or their hosts would
 * give up on them too; hence the last close is a child's.
 */
static void close_elsewhere(int fd)
{
        int pipe_fds[2];
        pid_t child;

        if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
                (void)fd_close(fd);
                return;
        }
        child = fork();
        if (child == 0) {
                (void)close(pipe_fds[1]);
                bury(fd, pipe_fds[0]);
        }
        (void)fd_close(fd);
        (void)fd_close(pipe_fds[0]);
        (void)fd_close(pipe_fds[1]);
}

struct vhci *vhci_free(struct vhci *vhci)
{
        if (!vhci)
                return NULL;
        loop_drop(&vhci->io);
        close_elsewhere(vhci->fd);
        free(vhci);
        return NULL;
}

void vhci_settle(void)
{
        while (wait(NULL) > 0)
                continue;
}

unsigned vhci_index(const struct vhci *vhci)
{
        return vhci->index;
}

int vhci_write(struct vhci *vhci, const uint8_t *packet, size_t n_packet)
{
        return write(vhci->fd, packet, n_packet) < 0 ? -errno : 0;
}
