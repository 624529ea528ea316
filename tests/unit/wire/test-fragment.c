/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/fragment.h"

static uint8_t sent[MESSAGE_MAX], received[MESSAGE_MAX], encoded[STREAM_ENCODED_MAX];

static void fill(size_t n, unsigned period)
{
        for (size_t i = 0; i < n; i++)
                sent[i] = (uint8_t)(period ? i % period : 0);
}

static void test_fragment_every_length_and_size_arrives(void **state)
{
        static const size_t lengths[] = {1,   18,  19,  20,  38,   39,
                                         243, 244, 494, 495, 1000, MESSAGE_MAX};
        static const size_t sizes[] = {2, 20, 244, 495, 514};

        (void)state;
        for (size_t s = 0; s < 5; s++) {
                struct fragment_writer w;
                struct fragment_reader r;

                fragment_writer_init(&w);
                fragment_reader_init(&r, received);
                for (size_t l = 0; l < 12; l++) {
                        enum fragment_event event = FRAGMENT_MORE;
                        uint8_t packet[514];

                        fill(lengths[l], 251);
                        fragment_writer_start(&w, sent, lengths[l]);
                        while (fragment_writer_pending(&w)) {
                                size_t n = fragment_writer_next(&w, packet, sizes[s]);

                                assert_int_equal(event, FRAGMENT_MORE);
                                assert_true(n <= sizes[s]);
                                event = fragment_reader_take(&r, packet, n);
                        }
                        assert_int_equal(event, FRAGMENT_MESSAGE);
                        assert_int_equal(r.n_message, lengths[l]);
                        assert_memory_equal(received, sent, lengths[l]);
                        assert_int_equal(fragment_writer_next(&w, packet, sizes[s]), 0);
                }
        }
}

static void test_fragment_undo_sends_the_same_packet_again(void **state)
{
        struct fragment_writer w;
        uint8_t one[20], two[20];

        (void)state;
        fill(50, 251);
        fragment_writer_init(&w);
        fragment_writer_start(&w, sent, 50);
        assert_int_equal(fragment_writer_next(&w, one, sizeof(one)), 20);
        fragment_writer_undo(&w, 20);
        assert_int_equal(fragment_writer_next(&w, two, sizeof(two)), 20);
        assert_memory_equal(one, two, sizeof(one));
}

static void test_fragment_disorder_is_broken(void **state)
{
        static const struct {
                const char *what;
                uint8_t packets[3][2];
                size_t n_packets;
        } cases[] = {
                {"starts in the middle", {{0x00, 1}}, 1},
                {"starts with the wrong number", {{0x81, 1}}, 1},
                {"skips a number", {{0x80, 1}, {0x02, 2}}, 2},
                {"comes twice", {{0x80, 1}, {0x80, 1}}, 2},
                {"a second first before the last", {{0x80, 1}, {0x81, 2}}, 2},
                {"goes on after the last", {{0xc0, 1}, {0x01, 2}}, 2},
        };
        struct fragment_reader r;

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                enum fragment_event event = FRAGMENT_MORE;

                fragment_reader_init(&r, received);
                for (size_t p = 0; p < cases[c].n_packets; p++)
                        event = fragment_reader_take(&r, cases[c].packets[p], 2);
                if (event != FRAGMENT_BROKEN)
                        fail_msg("not broken: %s", cases[c].what);
        }
        fragment_reader_init(&r, received);
        assert_int_equal(fragment_reader_take(&r, (const uint8_t *)"\x80", 1), FRAGMENT_BROKEN);
        assert_int_equal(fragment_reader_take(&r, (const uint8_t *)"", 0), FRAGMENT_BROKEN);
}

static void test_fragment_message_above_the_limit_is_broken(void **state)
{
        static uint8_t packet[1 + MESSAGE_MAX];
        struct fragment_reader r;

        (void)state;
        fragment_reader_init(&r, received);
        packet[0] = 0x80;
        assert_int_equal(fragment_reader_take(&r, packet, sizeof(packet)), FRAGMENT_MORE);
        packet[0] = 0x41;
        assert_int_equal(fragment_reader_take(&r, packet, 2), FRAGMENT_BROKEN);
}

static void test_fragment_packet_size_prefers_full_link_layer_packets(void **state)
{
        static const struct {
                unsigned mtu;
                size_t size, size_of_multiple;
        } cases[] = {
                {0, 20, 18},     {22, 20, 18},    {23, 20, 18},      {185, 182, 180},
                {247, 244, 242}, {249, 244, 244}, {400, 244, 244},   {498, 495, 244},
                {500, 495, 495}, {517, 495, 495}, {65535, 495, 495},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(fragment_packet_size(cases[i].mtu, FRAGMENT_ATT_BYTES),
                                 cases[i].size);
                assert_int_equal(fragment_packet_size(cases[i].mtu, FRAGMENT_ATT_MULTIPLE_BYTES),
                                 cases[i].size_of_multiple);
        }
}

/* No packet exceeds what a stack takes, and a message of every length arrives. */
static void test_fragment_every_mtu_carries_every_message(void **state)
{
        static const unsigned overheads[] = {FRAGMENT_ATT_BYTES, FRAGMENT_ATT_MULTIPLE_BYTES};
        static const size_t lengths[] = {1,   17,  18,  19,  20,   241,
                                         242, 243, 244, 494, 1000, MESSAGE_MAX};
        uint8_t packet[517];

        (void)state;
        for (unsigned mtu = 23; mtu <= 517; mtu++)
                for (size_t i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
                        size_t size = fragment_packet_size(mtu, overheads[i % 2]);
                        size_t length = lengths[i / 2];
                        enum fragment_event event = FRAGMENT_MORE;
                        struct fragment_writer w;
                        struct fragment_reader r;

                        assert_in_range(size, 18, mtu - overheads[i % 2]);
                        fragment_writer_init(&w);
                        fragment_reader_init(&r, received);
                        fill(length, 251);
                        fragment_writer_start(&w, sent, length);
                        while (fragment_writer_pending(&w)) {
                                size_t n = fragment_writer_next(&w, packet, size);

                                assert_in_range(n, 2, size);
                                assert_int_equal(event, FRAGMENT_MORE);
                                event = fragment_reader_take(&r, packet, n);
                        }
                        assert_int_equal(event, FRAGMENT_MESSAGE);
                        assert_int_equal(r.n_message, length);
                        assert_memory_equal(received, sent, length);
                }
}

static enum fragment_event stream_feed(struct stream_reader *r, const uint8_t *bytes, size_t n)
{
        enum fragment_event event = FRAGMENT_MORE;

        for (size_t i = 0; i < n; i++) {
                assert_int_equal(event, FRAGMENT_MORE);
                event = stream_reader_take(r, bytes[i]);
        }
        return event;
}

static void test_stream_every_length_and_content_arrives(void **state)
{
        static const unsigned periods[] = {0, 1, 2, 7, 255, 256};
        struct stream_reader r;

        (void)state;
        stream_reader_init(&r, received);
        for (size_t p = 0; p < 6; p++)
                for (size_t n = 1; n <= MESSAGE_MAX; n += n < 600 ? 1 : 127) {
                        size_t n_encoded;

                        fill(n, periods[p]);
                        n_encoded = stream_encode(sent, n, encoded);
                        assert_true(n_encoded <= STREAM_ENCODED_MAX);
                        assert_null(memchr(encoded, 0, n_encoded - 1));
                        assert_int_equal(stream_feed(&r, encoded, n_encoded), FRAGMENT_MESSAGE);
                        assert_int_equal(r.n_message, n);
                        assert_memory_equal(received, sent, n);
                }
}

static void test_stream_known_encodings(void **state)
{
        (void)state;
        assert_int_equal(stream_encode((const uint8_t *)"\0", 1, encoded), 3);
        assert_memory_equal(encoded, "\x01\x01\x00", 3);
        assert_int_equal(stream_encode((const uint8_t *)"\x11\x22\x00\x33", 4, encoded), 6);
        assert_memory_equal(encoded, "\x03\x11\x22\x02\x33\x00", 6);
}

static void test_stream_noise_costs_one_message_only(void **state)
{
        struct stream_reader r;
        size_t n;

        (void)state;
        stream_reader_init(&r, received);
        assert_int_equal(stream_feed(&r, (const uint8_t *)"\x09\x01\x02\x00", 4), FRAGMENT_BROKEN);
        fill(100, 7);
        n = stream_encode(sent, 100, encoded);
        assert_int_equal(stream_feed(&r, encoded, n), FRAGMENT_MESSAGE);
        assert_memory_equal(received, sent, 100);
        assert_int_equal(stream_reader_take(&r, 0), FRAGMENT_MORE);
}

static void test_stream_message_above_the_limit_is_broken(void **state)
{
        enum fragment_event event = FRAGMENT_MORE;
        struct stream_reader r;

        (void)state;
        stream_reader_init(&r, received);
        for (size_t i = 0; i < 3 * MESSAGE_MAX; i++)
                assert_int_equal(stream_reader_take(&r, 0x80), FRAGMENT_MORE);
        event = stream_reader_take(&r, 0);
        assert_int_equal(event, FRAGMENT_BROKEN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fragment_every_length_and_size_arrives),
                cmocka_unit_test(test_fragment_undo_sends_the_same_packet_again),
                cmocka_unit_test(test_fragment_disorder_is_broken),
                cmocka_unit_test(test_fragment_message_above_the_limit_is_broken),
                cmocka_unit_test(test_fragment_packet_size_prefers_full_link_layer_packets),
                cmocka_unit_test(test_fragment_every_mtu_carries_every_message),
                cmocka_unit_test(test_stream_every_length_and_content_arrives),
                cmocka_unit_test(test_stream_known_encodings),
                cmocka_unit_test(test_stream_noise_costs_one_message_only),
                cmocka_unit_test(test_stream_message_above_the_limit_is_broken),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
