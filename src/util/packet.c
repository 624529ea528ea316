/* SPDX-License-Identifier: Apache-2.0 */

#include "util/packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "util/free.h"

#define FDS_MAX 4 /* more than one is a mistake, but must be closed */

/* Keeps the first descriptor of a control message and closes the rest. */
static void fds_collect(const struct cmsghdr *c, int *fd, size_t *n_fds)
{
        int fds[FDS_MAX];
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || n > FDS_MAX)
                return;
        memcpy(fds, CMSG_DATA(c), n * sizeof(int));
        for (size_t i = 0; i < n; i++, (*n_fds)++) {
                if (*fd < 0)
                        *fd = fds[i];
                else
                        (void)fd_close(fds[i]);
        }
}

int packet_connect(const struct sockaddr_un *address, int *ret_fd)
{
        _defer_(fd_close) int fd =
                socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
                int why = errno;

                fd = fd_close(fd);
                errno = why;
                return PACKET_E_UNREACHABLE;
        }
        *ret_fd = fd_take(&fd);
        return 0;
}

int packet_send(int fd, const void *packet, size_t n_packet, int passed_fd)
{
        char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {0};
        struct iovec data = {(void *)packet, n_packet};
        struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
        struct cmsghdr *c;

        if (passed_fd >= 0) {
                message.msg_control = control;
                message.msg_controllen = sizeof(control);
                c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(c), &passed_fd, sizeof(int));
        }
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int packet_receive(int fd, void *packet, size_t size, size_t *ret_n_packet, int *ret_passed_fd)
{
        char control[CMSG_SPACE(FDS_MAX * sizeof(int))] __attribute__((aligned(8)));
        struct iovec data = {packet, size};
        struct msghdr message = {.msg_iov = &data,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof(control)};
        _defer_(fd_close) int passed = -1;
        size_t n_fds = 0;
        ssize_t n;

        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (n < 0)
                return -errno;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
                fds_collect(c, &passed, &n_fds);
        if (n == 0)
                return -ECONNRESET;
        if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || n_fds > 1)
                return -EBADMSG;
        *ret_n_packet = (size_t)n;
        *ret_passed_fd = fd_take(&passed);
        return 0;
}
