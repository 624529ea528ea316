/* SPDX-License-Identifier: Apache-2.0 */

/* Whole enrollments over a socket, with the reference device on the same loop. */

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
#include "store/removal.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/home.h"
#include "support/link-fixture.h"
#include "wire/crypto.h"

#define EVENTS_MAX 64
#define SEARCH_SEC 12000 /* two minutes in haste: no search ends before the device is heard */

static const uint8_t master[32] = {9, 9, 9};

/* One hub with a store, one device with its code, and what the hub's handler was told. */
struct world {
        struct home home;
        struct enrollment *enrollment;

        size_t n_events, n_claims, n_turns, n_committed, n_owned, n_dropped, n_ended, n_channels;
        enum event_status statuses[EVENTS_MAX];
        enum event_step steps[EVENTS_MAX];
        bool done[EVENTS_MAX];
        char text[PLAN_TEXT_SIZE];  /* of the last event */
        char again[PLAN_TEXT_SIZE]; /* of the last one that says that it is tried again */
        size_t n_waiting;           /* how many events said that a step waits, and of the last: */
        unsigned limit_sec;
        unsigned attempt;
        enum event_step step; /* the furthest that was begun */
        enum reason why;
        struct store_device owned;
        bool refused; /* whether the device may not be had */
        size_t n_unfinished;
        int64_t next_try; /* of the last event */
};

static void on_event(void *userdata, const struct event *event)
{
        struct world *w = userdata;

        assert_true(w->n_events < EVENTS_MAX);
        w->statuses[w->n_events] = event->status;
        w->steps[w->n_events] = event->step;
        w->done[w->n_events] = event->done;
        (void)snprintf(w->text, sizeof(w->text), "%s", event->text);
        w->step = event->step;
        w->attempt = event->attempt;
        w->next_try = event->next_try;
        if (event->status == EVENT_PROGRESS && event->reason != REASON_NONE)
                (void)snprintf(w->again, sizeof(w->again), "%s", event->text);
        if (strncmp(event->text, "waiting, ", 9) == 0) {
                w->n_waiting++;
                w->limit_sec = event->limit_sec;
                return;
        }
        assert_true(event->time > 0);
        w->n_events++;
        assert_int_equal(w->n_ended, 0); /* nothing is told after the end */
}

static enum reason on_claim(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                            char text[PLAN_TEXT_SIZE])
{
        uint8_t expected[KDF_DEVICE_ID_BYTES];
        struct world *w = userdata;

        kdf_device_id(w->home.sample.payload.public_key, expected);
        assert_memory_equal(device_id, expected, sizeof(expected));
        assert_int_equal(w->n_events, 0); /* nobody has heard of the code yet */
        w->n_claims++;
        if (w->refused)
                (void)snprintf(text, PLAN_TEXT_SIZE, "thermo-one is being enrolled already.");
        return w->refused ? REASON_BUSY : REASON_NONE;
}

static void on_committed(void *userdata, const struct plan *plan)
{
        struct store_device row;
        struct world *w = userdata;

        assert_int_equal(store_find_name(w->home.means.plan.store, plan->device.name, &row), 0);
        assert_false(row.ownership.settled);
        assert_int_equal(w->n_owned, 0);
        w->n_committed++;
}

static void on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        struct world *w = userdata;

        assert_string_equal(plan->half.channels[0].leaf, "temperature");
        w->owned = plan->device;
        w->n_channels = plan->half.n_channels;
        w->n_owned++;
        (void)meeting_free(meeting_take);
}

static int64_t on_unfinished(void *userdata, const struct store_device *device)
{
        assert_string_equal(device->name, "thermo-one");
        ((struct world *)userdata)->n_unfinished++;
        return 1769860800;
}

static void on_dropped(void *userdata, const struct store_device *device)
{
        (void)device;
        ((struct world *)userdata)->n_dropped++;
}

static void on_ended(void *userdata, enum reason why)
{
        struct world *w = userdata;

        w->why = why;
        w->n_ended++;
        w->enrollment = enrollment_free(w->enrollment);
}

static const struct enrollment_handler handler = {
        .on_event = on_event,
        .on_claim = on_claim,
        .on_committed = on_committed,
        .on_unfinished = on_unfinished,
        .on_owned = on_owned,
        .on_dropped = on_dropped,
        .on_ended = on_ended,
};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        haste = 1;
        home_init(&w->home, master);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->enrollment = enrollment_free(w->enrollment);
        home_done(&w->home);
        free(w);
        return 0;
}

static void begin_from(struct world *w, enum event_source source, bool dry_run)
{
        struct request request;

        w->n_events = w->n_claims = w->n_committed = w->n_owned = w->n_dropped = w->n_ended = 0;
        w->step = EVENT_STEP_CODE;
        request_init(&request, source);
        request.dry_run = dry_run;
        assert_int_equal(enrollment_new(&w->home.means, &request, w->home.sample.bytes,
                                        w->home.sample.n_bytes, &handler, w, &w->enrollment),
                         0);
}

static void begin(struct world *w, bool dry_run)
{
        begin_from(w, EVENT_SOURCE_TEXT, dry_run);
}

static void expect_end(struct world *w, enum reason why)
{
        loop_until(w->home.event, &w->n_ended, 1);
        assert_string_equal(reason_code(w->why), reason_code(why));
        assert_int_equal(w->statuses[w->n_events - 1],
                         why == REASON_NONE ? EVENT_SUCCESSFUL : EVENT_FAILED);
        assert_int_equal(w->n_owned, why == REASON_NONE && w->step == EVENT_STEP_GATEWAY);
}

static void enroll(struct world *w)
{
        begin(w, false);
        expect_end(w, REASON_NONE);
}

/* Turns the loop until the enrollment has begun this step. */
static void run_to(struct world *w, enum event_step step)
{
        for (unsigned i = 0; i < 1000 && w->step < step; i++)
                assert_true(sd_event_run(w->home.event, 10000) >= 0);
        assert_int_equal(w->step, step);
}

static void expect_row(struct world *w, uint32_t epoch, bool settled)
{
        struct store_device row;

        assert_int_equal(store_find_name(w->home.means.plan.store, "thermo-one", &row), 0);
        assert_int_equal(row.ownership.epoch, epoch);
        assert_int_equal(row.ownership.settled, settled);
}

static void expect_no_row(struct world *w)
{
        uint64_t n = 1;

        assert_int_equal(store_device_count(w->home.means.plan.store, &n), 0);
        assert_int_equal(n, 0);
        assert_int_equal(store_outbox_count(w->home.means.plan.store, &n), 0);
        assert_int_equal(n, 0);
}

static void test_enrollment_honest_device_becomes_ours_step_by_step(void **state)
{
        struct world *w = *state;

        enroll(w);
        assert_int_equal(w->n_events, 1 + 2 * EVENT_STEPS + 1);
        assert_int_equal(w->statuses[0], EVENT_PREVIEW);
        for (size_t i = 0; i < 2 * EVENT_STEPS; i++) {
                assert_int_equal(w->statuses[1 + i], EVENT_PROGRESS);
                assert_int_equal(w->steps[1 + i], 1 + i / 2);
                assert_int_equal(w->done[1 + i], i % 2);
        }
        assert_string_equal(w->text, "Enrolled as thermo-one.");
        assert_string_equal(w->owned.serial, "TH-1");
        assert_string_equal(w->owned.software, "1.0");
        assert_string_equal(w->owned.link, "stream");
        assert_int_equal(w->n_channels, 2);
        assert_int_equal(w->home.thing.thermometer.interval_s, 60);
        expect_row(w, 1, true);
}

static void test_enrollment_of_a_device_that_is_ours_changes_nothing(void **state)
{
        struct world *w = *state;

        enroll(w);
        begin(w, false);
        expect_end(w, REASON_ALREADY_ENROLLED);
        expect_row(w, 1, true);
}

static void test_enrollment_of_a_reset_device_is_a_new_ownership(void **state)
{
        struct world *w = *state;

        enroll(w);
        assert_int_equal(host_reset(w->home.thing.host), 0);
        thing_stop(&w->home.thing);
        thing_start(&w->home.thing);
        thing_listen(&w->home.thing);
        enroll(w);
        assert_string_equal(w->owned.name, "thermo-one");
        assert_true(w->owned.ownership.epoch > 1);
        expect_row(w, w->owned.ownership.epoch, true);
}

static void test_enrollment_of_a_strangers_device_is_refused(void **state)
{
        struct world *w = *state;

        enroll(w);
        assert_int_equal(store_remove(w->home.means.plan.store, w->owned.device_id, NULL, 0), 0);
        begin(w, false);
        expect_end(w, REASON_DEVICE_OWNED);
        assert_int_equal(w->n_dropped, 0);
        expect_no_row(w);
}

static void test_enrollment_dry_run_touches_nobody(void **state)
{
        struct world *w = *state;

        begin(w, true);
        expect_end(w, REASON_NONE);
        assert_int_equal(w->n_events, 2);
        assert_int_equal(w->n_claims, 0);
        assert_int_equal(w->statuses[0], EVENT_PREVIEW);
        expect_no_row(w);
}

static void test_enrollment_of_a_device_that_is_claimed_is_refused_by_name(void **state)
{
        struct world *w = *state;

        w->refused = true;
        begin(w, false);
        expect_end(w, REASON_BUSY);
        assert_int_equal(w->n_events, 1);
        assert_string_equal(w->text, "thermo-one is being enrolled already.");
        expect_no_row(w);
        w->refused = false;
        enroll(w);
        assert_int_equal(w->n_claims, 1);
}

static void on_turn(void *userdata)
{
        ((struct world *)userdata)->n_turns++;
}

static void on_displaced(void *userdata)
{
        (void)userdata;
        fail_msg("a person is displaced");
}

static const struct airtime_handler person = {on_turn, on_displaced};

/* Runs to each of these steps, and is displaced by a person there. */
static void displace_at_every_step(struct world *w)
{
        static const enum event_step steps[] = {EVENT_STEP_FIND, EVENT_STEP_PROVE, EVENT_STEP_OWN};
        struct turn *turn;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                run_to(w, steps[i]);
                assert_int_equal(turn_new(w->home.way.airtime, w->home.thing.address,
                                          AIRTIME_PERSON, &person, w, &turn),
                                 0);
                loop_until(w->home.event, &w->n_turns, i + 1);
                (void)turn_free(turn);
                w->n_events = 0;
                w->step = EVENT_STEP_CODE;
        }
}

/* A device of the catalogue that was switched on: nobody waits for it. */
static void test_enrollment_of_a_device_that_joins_gives_way_and_gets_its_turn_again(void **state)
{
        struct world *w = *state;

        begin_from(w, EVENT_SOURCE_CATALOGUE, false);
        displace_at_every_step(w);
        expect_end(w, REASON_NONE);
        expect_row(w, 1, true);
}

/* Cut off after the commit, resumed, displaced by a person at every step: it is finished. */
static void test_enrollment_that_is_resumed_gives_way_and_gets_its_turn_again(void **state)
{
        struct world *w = *state;
        struct store_device row;

        begin(w, false);
        run_to(w, EVENT_STEP_OWN);
        w->enrollment = enrollment_free(w->enrollment);
        loop_settle(w->home.event);
        assert_int_equal(store_find_name(w->home.means.plan.store, "thermo-one", &row), 0);
        w->n_events = 0;
        w->step = EVENT_STEP_CODE;
        assert_int_equal(enrollment_new_resume(&w->home.means, &row, &handler, w, &w->enrollment),
                         0);
        displace_at_every_step(w);
        expect_end(w, REASON_NONE);
        expect_row(w, 1, true);
}

static void test_enrollment_code_that_is_none_says_so(void **state)
{
        struct world *w = *state;

        w->home.sample.bytes[w->home.sample.n_bytes - 1] ^= 1;
        begin(w, false);
        expect_end(w, REASON_CODE_ALTERED);
        assert_int_equal(w->n_events, 1);
        expect_no_row(w);
}

static void test_enrollment_cancelled_on_its_way_leaves_nothing(void **state)
{
        static const enum event_step steps[] = {EVENT_STEP_FIND, EVENT_STEP_PROVE,
                                                EVENT_STEP_CONFIGURE};
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                begin(w, false);
                run_to(w, steps[i]);
                assert_true(enrollment_cancel(w->enrollment));
                assert_true(enrollment_cancel(w->enrollment)); /* twice is once */
                expect_end(w, REASON_CANCELLED);
                expect_no_row(w);
        }
        enroll(w);
}

static void test_enrollment_step_that_fails_is_named(void **state)
{
        struct world *w = *state;

        w->home.thing.thermometer.failing_function = 1;
        begin(w, false);
        expect_end(w, REASON_STEP_FAILED);
        assert_non_null(strstr(w->text, "Step 3 on the device (call) failed"));
        expect_no_row(w);
        w->home.thing.thermometer.failing_function = 0;
        enroll(w);
}

/* The hub ends, as by a power cut, when it has committed and nobody has confirmed. */
static void test_enrollment_that_was_cut_off_is_finished_from_its_row(void **state)
{
        struct world *w = *state;
        struct store_device row;

        begin(w, false);
        run_to(w, EVENT_STEP_OWN);
        assert_false(enrollment_cancel(w->enrollment)); /* it is too late for that */
        w->enrollment = enrollment_free(w->enrollment);
        loop_settle(w->home.event);
        expect_row(w, 1, false);
        assert_int_equal(w->n_committed, 1);
        assert_int_equal(w->n_owned + w->n_ended, 0);

        w->n_events = 0;
        assert_int_equal(store_find_name(w->home.means.plan.store, "thermo-one", &row), 0);
        assert_int_equal(enrollment_new_resume(&w->home.means, &row, &handler, w, &w->enrollment),
                         0);
        assert_string_equal(enrollment_device(w->enrollment)->name, "thermo-one");
        expect_end(w, REASON_NONE);
        expect_row(w, 1, true);
        assert_true(enrollment_new_resume(&w->home.means, &w->owned, &handler, w, &w->enrollment) <
                    0);
}

/* An earlier attempt has committed: whatever ends this one, the hub goes on. */
static void test_enrollment_that_fails_with_an_unsettled_row_says_when_the_hub_goes_on(void **state)
{
        struct world *w = *state;

        begin(w, false);
        run_to(w, EVENT_STEP_OWN);
        w->enrollment = enrollment_free(w->enrollment);
        assert_int_equal(host_reset(w->home.thing.host), 0);
        thing_stop(&w->home.thing);
        thing_start(&w->home.thing);
        thing_listen(&w->home.thing);
        begin(w, false);
        run_to(w, EVENT_STEP_CONFIGURE);
        assert_int_equal(w->n_unfinished, 0);
        assert_true(enrollment_cancel(w->enrollment));
        expect_end(w, REASON_CANCELLED);
        assert_int_equal(w->n_unfinished, 1);
        assert_int_equal(w->next_try, 1769860800);
        assert_non_null(strstr(w->text, "The hub finishes this by itself"));
        assert_non_null(strstr(w->text, " from 2026-01-31T12:00:00Z on."));
        expect_row(w, 1, false);
}

/* Begins an enrollment of a @device that only announces itself, with the code's key. */
static void begin_with(struct world *w, struct far_end *device, uint8_t ret_adv_key[KDF_KEY_BYTES])
{
        haste = 100;
        w->home.means.find_sec = SEARCH_SEC;
        thing_stop(&w->home.thing);
        far_end_listen(device, w->home.event, master);
        way_add(&w->home.way, device->address);
        w->home.means.finder = w->home.way.means;
        kdf_adv_key(w->home.sample.payload.secret, ret_adv_key);
        begin(w, false);
}

/* Something announces this state with the code's key, and that is all it does. */
static void expect_no_answer(struct world *w, enum message_state announced)
{
        uint8_t adv_key[KDF_KEY_BYTES];
        struct far_end device;

        begin_with(w, &device, adv_key);
        for (unsigned i = 0; i < ENROLLMENT_ATTEMPTS; i++) {
                far_end_announce(&device, adv_key, announced);
                loop_until(w->home.event, &device.heard.n_messages, ++device.n_taken);
                assert_int_equal(device.heard.message[0], MESSAGE_M1);
                loop_until(w->home.event, &device.heard.n_lost, i + 1);
        }
        expect_end(w, REASON_LINK_TIMEOUT);
        assert_string_equal(w->text, "The device was found, but it does not answer.");
        assert_string_equal(w->again, "The device was found, but it does not answer. "
                                      "Trying again, attempt 3 of 3.");
        assert_int_equal(w->attempt, 3);
        expect_no_row(w);
        far_end_done(&device);
}

static void test_enrollment_device_that_is_found_and_says_no_more_does_not_answer(void **state)
{
        expect_no_answer(*state, MESSAGE_STATE_FACTORY);
}

/* A stranger repeats what the device advertised while it was owned: that is no verdict. */
static void test_enrollment_device_that_only_announces_an_owner_has_none(void **state)
{
        expect_no_answer(*state, MESSAGE_STATE_OWNED);
}

/* A phone has connected to it meanwhile, say. */
static void test_enrollment_device_that_was_there_before_is_not_unknown(void **state)
{
        struct world *w = *state;
        uint8_t adv_key[KDF_KEY_BYTES];
        struct far_end device;

        begin_with(w, &device, adv_key);
        far_end_announce(&device, adv_key, MESSAGE_STATE_FACTORY);
        loop_until(w->home.event, &device.heard.n_messages, ++device.n_taken);
        w->home.means.find_sec = 1; /* nothing comes any more */
        loop_until(w->home.event, &device.heard.n_lost, 1);
        expect_end(w, REASON_DEVICE_NOT_FOUND);
        assert_non_null(strstr(w->text, "The device was there before (found), and is not any "
                                        "more."));
        assert_int_equal(w->attempt, 2);
        far_end_done(&device);
}

/* Nothing tells a person that waits as much as a number that grows. */
static void test_enrollment_that_waits_says_how_long_and_until_when(void **state)
{
        struct world *w = *state;

        haste = 100;
        thing_stop(&w->home.thing);
        begin(w, false);
        loop_until(w->home.event, &w->n_waiting, 3);
        assert_int_equal(w->step, EVENT_STEP_FIND);
        assert_int_equal(w->limit_sec, w->home.means.find_sec);
        assert_int_equal(w->attempt, 1);
}

static void test_enrollment_freed_early_is_silent(void **state)
{
        struct world *w = *state;

        begin(w, false);
        run_to(w, EVENT_STEP_CONFIGURE);
        w->enrollment = enrollment_free(w->enrollment);
        loop_settle(w->home.event);
        assert_int_equal(w->n_ended, 0);
        expect_no_row(w);
        assert_null(enrollment_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_enrollment_honest_device_becomes_ours_step_by_step),
                TEST(test_enrollment_of_a_device_that_is_ours_changes_nothing),
                TEST(test_enrollment_of_a_reset_device_is_a_new_ownership),
                TEST(test_enrollment_of_a_strangers_device_is_refused),
                TEST(test_enrollment_dry_run_touches_nobody),
                TEST(test_enrollment_of_a_device_that_is_claimed_is_refused_by_name),
                TEST(test_enrollment_of_a_device_that_joins_gives_way_and_gets_its_turn_again),
                TEST(test_enrollment_that_is_resumed_gives_way_and_gets_its_turn_again),
                TEST(test_enrollment_code_that_is_none_says_so),
                TEST(test_enrollment_cancelled_on_its_way_leaves_nothing),
                TEST(test_enrollment_step_that_fails_is_named),
                TEST(test_enrollment_that_was_cut_off_is_finished_from_its_row),
                TEST(test_enrollment_that_fails_with_an_unsettled_row_says_when_the_hub_goes_on),
                TEST(test_enrollment_device_that_is_found_and_says_no_more_does_not_answer),
                TEST(test_enrollment_device_that_only_announces_an_owner_has_none),
                TEST(test_enrollment_device_that_was_there_before_is_not_unknown),
                TEST(test_enrollment_that_waits_says_how_long_and_until_when),
                TEST(test_enrollment_freed_early_is_silent),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
