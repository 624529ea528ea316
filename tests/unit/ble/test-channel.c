/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ble/channel.h"
#include "support/link-fixture.h"
#include "util/free.h"

struct ends {
        sd_event *event;
        struct channel *channel;
        struct link_record record;
        int to, from; /* bluetoothd's ends */
        unsigned n_freed;
        struct fragment_writer writer;
};

static uint8_t sent[MESSAGE_MAX];

static void ends_on_free(void *owner)
{
        struct ends *e = owner;

        e->n_freed++;
}

static void ends_open(struct ends *e, unsigned mtu)
{
        int in[2], out[2], size = 4096;

        assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, in), errno);
        assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, out), errno);
        assert_return_code(setsockopt(out[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), errno);
        e->to = in[1];
        e->from = out[1];
        fragment_writer_init(&e->writer);
        assert_int_equal(channel_new(e->event, in[0], out[0],
                                     fragment_packet_size(mtu, FRAGMENT_ATT_BYTES), ends_on_free, e,
                                     &e->channel),
                         0);
        e->record.link = channel_link(e->channel);
}

static int ends_setup(void **state)
{
        struct ends *e = calloc(1, sizeof(*e));

        assert_non_null(e);
        assert_return_code(sd_event_new(&e->event), 0);
        ends_open(e, 247);
        *state = e;
        return 0;
}

static int ends_teardown(void **state)
{
        struct ends *e = *state;

        (void)link_free(e->record.link);
        assert_true(e->n_freed > 0);
        (void)fd_close(e->to);
        (void)fd_close(e->from);
        sd_event_unref(e->event);
        free(e);
        return 0;
}

static void ends_hold(struct ends *e)
{
        link_record_hold(&e->record, e->record.link);
}

static void to_packet(struct ends *e, const void *packet, size_t n_packet)
{
        assert_int_equal(send(e->to, packet, n_packet, 0), n_packet);
}

static void to_message(struct ends *e, size_t n_message, unsigned seed)
{
        uint8_t packet[244];

        pattern_fill(sent, n_message, seed);
        fragment_writer_start(&e->writer, sent, n_message);
        while (fragment_writer_pending(&e->writer))
                to_packet(e, packet, fragment_writer_next(&e->writer, packet, sizeof(packet)));
}

static void test_channel_every_size_arrives(void **state)
{
        struct ends *e = *state;

        ends_hold(e);
        for (size_t n = 1; n <= MESSAGE_MAX; n += n < 500 ? 7 : 97) {
                size_t before = e->record.n_messages;

                to_message(e, n, (unsigned)n);
                loop_settle(e->event);
                assert_int_equal(e->record.n_messages, before + 1);
                assert_int_equal(e->record.n_message, n);
                assert_memory_equal(e->record.message, sent, n);
        }
}

static void test_channel_sends_packets_of_the_size_that_fits(void **state)
{
        static const struct {
                unsigned mtu;
                size_t first;
        } cases[] = {{23, 20}, {185, 182}, {247, 244}, {517, 495}, {0, 20}, {65535, 495}};
        struct ends *e = *state;
        uint8_t packet[600];

        pattern_fill(sent, MESSAGE_MAX, 1);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                (void)link_free(e->record.link);
                (void)fd_close(e->to);
                (void)fd_close(e->from);
                ends_open(e, cases[i].mtu);
                assert_int_equal(link_send(e->record.link, sent, 600), 0);
                assert_int_equal(recv(e->from, packet, sizeof(packet), 0), cases[i].first);
        }
}

static void test_channel_without_room_keeps_the_rest(void **state)
{
        struct ends *e = *state;
        uint8_t message[MESSAGE_MAX], packet[600];
        struct fragment_reader reader;
        unsigned n_sent = 0, n_received = 0;
        int r;

        ends_hold(e);
        while ((r = link_send(e->record.link, sent, MESSAGE_MAX)) == 0)
                pattern_fill(sent, MESSAGE_MAX, ++n_sent);
        assert_int_equal(r, -ENOBUFS);
        assert_true(n_sent > 0);

        fragment_reader_init(&reader, message);
        for (ssize_t n; (n = recv(e->from, packet, sizeof(packet), 0)) > 0; loop_settle(e->event)) {
                enum fragment_event event = fragment_reader_take(&reader, packet, (size_t)n);

                assert_int_not_equal(event, FRAGMENT_BROKEN);
                n_received += event == FRAGMENT_MESSAGE;
        }
        assert_int_equal(n_received, n_sent);
        assert_int_equal(link_send(e->record.link, sent, 1), 0);
}

static void test_channel_swapped_packets_are_put_right(void **state)
{
        struct ends *e = *state;

        ends_hold(e);
        to_packet(e,
                  "\x41"
                  "b",
                  2);
        to_packet(e,
                  "\xc2"
                  "c",
                  2);
        loop_settle(e->event);
        assert_int_equal(e->record.n_messages, 0);
        to_packet(e,
                  "\x80"
                  "a",
                  2);
        loop_settle(e->event);
        assert_int_equal(e->record.n_messages, 2);
        assert_int_equal(e->record.n_message, 1);
        assert_memory_equal(e->record.message, "c", 1);
        assert_int_equal(e->record.n_lost, 0);
}

static void test_channel_holder_may_free_at_the_first_of_many(void **state)
{
        struct ends *e = *state;

        e->record.free_on_message = true;
        ends_hold(e);
        to_packet(e,
                  "\xc1"
                  "b",
                  2);
        to_packet(e,
                  "\xc0"
                  "a",
                  2);
        loop_settle(e->event);
        assert_int_equal(e->record.n_messages, 1);
        assert_int_equal(e->n_freed, 1);
}

static void test_channel_misbehaving_peer_loses_the_link(void **state)
{
        static uint8_t huge[600] = {0xc0};
        static const struct {
                const char *what;
                const void *packet;
                size_t n_packet;
        } cases[] = {
                {"an empty packet", "", 0},
                {"a header alone", "\xc0", 1},
                {"a middle first", "\x00x", 2},
                {"a number far ahead", "\xe0x", 2},
                {"a packet above any MTU", huge, sizeof(huge)},
        };
        struct ends *e = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                (void)link_free(e->record.link);
                (void)fd_close(e->to);
                (void)fd_close(e->from);
                ends_open(e, 247);
                e->record.n_lost = 0;
                ends_hold(e);
                to_packet(e, cases[i].packet, cases[i].n_packet);
                loop_settle(e->event);
                if (e->record.n_lost != 1 || e->record.why != REASON_LINK_LOST)
                        fail_msg("not lost: %s", cases[i].what);
        }
}

static void test_channel_closing_either_end_is_lost_once_after_what_arrived(void **state)
{
        struct ends *e = *state;

        ends_hold(e);
        to_message(e, 700, 1);
        to_message(e, 5, 2);
        e->to = fd_close(e->to);
        e->from = fd_close(e->from);
        loop_settle(e->event);
        assert_int_equal(e->record.n_messages, 2);
        assert_int_equal(e->record.n_lost, 1);
        assert_int_equal(e->record.why, REASON_LINK_LOST);
        channel_lose(e->channel, REASON_BLUETOOTH_DOWN);
        loop_settle(e->event);
        assert_int_equal(e->record.n_lost, 1);
}

static void test_channel_closed_write_end_alone_is_lost(void **state)
{
        struct ends *e = *state;

        e->record.free_on_lost = true;
        ends_hold(e);
        e->from = fd_close(e->from);
        loop_settle(e->event);
        assert_int_equal(e->record.n_lost, 1);
        assert_int_equal(e->n_freed, 1);
}

static void test_channel_lose_is_told_later_and_once(void **state)
{
        struct ends *e = *state;

        channel_lose(e->channel, REASON_BLUETOOTH_DOWN);
        channel_lose(e->channel, REASON_LINK_LOST);
        to_message(e, 30, 1);
        loop_settle(e->event);
        assert_int_equal(e->record.n_lost, 0);
        ends_hold(e);
        assert_int_equal(e->record.n_lost, 0);
        loop_settle(e->event);
        assert_int_equal(e->record.n_messages, 1);
        assert_int_equal(e->record.n_lost, 1);
        assert_int_equal(e->record.why, REASON_BLUETOOTH_DOWN);
}

static void test_channel_size_out_of_range_is_refused(void **state)
{
        struct ends *e = *state;

        assert_int_equal(link_send(e->record.link, sent, 0), -EMSGSIZE);
        assert_int_equal(link_send(e->record.link, sent, MESSAGE_MAX + 1), -EMSGSIZE);
}

#define ends_test(f) cmocka_unit_test_setup_teardown(f, ends_setup, ends_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                ends_test(test_channel_every_size_arrives),
                ends_test(test_channel_sends_packets_of_the_size_that_fits),
                ends_test(test_channel_without_room_keeps_the_rest),
                ends_test(test_channel_swapped_packets_are_put_right),
                ends_test(test_channel_holder_may_free_at_the_first_of_many),
                ends_test(test_channel_misbehaving_peer_loses_the_link),
                ends_test(test_channel_closing_either_end_is_lost_once_after_what_arrived),
                ends_test(test_channel_closed_write_end_alone_is_lost),
                ends_test(test_channel_lose_is_told_later_and_once),
                ends_test(test_channel_size_out_of_range_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
