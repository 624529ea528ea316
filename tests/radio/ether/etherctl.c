/* SPDX-License-Identifier: Apache-2.0 */

/* etherctl: gives ether an order, and says what it answers. */

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/free.h"

#define EXIT_REFUSED     1
#define EXIT_UNREACHABLE 2 /* and for wrong usage: ether was not asked */

#define LINE_MAX_BYTES 1000 /* an order without its newline */
#define PATIENCE_SEC   60

static const char *arg_socket = "/run/ether/control";

static void help(void)
{
        (void)printf("etherctl [--socket PATH] ORDER...\n"
                     "etherctl [--socket PATH] -\n\n"
                     "Gives ether one order, or each line of standard input until one is\n"
                     "refused, and prints what it answers. 'etherctl help' lists all orders.\n\n"
                     "  --socket PATH   where ether listens; %s by default\n"
                     "  --help          show this and exit\n"
                     "  --version       show the version and exit\n\n"
                     "Exit status: 0 done, 1 refused: the reason is on standard error, 2 ether\n"
                     "cannot be reached, or wrong usage.\n",
                     arg_socket);
}

/* 0 go on, >0 done, <0 wrong. An order may begin with words that look like options. */
static int options_parse(int argc, char **argv)
{
        /* clang-format off */
        static const struct option options[] = {
                { "help",    no_argument,       NULL, 'h' },
                { "version", no_argument,       NULL, 'V' },
                { "socket",  required_argument, NULL, 's' },
                { NULL,      0,                 NULL, 0   },
        };
        /* clang-format on */
        int option;

        while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
                switch (option) {
                case 'h':
                        help();
                        return 1;
                case 'V':
                        (void)printf("etherctl %s\n", PACKAGE_VERSION);
                        return 1;
                case 's':
                        arg_socket = optarg;
                        break;
                default:
                        return -EINVAL;
                }
        return optind < argc ? 0 : -EINVAL;
}

static int unreachable(int error)
{
        (void)fprintf(stderr, "etherctl: cannot reach ether at %s: %s\n", arg_socket,
                      strerror(error));
        return EXIT_UNREACHABLE;
}

/* What ether answers is read from it; NULL with errno. */
static FILE *ether_open(void)
{
        _defer_(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct timeval patience = {.tv_sec = PATIENCE_SEC};
        FILE *ether;

        if (strlen(arg_socket) >= sizeof(address.sun_path)) {
                errno = ENAMETOOLONG;
                return NULL;
        }
        memcpy(address.sun_path, arg_socket, strlen(arg_socket));
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
            connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return NULL;
        ether = fdopen(fd, "r");
        if (ether)
                (void)fd_take(&fd);
        return ether;
}

/* Prints the answer; the exit status. */
static int answer_read(FILE *ether)
{
        _defer_(free) char *line = NULL;
        size_t size = 0;

        errno = 0;
        while (getline(&line, &size, ether) >= 0) {
                if (strcmp(line, "ok\n") == 0)
                        return EXIT_SUCCESS;
                if (strncmp(line, "error ", 6) == 0) {
                        (void)fputs(line, stderr);
                        return EXIT_REFUSED;
                }
                (void)fputs(line, stdout);
        }
        return unreachable(errno == EAGAIN ? ETIMEDOUT : errno ? errno : ECONNRESET);
}

/* What the socket does not take at once it takes later: it blocks. -1 with errno. */
static int order_send(int fd, const char *order)
{
        char line[LINE_MAX_BYTES + 2];
        int n = snprintf(line, sizeof(line), "%s\n", order);

        return send(fd, line, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

static int order_give(FILE *ether, const char *order)
{
        if (strlen(order) > LINE_MAX_BYTES || strchr(order, '\n')) {
                (void)fprintf(stderr, "error too_long an order is one line of at most %d bytes\n",
                              LINE_MAX_BYTES);
                return EXIT_REFUSED;
        }
        return order_send(fileno(ether), order) < 0 ? unreachable(errno) : answer_read(ether);
}

static int orders_from_stdin(FILE *ether)
{
        _defer_(free) char *line = NULL;
        size_t size = 0;
        int status = EXIT_SUCCESS;

        while (status == EXIT_SUCCESS && getline(&line, &size, stdin) >= 0) {
                line[strcspn(line, "\n")] = 0;
                status = order_give(ether, line);
        }
        return status;
}

static int order_from_words(FILE *ether, char **words)
{
        _defer_(free) char *order = NULL;
        size_t n_order;
        FILE *text = open_memstream(&order, &n_order);

        if (!text)
                return unreachable(errno);
        for (; *words; words++)
                (void)fprintf(text, "%s%s", *words, words[1] ? " " : "");
        if (fclose(text) != 0)
                return unreachable(errno);
        return order_give(ether, order);
}

int main(int argc, char **argv)
{
        int r = options_parse(argc, argv);
        FILE *ether;
        int status;

        if (r > 0)
                return EXIT_SUCCESS;
        if (r < 0) {
                (void)fprintf(stderr, "etherctl: which order? Try etherctl --help\n");
                return EXIT_UNREACHABLE;
        }
        ether = ether_open();
        if (!ether)
                return unreachable(errno);
        if (strcmp(argv[optind], "-") == 0 && !argv[optind + 1])
                status = orders_from_stdin(ether);
        else
                status = order_from_words(ether, argv + optind);
        (void)fclose(ether);
        if (fflush(stdout) != 0 && status == EXIT_SUCCESS)
                return EXIT_REFUSED;
        return status;
}
