/* SPDX-License-Identifier: Apache-2.0 */

/* What of the readings is there again after a restart of the hub. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub/keeper.h"
#include "store/memory.h"
#include "support/haste.h"
#include "support/link-fixture.h"
#include "support/store-sample.h"

#define SECONDS 300

static const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES] = {1, 2, 3};

struct world {
        sd_event *event;
        char path[512];
        struct store *store;
        struct state *state;
        struct keeper *keeper;
        struct sample sample;
};

/* The hub starts, and knows the device that is in its store. */
static void start(struct world *w)
{
        assert_int_equal(state_new(&w->state), 0);
        assert_int_equal(state_add(w->state, w->sample.device.device_id, "hall"), 0);
        assert_int_equal(keeper_new(w->event, w->store, w->state, SECONDS, &w->keeper), 0);
        keeper_restore(w->keeper, w->sample.device.device_id);
}

static void stop(struct world *w)
{
        w->keeper = keeper_free(w->keeper);
        w->state = state_free(w->state);
}

static int setup(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        haste = 1;
        assert_true(sd_event_new(&w.event) >= 0);
        sample_path(w.path, sizeof(w.path), "enrolld.db");
        assert_int_equal(store_open(w.path, &w.store), 0);
        sample_init(&w.sample, 1);
        w.sample.channels[1].type = STORE_EVENT;
        w.sample.channels[1].direction = STORE_PUBLISH;
        strcpy(w.sample.channels[1].words, "short long");
        assert_int_equal(store_enroll(w.store, &w.sample.enrollment), 0);
        start(&w);
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        stop(w);
        w->store = store_free(w->store);
        sample_clean(w->path);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void report(struct world *w, int64_t degrees)
{
        const struct reading readings[] = {
                {.leaf = "temperature",
                 .value = {.type = MESSAGE_DECIMAL, .integer = degrees, .exponent = -2}},
                {.leaf = "identify",
                 .value = {.type = MESSAGE_TEXT, .text = {(const uint8_t *)"short", 5}}},
        };
        struct numbering *numbering = state_numbering(w->state, w->sample.device.device_id);

        (void)numbering_take(numbering, boot_id, (uint32_t)numbering->next);
        assert_int_equal(state_readings(w->state, w->sample.device.device_id, readings, 2, 1000),
                         0);
        keeper_note(w->keeper);
}

static const struct state_device *known(const struct world *w)
{
        return state_find(w->state, w->sample.device.device_id);
}

static void test_keeper_of_a_new_device_has_nothing(void **state)
{
        struct world *w = *state;

        assert_int_equal(known(w)->n_readings, 0);
        assert_false(known(w)->is_stale);
        assert_int_equal(known(w)->last_seen, 0);
        assert_null(keeper_free(NULL));
}

/* An event is over; it does not happen again because the hub was restarted. */
static void test_keeper_restores_the_last_values_but_no_event(void **state)
{
        struct world *w = *state;

        report(w, 2150);
        report(w, 2160);
        stop(w);
        start(w);
        assert_int_equal(known(w)->n_readings, 1);
        assert_string_equal(known(w)->readings[0].leaf, "temperature");
        assert_int_equal(known(w)->readings[0].value.integer, 2160);
        assert_int_equal(known(w)->readings[0].value.exponent, -2);
        assert_int_equal(known(w)->last_seen, 1000);
        assert_true(known(w)->is_stale);
        assert_false(numbering_take(state_numbering(w->state, w->sample.device.device_id), boot_id,
                                    1)); /* it was taken before */
}

/* The hub is killed: nothing is saved at its end. */
static void test_keeper_saves_some_time_after_the_first_change(void **state)
{
        struct store_value values[STORE_VALUES_MAX];
        struct store_memory memory = {.values = values};
        struct world *w = *state;

        memcpy(memory.device_id, w->sample.device.device_id, sizeof(memory.device_id));
        report(w, 2150);
        loop_settle(w->event);
        assert_int_equal(store_recall(w->store, &memory), STORE_E_NONE);
        stop(w);
        haste = 100000;
        start(w);
        report(w, 2170);
        loop_outlast(w->event, SECONDS * 1000 + 1);
        assert_int_equal(store_recall(w->store, &memory), 0);
        assert_int_equal(values[1].integer, 2170); /* by their leaves */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_keeper_of_a_new_device_has_nothing),
                TEST(test_keeper_restores_the_last_values_but_no_event),
                TEST(test_keeper_saves_some_time_after_the_first_change),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
