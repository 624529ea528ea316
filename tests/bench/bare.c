/* SPDX-License-Identifier: Apache-2.0 */

#include "bare.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"

#define MESSAGE_BYTES 512
#define PENDING_MAX   1000 /* then it waits for the broker */

/* One message is read and published; false at the end. */
static bool bare_relay(struct client *client, int fd)
{
        char message[MESSAGE_BYTES];
        ssize_t n = read(fd, message, sizeof(message));

        if (n > 0)
                client_publish(client, BARE_TOPIC, message, (size_t)n, NULL);
        return n > 0;
}

__attribute__((noreturn)) static void bare_run(const char *broker, int fd)
{
        struct client *client;
        bool goes_on = true;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        client = client_new(broker, NULL, NULL, NULL);
        goes_on = write(fd, "", 1) == 1; /* it is ready */
        while (goes_on) {
                struct pollfd p[] = {{.fd = client_fd(client), .events = POLLIN},
                                     {.fd = fd, .events = POLLIN}};

                if (client_wants_write(client))
                        p[0].events |= POLLOUT;
                if (client_pending(client) >= PENDING_MAX)
                        p[1].fd = -1;
                if (poll(p, 2, -1) < 0)
                        continue;
                if (p[0].revents)
                        client_turn(client, p[0].revents);
                if (p[1].revents)
                        goes_on = bare_relay(client, fd);
        }
        _exit(EXIT_SUCCESS);
}

pid_t bare_start(const char *broker, int *ret_fd)
{
        int fds[2];
        pid_t pid;
        char byte;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                exit(EXIT_FAILURE);
        pid = fork();
        if (pid < 0)
                exit(EXIT_FAILURE);
        if (pid == 0) {
                (void)close(fds[0]); /* or it would never see the end */
                bare_run(broker, fds[1]);
        }
        (void)close(fds[1]);
        if (read(fds[0], &byte, 1) != 1)
                exit(EXIT_FAILURE);
        *ret_fd = fds[0];
        return pid;
}

void bare_stop(pid_t pid, int fd)
{
        (void)close(fd);
        (void)waitpid(pid, NULL, 0);
}
