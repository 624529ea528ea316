/* SPDX-License-Identifier: Apache-2.0 */

#include "support/coc-caller.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "support/fake-l2cap.h"

int coc_caller_set_up(void **state)
{
        fake_l2cap_reset();
        return fixture_setup(state);
}

int coc_caller_tear_down(void **state)
{
        fake_l2cap_reset();
        return fixture_teardown(state);
}

void coc_caller_start(struct caller *c, struct fixture *f)
{
        caller_start(c, f, CENTRAL_GATT_AND_COC, &caller_long_patience);
}

void coc_caller_start_over_channel(struct caller *c, struct fixture *f, bool slow)
{
        coc_caller_start(c, f);
        f->mock.resolves_never = slow;
        caller_expect(c, REASON_NONE);
        assert_string_equal(link_name(c->record.link), "ble-coc");
}

void coc_caller_expect_open(void)
{
        char byte;

        assert_int_equal(recv(fake_l2cap.far_fd, &byte, sizeof(byte), MSG_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
}

void coc_caller_expect_closed(void)
{
        char byte;
        ssize_t n;

        do
                n = recv(fake_l2cap.far_fd, &byte, sizeof(byte), MSG_DONTWAIT);
        while (n > 0);
        assert_true(n == 0 || errno == ECONNRESET);
}

void coc_caller_expect_gatt(struct caller *c)
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
