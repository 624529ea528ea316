/* SPDX-License-Identifier: Apache-2.0 */

/* The gateway takes over what an enrollment leaves, gives way, and goes on. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "enrollment/enrollment.h"
#include "gateway/gateway.h"
#include "support/link-fixture.h"
#include "support/home.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9};

struct world {
        struct home home;
        struct visit_means means;
        struct enrollment *enrollment;
        struct gateway *gateway;
        struct turn *person;
        bool wants_in; /* a person takes the port as soon as the device is owned */

        size_t n_owned, n_ended, n_turns, n_readings;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
};

static void on_turn(void *userdata)
{
        struct world *w = userdata;

        w->n_turns++;
        assert_int_equal(w->n_readings, 0); /* the visit has parted before it heard anything */
}

static void on_displaced(void *userdata)
{
        (void)userdata;
        fail_msg("a person is displaced");
}

static const struct airtime_handler person = {on_turn, on_displaced};

static void on_event(void *userdata, const struct event *event)
{
        (void)userdata;
        (void)event;
}

static enum reason on_claim(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                            char text[PLAN_TEXT_SIZE])
{
        (void)userdata;
        (void)device_id;
        (void)text;
        return REASON_NONE;
}

static void on_committed(void *userdata, const struct plan *plan)
{
        (void)userdata;
        (void)plan;
}

static void on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        const struct visit_wish wish = {&plan->device, plan->half.channels, plan->half.n_channels};
        struct world *w = userdata;

        w->n_owned++;
        memcpy(w->device_id, plan->device.device_id, sizeof(w->device_id));
        assert_int_equal(gateway_adopt(w->gateway, &wish, meeting_take), 0);
        if (w->wants_in)
                assert_int_equal(turn_new(w->home.way.airtime, w->home.thing.address,
                                          AIRTIME_PERSON, &person, w, &w->person),
                                 0);
}

static void on_ended(void *userdata, enum reason why)
{
        struct world *w = userdata;

        assert_int_equal(why, REASON_NONE);
        w->n_ended++;
        w->enrollment = enrollment_free(w->enrollment);
}

static const struct enrollment_handler enrollment_handler = {
        .on_event = on_event,
        .on_claim = on_claim,
        .on_committed = on_committed,
        .on_owned = on_owned,
        .on_ended = on_ended,
};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *readings, size_t n_readings)
{
        struct world *w = userdata;

        assert_string_equal(device->name, "thermo-one");
        assert_string_equal(readings[0].leaf, "temperature");
        w->n_readings += n_readings;
}

static const struct gateway_handler gateway_handler = {on_readings};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        home_init(&w->home, master);
        w->means = (struct visit_means){
                .event = w->home.event, .master = master, .finder = &w->home.way.means};
        assert_int_equal(gateway_new(&w->means, &gateway_handler, w, &w->gateway), 0);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->enrollment = enrollment_free(w->enrollment);
        w->gateway = gateway_free(w->gateway);
        w->person = turn_free(w->person);
        home_done(&w->home);
        free(w);
        return 0;
}

static void enroll(struct world *w)
{
        struct request request;

        request_init(&request, EVENT_SOURCE_TEXT);
        assert_int_equal(enrollment_new(&w->home.means, &request, w->home.sample.bytes,
                                        w->home.sample.n_bytes, &enrollment_handler, w,
                                        &w->enrollment),
                         0);
        loop_until(w->home.event, &w->n_owned, 1);
}

/* Turns the loop until nobody has the port. */
static void expect_free_port(struct world *w)
{
        for (unsigned i = 0;
             i < 6000 && airtime_is_used(w->home.way.airtime, w->home.thing.address); i++)
                assert_true(sd_event_run(w->home.event, 10000) >= 0);
        assert_false(airtime_is_used(w->home.way.airtime, w->home.thing.address));
}

static void test_gateway_takes_the_first_readings_and_lets_go(void **state)
{
        struct world *w = *state;

        enroll(w);
        loop_until(w->home.event, &w->n_readings, 1);
        expect_free_port(w);
}

static void test_gateway_visit_that_is_displaced_is_made_up_for(void **state)
{
        struct world *w = *state;

        w->wants_in = true;
        enroll(w);
        loop_until(w->home.event, &w->n_turns, 1);
        w->person = turn_free(w->person);
        loop_until(w->home.event, &w->n_readings, 1);
        expect_free_port(w);
}

static void test_gateway_yields_a_device_at_once(void **state)
{
        static const uint8_t other[STORE_DEVICE_ID_BYTES];
        struct world *w = *state;

        enroll(w);
        gateway_yield(w->gateway, other, REASON_BUSY);
        assert_true(airtime_is_used(w->home.way.airtime, w->home.thing.address));
        gateway_yield(w->gateway, w->device_id, REASON_BUSY);
        expect_free_port(w);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_gateway_takes_the_first_readings_and_lets_go),
                TEST(test_gateway_visit_that_is_displaced_is_made_up_for),
                TEST(test_gateway_yields_a_device_at_once),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
