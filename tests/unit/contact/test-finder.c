/* SPDX-License-Identifier: Apache-2.0 */

/* Looking for a device on a cable: which one is there, or none, or none yet. The air is in
 * tests/bus. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "code/payload.h"
#include "contact/finder.h"
#include "support/haste.h"
#include "support/thing.h"
#include "support/link-fixture.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t private_key[32] = {1, 2, 3}, secret[32] = {4, 5, 6}, other[32] = {7, 8, 9};

struct world {
        sd_event *event;
        struct thing thing;
        struct stream_listener *listener; /* of a peer that the test plays */
        struct link_record peer;
        struct finder *finder;
        struct way way;

        size_t n_found, n_links, n_failed;
        struct finder_found found;
        struct link *link;
        struct turn *turn;
        enum reason why;
        char text[512];
};

static void on_found(void *userdata, const struct finder_found *found)
{
        struct world *w = userdata;

        w->found = *found;
        w->n_found++;
}

static void on_displaced(void *userdata)
{
        (void)userdata;
}

static const struct airtime_handler airtime_handler = {.on_displaced = on_displaced};

static void on_link(void *userdata, const struct finder_found *found, struct link *link_take,
                    struct turn *turn_take)
{
        struct world *w = userdata;

        w->found = *found;
        w->link = link_take;
        w->turn = turn_take;
        turn_hand_over(w->turn, AIRTIME_VISIT, &airtime_handler, w);
        w->n_links++;
        w->finder = finder_free(w->finder);
}

static void on_failed(void *userdata, enum reason why, const char *text)
{
        struct world *w = userdata;

        w->why = why;
        (void)snprintf(w->text, sizeof(w->text), "%s", text);
        w->n_failed++;
        w->finder = finder_free(w->finder);
}

static const struct finder_handler handler = {
        .on_found = on_found,
        .on_link = on_link,
        .on_failed = on_failed,
};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        haste = 1;
        assert_true(sd_event_new(&w->event) >= 0);
        thing_init(&w->thing, w->event, private_key, secret);
        thing_start(&w->thing);
        way_init(&w->way, w->event);
        way_add(&w->way, w->thing.address);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->finder = finder_free(w->finder);
        w->link = link_free(w->link);
        w->turn = turn_free(w->turn);
        w->peer.link = link_free(w->peer.link);
        w->listener = stream_listener_free(w->listener);
        thing_done(&w->thing);
        way_done(&w->way);
        w->event = sd_event_unref(w->event);
        free(w);
        return 0;
}

static void find(struct world *w, unsigned reach, const uint8_t of_secret[32])
{
        uint8_t adv_key[32];

        const struct finder_wish wish = {
                .reach = reach, .adv_key = adv_key, .seconds = 60, .rank = AIRTIME_PERSON};

        kdf_adv_key(of_secret, adv_key);
        assert_int_equal(finder_new(&w->way.means, &wish, &handler, w, &w->finder), 0);
}

static void peer_on_link(void *userdata, struct link *link)
{
        struct world *w = userdata;

        link_record_hold(&w->peer, link);
}

static const struct stream_listener_handler peer_listener_handler = {.on_link = peer_on_link};

/* A peer at the end of the cable that says only what the test says. */
static void listen_as_peer(struct world *w)
{
        assert_int_equal(stream_listener_new(w->event, w->thing.address, &peer_listener_handler, w,
                                             &w->listener),
                         0);
}

static void expect_failure(struct world *w, enum reason why)
{
        loop_until(w->event, &w->n_failed, 1);
        assert_string_equal(reason_code(w->why), reason_code(why));
        loop_settle(w->event);
        assert_int_equal(w->n_failed, 1);
        assert_int_equal(w->n_found + w->n_links, 0);
}

static void expect_link(struct world *w)
{
        loop_until(w->event, &w->n_links, 1);
        assert_int_equal(w->n_found, 1);
        assert_int_equal(w->n_failed, 0);
        assert_false(w->found.has_rssi);
        assert_string_equal(link_name(w->link), "stream");
}

static void test_finder_device_on_the_cable_is_found(void **state)
{
        static const uint8_t probe = MESSAGE_PROBE;
        struct link_record record = {.link = NULL};
        struct world *w = *state;

        thing_listen(&w->thing);
        find(w, PAYLOAD_REACH_STREAM | PAYLOAD_REACH_BLE, secret);
        expect_link(w);
        assert_int_equal(w->found.state, MESSAGE_STATE_FACTORY);

        /* The link is a live one. */
        link_record_hold(&record, take(w->link));
        assert_int_equal(link_send(record.link, &probe, 1), 0);
        loop_until(w->event, &record.n_messages, 1);
        assert_int_equal(record.message[0], MESSAGE_ANNOUNCE);
        (void)link_free(record.link);
}

static void test_finder_another_device_is_a_wrong_secret(void **state)
{
        struct world *w = *state;

        thing_listen(&w->thing);
        find(w, PAYLOAD_REACH_STREAM, other);
        expect_failure(w, REASON_WRONG_SECRET);
        assert_non_null(strstr(w->text, w->thing.address));
}

/* Where another port may have the device, its code is not doubted. */
static void test_finder_another_device_at_one_of_the_ports_is_no_wrong_secret(void **state)
{
        struct world *w = *state;

        haste = 100;
        thing_listen(&w->thing);
        way_add(&w->way, "unix:/nowhere");
        find(w, PAYLOAD_REACH_STREAM, other);
        expect_failure(w, REASON_DEVICE_NOT_FOUND);
        assert_string_equal(w->text, "The device is at none of the 2 ports: 1 with another device, "
                                     "1 that cannot be opened.");
}

static void test_finder_no_port_is_told_after_the_window(void **state)
{
        struct world *w = *state;

        haste = 600;
        find(w, PAYLOAD_REACH_STREAM, secret);
        expect_failure(w, REASON_PORT_UNAVAILABLE);
}

static void test_finder_silence_on_the_cable_is_no_device(void **state)
{
        struct world *w = *state;

        haste = 600;
        listen_as_peer(w);
        find(w, PAYLOAD_REACH_STREAM, secret);
        expect_failure(w, REASON_DEVICE_NOT_FOUND);
        assert_true(w->peer.n_messages >= 1); /* it was asked */
        assert_int_equal(w->peer.message[0], MESSAGE_PROBE);
}

static void test_finder_device_that_starts_later_is_found(void **state)
{
        struct world *w = *state;

        find(w, PAYLOAD_REACH_STREAM, secret);
        for (unsigned i = 0; i < 5; i++)
                assert_true(sd_event_run(w->event, 1000) >= 0);
        thing_listen(&w->thing);
        expect_link(w);
}

static void test_finder_cable_that_is_pulled_is_opened_again(void **state)
{
        struct world *w = *state;

        listen_as_peer(w);
        find(w, PAYLOAD_REACH_STREAM, secret);
        loop_until(w->event, &w->peer.n_messages, 1);
        w->peer.link = link_free(w->peer.link);
        w->listener = stream_listener_free(w->listener);
        thing_listen(&w->thing);
        expect_link(w);
}

static void test_finder_what_is_left_on_the_line_is_passed_over(void **state)
{
        static const uint8_t rest[] = {MESSAGE_TRANSPORT, 1, 2, 3},
                             short_one[] = {MESSAGE_ANNOUNCE};
        uint8_t announce[1 + MESSAGE_ADV_BYTES] = {MESSAGE_ANNOUNCE, 1, 2, 3, 4, 5};
        struct world *w = *state;
        uint8_t adv_key[32];

        listen_as_peer(w);
        find(w, PAYLOAD_REACH_STREAM, secret);
        loop_until(w->event, &w->peer.n_messages, 1);
        assert_int_equal(link_send(w->peer.link, rest, sizeof(rest)), 0);
        assert_int_equal(link_send(w->peer.link, short_one, sizeof(short_one)), 0);
        loop_settle(w->event);
        assert_int_equal(w->n_found + w->n_failed, 0);

        kdf_adv_key(secret, adv_key);
        kdf_adv_tag(adv_key, announce + 1, MESSAGE_STATE_WAITING, announce + 1 + KDF_NONCE_BYTES);
        assert_int_equal(link_send(w->peer.link, announce, sizeof(announce)), 0);
        expect_link(w);
        assert_int_equal(w->found.state, MESSAGE_STATE_OWNED);
        assert_memory_equal(w->found.nonce, announce + 1, KDF_NONCE_BYTES);
}

static void test_finder_without_a_way_to_the_device_says_which(void **state)
{
        struct world *w = *state;

        find(w, PAYLOAD_REACH_BLE, secret);
        expect_failure(w, REASON_ADAPTER_MISSING);
        w->n_failed = 0;
        w->way.means.n_ports = 0;
        find(w, PAYLOAD_REACH_STREAM, secret);
        expect_failure(w, REASON_PORT_UNAVAILABLE);
}

static void test_finder_several_ports_have_a_device_each(void **state)
{
        static const uint8_t other_key[32] = {3, 2, 1};
        struct world *w = *state;
        struct thing second;

        thing_init(&second, w->event, other_key, other);
        thing_start(&second);
        thing_listen(&second);
        way_add(&w->way, second.address);
        thing_listen(&w->thing);

        find(w, PAYLOAD_REACH_STREAM, other);
        expect_link(w);
        assert_true(airtime_is_used(w->way.airtime, second.address));
        assert_false(airtime_is_used(w->way.airtime, w->thing.address));
        w->link = link_free(w->link);
        w->turn = turn_free(w->turn);

        w->n_found = w->n_links = 0;
        find(w, PAYLOAD_REACH_STREAM, secret);
        expect_link(w);
        assert_true(airtime_is_used(w->way.airtime, w->thing.address));
        thing_done(&second);
}

/* The port is not asked while somebody has it, and then it is. */
static void test_finder_waits_for_a_port_that_is_used(void **state)
{
        struct world *w = *state;
        struct turn *turn;

        haste = 100;
        thing_listen(&w->thing);
        assert_int_equal(turn_new(w->way.airtime, w->thing.address, AIRTIME_PERSON,
                                  &(const struct airtime_handler){on_displaced, on_displaced}, w,
                                  &turn),
                         0);
        loop_settle(w->event);
        find(w, PAYLOAD_REACH_STREAM, secret);
        for (unsigned i = 0; i < 20; i++)
                assert_true(sd_event_run(w->event, 1000) >= 0);
        assert_int_equal(w->n_found, 0);
        (void)turn_free(turn);
        expect_link(w);
}

/* The same device at two ports: it does not wait at one while there is room at the other. */
static void test_finder_goes_where_there_is_room(void **state)
{
        struct world *w = *state;
        struct thing again;

        haste = 100;
        thing_init(&again, w->event, private_key, secret);
        thing_start(&again);
        way_add(&w->way, again.address);
        assert_int_equal(airtime_set_slots(w->way.airtime, w->thing.address, 0), 0);
        thing_listen(&w->thing);
        find(w, PAYLOAD_REACH_STREAM, secret);
        loop_until(w->event, &w->n_found, 1);
        assert_true(w->found.waits);
        loop_settle(w->event);
        assert_int_equal(w->n_links, 0);

        thing_listen(&again);
        expect_link(w);
        assert_true(airtime_is_used(w->way.airtime, again.address));
        thing_done(&again);
}

static void test_finder_freed_early_is_silent(void **state)
{
        struct world *w = *state;

        thing_listen(&w->thing);
        find(w, PAYLOAD_REACH_STREAM, secret);
        w->finder = finder_free(w->finder);
        loop_settle(w->event);
        assert_int_equal(w->n_found + w->n_links + w->n_failed, 0);
        assert_null(finder_free(NULL));
}

static void test_finder_recognises_its_own_advertisement_in_every_state(void **state)
{
        uint8_t adv_key[32], data[MESSAGE_ADV_BYTES] = {1, 2, 3, 4, 5};
        enum message_state found;

        (void)state;
        kdf_adv_key(secret, adv_key);
        for (int s = MESSAGE_STATE_FACTORY; s <= MESSAGE_STATE_WAITING; s++) {
                kdf_adv_tag(adv_key, data, (uint8_t)s, data + KDF_NONCE_BYTES);
                found = (enum message_state)99;
                assert_true(finder_recognise(adv_key, data, &found));
                assert_int_equal(found, s);
                for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
                        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_false(finder_recognise(adv_key, data, &found));
                        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
        }
        kdf_adv_tag(adv_key, data, MESSAGE_STATE_WAITING + 1, data + KDF_NONCE_BYTES);
        assert_false(finder_recognise(adv_key, data, &found));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_finder_device_on_the_cable_is_found),
                TEST(test_finder_another_device_is_a_wrong_secret),
                TEST(test_finder_another_device_at_one_of_the_ports_is_no_wrong_secret),
                TEST(test_finder_no_port_is_told_after_the_window),
                TEST(test_finder_silence_on_the_cable_is_no_device),
                TEST(test_finder_device_that_starts_later_is_found),
                TEST(test_finder_cable_that_is_pulled_is_opened_again),
                TEST(test_finder_what_is_left_on_the_line_is_passed_over),
                TEST(test_finder_without_a_way_to_the_device_says_which),
                TEST(test_finder_several_ports_have_a_device_each),
                TEST(test_finder_waits_for_a_port_that_is_used),
                TEST(test_finder_goes_where_there_is_room),
                TEST(test_finder_freed_early_is_silent),
                cmocka_unit_test(test_finder_recognises_its_own_advertisement_in_every_state),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
