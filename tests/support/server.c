/* SPDX-License-Identifier: Apache-2.0 */

#include "support/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "util/free.h"

const uint8_t server_first[BLE_DATA_BYTES] = "0123456789";
const uint8_t server_second[BLE_DATA_BYTES] = "abcdefghij";

static void server_on_state(void *userdata, enum reason why)
{
        struct server *s = userdata;

        s->f->n_told++;
        s->f->why = why;
}

static void server_on_link(void *userdata, struct link *link)
{
        struct server *s = userdata;

        s->n_links++;
        s->record = (struct link_record){0};
        link_record_hold(&s->record, link);
}

void server_start(struct server *s, struct fixture *f)
{
        static const struct peripheral_handler owner = {server_on_state, server_on_link};

        *s = (struct server){.f = f, .notify_fd = -1};
        assert_return_code(peripheral_new(f->bluez, "hci0", true, &owner, s, &s->peripheral), 0);
}

void server_up(struct server *s, struct fixture *f)
{
        server_start(s, f);
        fixture_until_told(f, REASON_NONE);
        peripheral_advertise(s->peripheral, server_first);
        fixture_until_called(f, &f->mock.register_advertisement.n_calls, 1);
        fixture_settle(f);
}

void server_stop(struct server *s)
{
        s->record.link = link_free(s->record.link);
        s->notify_fd = fd_close(s->notify_fd);
        s->peripheral = peripheral_free(s->peripheral);
        fixture_settle(s->f);
}

const char *server_subscribe(struct server *s, const char *device)
{
        mock_subscribe(&s->f->mock, device, 247, s->error, &s->notify_fd);
        fixture_settle(s->f);
        return s->error;
}

const char *server_write(struct server *s, const char *device, const char *packet)
{
        mock_write(&s->f->mock, device, 247, packet, strlen(packet), s->error);
        fixture_settle(s->f);
        return s->error;
}

void server_expect(struct server *s, const uint8_t data[BLE_DATA_BYTES], bool intervals)
{
        uint8_t seen[32];
        bool has_intervals;

        assert_string_not_equal(s->f->mock.advertisement, "");
        assert_int_equal(mock_read_advertisement(&s->f->mock, seen, &has_intervals),
                         BLE_DATA_BYTES);
        assert_memory_equal(seen, data, BLE_DATA_BYTES);
        assert_int_equal(has_intervals, intervals);
}

void server_expect_silence(struct server *s)
{
        assert_string_equal(s->f->mock.advertisement, "");
}
