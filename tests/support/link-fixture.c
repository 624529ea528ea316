/* SPDX-License-Identifier: Apache-2.0 */

#include "support/link-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "util/loop.h"

static void link_record_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct link_record *record = userdata;

        assert_true(n_message > 0 && n_message <= MESSAGE_MAX);
        memcpy(record->message, message, n_message);
        record->n_message = n_message;
        record->n_messages++;
        if (record->retreat_on_message)
                record->retreated = link_retreat(record->link);
        if (record->free_on_message)
                record->link = link_free(record->link);
}

static void link_record_on_lost(void *userdata, enum reason why)
{
        struct link_record *record = userdata;

        record->n_lost++;
        record->why = why;
        if (record->retreat_on_lost)
                record->retreated = link_retreat(record->link);
        if (record->free_on_lost)
                record->link = link_free(record->link);
}

static void link_record_on_again(void *userdata)
{
        struct link_record *record = userdata;

        record->n_again++;
        if (record->free_on_again)
                record->link = link_free(record->link);
}

const struct link_handler link_record_handler = {
        .on_message = link_record_on_message,
        .on_lost = link_record_on_lost,
        .on_again = link_record_on_again,
};

void link_record_hold(struct link_record *record, struct link *link)
{
        record->link = link;
        link_set_handler(link, &link_record_handler, record);
}

void loop_settle(sd_event *event)
{
        int r;

        do {
                r = sd_event_run(event, 0);
                assert_true(r >= 0);
        } while (r > 0);
}

void loop_until(sd_event *event, const size_t *count, size_t wanted)
{
        for (unsigned turn = 0; turn < 12000 && *count < wanted; turn++)
                assert_true(sd_event_run(event, 10000) >= 0);
        assert_int_equal(*count, wanted);
}

static int on_later(sd_event_source *source, uint64_t usec, void *userdata)
{
        size_t *n_later = userdata;

        (void)source;
        (void)usec;
        (*n_later)++;
        return 0;
}

void loop_outlast(sd_event *event, unsigned ms)
{
        sd_event_source *later = NULL;
        size_t n_later = 0;

        assert_return_code(loop_add_timer(event, &later, on_later, &n_later), 0);
        loop_rearm_timer(later, ms);
        loop_until(event, &n_later, 1);
        loop_drop(&later);
}

void pattern_fill(uint8_t *bytes, size_t n_bytes, unsigned seed)
{
        for (size_t i = 0; i < n_bytes; i++)
                bytes[i] = (uint8_t)((i * 7 + seed) % 251 == 3 ? 0 : i + seed);
}

size_t packets_receive(int fd, uint8_t ret_message[MESSAGE_MAX], size_t *ret_n_message)
{
        enum fragment_event event = FRAGMENT_MORE;
        struct fragment_reader reader;
        uint8_t packet[600];
        size_t largest = 0;

        fragment_reader_init(&reader, ret_message);
        while (event == FRAGMENT_MORE) {
                ssize_t n = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);

                assert_in_range(n, 2, sizeof(packet));
                largest = (size_t)n > largest ? (size_t)n : largest;
                event = fragment_reader_take(&reader, packet, (size_t)n);
        }
        assert_int_equal(event, FRAGMENT_MESSAGE);
        *ret_n_message = reader.n_message;
        return largest;
}
