/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "order/server.h"
#include "util/free.h"

#define LONG_ANSWER (4 << 20) /* bytes, more than a socket holds */

struct fixture {
        sd_event *event;
        char directory[32];
        char path[64];
        struct server *server;
        unsigned n_lines;
};

static void on_line(void *userdata, const char *line, FILE *answer)
{
        struct fixture *f = userdata;

        f->n_lines++;
        if (strcmp(line, "long") == 0)
                for (size_t i = 0; i < LONG_ANSWER; i++)
                        (void)fputc('x', answer);
        else if (strcmp(line, "silence") == 0)
                return;
        else
                (void)fprintf(answer, "<%s>", line);
        (void)fputs("\nok\n", answer);
}

static void on_nonsense(void *userdata, FILE *answer)
{
        (void)userdata;
        (void)fputs("nonsense\n", answer);
}

static void on_crowd(void *userdata, FILE *answer)
{
        (void)userdata;
        (void)fputs("crowd\n", answer);
}

static const struct server_owner owner = {
        .on_line = on_line,
        .on_nonsense = on_nonsense,
        .on_crowd = on_crowd,
};

static int setup(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        (void)snprintf(f->directory, sizeof(f->directory), "/tmp/test-server-XXXXXX");
        assert_non_null(mkdtemp(f->directory));
        (void)snprintf(f->path, sizeof(f->path), "%s/control", f->directory);
        assert_return_code(sd_event_new(&f->event), 0);
        assert_int_equal(server_new(f->event, f->path, &owner, f, &f->server), 0);
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        (void)server_free(f->server);
        (void)sd_event_unref(f->event);
        assert_int_equal(rmdir(f->directory), 0);
        free(f);
        return 0;
}

static void settle(struct fixture *f)
{
        while (sd_event_run(f->event, 0) > 0)
                continue;
}

static int client_open(struct fixture *f)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
        assert_return_code(connect(fd, (const struct sockaddr *)&address, sizeof(address)), errno);
        return fd;
}

static void client_say(struct fixture *f, int fd, const char *text)
{
        assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
        settle(f);
}

static void client_hears(struct fixture *f, int fd, const char *expected)
{
        char text[4096];
        ssize_t n;

        settle(f);
        n = recv(fd, text, sizeof(text) - 1, 0);
        text[n > 0 ? n : 0] = 0;
        assert_string_equal(text, expected);
}

static void client_asks(struct fixture *f, int fd, const char *text, const char *expected)
{
        client_say(f, fd, text);
        client_hears(f, fd, expected);
}

static void test_server_answers_each_line(void **state)
{
        struct fixture *f = *state;
        _defer_(fd_close) int fd = client_open(f);

        client_asks(f, fd, "list\n", "<list>\nok\n");
        client_asks(f, fd, "\n", "<>\nok\n");
        client_asks(f, fd, "a\nb\n", "<a>\nok\n<b>\nok\n");
        client_asks(f, fd, "silence\nc\n", "<c>\nok\n");
}

static void test_server_takes_a_line_in_parts(void **state)
{
        struct fixture *f = *state;
        _defer_(fd_close) int fd = client_open(f);

        client_asks(f, fd, "li", "");
        client_asks(f, fd, "st", "");
        client_asks(f, fd, "\nnext", "<list>\nok\n");
        client_asks(f, fd, " one\n", "<next one>\nok\n");
}

static void test_server_refuses_an_overlong_line_and_goes_on(void **state)
{
        struct fixture *f = *state;
        _defer_(fd_close) int fd = client_open(f);
        char line[3 * SERVER_LINE_MAX], expected[SERVER_LINE_MAX + 16];

        memset(line, 'x', sizeof(line));
        line[SERVER_LINE_MAX] = '\n';
        line[SERVER_LINE_MAX + 1] = 0;
        (void)snprintf(expected, sizeof(expected), "<%.*s>\nok\n", SERVER_LINE_MAX, line);
        client_asks(f, fd, line, expected);

        line[SERVER_LINE_MAX] = 'x';
        line[SERVER_LINE_MAX + 1] = '\n';
        line[SERVER_LINE_MAX + 2] = 0;
        client_asks(f, fd, line, "nonsense\n");

        memset(line, 'x', sizeof(line));
        line[sizeof(line) - 1] = 0;
        client_asks(f, fd, line, "");
        client_asks(f, fd, "list\nlist\n", "nonsense\n<list>\nok\n");
        assert_int_equal(f->n_lines, 2);
}

static void test_server_refuses_what_is_not_text(void **state)
{
        struct fixture *f = *state;
        _defer_(fd_close) int fd = client_open(f);

        assert_int_equal(send(fd, "li\0st\n", 6, MSG_NOSIGNAL), 6);
        client_hears(f, fd, "nonsense\n");
        client_asks(f, fd, "list\n", "<list>\nok\n");
}

static void test_server_has_many_clients(void **state)
{
        struct fixture *f = *state;
        int fds[SERVER_CLIENTS_MAX], more;
        char text[32], expected[32];

        for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
                fds[i] = client_open(f);
                client_asks(f, fds[i], "half", "");
        }
        more = client_open(f);
        client_hears(f, more, "crowd\n");
        assert_int_equal(recv(more, text, sizeof(text), 0), 0);
        (void)close(more);
        for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
                (void)snprintf(text, sizeof(text), " %d\n", i);
                (void)snprintf(expected, sizeof(expected), "<half %d>\nok\n", i);
                client_asks(f, fds[i], text, expected);
        }
        (void)close(fds[7]);
        settle(f);
        fds[7] = client_open(f);
        client_asks(f, fds[7], "again\n", "<again>\nok\n");
        for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
                (void)close(fds[i]);
}

static size_t drain(struct fixture *f, int fd, char last[6])
{
        char bytes[65536];
        size_t n_all = 0;
        ssize_t n;

        settle(f);
        while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
                n_all += (size_t)n;
                if (n >= 6)
                        memcpy(last, bytes + n - 6, 6);
                settle(f);
        }
        return n_all;
}

static void test_server_slow_client_waits_alone(void **state)
{
        struct fixture *f = *state;
        _defer_(fd_close) int slow = client_open(f);
        _defer_(fd_close) int quick = client_open(f);
        char last[6];

        client_say(f, slow, "long\nlong\n");
        client_asks(f, quick, "list\n", "<list>\nok\n");
        assert_int_equal(f->n_lines, 2);
        assert_int_equal(drain(f, slow, last), 2 * (LONG_ANSWER + 4));
        assert_memory_equal(last, "xx\nok\n", 6);
        assert_int_equal(f->n_lines, 3);
}

static void test_server_answers_who_has_hung_up_its_side(void **state)
{
        struct fixture *f = *state;
        _defer_(fd_close) int fd = client_open(f);
        char byte;

        assert_int_equal(send(fd, "a\nb\nhalf", 8, MSG_NOSIGNAL), 8);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        client_hears(f, fd, "<a>\nok\n<b>\nok\n");
        assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static void test_server_survives_a_client_that_leaves_in_the_middle(void **state)
{
        struct fixture *f = *state;
        int fd = client_open(f);

        client_say(f, fd, "long\nlist\n");
        (void)close(fd);
        settle(f);
        fd = client_open(f);
        client_asks(f, fd, "list\n", "<list>\nok\n");
        (void)close(fd);
}

static void test_server_socket_is_private_and_leaves_no_trace(void **state)
{
        struct fixture *f = *state;
        struct stat status;
        struct server *second = NULL;

        assert_return_code(stat(f->path, &status), errno);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(server_new(f->event, f->path, &owner, f, &second), -EADDRINUSE);
        assert_null(second);
        assert_return_code(stat(f->path, &status), errno);
        f->server = server_free(f->server);
        assert_int_equal(stat(f->path, &status), -1);
}

static void test_server_replaces_a_socket_left_behind(void **state)
{
        struct fixture *f = *state;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        f->server = server_free(f->server);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
        assert_return_code(bind(fd, (const struct sockaddr *)&address, sizeof(address)), errno);
        (void)close(fd);
        assert_int_equal(server_new(f->event, f->path, &owner, f, &f->server), 0);
        fd = client_open(f);
        client_asks(f, fd, "list\n", "<list>\nok\n");
        (void)close(fd);
}

static void test_server_touches_nothing_but_a_socket(void **state)
{
        struct fixture *f = *state;
        struct server *server = NULL;
        char path[256];
        int fd;

        (void)snprintf(path, sizeof(path), "%s/file", f->directory);
        fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        assert_return_code(fd, errno);
        (void)close(fd);
        assert_int_equal(server_new(f->event, path, &owner, f, &server), -EADDRINUSE);
        assert_return_code(unlink(path), errno);
        memset(path, 'x', sizeof(path) - 1);
        path[sizeof(path) - 1] = 0;
        assert_int_equal(server_new(f->event, path, &owner, f, &server), -ENAMETOOLONG);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_server_answers_each_line),
                TEST(test_server_takes_a_line_in_parts),
                TEST(test_server_refuses_an_overlong_line_and_goes_on),
                TEST(test_server_refuses_what_is_not_text),
                TEST(test_server_has_many_clients),
                TEST(test_server_slow_client_waits_alone),
                TEST(test_server_answers_who_has_hung_up_its_side),
                TEST(test_server_survives_a_client_that_leaves_in_the_middle),
                TEST(test_server_socket_is_private_and_leaves_no_trace),
                TEST(test_server_replaces_a_socket_left_behind),
                TEST(test_server_touches_nothing_but_a_socket),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
