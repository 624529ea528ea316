/* SPDX-License-Identifier: Apache-2.0 */

/* What the hub does by itself about a device that it owns, which announces itself at a port. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/watch.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "support/diagnostic.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/store-sample.h"
#include "support/wall.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9}, adv_key[32] = {4, 2};

struct world {
        sd_event *event;
        char path[512];
        struct store *store;
        struct sample sample;
        struct far_end device;
        struct way way;
        struct visit_means visits;
        struct gateway *gateway;
        struct watch *watch;

        bool is_taken;
        enum reason place; /* what is wrong with the port */
        size_t n_heard, n_met, n_told, n_parted, n_available, n_gone;
        enum reason why; /* it has gone */
        size_t n_crowd;  /* devices that are owned beside it */
        uint8_t asked[WATCH_AT_ONCE + 2]
                     [STORE_DEVICE_ID_BYTES]; /* of the crowd, whose turn it is */
        size_t n_asked;
};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *readings, size_t n_readings)
{
        struct world *w = userdata;

        (void)readings;
        w->n_told += n_readings;
        watch_report(w->watch, device->device_id);
}

static void on_met(void *userdata, const struct store_device *device, const char *place)
{
        struct world *w = userdata;

        watch_met(w->watch, device->device_id, place);
        w->n_met++;
}

static void on_parted(void *userdata, const struct gateway_parting *parting)
{
        struct world *w = userdata;

        watch_parted(w->watch, parting);
        w->n_parted++;
}

static const struct gateway_handler gateway_handler = {
        .on_readings = on_readings,
        .on_met = on_met,
        .on_parted = on_parted,
};

static bool is_taken(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct world *w = userdata;

        if (w->n_crowd > 0 && w->n_asked < ELEMENTSOF(w->asked))
                memcpy(w->asked[w->n_asked++], device_id, STORE_DEVICE_ID_BYTES);
        return w->is_taken;
}

static enum reason on_place(void *userdata, const char *place)
{
        struct world *w = userdata;

        assert_string_equal(place, w->device.address);
        return w->place;
}

static void on_heard(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     const struct watch_signal *signal)
{
        struct world *w = userdata;

        assert_memory_equal(device_id, w->sample.device.device_id, STORE_DEVICE_ID_BYTES);
        assert_false(signal->has_rssi);
        w->n_heard++;
}

static void on_available(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                         bool available, enum reason why)
{
        struct world *w = userdata;

        if (w->n_crowd == 0)
                assert_memory_equal(device_id, w->sample.device.device_id, STORE_DEVICE_ID_BYTES);
        w->n_available += available;
        w->n_gone += !available;
        w->why = why;
}

static const struct watch_handler handler = {
        .is_taken = is_taken,
        .on_place = on_place,
        .on_heard = on_heard,
        .on_available = on_available,
};

static int setup(void **state)
{
        static struct world w;
        struct watch_means means;

        memset(&w, 0, sizeof(w));
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        w.way.means.no_air = REASON_BLUETOOTH_DISABLED;
        w.visits = (struct visit_means){w.event, master, &w.way.means};
        sample_path(w.path, sizeof(w.path), "enrolld.db");
        assert_int_equal(store_open(w.path, &w.store), 0);
        assert_int_equal(gateway_new(&w.visits, &gateway_handler, &w, &w.gateway), 0);
        means = (struct watch_means){w.event, &w.way.means, w.store, w.gateway, 0};
        assert_int_equal(watch_new(&means, &handler, &w, &w.watch), 0);
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->watch = watch_free(w->watch);
        w->gateway = gateway_free(w->gateway);
        w->store = store_free(w->store);
        sample_clean(w->path);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        haste = 1;
        steady_ahead_sec = 0;
        return 0;
}

/* The hub owns the device at the port, which reports its temperature once a minute. */
static void own(struct world *w, enum store_presence presence)
{
        struct store_device *row = &w->sample.device;

        sample_init(&w->sample, 1);
        memcpy(row->device_id, w->device.device_id, sizeof(row->device_id));
        memcpy(row->ownership.adv_key, adv_key, sizeof(adv_key));
        memcpy(row->ownership.public_key, w->device.public_key, 32);
        row->ownership.epoch = FAR_END_EPOCH;
        row->ownership.settled = true;
        row->ownership.n_resume = 0;
        row->presence = presence;
        assert_int_equal(store_enroll(w->store, &w->sample.enrollment), 0);
        watch_refresh(w->watch);
}

static size_t n_waiting(const struct world *w)
{
        struct watch_numbers numbers;

        watch_count(w->watch, &numbers);
        return numbers.n_waiting;
}

static void on_announced(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES])
{
        (void)userdata;
        (void)data;
}

/* The port is asked now and not in its own time: somebody begins to listen there, and leaves. */
static void ask(struct world *w)
{
        static const struct port_handler nobody = {.on_announced = on_announced};
        struct port_ear *ear;

        assert_int_equal(port_ear_new(w->way.ports[0], PORT_RARELY, &nobody, NULL, &ear), 0);
        (void)port_ear_free(ear);
}

/* The device announces this with a nonce of its own, in answer to the next question. */
static void announce(struct world *w, enum message_state state)
{
        size_t n_heard = w->n_heard;

        ask(w);
        w->device.nonce[0]++;
        w->device.n_taken = w->device.heard.n_messages;
        far_end_announce(&w->device, adv_key, state);
        loop_until(w->event, &w->n_heard, n_heard + 1);
        loop_settle(w->event);
}

/* It is looked for, and a session begins. */
static void meet(struct world *w)
{
        size_t n_met = w->n_met;

        assert_int_equal(n_waiting(w), 1);
        loop_until(w->event, &w->device.heard.n_messages, w->device.n_taken + 1);
        while (w->device.heard.message[0] == MESSAGE_PROBE) { /* it is asked until it answers */
                w->device.n_taken = w->device.heard.n_messages - 1;
                far_end_announce(&w->device, adv_key, MESSAGE_STATE_WAITING);
                loop_until(w->event, &w->device.heard.n_messages, w->device.n_taken + 1);
        }
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        loop_until(w->event, &w->n_met, n_met + 1);
        assert_int_equal(n_waiting(w), 0);
}

static void report(struct world *w)
{
        struct cbor_span body;
        struct diagnostic d;

        body = diagnostic(&d, "{1:{1:2150},2:0}");
        far_end_say(&w->device, MESSAGE_DATA, body.bytes, body.n_bytes);
}

static void leave(struct world *w)
{
        size_t n_parted = w->n_parted;

        far_end_say(&w->device, MESSAGE_BYE, (const uint8_t *)"\xa0", 1);
        loop_until(w->event, &w->n_parted, n_parted + 1);
}

/* Much time passes, in which nobody says anything. */
static void wait_sec(struct world *w, int64_t seconds)
{
        steady_ahead_sec += seconds;
        watch_refresh(w->watch); /* it looks at all of them */
        loop_outlast(w->event, 1);
        loop_settle(w->event);
}

static void test_watch_visits_a_device_that_has_something_to_say(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        wait_sec(w, 10);
        announce(w, MESSAGE_STATE_WAITING);
        assert_int_equal(w->n_available, 1);
        meet(w);
        report(w);
        loop_until(w->event, &w->n_told, 1);
        leave(w);
        assert_int_equal(w->n_available, 1);
        announce(w, MESSAGE_STATE_WAITING); /* and again, at once */
        meet(w);
}

static void test_watch_leaves_one_alone_that_has_nothing_to_say(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        wait_sec(w, 10);
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(w->n_available, 1);
        assert_int_equal(n_waiting(w), 0);
        wait_sec(w, 100000);
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(n_waiting(w), 0);
}

/* Somebody repeats what the device has once announced; each time a visit finds that it is idle. */
static void test_watch_pauses_after_a_visit_for_nothing(void **state)
{
        static const int64_t pauses[] = {60, 120, 240, 240};
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        wait_sec(w, 10);
        for (size_t i = 0; i < 4; i++) {
                announce(w, MESSAGE_STATE_WAITING);
                meet(w);
                leave(w);
                announce(w, MESSAGE_STATE_WAITING);
                assert_int_equal(n_waiting(w), 0);
                wait_sec(w, pauses[i] - 10);
                announce(w, MESSAGE_STATE_WAITING);
                assert_int_equal(n_waiting(w), 0);
                wait_sec(w, 10);
        }
        announce(w, MESSAGE_STATE_WAITING);
        meet(w);
        report(w);
        loop_until(w->event, &w->n_told, 1);
        leave(w);
        announce(w, MESSAGE_STATE_WAITING); /* it was true, and all is forgiven */
        meet(w);
}

static void test_watch_comes_back_at_once_when_the_link_was_lost_but_not_for_ever(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        wait_sec(w, 10);
        for (size_t i = 0; i < GATEWAY_CALLS_MAX; i++) {
                announce(w, MESSAGE_STATE_WAITING);
                meet(w);
                far_end_cut(&w->device);
                loop_until(w->event, &w->n_parted, i + 1);
        }
        announce(w, MESSAGE_STATE_WAITING);
        assert_int_equal(n_waiting(w), 0);
        wait_sec(w, 60);
        announce(w, MESSAGE_STATE_WAITING);
        meet(w);
}

static void test_watch_says_that_a_device_is_gone_when_it_is_not_heard(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        wait_sec(w, 10);
        announce(w, MESSAGE_STATE_OWNED);
        wait_sec(w, 170);
        assert_int_equal(w->n_gone, 0);
        wait_sec(w, 20);
        assert_int_equal(w->n_gone, 1);
        assert_int_equal(w->why, REASON_NONE);
        wait_sec(w, 1000);
        assert_int_equal(w->n_gone, 1);
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(w->n_available, 2);
}

/* A recording of an advertisement keeps nobody alive. */
static void test_watch_does_not_believe_an_old_advertisement(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        announce(w, MESSAGE_STATE_OWNED);
        wait_sec(w, WATCH_NONCE_S);
        assert_int_equal(w->n_gone, 1);
        ask(w);
        w->device.n_taken = w->device.heard.n_messages;
        far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED); /* the same nonce */
        loop_settle(w->event);
        assert_int_equal(w->n_available, 1);
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(w->n_available, 2);
}

static void test_watch_asks_a_device_on_the_mains_that_is_late(void **state)
{
        struct world *w = *state;

        own(w, STORE_MAINS);
        wait_sec(w, 20); /* the first visit after the start */
        w->device.n_taken = w->device.heard.n_messages;
        meet(w);
        report(w);
        loop_until(w->event, &w->n_told, 1);
        steady_ahead_sec += 140;
        wait_sec(w, 0);
        far_end_expect(&w->device, MESSAGE_GET); /* in the session that it has kept */
}

static void test_watch_says_that_a_device_on_the_mains_is_gone_when_it_is_not_found(void **state)
{
        struct world *w = *state;

        own(w, STORE_MAINS);
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(w->n_available, 1);
        haste = 100; /* for the search */
        wait_sec(w, 20);
        loop_until(w->event, &w->n_parted, 1);
        assert_int_equal(w->n_gone, 1);
        assert_int_equal(w->why, REASON_DEVICE_NOT_FOUND);
        loop_settle(w->event);
        assert_int_equal(n_waiting(w), 0);
        haste = 1;
        wait_sec(w, 61); /* it is looked for again, less and less often */
        assert_int_equal(n_waiting(w), 1);
}

static void test_watch_knows_why_it_cannot_hear_a_device(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        announce(w, MESSAGE_STATE_OWNED);
        watch_look_at_places(w->watch);
        assert_int_equal(w->n_gone, 0);
        w->place = REASON_PORT_UNAVAILABLE;
        watch_look_at_places(w->watch);
        watch_look_at_places(w->watch);
        assert_int_equal(w->n_gone, 1);
        assert_int_equal(w->why, REASON_PORT_UNAVAILABLE);
        w->place = REASON_NONE;
        watch_look_at_places(w->watch);
        assert_int_equal(w->n_available, 1); /* not before it is heard */
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(w->n_available, 2);
}

static void test_watch_leaves_a_device_to_those_who_are_busy_with_it(void **state)
{
        struct world *w = *state;
        struct watch_numbers numbers;

        own(w, STORE_SLEEPS);
        wait_sec(w, 10);
        w->is_taken = true;
        announce(w, MESSAGE_STATE_WAITING);
        wait_sec(w, 50);
        assert_int_equal(n_waiting(w), 1);
        assert_int_equal(w->n_parted, 0);
        w->is_taken = false;
        wait_sec(w, 2);
        w->device.n_taken = w->device.heard.n_messages;
        meet(w);
        watch_count(w->watch, &numbers);
        assert_int_equal(numbers.n_open, 1);
        assert_in_range(numbers.longest_wait_s, 52, 60);
}

static void own_crowd(struct world *w, size_t n)
{
        w->n_crowd = n;
        for (size_t i = 0; i < n; i++) {
                struct store_device *row = &w->sample.device;

                sample_init(&w->sample, (unsigned)i);
                w->sample.enrollment.counter = NULL;
                row->ownership.settled = true;
                row->presence = STORE_MAINS;
                assert_int_equal(store_enroll(w->store, &w->sample.enrollment), 0);
        }
        watch_refresh(w->watch);
}

/* As many sessions as it makes visits at once stay open, and yet the next device has its turn. */
static void test_watch_goes_on_while_many_sessions_are_open(void **state)
{
        struct world *w = *state;

        own_crowd(w, WATCH_AT_ONCE + 1);
        wait_sec(w, 1000);
        wait_sec(w, 1);
        assert_int_equal(n_waiting(w), WATCH_AT_ONCE + 1);
        assert_int_equal(w->n_asked, WATCH_AT_ONCE);
        for (size_t i = 0; i < WATCH_AT_ONCE; i++)
                watch_met(w->watch, w->asked[i], w->device.address);
        wait_sec(w, 1);
        assert_int_equal(w->n_asked, WATCH_AT_ONCE + 1);
        assert_int_equal(n_waiting(w), 1);
}

static void test_watch_forgets_a_device_that_was_removed(void **state)
{
        struct world *w = *state;

        own(w, STORE_SLEEPS);
        announce(w, MESSAGE_STATE_OWNED);
        assert_int_equal(store_remove(w->store, w->sample.device.device_id, NULL, 0), 0);
        watch_refresh(w->watch);
        wait_sec(w, 1000);
        watch_met(w->watch, w->sample.device.device_id, w->device.address);
        watch_report(w->watch, w->sample.device.device_id);
        assert_int_equal(w->n_gone, 0);
        assert_int_equal(w->n_available, 1);
        assert_null(watch_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_watch_visits_a_device_that_has_something_to_say),
                TEST(test_watch_leaves_one_alone_that_has_nothing_to_say),
                TEST(test_watch_pauses_after_a_visit_for_nothing),
                TEST(test_watch_comes_back_at_once_when_the_link_was_lost_but_not_for_ever),
                TEST(test_watch_says_that_a_device_is_gone_when_it_is_not_heard),
                TEST(test_watch_does_not_believe_an_old_advertisement),
                TEST(test_watch_asks_a_device_on_the_mains_that_is_late),
                TEST(test_watch_says_that_a_device_on_the_mains_is_gone_when_it_is_not_found),
                TEST(test_watch_knows_why_it_cannot_hear_a_device),
                TEST(test_watch_leaves_a_device_to_those_who_are_busy_with_it),
                TEST(test_watch_goes_on_while_many_sessions_are_open),
                TEST(test_watch_forgets_a_device_that_was_removed),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
