/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "support/link-fixture.h"
#include "link/stream.h"
#include "util/free.h"

struct pair {
        sd_event *event;
        int far; /* the other end, a bare descriptor */
        struct link_record near;
};

static uint8_t sent[MESSAGE_MAX], encoded[STREAM_ENCODED_MAX];

static int pair_setup(void **state)
{
        struct pair *p = calloc(1, sizeof(*p));
        struct link *link;
        int fds[2];

        assert_non_null(p);
        assert_return_code(sd_event_new(&p->event), 0);
        assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), errno);
        p->far = fds[1];
        assert_int_equal(stream_link_new(p->event, fds[0], &link), 0);
        p->near.link = link;
        *state = p;
        return 0;
}

static int pair_teardown(void **state)
{
        struct pair *p = *state;

        (void)link_free(p->near.link);
        (void)fd_close(p->far);
        sd_event_unref(p->event);
        free(p);
        return 0;
}

static void far_write(struct pair *p, const void *bytes, size_t n_bytes)
{
        assert_int_equal(write(p->far, bytes, n_bytes), n_bytes);
}

static void far_send(struct pair *p, size_t n_message, unsigned seed)
{
        pattern_fill(sent, n_message, seed);
        far_write(p, encoded, stream_encode(sent, n_message, encoded));
}

static void test_stream_every_size_arrives(void **state)
{
        struct pair *p = *state;

        link_record_hold(&p->near, p->near.link);
        for (size_t n = 1; n <= MESSAGE_MAX; n += n < 300 ? 1 : 97) {
                size_t before = p->near.n_messages;

                far_send(p, n, (unsigned)n);
                loop_settle(p->event);
                assert_int_equal(p->near.n_messages, before + 1);
                assert_int_equal(p->near.n_message, n);
                assert_memory_equal(p->near.message, sent, n);
        }
        assert_int_equal(p->near.n_lost, 0);
}

static void test_stream_every_size_is_sent(void **state)
{
        struct pair *p = *state;
        uint8_t bytes[STREAM_ENCODED_MAX];

        link_record_hold(&p->near, p->near.link);
        for (size_t n = 1; n <= MESSAGE_MAX; n += n < 300 ? 1 : 97) {
                size_t n_encoded;

                pattern_fill(sent, n, (unsigned)n);
                n_encoded = stream_encode(sent, n, encoded);
                assert_int_equal(link_send(p->near.link, sent, n), 0);
                assert_int_equal(read(p->far, bytes, sizeof(bytes)), n_encoded);
                assert_memory_equal(bytes, encoded, n_encoded);
        }
}

static void test_stream_byte_by_byte_arrives(void **state)
{
        struct pair *p = *state;
        size_t n;

        link_record_hold(&p->near, p->near.link);
        pattern_fill(sent, 600, 1);
        n = stream_encode(sent, 600, encoded);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(p->near.n_messages, 0);
                far_write(p, encoded + i, 1);
                loop_settle(p->event);
        }
        assert_int_equal(p->near.n_messages, 1);
        assert_memory_equal(p->near.message, sent, 600);
}

static void test_stream_several_at_once_arrive_one_by_one(void **state)
{
        struct pair *p = *state;

        link_record_hold(&p->near, p->near.link);
        for (unsigned i = 0; i < 40; i++)
                far_send(p, 1 + i, i);
        assert_true(sd_event_run(p->event, 0) > 0);
        assert_int_equal(p->near.n_messages, 1);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 40);
        assert_memory_equal(p->near.message, sent, 40);
}

static void test_stream_holder_may_free_at_the_first_of_many(void **state)
{
        struct pair *p = *state;

        p->near.free_on_message = true;
        link_record_hold(&p->near, p->near.link);
        far_send(p, 5, 1);
        far_send(p, 6, 2);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 1);
        assert_null(p->near.link);
}

static void test_stream_nothing_is_delivered_before_hold(void **state)
{
        struct pair *p = *state;

        far_send(p, 5, 1);
        p->far = fd_close(p->far);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 0);
        link_record_hold(&p->near, p->near.link);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 1);
        assert_int_equal(p->near.n_lost, 1);
}

static void test_stream_without_room_keeps_the_rest(void **state)
{
        static uint8_t bytes[1 << 20];
        struct pair *p = *state;
        size_t n_sent = 0, n_read = 0, n_encoded;
        int r;

        link_record_hold(&p->near, p->near.link);
        pattern_fill(sent, MESSAGE_MAX, 9);
        n_encoded = stream_encode(sent, MESSAGE_MAX, encoded);
        while ((r = link_send(p->near.link, sent, MESSAGE_MAX)) == 0)
                n_sent++;
        assert_int_equal(r, -ENOBUFS);

        /* What was accepted before the refusal must come out whole, whatever the buffer held. */
        while (n_read < n_sent * n_encoded) {
                ssize_t n = read(p->far, bytes + n_read, 1000);

                assert_true(n > 0);
                n_read += (size_t)n;
                loop_settle(p->event);
        }
        assert_int_equal(n_read, n_sent * n_encoded);
        for (size_t i = 0; i < n_sent; i++)
                assert_memory_equal(bytes + i * n_encoded, encoded, n_encoded);
        assert_int_equal(link_send(p->near.link, sent, MESSAGE_MAX), 0);
}

static void test_stream_size_out_of_range_is_refused(void **state)
{
        struct pair *p = *state;

        assert_int_equal(link_send(p->near.link, sent, 0), -EMSGSIZE);
        assert_int_equal(link_send(p->near.link, sent, MESSAGE_MAX + 1), -EMSGSIZE);
}

static void test_stream_peer_closing_is_lost_once_after_its_messages(void **state)
{
        struct pair *p = *state;

        link_record_hold(&p->near, p->near.link);
        far_send(p, 10, 1);
        far_send(p, 11, 2);
        far_write(p, "\x05half", 4);
        p->far = fd_close(p->far);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 2);
        assert_int_equal(p->near.n_lost, 1);
        assert_int_equal(p->near.why, REASON_LINK_LOST);
        assert_int_equal(link_send(p->near.link, sent, 5), -EPIPE);
        loop_settle(p->event);
        assert_int_equal(p->near.n_lost, 1);
}

static void test_stream_peer_closing_while_bytes_wait_is_lost(void **state)
{
        struct pair *p = *state;

        p->near.free_on_lost = true;
        link_record_hold(&p->near, p->near.link);
        while (link_send(p->near.link, sent, MESSAGE_MAX) == 0)
                ;
        p->far = fd_close(p->far);
        loop_settle(p->event);
        assert_int_equal(p->near.n_lost, 1);
        assert_null(p->near.link);
}

static void test_stream_garbage_costs_no_later_message(void **state)
{
        struct pair *p = *state;
        uint8_t noise[3000];

        link_record_hold(&p->near, p->near.link);
        for (size_t i = 0; i < sizeof(noise); i++)
                noise[i] = (uint8_t)(1 + i % 255);
        far_write(p, noise, sizeof(noise));
        far_write(p, "\0\0\0", 3);
        far_send(p, 77, 3);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 1);
        assert_int_equal(p->near.n_message, 77);
        assert_int_equal(p->near.n_lost, 0);
}

/* --- addresses --- */

struct port {
        sd_event *event;
        char directory[32], address[64];
        struct stream_listener *listener;
        struct link_record accepted[3];
        size_t n_accepted;
};

static int port_setup(void **state)
{
        struct port *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        assert_return_code(sd_event_new(&p->event), 0);
        strcpy(p->directory, "/tmp/test-stream-XXXXXX");
        assert_non_null(mkdtemp(p->directory));
        (void)snprintf(p->address, sizeof(p->address), "unix:%s/port", p->directory);
        *state = p;
        return 0;
}

static int port_teardown(void **state)
{
        struct port *p = *state;

        (void)stream_listener_free(p->listener);
        (void)unlink(p->address + 5);
        assert_return_code(rmdir(p->directory), errno);
        sd_event_unref(p->event);
        free(p);
        return 0;
}

static void port_on_link(void *userdata, struct link *link)
{
        struct port *p = userdata;

        assert_true(p->n_accepted < 3);
        link_record_hold(&p->accepted[p->n_accepted++], link);
}

static const struct stream_listener_handler port_listener_handler = {.on_link = port_on_link};

static void port_listen(struct port *p)
{
        assert_int_equal(
                stream_listener_new(p->event, p->address, &port_listener_handler, p, &p->listener),
                0);
}

static void test_listener_takes_one_peer_at_a_time(void **state)
{
        struct link_record one = {0}, two = {0};
        struct port *p = *state;
        struct stat status;
        struct link *link;

        port_listen(p);
        assert_return_code(stat(p->address + 5, &status), errno);
        assert_int_equal(status.st_mode & 07777, 0600);

        assert_int_equal(stream_link_open(p->event, p->address, &link), 0);
        link_record_hold(&one, link);
        assert_int_equal(stream_link_open(p->event, p->address, &link), 0);
        link_record_hold(&two, link);
        assert_int_equal(link_send(two.link, (const uint8_t *)"two", 3), 0);
        assert_int_equal(link_send(one.link, (const uint8_t *)"one", 3), 0);
        loop_settle(p->event);
        assert_int_equal(p->n_accepted, 1);
        assert_memory_equal(p->accepted[0].message, "one", 3);

        p->accepted[0].link = link_free(p->accepted[0].link);
        loop_settle(p->event);
        assert_int_equal(one.n_lost, 1);
        assert_int_equal(p->n_accepted, 2);
        assert_memory_equal(p->accepted[1].message, "two", 3);

        /* The link outlives its listener. */
        p->listener = stream_listener_free(p->listener);
        assert_int_equal(link_send(p->accepted[1].link, (const uint8_t *)"yes", 3), 0);
        loop_settle(p->event);
        assert_memory_equal(two.message, "yes", 3);
        (void)link_free(p->accepted[1].link);
        (void)link_free(one.link);
        (void)link_free(two.link);
}

/* What a killed listener leaves: the file, and nobody behind it. */
static void leave_stale_socket(const char *path)
{
        struct sockaddr_un where = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        (void)snprintf(where.sun_path, sizeof(where.sun_path), "%s", path);
        assert_return_code(bind(fd, (const struct sockaddr *)&where, sizeof(where)), errno);
        (void)fd_close(fd);
}

static void test_listener_replaces_a_stale_socket(void **state)
{
        struct port *p = *state;
        struct link *link;

        leave_stale_socket(p->address + 5);
        port_listen(p);
        assert_int_equal(stream_link_open(p->event, p->address, &link), 0);
        (void)link_free(link);
}

static void test_listener_leaves_a_living_one_alone(void **state)
{
        struct stream_listener *second = NULL;
        struct port *p = *state;

        port_listen(p);
        assert_int_equal(
                stream_listener_new(p->event, p->address, &port_listener_handler, p, &second),
                REASON_PORT_UNAVAILABLE);
        assert_int_equal(access(p->address + 5, F_OK), 0);
}

static void test_listener_leaves_a_file_alone(void **state)
{
        struct port *p = *state;
        int fd = open(p->address + 5, O_CREAT | O_WRONLY, 0600);

        assert_return_code(fd, errno);
        (void)fd_close(fd);
        assert_int_equal(
                stream_listener_new(p->event, p->address, &port_listener_handler, p, &p->listener),
                REASON_PORT_UNAVAILABLE);
        assert_int_equal(access(p->address + 5, F_OK), 0);
}

static void test_stream_open_names_what_is_not_there(void **state)
{
        struct port *p = *state;
        struct link *link = NULL;

        assert_int_equal(stream_link_open(p->event, p->address, &link), REASON_PORT_UNAVAILABLE);
        assert_int_equal(stream_link_open(p->event, "serial:/dev/does-not-exist:9600", &link),
                         REASON_PORT_UNAVAILABLE);
        assert_int_equal(stream_link_open(p->event, "serial:/dev/null:9600", &link),
                         REASON_PORT_UNAVAILABLE);
        leave_stale_socket(p->address + 5);
        assert_int_equal(stream_link_open(p->event, p->address, &link), REASON_PORT_UNAVAILABLE);
        assert_null(link);
}

static void test_stream_address_of_another_form_is_invalid(void **state)
{
        static const char *const addresses[] = {
                "",
                "unix:",
                "unix",
                "tcp:1.2.3.4:5",
                "serial:",
                "serial:/",
                "serial:/dev/ttyS0",
                "serial:/dev/ttyS0:",
                "serial:/dev/ttyS0:1234",
                "serial:ttyS0:9600",
                ("unix:/0123456789012345678901234567890123456789012345678901234567890123456789"
                 "0123456789012345678901234567890123456789"),
        };
        struct port *p = *state;
        struct link *link = NULL;

        for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
                if (stream_link_open(p->event, addresses[i], &link) != -EINVAL)
                        fail_msg("taken: %s", addresses[i]);
        assert_int_equal(stream_listener_new(p->event, "serial:/dev/ttyS0:9600",
                                             &port_listener_handler, p, &p->listener),
                         -EINVAL);
}

/* A terminal hands its bytes over from a kernel thread: they come soon, not at once. */
static void read_all(int fd, uint8_t *bytes, size_t n_bytes)
{
        struct pollfd ready = {.fd = fd, .events = POLLIN};

        for (size_t at = 0; at < n_bytes;) {
                ssize_t n;

                assert_int_equal(poll(&ready, 1, 5000), 1);
                n = read(fd, bytes + at, n_bytes - at);
                assert_true(n > 0);
                at += (size_t)n;
        }
}

static void test_stream_serial_line_carries_messages_raw(void **state)
{
        struct link_record record = {0};
        struct port *p = *state;
        struct link *link;
        char address[64];
        uint8_t bytes[300];
        size_t n;
        int far;

        far = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
        assert_return_code(far, errno);
        assert_return_code(grantpt(far), errno);
        assert_return_code(unlockpt(far), errno);
        (void)snprintf(address, sizeof(address), "serial:%s:115200", ptsname(far));
        assert_int_equal(stream_link_open(p->event, address, &link), 0);
        link_record_hold(&record, link);

        /* The opening zero, which ends whatever the far end had begun to hear. */
        read_all(far, bytes, 1);
        assert_int_equal(bytes[0], 0);

        /* Every byte value, among them the ones a cooked line would eat or change. */
        pattern_fill(sent, 256, 0);
        n = stream_encode(sent, 256, encoded);
        assert_int_equal(write(far, encoded, n), n);
        loop_until(p->event, &record.n_messages, 1);
        assert_memory_equal(record.message, sent, 256);
        assert_int_equal(link_send(link, sent, 256), 0);
        read_all(far, bytes, n);
        assert_memory_equal(bytes, encoded, n);

        (void)fd_close(far);
        loop_until(p->event, &record.n_lost, 1);
        assert_int_equal(record.why, REASON_LINK_LOST);
        (void)link_free(link);
}

#define pair_test(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)
#define port_test(f) cmocka_unit_test_setup_teardown(f, port_setup, port_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                pair_test(test_stream_every_size_arrives),
                pair_test(test_stream_every_size_is_sent),
                pair_test(test_stream_byte_by_byte_arrives),
                pair_test(test_stream_several_at_once_arrive_one_by_one),
                pair_test(test_stream_holder_may_free_at_the_first_of_many),
                pair_test(test_stream_nothing_is_delivered_before_hold),
                pair_test(test_stream_without_room_keeps_the_rest),
                pair_test(test_stream_size_out_of_range_is_refused),
                pair_test(test_stream_peer_closing_is_lost_once_after_its_messages),
                pair_test(test_stream_peer_closing_while_bytes_wait_is_lost),
                pair_test(test_stream_garbage_costs_no_later_message),
                port_test(test_listener_takes_one_peer_at_a_time),
                port_test(test_listener_replaces_a_stale_socket),
                port_test(test_listener_leaves_a_living_one_alone),
                port_test(test_listener_leaves_a_file_alone),
                port_test(test_stream_open_names_what_is_not_there),
                port_test(test_stream_address_of_another_form_is_invalid),
                port_test(test_stream_serial_line_carries_messages_raw),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
