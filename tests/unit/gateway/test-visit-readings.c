/* SPDX-License-Identifier: Apache-2.0 */

/* A visit that calls on its device for the readings. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/numbering.h"
#include "gateway/visit.h"
#include "support/diagnostic.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9}, adv_key[32] = {4, 2};

static const struct store_channel channels[] = {
        {.number = 1, .leaf = "temperature", .direction = STORE_PUBLISH},
        {.number = 2, .leaf = "identify", .direction = STORE_COMMAND},
        {.number = 3, .leaf = "interval", .direction = STORE_BOTH},
        {.number = 7, .leaf = "humidity", .direction = STORE_PUBLISH},
        {.number = 8, .leaf = "press", .direction = STORE_PUBLISH, .type = STORE_EVENT},
};

struct world {
        sd_event *event;
        struct far_end device;
        struct way way;
        struct visit_means means;
        struct visit *visit;
        struct turn *other; /* a visit to somebody else */
        struct numbering numbering;
        size_t n_met, n_told, n_ended, n_turns;
        enum reason why;
        bool has_met, has_heard; /* at the end */
};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *values, size_t n_values)
{
        (void)device;
        (void)values;
        ((struct world *)userdata)->n_told += n_values;
}

static void on_ended(void *userdata, enum reason why, const char *text)
{
        struct world *w = userdata;

        (void)text;
        w->why = why;
        w->has_met = visit_has_met(w->visit);
        w->has_heard = visit_has_heard(w->visit);
        w->n_ended++;
        w->visit = visit_free(w->visit);
}

static void on_met(void *userdata, const struct store_device *device, const char *place)
{
        assert_string_equal(place, ((struct world *)userdata)->device.address);
        assert_string_equal(device->name, "hall");
        ((struct world *)userdata)->n_met++;
}

static bool on_data(void *userdata, const struct store_device *device,
                    const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES], uint32_t number)
{
        (void)device;
        return numbering_take(&((struct world *)userdata)->numbering, boot_id, number);
}

static const struct visit_handler handler = {
        .on_readings = on_readings,
        .on_ended = on_ended,
        .on_met = on_met,
        .on_data = on_data,
};

static void on_turn(void *userdata)
{
        ((struct world *)userdata)->n_turns++;
}

static const struct airtime_handler other = {.on_turn = on_turn};

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        haste = 1;
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        w.means = (struct visit_means){.event = w.event, .master = master, .finder = &w.way.means};
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->visit = visit_free(w->visit);
        w->other = turn_free(w->other);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        return 0;
}

/* Calls on a device of which is known when it can be reached, and opens the session. */
static void visit(struct world *w, enum store_presence presence)
{
        struct store_device device = {.name = "hall", .presence = presence};
        const struct visit_wish wish = {&device, channels, ELEMENTSOF(channels)};

        device.ownership.epoch = FAR_END_EPOCH;
        memcpy(device.ownership.adv_key, adv_key, sizeof(adv_key));
        memcpy(device.ownership.public_key, w->device.public_key, 32);
        assert_int_equal(
                visit_new_calling(&w->means, &wish, 60, AIRTIME_VISIT, &handler, w, &w->visit), 0);
        far_end_announce(&w->device, adv_key, MESSAGE_STATE_WAITING);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        loop_until(w->event, &w->n_met, 1);
}

static void tell(struct world *w, const char *values)
{
        struct diagnostic d;
        struct cbor_span body = diagnostic(&d, values);

        far_end_say(&w->device, MESSAGE_DATA, body.bytes, body.n_bytes);
}

static void answer(struct world *w, const char *result)
{
        struct diagnostic d;
        struct cbor_span body = diagnostic(&d, result);

        far_end_say(&w->device, MESSAGE_RESULT, body.bytes, body.n_bytes);
}

/* Another visit wants to go to the same place. */
static void compete(struct world *w)
{
        assert_int_equal(
                turn_new(w->way.airtime, w->device.address, AIRTIME_VISIT, &other, w, &w->other),
                0);
}

static void test_visit_takes_what_the_device_says_and_leaves_when_it_is_silent(void **state)
{
        struct world *w = *state;

        visit(w, STORE_PRESENCE_UNKNOWN);
        tell(w, "{1:{1:2150,7:40},2:0}");
        loop_until(w->event, &w->n_told, 2);
        tell(w, "{1:{1:2160},2:1}"); /* it had something else to say */
        loop_until(w->event, &w->n_told, 3);
        haste = 50;
        tell(w, "{1:{1:2170},2:2}");
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_NONE);
        assert_true(w->has_met);
        assert_true(w->has_heard);
}

/* The link was lost, and the device does not know what has arrived. */
static void test_visit_takes_what_is_said_again_once(void **state)
{
        static const uint8_t boot_id[] = FAR_END_BOOT_ID;
        struct world *w = *state;

        assert_true(numbering_take(&w->numbering, boot_id, 0)); /* in an earlier visit */
        visit(w, STORE_PRESENCE_UNKNOWN);
        tell(w, "{1:{1:2150},2:0}");
        tell(w, "{1:{1:2160},2:2}");
        loop_until(w->event, &w->n_told, 1);
        tell(w, "{1:{1:2160},2:2}");
        tell(w, "{1:{1:2155},2:1}");
        loop_until(w->event, &w->n_told, 2);
        loop_settle(w->event);
        assert_int_equal(w->n_told, 2);
        assert_int_equal(numbering_report(&w->numbering), 0);
}

static void test_visit_asks_for_what_the_device_does_not_say(void **state)
{
        struct world *w = *state;

        haste = 50;
        visit(w, STORE_PRESENCE_UNKNOWN);
        tell(w, "{1:{1:2150},2:0}");
        far_end_expect(&w->device, MESSAGE_GET); /* for the humidity */
        answer(w, "{1:1,2:0,3:{7:40}}");
        loop_until(w->event, &w->n_told, 2);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
}

static void test_visit_of_a_device_that_cannot_be_asked_ends(void **state)
{
        struct world *w = *state;

        haste = 50;
        visit(w, STORE_SLEEPS);
        far_end_expect(&w->device, MESSAGE_GET);
        answer(w, "{1:1,2:3}");
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_ended, 1);
        assert_true(w->has_met);
        assert_false(w->has_heard);
}

static void test_visit_of_a_device_on_the_mains_stays_until_another_one_waits(void **state)
{
        struct world *w = *state;

        visit(w, STORE_MAINS);
        haste = 100000; /* any other one would be over at once */
        tell(w, "{1:{1:2150,7:40},2:0}");
        loop_until(w->event, &w->n_told, 2);
        loop_settle(w->event);
        tell(w, "{1:{1:2160},2:1}");
        loop_until(w->event, &w->n_told, 3);
        assert_int_equal(w->n_ended, 0);
        haste = 1;
        compete(w);
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_turns, 1);
        loop_until(w->event, &w->n_ended, 1);
        assert_int_equal(w->why, REASON_NONE);
}

static void test_visit_that_has_work_to_do_keeps_its_connection(void **state)
{
        struct world *w = *state;

        visit(w, STORE_MAINS);
        compete(w);
        tell(w, "{1:{1:2150},2:0}");
        loop_until(w->event, &w->n_told, 1);
        loop_settle(w->event);
        assert_int_equal(w->n_turns, 0);
        tell(w, "{1:{7:40},2:1}");
        far_end_expect(&w->device, MESSAGE_BYE);
        loop_until(w->event, &w->n_turns, 1);
}

static void test_visit_poll_asks_for_all_that_can_be_read(void **state)
{
        struct world *w = *state;

        visit(w, STORE_MAINS);
        tell(w, "{1:{1:2150,7:40},2:0}");
        loop_until(w->event, &w->n_told, 2);
        visit_poll(w->visit);
        far_end_expect(&w->device, MESSAGE_GET);
        visit_poll(w->visit); /* it is being asked */
        answer(w, "{1:1,2:0,3:{1:2160,3:60,7:41}}");
        loop_until(w->event, &w->n_told, 5);
        assert_int_equal(w->n_ended, 0);
}

static void test_visit_that_hurries_goes_before_other_visits(void **state)
{
        struct store_device device = {.name = "hall"};
        const struct visit_wish wish = {&device, channels, ELEMENTSOF(channels)};
        struct world *w = *state;
        struct turn *later = NULL;

        memcpy(device.ownership.adv_key, adv_key, sizeof(adv_key));
        device.ownership.epoch = FAR_END_EPOCH;
        memcpy(device.ownership.public_key, w->device.public_key, 32);
        assert_int_equal(
                visit_new_calling(&w->means, &wish, 60, AIRTIME_VISIT, &handler, w, &w->visit), 0);
        visit_hurry(w->visit); /* before the device is found */
        visit_hurry(w->visit);
        far_end_announce(&w->device, adv_key, MESSAGE_STATE_OWNED);
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        compete(w);
        assert_int_equal(
                turn_new(w->way.airtime, w->device.address, AIRTIME_COMMAND, &other, w, &later), 0);
        loop_settle(w->event);
        assert_int_equal(w->n_turns, 0); /* a command does not displace it either */
        later = turn_free(later);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        loop_until(w->event, &w->n_met, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_visit_takes_what_the_device_says_and_leaves_when_it_is_silent),
                TEST(test_visit_takes_what_is_said_again_once),
                TEST(test_visit_asks_for_what_the_device_does_not_say),
                TEST(test_visit_of_a_device_that_cannot_be_asked_ends),
                TEST(test_visit_of_a_device_on_the_mains_stays_until_another_one_waits),
                TEST(test_visit_that_has_work_to_do_keeps_its_connection),
                TEST(test_visit_poll_asks_for_all_that_can_be_read),
                TEST(test_visit_that_hurries_goes_before_other_visits),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
