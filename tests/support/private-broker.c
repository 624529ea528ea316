/* SPDX-License-Identifier: Apache-2.0 */

#include "support/private-broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/store-sample.h"

#define N_POLLS   12000
#define POLL_MSEC 10

static const char *const programs[] = {"/usr/sbin/mosquitto", "/usr/bin/mosquitto",
                                       "/usr/local/sbin/mosquitto"};

static const char *find_program(void)
{
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
                if (access(programs[i], X_OK) == 0)
                        return programs[i];
        return NULL;
}

static int free_port(void)
{
        struct sockaddr_in address = {.sin_family = AF_INET};
        socklen_t n = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || bind(fd, (struct sockaddr *)&address, n) < 0 ||
            getsockname(fd, (struct sockaddr *)&address, &n) < 0)
                abort();
        (void)close(fd);
        return ntohs(address.sin_port);
}

static void broker_file(const struct private_broker *b, const char *file, const char *mode,
                        const char *text)
{
        char path[512];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%s", b->directory, file);
        f = fopen(path, mode);
        if (!f || fputs(text, f) < 0 || fclose(f) != 0)
                abort();
}

bool private_broker_init(struct private_broker *b)
{
        char path[sizeof(b->directory)], text[1024];

        memset(b, 0, sizeof(*b));
        if (!find_program())
                return false;
        sample_path(path, sizeof(path), "");
        path[strlen(path) - 1] = '\0';
        (void)snprintf(b->directory, sizeof(b->directory), "%s", path);
        (void)snprintf(b->socket, sizeof(b->socket), "%s/mqtt.sock", b->directory);
        (void)snprintf(b->unix_url, sizeof(b->unix_url), "unix:%s", b->socket);
        b->port = free_port();
        b->tls_port = free_port();
        (void)snprintf(b->tcp_url, sizeof(b->tcp_url), "tcp:127.0.0.1:%d", b->port);
        /* As root mosquitto would become a user who cannot enter the directory. */
        (void)snprintf(text, sizeof(text),
                       "%sallow_anonymous true\npersistence false\nset_tcp_nodelay true\n"
                       "log_dest none\n"
                       "listener %d 127.0.0.1\nlistener 0 %s\n",
                       geteuid() == 0 ? "user root\n" : "", b->port, b->socket);
        broker_file(b, "mosquitto.conf", "w", text);
        return true;
}

void private_broker_configure(struct private_broker *b, const char *lines)
{
        broker_file(b, "mosquitto.conf", "a", lines);
}

void private_broker_write(struct private_broker *b, const char *file, const char *text)
{
        broker_file(b, file, "w", text);
}

static bool accepts(const struct private_broker *b)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool ok;

        memcpy(address.sun_path, b->socket, strnlen(b->socket, sizeof(address.sun_path) - 1));
        ok = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
        (void)close(fd);
        return ok;
}

static void broker_run(const struct private_broker *b)
{
        char conf[512];
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)snprintf(conf, sizeof(conf), "%s/mosquitto.conf", b->directory);
        (void)dup2(fd, STDIN_FILENO);
        (void)dup2(fd, STDOUT_FILENO);
        (void)execl(find_program(), "mosquitto", "-c", conf, (char *)NULL);
        _exit(127);
}

void private_broker_start(struct private_broker *b)
{
        const struct timespec nap = {.tv_nsec = POLL_MSEC * 1000000L};

        b->pid = fork();
        if (b->pid < 0)
                abort();
        if (b->pid == 0)
                broker_run(b);
        for (int i = 0; i < N_POLLS; i++) {
                if (accepts(b))
                        return;
                if (waitpid(b->pid, NULL, WNOHANG) == b->pid)
                        break;
                (void)nanosleep(&nap, NULL);
        }
        (void)fprintf(stderr, "The private mosquitto in %s does not start\n", b->directory);
        abort();
}

void private_broker_stop(struct private_broker *b)
{
        if (b->pid <= 0)
                return;
        (void)kill(b->pid, SIGKILL);
        (void)waitpid(b->pid, NULL, 0);
        (void)unlink(b->socket);
        b->pid = 0;
}

void private_broker_done(struct private_broker *b)
{
        char path[512];

        private_broker_stop(b);
        (void)snprintf(path, sizeof(path), "%s/x", b->directory);
        sample_clean(path);
}
