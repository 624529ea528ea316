/* SPDX-License-Identifier: Apache-2.0 */

/* A link over a socket of packets, as the kernel's channels are. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ble/coc.h"
#include "support/link-fixture.h"
#include "util/free.h"

struct pair {
        sd_event *event;
        int near_fd, far; /* the link's socket, which is the link's; and the other end */
        struct link_record near;
};

static uint8_t sent[MESSAGE_MAX + 1], received[MESSAGE_MAX + 1];

static void pair_open(struct pair *p, int type)
{
        int fds[2];

        assert_return_code(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, fds), errno);
        p->near_fd = fds[0];
        p->far = fds[1];
        memset(&p->near, 0, sizeof(p->near));
        assert_int_equal(coc_new(p->event, p->near_fd, &p->near.link), 0);
}

static void pair_close(struct pair *p)
{
        p->near.link = link_free(p->near.link);
        p->far = fd_close(p->far);
}

static int pair_setup(void **state)
{
        struct pair *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        assert_return_code(sd_event_new(&p->event), 0);
        pair_open(p, SOCK_SEQPACKET);
        *state = p;
        return 0;
}

static int pair_teardown(void **state)
{
        struct pair *p = *state;

        pair_close(p);
        sd_event_unref(p->event);
        free(p);
        return 0;
}

static void hold(struct pair *p)
{
        link_record_hold(&p->near, p->near.link);
}

static void far_send(struct pair *p, size_t n_message, unsigned seed)
{
        pattern_fill(sent, n_message, seed);
        assert_int_equal(send(p->far, sent, n_message, 0), n_message);
}

/* Sends until one message waits; returns how many have been taken, with that one. */
static unsigned fill(struct pair *p)
{
        unsigned n = 0;
        int r;

        pattern_fill(sent, MESSAGE_MAX, n);
        while ((r = link_send(p->near.link, sent, MESSAGE_MAX)) == 0)
                pattern_fill(sent, MESSAGE_MAX, ++n);
        assert_int_equal(r, -ENOBUFS);
        assert_true(n > 1);
        return n;
}

static void far_expect(struct pair *p, unsigned seed)
{
        assert_int_equal(recv(p->far, received, sizeof(received), 0), MESSAGE_MAX);
        pattern_fill(sent, MESSAGE_MAX, seed);
        assert_memory_equal(received, sent, MESSAGE_MAX);
}

static void expect_lost(const struct pair *p, size_t n_messages)
{
        assert_int_equal(p->near.n_messages, n_messages);
        assert_int_equal(p->near.n_lost, 1);
        assert_int_equal(p->near.why, REASON_LINK_LOST);
}

static void test_coc_every_size_arrives(void **state)
{
        struct pair *p = *state;

        hold(p);
        for (size_t n = 1; n <= MESSAGE_MAX; n++) {
                far_send(p, n, (unsigned)n);
                loop_settle(p->event);
                assert_int_equal(p->near.n_messages, n);
                assert_int_equal(p->near.n_message, n);
                assert_memory_equal(p->near.message, sent, n);
        }
        assert_int_equal(p->near.n_lost, 0);
}

static void test_coc_every_size_is_sent(void **state)
{
        struct pair *p = *state;

        hold(p);
        for (size_t n = 1; n <= MESSAGE_MAX; n++) {
                pattern_fill(sent, n, (unsigned)n);
                assert_int_equal(link_send(p->near.link, sent, n), 0);
                assert_int_equal(recv(p->far, received, sizeof(received), 0), n);
                assert_memory_equal(received, sent, n);
        }
}

static void test_coc_size_out_of_range_is_refused(void **state)
{
        struct pair *p = *state;

        hold(p);
        assert_int_equal(link_send(p->near.link, sent, 0), -EMSGSIZE);
        assert_int_equal(link_send(p->near.link, sent, MESSAGE_MAX + 1), -EMSGSIZE);
        assert_int_equal(recv(p->far, received, sizeof(received), 0), -1);
        assert_int_equal(errno, EAGAIN);
}

static void test_coc_empty_or_oversize_message_loses_the_link(void **state)
{
        static const size_t sizes[] = {0, MESSAGE_MAX + 1};
        struct pair *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                pair_close(p);
                pair_open(p, SOCK_SEQPACKET);
                hold(p);
                far_send(p, 7, 1);
                far_send(p, sizes[i], 2);
                far_send(p, 7, 3);
                loop_settle(p->event);
                expect_lost(p, 1);
        }
}

static void test_coc_several_at_once_arrive_one_by_one(void **state)
{
        struct pair *p = *state;

        hold(p);
        for (unsigned i = 0; i < 5; i++)
                far_send(p, 1 + i, i);
        assert_true(sd_event_run(p->event, 0) > 0);
        assert_int_equal(p->near.n_messages, 1);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 5);
        assert_memory_equal(p->near.message, sent, 5);
}

static void test_coc_without_room_one_message_waits(void **state)
{
        struct pair *p = *state;
        unsigned n;

        hold(p);
        n = fill(p);
        loop_settle(p->event);
        assert_int_equal(link_send(p->near.link, sent, 1), -ENOBUFS);
        for (unsigned i = 0; i < n; i++) {
                far_expect(p, i);
                loop_settle(p->event);
        }
        assert_int_equal(recv(p->far, received, sizeof(received), 0), -1);
        assert_int_equal(link_send(p->near.link, sent, 1), 0);
        assert_int_equal(recv(p->far, received, sizeof(received), 0), 1);
}

static void test_coc_hears_while_a_message_waits(void **state)
{
        struct pair *p = *state;

        hold(p);
        (void)fill(p);
        far_send(p, 9, 1);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 1);
        assert_memory_equal(p->near.message, sent, 9);
}

static void test_coc_nothing_is_delivered_before_hold(void **state)
{
        struct pair *p = *state;

        far_send(p, 5, 1);
        assert_int_equal(link_send(p->near.link, sent, 3), 0); /* but it can be said */
        assert_int_equal(recv(p->far, received, sizeof(received), 0), 3);
        p->far = fd_close(p->far);
        loop_settle(p->event);
        hold(p);
        assert_int_equal(p->near.n_messages, 0);
        assert_int_equal(p->near.n_lost, 0);
        loop_settle(p->event);
        expect_lost(p, 1);
}

static void test_coc_is_lost_once_after_what_arrived(void **state)
{
        struct pair *p = *state;

        hold(p);
        far_send(p, 10, 1);
        far_send(p, 11, 2);
        p->far = fd_close(p->far);
        loop_settle(p->event);
        expect_lost(p, 2);
        assert_int_equal(link_send(p->near.link, sent, 5), -EPIPE);
        loop_settle(p->event);
        expect_lost(p, 2);
}

/* The socket says first that the other end has not read everything, then what had arrived. */
static void test_coc_error_does_not_overtake_what_arrived(void **state)
{
        struct pair *p = *state;

        hold(p);
        assert_int_equal(link_send(p->near.link, sent, 20), 0);
        far_send(p, 10, 1);
        far_send(p, 11, 2);
        p->far = fd_close(p->far);
        loop_settle(p->event);
        expect_lost(p, 2);
        assert_int_equal(p->near.n_message, 11);
}

/* Whoever sends is told instead, and then it is not told again. */
static void test_coc_error_that_a_sender_was_told_is_an_end_too(void **state)
{
        struct pair *p = *state;

        hold(p);
        assert_int_equal(link_send(p->near.link, sent, 20), 0);
        far_send(p, 10, 1);
        p->far = fd_close(p->far);
        assert_true(link_send(p->near.link, sent, 5) < 0);
        loop_settle(p->event);
        expect_lost(p, 1);
}

/*
 * A channel that has ended never says so where there is nothing left to receive, unlike a socket of
 * AF_UNIX, but for the datagrams of one that is shut down.
 */
static void test_coc_hung_up_and_silent_is_lost_after_what_arrived(void **state)
{
        struct pair *p = *state;

        pair_close(p);
        pair_open(p, SOCK_DGRAM);
        hold(p);
        far_send(p, 10, 1);
        far_send(p, 11, 2);
        assert_return_code(shutdown(p->near_fd, SHUT_RDWR), errno);
        loop_settle(p->event);
        expect_lost(p, 2);
        assert_int_equal(recv(p->near_fd, received, sizeof(received), MSG_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
}

static void test_coc_closed_while_a_message_waits_is_lost(void **state)
{
        static const int types[] = {SOCK_SEQPACKET, SOCK_DGRAM}; /* which does not hang up */
        struct pair *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                pair_close(p);
                pair_open(p, types[i]);
                p->near.free_on_lost = true;
                hold(p);
                (void)fill(p);
                far_send(p, 10, 1);
                p->far = fd_close(p->far);
                loop_settle(p->event);
                expect_lost(p, 1);
                assert_null(p->near.link);
        }
}

static void test_coc_holder_may_free_at_the_first_of_many(void **state)
{
        struct pair *p = *state;

        p->near.free_on_message = true;
        hold(p);
        far_send(p, 5, 1);
        far_send(p, 6, 2);
        loop_settle(p->event);
        assert_int_equal(p->near.n_messages, 1);
        assert_null(p->near.link);
        assert_int_equal(send(p->far, sent, 1, MSG_NOSIGNAL), -1); /* closed, too */
}

static void test_coc_holder_may_free_when_lost(void **state)
{
        struct pair *p = *state;

        p->near.free_on_lost = true;
        hold(p);
        p->far = fd_close(p->far);
        loop_settle(p->event);
        expect_lost(p, 0);
        assert_null(p->near.link);
}

static void test_coc_has_a_name_and_no_retreat(void **state)
{
        struct pair *p = *state;

        assert_string_equal(link_name(p->near.link), "ble-coc");
        hold(p);
        assert_int_equal(link_retreat(p->near.link), -ENOTSUP);
}

/* epoll does not take a file. */
static void test_coc_of_what_is_no_socket_is_refused(void **state)
{
        struct pair *p = *state;
        FILE *file = tmpfile();
        struct link *link = NULL;
        int fd;

        assert_non_null(file);
        fd = dup(fileno(file));
        assert_return_code(fd, errno);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(coc_new(p->event, fd, &link), -EPERM);
        assert_null(link);
        assert_int_equal(close(fd), -1); /* it was taken all the same */
}

#define pair_test(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                pair_test(test_coc_every_size_arrives),
                pair_test(test_coc_every_size_is_sent),
                pair_test(test_coc_size_out_of_range_is_refused),
                pair_test(test_coc_empty_or_oversize_message_loses_the_link),
                pair_test(test_coc_several_at_once_arrive_one_by_one),
                pair_test(test_coc_without_room_one_message_waits),
                pair_test(test_coc_hears_while_a_message_waits),
                pair_test(test_coc_nothing_is_delivered_before_hold),
                pair_test(test_coc_is_lost_once_after_what_arrived),
                pair_test(test_coc_error_does_not_overtake_what_arrived),
                pair_test(test_coc_error_that_a_sender_was_told_is_an_end_too),
                pair_test(test_coc_hung_up_and_silent_is_lost_after_what_arrived),
                pair_test(test_coc_closed_while_a_message_waits_is_lost),
                pair_test(test_coc_holder_may_free_at_the_first_of_many),
                pair_test(test_coc_holder_may_free_when_lost),
                pair_test(test_coc_has_a_name_and_no_retreat),
                pair_test(test_coc_of_what_is_no_socket_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
