/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-start ROUNDS SETTLE_MSEC PROGRAM [ARGUMENT ...]: how a service starts and what it holds
 * then, as one line of JSON.
 *
 * Each round starts the program, takes the time until it says READY=1 to the socket in
 * NOTIFY_SOCKET, lets it settle, reads its memory from the kernel and ends it. The shortest time,
 * because whatever else the machine does only adds to it; of memory the median. Reading that of a
 * program that keeps others from tracing it takes privilege.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX    1000
#define PATIENCE_MSEC 10000 /* until READY=1 */

enum { READY_USEC, RSS, PSS, PRIVATE_DIRTY, N_MEASURES }; /* memory in KiB */

static const char *const rollup_keys[N_MEASURES] = {
        [RSS] = "Rss:", [PSS] = "Pss:", [PRIVATE_DIRTY] = "Private_Dirty:"};

static double measures[N_MEASURES][ROUNDS_MAX];

__attribute__((noreturn)) static void fail(const char *what)
{
        (void)fprintf(stderr, "bench-start: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

static double now_usec(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* A name that is no file: an abstract socket, "@" for the service. */
static int notify_listen(void)
{
        struct sockaddr_un where = {.sun_family = AF_UNIX};
        char name[64];
        int fd, n;

        n = snprintf(name, sizeof(name), "@enrolld-bench-%d", (int)getpid());
        memcpy(where.sun_path + 1, name + 1, (size_t)n - 1);
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || bind(fd, (const struct sockaddr *)&where,
                           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)) < 0)
                fail("socket");
        (void)setenv("NOTIFY_SOCKET", name, 1);
        return fd;
}

static void wait_ready(int fd)
{
        struct pollfd p = {.fd = fd, .events = POLLIN};
        char text[4096];
        ssize_t n;

        for (;;) {
                if (poll(&p, 1, PATIENCE_MSEC) != 1)
                        fail("no READY=1");
                n = recv(fd, text, sizeof(text) - 1, 0);
                if (n < 0)
                        fail("recv");
                text[n] = '\0';
                if (strstr(text, "READY=1"))
                        return;
        }
}

static pid_t start(char **command)
{
        pid_t pid = vfork();

        if (pid < 0)
                fail("vfork");
        if (pid == 0) {
                (void)execv(command[0], command);
                _exit(127);
        }
        return pid;
}

static void read_memory(pid_t pid, int round)
{
        char path[64], line[256];
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
        f = fopen(path, "re");
        if (!f)
                fail(path);
        while (fgets(line, sizeof(line), f))
                for (int i = RSS; i < N_MEASURES; i++)
                        if (strncmp(line, rollup_keys[i], strlen(rollup_keys[i])) == 0)
                                measures[i][round] = strtod(line + strlen(rollup_keys[i]), NULL);
        (void)fclose(f);
}

static void run(int fd, char **command, long settle_msec, int round)
{
        double began = now_usec();
        pid_t pid = start(command);
        int status;

        wait_ready(fd);
        measures[READY_USEC][round] = now_usec() - began;
        (void)usleep((useconds_t)settle_msec * 1000);
        read_memory(pid, round);
        (void)kill(pid, SIGTERM);
        if (waitpid(pid, &status, 0) < 0)
                fail("waitpid");
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

/* The value at @place when the @n are in order. */
static double nth(double *values, int n, int place)
{
        qsort(values, (size_t)n, sizeof(*values), compare);
        return values[place];
}

int main(int argc, char **argv)
{
        long rounds, settle_msec;
        int fd;

        if (argc < 4)
                return 2;
        rounds = strtol(argv[1], NULL, 10);
        settle_msec = strtol(argv[2], NULL, 10);
        if (rounds < 1 || rounds > ROUNDS_MAX || settle_msec < 0)
                return 2;
        fd = notify_listen();
        for (int i = 0; i < (int)rounds; i++)
                run(fd, argv + 3, settle_msec, i);
        (void)printf("{\"ready_us\":%.0f,\"rss_kb\":%.0f,\"pss_kb\":%.0f,"
                     "\"private_dirty_kb\":%.0f}\n",
                     nth(measures[READY_USEC], (int)rounds, 0),
                     nth(measures[RSS], (int)rounds, (int)rounds / 2),
                     nth(measures[PSS], (int)rounds, (int)rounds / 2),
                     nth(measures[PRIVATE_DIRTY], (int)rounds, (int)rounds / 2));
        return EXIT_SUCCESS;
}
