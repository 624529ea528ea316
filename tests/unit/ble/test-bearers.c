/* SPDX-License-Identifier: Apache-2.0 */

/* A link over a channel (ble/coc.h), GATT (ble/channel.h) or both, with the test at the far end. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "ble/bearers.h"
#include "ble/channel.h"
#include "ble/coc.h"
#include "support/link-fixture.h"
#include "util/free.h"

struct world {
        sd_event *event;
        struct bearers *bearers;
        struct link_record record;

        int coc;      /* the far end of the channel */
        int to, from; /* those of GATT */
        struct fragment_writer writer;

        size_t n_asked, n_freed; /* what the owner was told, */
        int answer;              /* and says to a retreat */
};

static uint8_t sent[MESSAGE_MAX], received[MESSAGE_MAX];

static int on_retreat(void *owner)
{
        struct world *w = owner;

        w->n_asked++;
        return w->answer;
}

static void on_free(void *owner)
{
        struct world *w = owner;

        w->n_freed++;
}

static const struct bearers_owner owner = {on_retreat, on_free}, stubborn_owner = {NULL, on_free};

static void world_open(struct world *w, const struct bearers_owner *of)
{
        memset(&w->record, 0, sizeof(w->record));
        w->coc = w->to = w->from = -1;
        w->n_asked = w->n_freed = 0;
        w->answer = 0;
        assert_int_equal(bearers_new(w->event, of, w, &w->bearers), 0);
        w->record.link = bearers_link(w->bearers);
}

static void world_close(struct world *w)
{
        w->record.link = link_free(w->record.link);
        assert_int_equal(w->n_freed, 1);
        w->coc = fd_close(w->coc);
        w->to = fd_close(w->to);
        w->from = fd_close(w->from);
}

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        assert_return_code(sd_event_new(&w->event), 0);
        world_open(w, &owner);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        world_close(w);
        sd_event_unref(w->event);
        free(w);
        return 0;
}

static void hold(struct world *w)
{
        link_record_hold(&w->record, w->record.link);
}

/* --- the bearers and their far ends --- */

static void connect_pair(int *ret_near, int *ret_far)
{
        int fds[2];

        assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), errno);
        (void)fd_close(*ret_far);
        *ret_near = fds[0];
        *ret_far = fds[1];
}

static void add_coc(struct world *w)
{
        struct link *link;
        int near;

        connect_pair(&near, &w->coc);
        assert_int_equal(coc_new(w->event, near, &link), 0);
        bearers_add(w->bearers, link);
}

static void add_gatt(struct world *w)
{
        struct channel *channel;
        int in, out;

        connect_pair(&in, &w->to);
        connect_pair(&out, &w->from);
        fragment_writer_init(&w->writer);
        assert_int_equal(channel_new(w->event, in, out,
                                     fragment_packet_size(247, FRAGMENT_ATT_BYTES), NULL, NULL,
                                     &channel),
                         0);
        bearers_add(w->bearers, channel_link(channel));
}

static void coc_say(struct world *w, size_t n_message)
{
        pattern_fill(sent, n_message, 1);
        assert_int_equal(send(w->coc, sent, n_message, MSG_NOSIGNAL), n_message);
}

static void gatt_say(struct world *w, size_t n_message)
{
        uint8_t packet[244];

        pattern_fill(sent, n_message, 2);
        fragment_writer_start(&w->writer, sent, n_message);
        while (fragment_writer_pending(&w->writer)) {
                size_t n = fragment_writer_next(&w->writer, packet, sizeof(packet));

                assert_int_equal(send(w->to, packet, n, MSG_NOSIGNAL), n);
        }
}

static void gatt_cut(struct world *w)
{
        w->to = fd_close(w->to);
        w->from = fd_close(w->from);
}

/* What the link says arrives over the one bearer, or the other. */
static void expect_sends_over_coc(struct world *w)
{
        pattern_fill(sent, 300, 3);
        assert_int_equal(link_send(w->record.link, sent, 300), 0);
        assert_int_equal(recv(w->coc, received, sizeof(received), 0), 300);
        assert_memory_equal(received, sent, 300);
        assert_string_equal(link_name(w->record.link), "ble-coc");
}

static void expect_sends_over_gatt(struct world *w)
{
        size_t n;

        pattern_fill(sent, 300, 4);
        assert_int_equal(link_send(w->record.link, sent, 300), 0);
        (void)packets_receive(w->from, received, &n);
        assert_int_equal(n, 300);
        assert_memory_equal(received, sent, 300);
        assert_string_equal(link_name(w->record.link), "ble");
}

static void expect_closed(int far)
{
        assert_int_equal(recv(far, received, sizeof(received), 0), 0);
}

static void expect_told(const struct world *w, size_t n_messages, size_t n_lost, size_t n_again)
{
        assert_int_equal(w->record.n_messages, n_messages);
        assert_int_equal(w->record.n_lost, n_lost);
        assert_int_equal(w->record.n_again, n_again);
}

/* --- which one is used --- */

static void test_bearers_none_carries_nothing(void **state)
{
        struct world *w = *state;

        hold(w);
        loop_settle(w->event);
        assert_int_equal(link_send(w->record.link, sent, 1), -ENOTCONN);
        assert_string_equal(link_name(w->record.link), "ble");
        expect_told(w, 0, 0, 0);
}

static void test_bearers_one_is_a_link_like_any(void **state)
{
        struct world *w = *state;

        add_coc(w);
        assert_string_equal(link_name(w->record.link), "ble-coc");
        coc_say(w, MESSAGE_MAX);
        loop_settle(w->event);
        expect_told(w, 0, 0, 0);
        hold(w);
        expect_told(w, 0, 0, 0);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        assert_int_equal(w->record.n_message, MESSAGE_MAX);
        assert_memory_equal(w->record.message, sent, MESSAGE_MAX);
        expect_sends_over_coc(w);
        assert_int_equal(link_send(w->record.link, sent, 0), -EMSGSIZE);
}

static void test_bearers_first_message_sent_decides(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        expect_sends_over_coc(w);
        expect_closed(w->from);
        loop_settle(w->event);
        coc_say(w, 5);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        world_close(w);

        world_open(w, &owner);
        hold(w);
        add_gatt(w);
        add_coc(w);
        expect_sends_over_gatt(w);
        expect_closed(w->coc);
        loop_settle(w->event);
        gatt_say(w, 700);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
}

static void test_bearers_first_message_heard_decides(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        gatt_say(w, 700);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        expect_closed(w->coc);
        expect_sends_over_gatt(w);
        world_close(w);

        world_open(w, &owner);
        add_gatt(w);
        hold(w);
        add_coc(w);
        coc_say(w, 700);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        expect_closed(w->from);
        expect_sends_over_coc(w);
}

static void test_bearers_two_that_speak_at_once_are_not_both_heard(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        coc_say(w, 5);
        gatt_say(w, 6);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
}

static void test_bearers_one_that_comes_too_late_is_closed(void **state)
{
        struct world *w = *state;

        add_coc(w);
        hold(w);
        expect_sends_over_coc(w);
        add_gatt(w);
        expect_closed(w->from);
        expect_sends_over_coc(w);

        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        add_gatt(w);
        expect_closed(w->from);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        add_gatt(w);
        expect_closed(w->from);
        assert_int_equal(link_send(w->record.link, sent, 1), -ENOTCONN);
}

/* --- what is lost --- */

static void test_bearers_unused_one_is_not_missed(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        w->coc = fd_close(w->coc);
        loop_settle(w->event);
        expect_told(w, 0, 0, 0);
        assert_string_equal(link_name(w->record.link), "ble");
        add_coc(w); /* in its place */
        gatt_cut(w);
        loop_settle(w->event);
        expect_told(w, 0, 0, 0);
        expect_sends_over_coc(w);
}

static void test_bearers_last_one_is_told_once(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        w->coc = fd_close(w->coc);
        gatt_cut(w);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        assert_int_equal(w->record.why, REASON_LINK_LOST);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        assert_int_equal(link_send(w->record.link, sent, 1), -ENOTCONN);
}

static void test_bearers_used_one_is_told_after_its_messages(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        coc_say(w, 5);
        coc_say(w, 6);
        w->coc = fd_close(w->coc);
        loop_settle(w->event);
        expect_told(w, 2, 1, 0);
        assert_int_equal(w->record.why, REASON_LINK_LOST);
        expect_closed(w->from);
}

static void test_bearers_lose_is_told_later_and_once(void **state)
{
        struct world *w = *state;

        add_coc(w);
        coc_say(w, 5);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        bearers_lose(w->bearers, REASON_LINK_LOST);
        loop_settle(w->event);
        hold(w);
        expect_told(w, 0, 0, 0);
        loop_settle(w->event);
        expect_told(w, 1, 1, 0);
        assert_int_equal(w->record.why, REASON_BLUETOOTH_DOWN);
        expect_closed(w->coc);
        world_close(w);

        /* And one that has no bearer. */
        world_open(w, &owner);
        hold(w);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        expect_told(w, 0, 0, 0);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
}

/* As when the connection ends: the socket says so, and bluetoothd, in either order. */
static void test_bearers_lose_and_the_bearer_lost_are_told_once(void **state)
{
        struct world *w = *state;

        add_coc(w);
        hold(w);
        expect_sends_over_coc(w);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        coc_say(w, 5);
        w->coc = fd_close(w->coc);
        loop_settle(w->event);
        expect_told(w, 1, 1, 0);
        assert_int_equal(w->record.why, REASON_BLUETOOTH_DOWN);
}

/* --- the retreat --- */

static void test_bearers_retreat_goes_on_with_another_that_is_there(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        expect_closed(w->coc);
        assert_string_equal(link_name(w->record.link), "ble");
        expect_told(w, 0, 0, 0);
        loop_settle(w->event);
        expect_told(w, 0, 0, 1);
        assert_int_equal(w->n_asked, 1);
        expect_sends_over_gatt(w);
        gatt_say(w, 700);
        loop_settle(w->event);
        expect_told(w, 1, 0, 1);
}

static void test_bearers_retreat_waits_for_one_that_is_added(void **state)
{
        struct world *w = *state;

        add_coc(w);
        hold(w);
        expect_sends_over_coc(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        assert_int_equal(w->n_asked, 1);
        expect_closed(w->coc);
        loop_settle(w->event);
        expect_told(w, 0, 0, 0);
        assert_int_equal(link_send(w->record.link, sent, 1), -ENOTCONN);

        add_gatt(w);
        expect_told(w, 0, 0, 0);
        loop_settle(w->event);
        expect_told(w, 0, 0, 1);
        expect_sends_over_gatt(w);
        gatt_say(w, 700);
        gatt_cut(w);
        loop_settle(w->event);
        expect_told(w, 1, 1, 1);
}

/* The device speaks when it is spoken to, so this is somebody else. */
static void test_bearers_nothing_is_heard_before_the_next_may_be_used(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        gatt_say(w, 5);
        loop_settle(w->event);
        expect_told(w, 0, 0, 1);
        gatt_say(w, 6);
        loop_settle(w->event);
        expect_told(w, 1, 0, 1);
        assert_int_equal(w->record.n_message, 6);
}

static void test_bearers_retreat_when_a_message_is_heard(void **state)
{
        struct world *w = *state;

        w->record.retreat_on_message = true;
        add_coc(w);
        hold(w);
        coc_say(w, 5);
        coc_say(w, 6);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        assert_int_equal(w->record.retreated, 0);
        assert_int_equal(send(w->coc, sent, 1, MSG_NOSIGNAL), -1);
        add_gatt(w);
        loop_settle(w->event);
        expect_told(w, 1, 0, 1);
}

static void test_bearers_retreat_when_lost(void **state)
{
        struct world *w = *state;

        w->record.retreat_on_lost = true;
        add_coc(w);
        hold(w);
        expect_sends_over_coc(w);
        w->coc = fd_close(w->coc);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        assert_int_equal(w->record.retreated, 0);

        add_gatt(w);
        loop_settle(w->event);
        expect_told(w, 0, 1, 1);
        expect_sends_over_gatt(w);
        w->answer = -EBUSY;
        gatt_cut(w);
        loop_settle(w->event);
        expect_told(w, 0, 2, 1);
        assert_int_equal(w->record.retreated, -ENOTSUP);
        add_coc(w);
        expect_closed(w->coc);
        loop_settle(w->event);
        expect_told(w, 0, 2, 1);
}

static void test_bearers_refused_retreat_changes_nothing(void **state)
{
        struct world *w = *state;

        w->answer = -EBUSY;
        add_coc(w);
        hold(w);
        expect_sends_over_coc(w);
        assert_int_equal(link_retreat(w->record.link), -ENOTSUP);
        expect_sends_over_coc(w);
        coc_say(w, 5);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        world_close(w);

        world_open(w, &stubborn_owner);
        add_coc(w);
        hold(w);
        expect_sends_over_coc(w);
        assert_int_equal(link_retreat(w->record.link), -ENOTSUP);
        expect_sends_over_coc(w);
}

static void test_bearers_no_retreat_from_what_the_owner_gave_up(void **state)
{
        struct world *w = *state;

        w->record.retreat_on_lost = true;
        add_coc(w);
        hold(w);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        assert_int_equal(link_retreat(w->record.link), -ENOTSUP);
        assert_int_equal(w->n_asked, 1); /* it learns that nobody has answered */
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        assert_int_equal(w->record.retreated, -ENOTSUP);
        world_close(w);

        /* Given up after it was lost. */
        world_open(w, &owner);
        add_coc(w);
        hold(w);
        w->coc = fd_close(w->coc);
        loop_settle(w->event);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        assert_int_equal(link_retreat(w->record.link), -ENOTSUP);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        assert_int_equal(w->n_asked, 1);
}

static void test_bearers_second_retreat_is_the_owners_to_grant(void **state)
{
        struct world *w = *state;

        add_coc(w);
        hold(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        assert_int_equal(link_retreat(w->record.link), -ENOTSUP); /* one at a time */
        assert_int_equal(w->n_asked, 1);
        add_gatt(w);
        loop_settle(w->event);
        assert_int_equal(link_retreat(w->record.link), 0);
        assert_int_equal(w->n_asked, 2);
        expect_closed(w->from);
        add_coc(w);
        loop_settle(w->event);
        expect_told(w, 0, 0, 2);
        w->answer = -EBUSY;
        assert_int_equal(link_retreat(w->record.link), -ENOTSUP);
        expect_sends_over_coc(w);
}

static void test_bearers_next_that_is_lost_at_once_is_the_end(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        w->to = fd_close(w->to);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
}

static void test_bearers_next_that_never_comes_is_the_end(void **state)
{
        struct world *w = *state;

        add_coc(w);
        hold(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        bearers_lose(w->bearers, REASON_SERVICE_MISSING);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        assert_int_equal(w->record.why, REASON_SERVICE_MISSING);
}

/* --- and the end --- */

static void test_bearers_may_be_freed_in_every_callback(void **state)
{
        struct world *w = *state;

        w->record.free_on_message = true;
        add_coc(w);
        add_gatt(w);
        hold(w);
        coc_say(w, 5);
        coc_say(w, 6);
        gatt_say(w, 7);
        loop_settle(w->event);
        expect_told(w, 1, 0, 0);
        world_close(w);

        world_open(w, &owner);
        w->record.free_on_lost = true;
        add_coc(w);
        hold(w);
        w->coc = fd_close(w->coc);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        world_close(w);

        world_open(w, &owner);
        w->record.free_on_lost = true;
        add_coc(w);
        hold(w);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        loop_settle(w->event);
        expect_told(w, 0, 1, 0);
        expect_closed(w->coc);
        world_close(w);

        world_open(w, &owner);
        w->record.free_on_again = true;
        add_coc(w);
        add_gatt(w);
        hold(w);
        assert_int_equal(link_retreat(w->record.link), 0);
        loop_settle(w->event);
        expect_told(w, 0, 0, 1);
        expect_closed(w->from);
}

static void test_bearers_freed_while_something_is_pending_is_silent(void **state)
{
        struct world *w = *state;

        add_coc(w);
        add_gatt(w);
        hold(w);
        coc_say(w, 5);
        assert_int_equal(link_retreat(w->record.link), 0);
        bearers_lose(w->bearers, REASON_BLUETOOTH_DOWN);
        w->record.link = link_free(w->record.link);
        assert_int_equal(w->n_freed, 1);
        loop_settle(w->event);
        expect_told(w, 0, 0, 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                test(test_bearers_none_carries_nothing),
                test(test_bearers_one_is_a_link_like_any),
                test(test_bearers_first_message_sent_decides),
                test(test_bearers_first_message_heard_decides),
                test(test_bearers_two_that_speak_at_once_are_not_both_heard),
                test(test_bearers_one_that_comes_too_late_is_closed),
                test(test_bearers_unused_one_is_not_missed),
                test(test_bearers_last_one_is_told_once),
                test(test_bearers_used_one_is_told_after_its_messages),
                test(test_bearers_lose_is_told_later_and_once),
                test(test_bearers_lose_and_the_bearer_lost_are_told_once),
                test(test_bearers_retreat_goes_on_with_another_that_is_there),
                test(test_bearers_retreat_waits_for_one_that_is_added),
                test(test_bearers_nothing_is_heard_before_the_next_may_be_used),
                test(test_bearers_retreat_when_a_message_is_heard),
                test(test_bearers_retreat_when_lost),
                test(test_bearers_refused_retreat_changes_nothing),
                test(test_bearers_no_retreat_from_what_the_owner_gave_up),
                test(test_bearers_second_retreat_is_the_owners_to_grant),
                test(test_bearers_next_that_is_lost_at_once_is_the_end),
                test(test_bearers_next_that_never_comes_is_the_end),
                test(test_bearers_may_be_freed_in_every_callback),
                test(test_bearers_freed_while_something_is_pending_is_silent),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
