/* SPDX-License-Identifier: Apache-2.0 */

/* The hub's end of Bluetooth LE where it asks for a channel beside GATT. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "ble/channel.h"
#include "ble/coc.h"
#include "support/caller.h"
#include "support/fake-l2cap.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "util/free.h"
#include "wire/crypto.h"

#define SOON 120 /* of the long patience, in haste: half a second */

static int coc_setup(void **state)
{
        fake_l2cap_reset();
        return fixture_setup(state);
}

static int coc_teardown(void **state)
{
        fake_l2cap_reset();
        return fixture_teardown(state);
}

static void start(struct caller *c, struct fixture *f)
{
        caller_start(c, f, CENTRAL_GATT_AND_COC, &caller_long_patience);
}

/* A link over the channel; if bluetoothd is @slow, it still has to resolve the services. */
static void start_over_channel(struct caller *c, struct fixture *f, bool slow)
{
        start(c, f);
        f->mock.resolves_never = slow;
        caller_expect(c, REASON_NONE);
        assert_string_equal(link_name(c->record.link), "ble-coc");
}

static void expect_open(int fd)
{
        char byte;

        assert_int_equal(recv(fd, &byte, sizeof(byte), MSG_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
}

/* Whatever else was in it. */
static void expect_closed(int fd)
{
        char byte;
        ssize_t n;

        do
                n = recv(fd, &byte, sizeof(byte), MSG_DONTWAIT);
        while (n > 0);
        assert_true(n == 0 || errno == ECONNRESET);
}

static void expect_far_end_closed(void)
{
        expect_closed(fake_l2cap.far_fd);
}

/* The link is over GATT, and carries messages both ways. */
static void expect_gatt(struct caller *c)
{
        struct fixture *f = c->f;
        size_t n_messages = c->record.n_messages;
        uint8_t packet[300];

        assert_string_equal(link_name(c->record.link), "ble");
        assert_int_equal(f->mock.acquire_notify.n_calls, 1);
        assert_int_equal(f->mock.acquire_write.n_calls, 1);
        assert_int_equal(link_send(c->record.link, (const uint8_t *)"world", 5), 0);
        assert_int_equal(recv(f->mock.write_fd, packet, sizeof(packet), 0), 6);
        assert_memory_equal(packet, "\xc0world", 6);
        assert_int_equal(send(f->mock.notify_fd, "\xc0hello", 6, 0), 6);
        loop_until(f->event, &c->record.n_messages, n_messages + 1);
        assert_int_equal(c->record.n_message, 5);
        assert_memory_equal(c->record.message, "hello", 5);
}

static void retreat(struct caller *c)
{
        assert_int_equal(link_retreat(c->record.link), 0);
        expect_far_end_closed();
        fixture_settle(c->f);
}

/* --- which way it is --- */

static void test_channel_first_is_the_link_at_once(void **state)
{
        struct fixture *f = *state;
        uint8_t message[MESSAGE_MAX], received[MESSAGE_MAX + 1];
        struct caller c;

        start_over_channel(&c, f, true);
        assert_int_equal(fake_l2cap.n_opens, 1);
        assert_string_equal(fake_l2cap.own.address, MOCK_ADDRESS);
        assert_false(fake_l2cap.own.random);
        assert_string_equal(fake_l2cap.peer.address, "00:11:22:33:44:55");
        assert_true(fake_l2cap.peer.random);
        for (size_t n = 1; n <= MESSAGE_MAX; n += n < 3 ? 1 : 409) {
                pattern_fill(message, n, (unsigned)n);
                assert_int_equal(link_send(c.record.link, message, n), 0);
                assert_int_equal(recv(fake_l2cap.far_fd, received, sizeof(received), 0), n);
                assert_memory_equal(received, message, n);
                assert_int_equal(send(fake_l2cap.far_fd, message, n, MSG_NOSIGNAL), n);
                fixture_settle(f);
                assert_int_equal(c.record.n_message, n);
                assert_memory_equal(c.record.message, message, n);
        }
        caller_stop(&c);
        expect_far_end_closed();
}

/* What is resolved meanwhile is left alone, for as long as the channel is in use. */
static void test_channel_in_use_nothing_is_subscribed(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start_over_channel(&c, f, true);
        mock_device_discovered(&f->mock);
        fixture_settle(f);
        assert_int_equal(caller_dial(&c), -EBUSY);
        assert_int_equal(f->mock.acquire_notify.n_calls, 0);
        assert_int_equal(c.record.n_again, 0);
        caller_hang_up(&c);
        expect_far_end_closed();
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        assert_int_equal(f->mock.remove.n_calls, 1);
        caller_stop(&c);
}

static void test_channel_later_than_gatt_is_closed(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        fake_l2cap.hangs = true;
        caller_expect(&c, REASON_NONE);
        assert_int_equal(fake_l2cap.n_opens, 1);
        expect_far_end_closed();
        expect_gatt(&c);
        caller_hang_up(&c);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        caller_stop(&c);
}

/* GATT is about to be open. */
static void test_channel_while_subscribing_is_declined(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        for (int i = 0; i < 2; i++) {
                struct mock_verb *verb = i ? &f->mock.acquire_write : &f->mock.acquire_notify;

                verb->silent = true;
                fake_l2cap.hangs = true;
                assert_return_code(caller_dial(&c), 0);
                fixture_until_called(f, &verb->n_calls, 1);
                fake_l2cap_go_on();
                fixture_settle(f);
                expect_far_end_closed();
                assert_int_equal(f->n_told, 0);
                c.dial = dial_free(c.dial);
                fixture_settle(f);
                assert_int_equal(f->mock.disconnect.n_calls, 1);
                caller_begin_anew(&c);
        }
        caller_stop(&c);
}

static void test_channel_that_does_not_open_leaves_gatt(void **state)
{
        static const struct {
                int open_error, opened_error;
        } cases[] = {
                {.open_error = -EAFNOSUPPORT},   {.open_error = -EMFILE},
                {.open_error = -EACCES},         {.open_error = -EHOSTDOWN},
                {.opened_error = -ECONNREFUSED}, {.opened_error = -EMSGSIZE},
                {.opened_error = -ECONNABORTED}, {.opened_error = -ECONNRESET},
                {.opened_error = -ETIMEDOUT},    {.opened_error = -EINVAL},
        };
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                fake_l2cap.open_error = cases[i].open_error;
                fake_l2cap.opened_error = cases[i].opened_error;
                caller_expect(&c, REASON_NONE);
                assert_int_equal(fake_l2cap.n_opens, i + 1);
                expect_gatt(&c);
                assert_int_equal(link_retreat(c.record.link), -ENOTSUP);
                caller_begin_anew(&c);
        }
        caller_stop(&c);
}

static void test_channel_is_not_asked_for_without_an_address_or_the_wish(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        expect_gatt(&c);
        caller_stop(&c);
        f->mock.acquire_notify.n_calls = f->mock.acquire_write.n_calls = 0;
        f->mock.untyped = true;
        start(&c, f);
        caller_expect(&c, REASON_NONE);
        expect_gatt(&c);
        caller_stop(&c);
        assert_int_equal(fake_l2cap.n_opens, 0);
}

/* bluetoothd has something to say of a connection that is in use already. */
static void test_channel_in_use_an_error_of_connect_is_ignored(void **state)
{
        static const char *const errors[] = {
                "org.bluez.Error.Failed",           "org.bluez.Error.InProgress",
                "org.bluez.Error.AlreadyConnected", "org.bluez.Error.NotReady",
                SD_BUS_ERROR_UNKNOWN_OBJECT,        SD_BUS_ERROR_NO_REPLY};
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                f->mock.connect = (struct mock_verb){.n_fail = 1, .error = errors[i]};
                caller_expect(&c, REASON_NONE);
                assert_string_equal(link_name(c.record.link), "ble-coc");
                assert_int_equal(f->mock.connect.n_calls, 1);
                assert_int_equal(f->n_told, i + 1);
                assert_int_equal(c.record.n_lost, 0);
                expect_open(fake_l2cap.far_fd);
                mock_device_connected(&f->mock, true);
                mock_device_discovered(&f->mock);
                fixture_settle(f);
                caller_begin_anew(&c);
        }
        caller_stop(&c);
}

static void test_channel_is_asked_for_with_every_attempt_to_connect(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        fake_l2cap.opened_error = -EHOSTDOWN;
        f->mock.connect = (struct mock_verb){.n_fail = 2, .error = "org.bluez.Error.Failed"};
        caller_expect(&c, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 3);
        assert_int_equal(fake_l2cap.n_opens, 3);
        expect_gatt(&c);
        caller_begin_anew(&c);

        /* The first hangs, and the second opens. */
        fake_l2cap = (struct fake_l2cap){.far_fd = fake_l2cap.far_fd, .hangs = true};
        f->mock.connect = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.connect.n_calls, 1);
        fake_l2cap.hangs = false;
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(link_name(c.record.link), "ble-coc");
        assert_int_equal(fake_l2cap.n_opens, 2);
        caller_stop(&c);
}

/* As where the other side wants to pair first, and the kernel begins to. */
static void test_channel_that_costs_the_connection_is_not_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        fake_l2cap.hangs = true;
        f->mock.n_drops = 1;
        caller_expect(&c, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 2);
        assert_int_equal(fake_l2cap.n_opens, 1);
        expect_gatt(&c);
        caller_begin_anew(&c);
        caller_expect(&c, REASON_NONE);
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_stop(&c);
}

/* The services may be known before the connection ends. */
static void test_channel_that_costs_a_connection_in_use_is_not_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        fake_l2cap.hangs = true;
        f->mock.acquire_notify.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.acquire_notify.n_calls, 1);
        mock_device_connected(&f->mock, false);
        fixture_until_told(f, REASON_LINK_LOST);
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_begin_anew(&c);
        caller_expect(&c, REASON_NONE);
        expect_gatt(&c);
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_stop(&c);
}

/* The radio is free for others as soon as there is a connection. */
static void test_channel_in_use_discovery_goes_on(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        caller_listen(&c);
        fake_l2cap.hangs = true;
        f->mock.connect.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.connect.n_calls, 1);
        fixture_settle(f);
        assert_false(f->mock.discovering);
        fake_l2cap_go_on();
        fixture_until_told(f, REASON_NONE);
        fixture_until(f, &f->mock.discovering);
        assert_int_equal(c.record.n_lost, 0);
        expect_open(fake_l2cap.far_fd);
        caller_stop(&c);
}

/* --- retreating from it --- */

static void test_retreat_goes_on_over_gatt(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        for (int slow = 0; slow < 2; slow++) {
                start_over_channel(&c, f, slow);
                retreat(&c);
                if (slow) {
                        assert_int_equal(c.record.n_again, 0);
                        assert_string_equal(link_name(c.record.link), "ble");
                        assert_int_equal(link_send(c.record.link, (const uint8_t *)"x", 1),
                                         -ENOTCONN);
                        mock_device_discovered(&f->mock);
                        fixture_settle(f);
                }
                loop_until(f->event, &c.record.n_again, 1);
                expect_gatt(&c);
                assert_int_equal(link_retreat(c.record.link), -ENOTSUP);
                assert_int_equal(f->mock.connect.n_calls, 1);
                assert_int_equal(c.record.n_again, 1);
                assert_int_equal(c.record.n_lost, 0);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* A channel may show that there is a connection before bluetoothd does. */
static void test_retreat_waits_for_bluetoothd_to_notice_the_connection(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        f->mock.connect.silent = true;
        start_over_channel(&c, f, true);
        retreat(&c);
        assert_int_equal(c.record.n_again, 0);
        mock_device_connected(&f->mock, true);
        mock_device_discovered(&f->mock);
        fixture_settle(f);
        loop_until(f->event, &c.record.n_again, 1);
        expect_gatt(&c);
        assert_int_equal(f->mock.connect.n_calls, 1);
        caller_stop(&c);
}

/* Which is ignored as it is while the channel is in use. */
static void test_retreat_is_not_ended_by_an_error_of_connect(void **state)
{
        static const char *const errors[] = {"org.bluez.Error.Failed", "org.bluez.Error.InProgress",
                                             "org.bluez.Error.NotReady"};
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                f->mock.connect.silent = true;
                start_over_channel(&c, f, true);
                mock_device_connected(&f->mock, true);
                retreat(&c);
                mock_connect_refused(&f->mock, errors[i]);
                fixture_settle(f);
                mock_device_discovered(&f->mock);
                loop_until(f->event, &c.record.n_again, 1);
                expect_gatt(&c);
                assert_int_equal(f->mock.connect.n_calls, 1);
                assert_int_equal(c.record.n_lost, 0);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* While the channel is in use, bluetoothd may take its time, and GATT is there when it is done. */
static void test_retreat_is_possible_however_long_the_channel_was_in_use(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start(&c, f);
        f->mock.resolves_never = true;
        haste = SOON;
        caller_expect(&c, REASON_NONE);
        loop_outlast(f->event, 2 * caller_long_patience.connect_ms);
        haste = 1;
        assert_int_equal(c.record.n_lost, 0);
        retreat(&c);
        mock_device_discovered(&f->mock);
        fixture_settle(f);
        loop_until(f->event, &c.record.n_again, 1);
        expect_gatt(&c);
        caller_stop(&c);
}

/* In the middle of what the link tells, as a conversation does. */
static void test_retreat_because_of_what_comes_or_because_nothing_does(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        for (size_t closed = 0; closed < 2; closed++) {
                start_over_channel(&c, f, false);
                c.record.retreat_on_message = c.record.retreat_on_lost = true;
                if (closed)
                        fake_l2cap.far_fd = fd_close(fake_l2cap.far_fd);
                else
                        assert_int_equal(send(fake_l2cap.far_fd, "?", 1, MSG_NOSIGNAL), 1);
                loop_until(f->event, &c.record.n_again, 1);
                assert_int_equal(c.record.retreated, 0);
                assert_int_equal(c.record.n_lost, closed);
                c.record.retreat_on_message = c.record.retreat_on_lost = false;
                expect_gatt(&c);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void fail_subscribing(struct mock_bluez *m)
{
        m->acquire_notify = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
}

static void fail_taking(struct mock_bluez *m)
{
        m->acquire_write = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
}

static void ignore_subscribing(struct mock_bluez *m)
{
        m->acquire_notify.silent = true;
}

static void power_off(struct mock_bluez *m)
{
        mock_adapter_powered(m, false);
}

static void vanish_connection(struct mock_bluez *m)
{
        mock_device_connected(m, false);
}

static void change_nothing(struct mock_bluez *m)
{
        (void)m;
}

static void vanish_channel(struct mock_bluez *m)
{
        (void)m;
        fake_l2cap.far_fd = fd_close(fake_l2cap.far_fd);
}

static void vanish_both(struct mock_bluez *m)
{
        vanish_channel(m);
        vanish_connection(m);
}

/* Once, and there is no other way any more. */
static void expect_lost(struct caller *c, enum reason why)
{
        struct fixture *f = c->f;

        loop_until(f->event, &c->record.n_lost, 1);
        fixture_settle(f);
        assert_string_equal(reason_code(c->record.why), reason_code(why));
        assert_int_equal(c->record.n_lost, 1);
        assert_int_equal(c->record.n_again, 0);
        assert_int_equal(link_retreat(c->record.link), -ENOTSUP);
        assert_int_equal(f->mock.connect.n_calls, 1);
}

static void test_retreat_to_a_gatt_that_fails_is_the_loss_of_the_link(void **state)
{
        static const struct {
                void (*ruin)(struct mock_bluez *m);
                enum reason why;
        } cases[] = {
                {fail_subscribing, REASON_SERVICE_MISSING},
                {fail_taking, REASON_SERVICE_MISSING},
                {ignore_subscribing, REASON_LINK_TIMEOUT},
        };
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                start_over_channel(&c, f, false);
                cases[i].ruin(&f->mock);
                haste = SOON;
                retreat(&c);
                expect_lost(&c, cases[i].why);
                assert_true(f->mock.connected);
                caller_hang_up(&c);
                assert_int_equal(f->mock.disconnect.n_calls, 1);
                assert_int_equal(f->mock.remove.n_calls, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_retreat_that_waits_in_vain_is_the_loss_of_the_link(void **state)
{
        static const struct {
                void (*change)(struct mock_bluez *m);
                unsigned haste;
                enum reason why;
        } cases[] = {
                {change_nothing, SOON, REASON_SERVICE_MISSING},
                {power_off, 1, REASON_ADAPTER_OFF},
                {vanish_connection, 1, REASON_LINK_LOST},
                {mock_device_removed, 1, REASON_LINK_LOST},
                {mock_adapter_removed, 1, REASON_LINK_LOST},
                {mock_down, 1, REASON_LINK_LOST},
        };
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                start_over_channel(&c, f, true);
                haste = cases[i].haste;
                retreat(&c);
                cases[i].change(&f->mock);
                expect_lost(&c, cases[i].why);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_channel_lost_with_the_connection_is_lost_once(void **state)
{
        static void (*const vanish[])(struct mock_bluez * m) = {
                vanish_connection, mock_device_removed, mock_adapter_removed, mock_down};
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < 2 * sizeof(vanish) / sizeof(vanish[0]); i++) {
                start_over_channel(&c, f, i & 1);
                c.record.retreat_on_lost = true;
                vanish[i / 2](&f->mock);
                loop_until(f->event, &c.record.n_lost, 1);
                assert_int_equal(c.record.retreated, -ENOTSUP);
                vanish_channel(&f->mock);
                fixture_settle(f);
                assert_int_equal(c.record.n_lost, 1);
                assert_int_equal(c.record.why, REASON_LINK_LOST);
                assert_int_equal(c.record.n_again, 0);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* The kernel is quicker to tell than bluetoothd. */
static void test_channel_lost_before_the_connection_is_lost_once(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        for (int retreats = 0; retreats < 2; retreats++) {
                start_over_channel(&c, f, true);
                c.record.retreat_on_lost = retreats;
                vanish_both(&f->mock);
                loop_until(f->event, &c.record.n_lost, 1 + (size_t)retreats);
                fixture_settle(f);
                assert_int_equal(c.record.n_lost, 1 + retreats);
                assert_int_equal(c.record.retreated, retreats ? -ENOTSUP : 0);
                assert_int_equal(c.record.why, REASON_LINK_LOST);
                assert_int_equal(c.record.n_again, 0);
                assert_int_equal(f->mock.connect.n_calls, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_retreat_means_gatt_only_for_that_device(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        start_over_channel(&c, f, false);
        retreat(&c);
        for (int i = 0; i < 2; i++) {
                caller_begin_anew(&c);
                caller_expect(&c, REASON_NONE);
                expect_gatt(&c);
        }
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_begin_anew(&c);
        f->mock.connect.silent = true;
        mock_device_at(&f->mock, CALLER_OTHER_DEVICE);
        fixture_settle(f);
        assert_return_code(caller_dial_to(&c, CALLER_OTHER_DEVICE), 0);
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(link_name(c.record.link), "ble-coc");
        assert_int_equal(fake_l2cap.n_opens, 2);
        caller_stop(&c);
}

/* --- a session --- */

struct talk {
        struct keys keys;
        struct far_end device;
        struct conversation *conversation;
        size_t n_ready;
};

static void talk_on_ready(void *userdata)
{
        struct talk *t = userdata;

        t->n_ready++;
}

static void talk_on_body(void *userdata, enum message_kind kind, struct cbor_span body)
{
        (void)userdata;
        (void)kind;
        (void)body;
        fail_msg("nothing was said");
}

static void talk_on_ended(void *userdata, const struct conversation_end *end)
{
        (void)userdata;
        fail_msg("ended: %s", reason_code(end->why));
}

/* The hub begins a session over a link that is over the channel. */
static void talk_begin(struct talk *t, struct caller *c, enum keys_kind kind)
{
        static const uint8_t master[32] = {9, 9, 9};
        static const struct conversation_handler handler = {talk_on_ready, talk_on_body,
                                                            talk_on_ended};
        struct link *link = NULL;

        *t = (struct talk){0};
        start(c, c->f);
        c->aside = true;
        caller_expect(c, REASON_NONE);
        far_end_init(&t->device, c->f->event, master, kind, &t->keys, &link);
        (void)link_free(link);
        link = c->record.link;
        c->record.link = NULL;
        assert_int_equal(
                conversation_new(c->f->event, link, &t->keys, &handler, t, &t->conversation), 0);
        assert_string_equal(conversation_link_name(t->conversation), "ble-coc");
}

/* The device is at the end of that link, and both sides get through the handshake. */
static void talk_shake_hands(struct talk *t, enum keys_kind kind, struct link *link_take)
{
        far_end_hold(&t->device, link_take);
        far_end_shake_hands(&t->device, kind);
        if (kind == KEYS_OF_OWNERSHIP)
                loop_until(t->device.event, &t->n_ready, 1);
}

static void talk_end(struct talk *t, struct caller *c)
{
        t->conversation = conversation_free(t->conversation);
        far_end_done(&t->device);
        caller_begin_anew(c);
        caller_stop(c);
}

static const enum keys_kind kinds[] = {KEYS_OF_CODE, KEYS_OF_OWNERSHIP};

static void test_session_over_the_channel(void **state)
{
        struct fixture *f = *state;
        struct caller c = {.f = f};
        struct link *link = NULL;
        struct talk t;

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                talk_begin(&t, &c, kinds[i]);
                assert_int_equal(coc_new(f->event, fd_take(&fake_l2cap.far_fd), &link), 0);
                talk_shake_hands(&t, kinds[i], link);
                assert_string_equal(conversation_link_name(t.conversation), "ble-coc");
                talk_end(&t, &c);
        }
}

static void test_session_over_gatt_where_a_stranger_has_the_channel(void **state)
{
        struct fixture *f = *state;
        uint8_t message[MESSAGE_MAX];
        struct caller c = {.f = f};
        struct channel *channel = NULL;
        struct talk t;

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                talk_begin(&t, &c, kinds[i]);
                assert_int_equal(recv(fake_l2cap.far_fd, message, sizeof(message), 0),
                                 SESSION_FIRST_BYTES);
                assert_int_equal(send(fake_l2cap.far_fd, "who?", 4, MSG_NOSIGNAL), 4);
                fixture_until_called(f, &f->mock.acquire_write.n_calls, 1);
                expect_far_end_closed();
                assert_int_equal(channel_new(f->event, fd_take(&f->mock.write_fd),
                                             fd_take(&f->mock.notify_fd),
                                             fragment_packet_size(247, FRAGMENT_ATT_BYTES), NULL,
                                             NULL, &channel),
                                 0);
                talk_shake_hands(&t, kinds[i], channel_link(channel));
                assert_string_equal(conversation_link_name(t.conversation), "ble");
                talk_end(&t, &c);
        }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, coc_setup, coc_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_channel_first_is_the_link_at_once),
                TEST(test_channel_in_use_nothing_is_subscribed),
                TEST(test_channel_later_than_gatt_is_closed),
                TEST(test_channel_while_subscribing_is_declined),
                TEST(test_channel_that_does_not_open_leaves_gatt),
                TEST(test_channel_is_not_asked_for_without_an_address_or_the_wish),
                TEST(test_channel_in_use_an_error_of_connect_is_ignored),
                TEST(test_channel_is_asked_for_with_every_attempt_to_connect),
                TEST(test_channel_that_costs_the_connection_is_not_asked_for_again),
                TEST(test_channel_that_costs_a_connection_in_use_is_not_asked_for_again),
                TEST(test_channel_in_use_discovery_goes_on),
                TEST(test_retreat_goes_on_over_gatt),
                TEST(test_retreat_waits_for_bluetoothd_to_notice_the_connection),
                TEST(test_retreat_is_not_ended_by_an_error_of_connect),
                TEST(test_retreat_is_possible_however_long_the_channel_was_in_use),
                TEST(test_retreat_because_of_what_comes_or_because_nothing_does),
                TEST(test_retreat_to_a_gatt_that_fails_is_the_loss_of_the_link),
                TEST(test_retreat_that_waits_in_vain_is_the_loss_of_the_link),
                TEST(test_channel_lost_with_the_connection_is_lost_once),
                TEST(test_channel_lost_before_the_connection_is_lost_once),
                TEST(test_retreat_means_gatt_only_for_that_device),
                TEST(test_session_over_the_channel),
                TEST(test_session_over_gatt_where_a_stranger_has_the_channel),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
