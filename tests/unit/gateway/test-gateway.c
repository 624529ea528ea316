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
#include "support/far-end.h"
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
        struct store_device device; /* as it was enrolled */
        struct store_channel channels[PROGRAM_STEPS_MAX];
        size_t n_channels;
};

/* What became of an errand. */
struct asked {
        size_t n_answers;
        enum reason why;
        bool is_inferred;
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
        w->device = plan->device;
        w->n_channels = plan->half.n_channels;
        memcpy(w->channels, plan->half.channels, sizeof(w->channels[0]) * w->n_channels);
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

static void on_leaving(void *userdata, const struct store_device *device, bool leaving)
{
        struct world *w = userdata;

        assert_memory_equal(device->device_id, w->device.device_id, sizeof(device->device_id));
        w->device.ownership.leaving = leaving;
}

static const struct gateway_handler gateway_handler = {.on_readings = on_readings,
                                                       .on_leaving = on_leaving};

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
        gateway_yield(w->gateway, w->device.device_id, REASON_BUSY);
        expect_free_port(w);
}

/* --- errands --- */

static void on_answer(void *userdata, const struct errand_answer *answer)
{
        struct asked *asked = userdata;

        asked->n_answers++;
        asked->why = answer->why;
        asked->is_inferred = answer->is_inferred;
}

/* The SET of a channel that takes one, or a RELEASE, for the device that was enrolled. */
static void ask_for(struct world *w, struct asked *asked, enum errand_kind kind, unsigned seconds)
{
        const struct message_value value = {.type = MESSAGE_BOOLEAN, .channel = 2, .integer = 1};
        const struct errand_wish errand_wish = {
                .kind = kind,
                .values = &value,
                .n_values = kind == ERRAND_RELEASE ? 0 : 1,
                .seconds = seconds,
        };
        const struct visit_wish wish = {&w->device, w->channels, w->n_channels};
        struct errand *errand;

        memset(asked, 0, sizeof(*asked));
        assert_int_equal(errand_new(&errand_wish, on_answer, asked, &errand), 0);
        gateway_ask(w->gateway, &wish, errand);
}

static void ask(struct world *w, struct asked *asked)
{
        ask_for(w, asked, ERRAND_SET, 600);
}

static void expect_answer(struct world *w, const struct asked *asked, enum reason why)
{
        loop_until(w->home.event, &asked->n_answers, 1);
        assert_int_equal(asked->n_answers, 1);
        assert_int_equal(asked->why, why);
}

static void enroll_and_part(struct world *w)
{
        enroll(w);
        loop_until(w->home.event, &w->n_readings, 1);
        expect_free_port(w);
}

static void test_gateway_calls_on_a_device_once_for_two_errands(void **state)
{
        struct world *w = *state;
        struct asked one, other;

        enroll_and_part(w);
        ask(w, &one);
        ask(w, &other);
        expect_answer(w, &one, REASON_NONE);
        assert_true(airtime_is_used(w->home.way.airtime, w->home.thing.address));
        expect_answer(w, &other, REASON_NONE);
}

static void test_gateway_takes_an_errand_into_the_visit_that_there_is(void **state)
{
        struct world *w = *state;
        struct asked asked;

        enroll(w);
        ask(w, &asked);
        expect_answer(w, &asked, REASON_NONE);
}

static void test_gateway_lets_a_device_go(void **state)
{
        struct world *w = *state;
        struct asked release, again;

        enroll_and_part(w);
        ask_for(w, &release, ERRAND_RELEASE, 600);
        expect_answer(w, &release, REASON_NONE);
        assert_false(release.is_inferred);
        assert_true(w->device.ownership.leaving);
        ask_for(w, &again, ERRAND_RELEASE, 600); /* as if RELEASED had been lost */
        expect_answer(w, &again, REASON_NONE);
        assert_true(again.is_inferred);
}

static void test_gateway_yield_answers_everything_once(void **state)
{
        struct world *w = *state;
        struct asked one, other, late;

        enroll_and_part(w);
        ask(w, &one);
        ask(w, &other);
        gateway_yield(w->gateway, w->device.device_id, REASON_BUSY);
        expect_answer(w, &one, REASON_BUSY);
        expect_answer(w, &other, REASON_BUSY);
        ask(w, &late); /* while the visit parts: it gets another one */
        expect_answer(w, &late, REASON_NONE);
        assert_int_equal(one.n_answers + other.n_answers, 2);
}

static void test_gateway_freed_answers_everything_once(void **state)
{
        struct world *w = *state;
        struct asked one, other, late;

        enroll_and_part(w);
        ask(w, &one);
        gateway_yield(w->gateway, w->device.device_id, REASON_BUSY);
        ask(w, &other);
        ask(w, &late);
        w->gateway = gateway_free(w->gateway);
        expect_answer(w, &one, REASON_BUSY);
        expect_answer(w, &other, REASON_STOPPING);
        expect_answer(w, &late, REASON_STOPPING);
        assert_null(gateway_free(NULL));
}

static void test_gateway_fails_what_no_device_answers(void **state)
{
        struct world *w = *state;
        struct asked asked, late;

        enroll_and_part(w);
        thing_stop(&w->home.thing);
        ask_for(w, &asked, ERRAND_SET, 0);
        expect_answer(w, &asked, REASON_DEVICE_NOT_FOUND);
        ask_for(w, &asked, ERRAND_SET, 2); /* told by who looked, not by the errand's time */
        expect_answer(w, &asked, REASON_ADAPTER_MISSING);
        ask(w, &late);
        gateway_yield(w->gateway, w->device.device_id, REASON_NO_SUCH_DEVICE);
        expect_answer(w, &late, REASON_NO_SUCH_DEVICE);
}

/* --- a device that the test says word by word --- */

static const uint8_t adv_key[32] = {4, 2};

static void far_init(struct world *w, struct far_end *far, struct way *way)
{
        far_end_listen(far, w->home.event, master);
        way_init(way, w->home.event);
        way_add(way, far->address);
        w->means.finder = &way->means;
        strcpy(w->device.name, "hall");
        w->device.ownership.epoch = FAR_END_EPOCH;
        memcpy(w->device.ownership.adv_key, adv_key, sizeof(adv_key));
        memcpy(w->device.ownership.public_key, far->public_key, sizeof(far->public_key));
}

static void far_done(struct world *w, struct far_end *far, struct way *way)
{
        w->gateway = gateway_free(w->gateway);
        way_done(way);
        far_end_done(far);
}

static void far_open(struct far_end *far, uint32_t epoch)
{
        far_end_announce(far, adv_key, MESSAGE_STATE_OWNED);
        far_end_shake_hands(far, KEYS_OF_OWNERSHIP);
        far_end_expect(far, MESSAGE_COMMIT);
        far_end_say_done(far, epoch);
}

static void test_gateway_calls_again_for_what_was_not_asked(void **state)
{
        struct world *w = *state;
        struct asked one, other;
        struct far_end far;
        struct way way;

        far_init(w, &far, &way);
        ask(w, &one);
        ask(w, &other);
        far_open(&far, FAR_END_EPOCH);
        far_end_expect(&far, MESSAGE_SET);
        far_end_cut(&far);
        expect_answer(w, &one, REASON_LINK_LOST);
        far_open(&far, FAR_END_EPOCH);
        far_end_expect(&far, MESSAGE_SET);
        far_end_say(&far, MESSAGE_RESULT, (const uint8_t *)"\xa2\x01\x01\x02\x00", 5);
        expect_answer(w, &other, REASON_NONE);
        assert_int_equal(one.n_answers, 1);
        far_done(w, &far, &way);
}

static void test_gateway_does_not_call_more_often_than_may_help(void **state)
{
        struct world *w = *state;
        struct asked asked;
        struct far_end far;
        struct way way;

        far_init(w, &far, &way);
        ask(w, &asked);
        for (unsigned i = 0; i < GATEWAY_CALLS_MAX; i++) {
                assert_int_equal(asked.n_answers, 0);
                far_end_announce(&far, adv_key, MESSAGE_STATE_OWNED);
                far_end_shake_hands(&far, KEYS_OF_OWNERSHIP);
                far_end_expect(&far, MESSAGE_COMMIT);
                far_end_cut(&far);
        }
        expect_answer(w, &asked, REASON_LINK_LOST);
        far_done(w, &far, &way);
}

static void test_gateway_calls_once_on_a_device_that_violates_the_protocol(void **state)
{
        struct world *w = *state;
        struct asked asked;
        struct far_end far;
        struct way way;

        far_init(w, &far, &way);
        ask(w, &asked);
        far_open(&far, FAR_END_EPOCH + 1);
        expect_answer(w, &asked, REASON_PROTOCOL_VIOLATED);
        far_done(w, &far, &way);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_gateway_takes_the_first_readings_and_lets_go),
                TEST(test_gateway_visit_that_is_displaced_is_made_up_for),
                TEST(test_gateway_yields_a_device_at_once),
                TEST(test_gateway_calls_on_a_device_once_for_two_errands),
                TEST(test_gateway_takes_an_errand_into_the_visit_that_there_is),
                TEST(test_gateway_lets_a_device_go),
                TEST(test_gateway_yield_answers_everything_once),
                TEST(test_gateway_freed_answers_everything_once),
                TEST(test_gateway_fails_what_no_device_answers),
                TEST(test_gateway_calls_again_for_what_was_not_asked),
                TEST(test_gateway_does_not_call_more_often_than_may_help),
                TEST(test_gateway_calls_once_on_a_device_that_violates_the_protocol),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
