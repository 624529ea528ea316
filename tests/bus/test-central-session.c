/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions over the channel, and over GATT where a stranger answers on the channel. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "ble/channel.h"
#include "ble/coc.h"
#include "support/coc-caller.h"
#include "support/fake-l2cap.h"
#include "support/far-end.h"
#include "util/free.h"
#include "wire/crypto.h"

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
        coc_caller_start(c, c->f);
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
                coc_caller_expect_closed();
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, coc_caller_set_up, coc_caller_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_session_over_the_channel),
                TEST(test_session_over_gatt_where_a_stranger_has_the_channel),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
