/* SPDX-License-Identifier: Apache-2.0 */

/* What the hub does about the devices that have not confirmed, with devices that only announce
 * themselves. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enrollment/resume.h"
#include "contact/schedule.h"
#include "hub/settle.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/home.h"
#include "support/mock-bus.h"
#include "support/wall.h"
#include "util/time.h"
#include "wire/crypto.h"

#define DEVICES_MAX (SETTLE_AT_ONCE + 3)
#define LOOK_SEC    100000 /* for longer than any test runs */

static const uint8_t master[32] = {9, 9, 9};

struct world {
        struct home home;
        struct far_end device; /* the port at which all of them announce themselves */
        struct places places;
        struct means means;
        struct state *state;
        struct conditions conditions;
        struct herald *herald;
        struct settle *settle;
        struct store_device rows[DEVICES_MAX];
        const struct store_device *taken; /* by a person */
        struct fixture *air;              /* two adapters, where a test wants them */
};

static bool is_taken(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct world *w = userdata;

        return w->taken && memcmp(w->taken->device_id, device_id, STORE_DEVICE_ID_BYTES) == 0;
}

static const struct settle_handler handler = {.is_taken = is_taken};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        home_init(&w->home, master);
        thing_stop(&w->home.thing); /* so that its port is silent */
        far_end_listen(&w->device, w->home.event, master);
        way_add(&w->home.way, w->device.address);
        w->home.means.finder = w->home.way.means;
        w->home.means.find_sec = LOOK_SEC;
        w->places.issuers = w->home.directory;
        w->means.places = &w->places;
        w->means.store = w->home.means.plan.store;
        w->means.enrollment = w->home.means;
        assert_int_equal(state_new(&w->state), 0);
        assert_int_equal(herald_new(&(const struct herald_means){.store = w->means.store,
                                                                 .hub = "home",
                                                                 .state = w->state,
                                                                 .conditions = &w->conditions},
                                    &w->herald),
                         0);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->settle = settle_free(w->settle);
        w->herald = herald_free(w->herald);
        w->state = state_free(w->state);
        issuers_done(&w->means.issuers);
        far_end_done(&w->device);
        home_done(&w->home);
        free(w);
        haste = 1;
        wall_ahead_sec = 0;
        return 0;
}

static void on_adapters(void *userdata, enum reason why)
{
        struct world *w = userdata;

        w->air->why = why;
        w->air->n_told++;
        settle_look_at_adapters(w->settle);
}

/* The same on a hub with two adapters, which are not known yet. */
static int setup_with_adapters(void **state)
{
        static const struct adapters_handler adapters_handler = {.on_state = on_adapters};
        struct fixture *air;
        struct world *w;

        assert_int_equal(fixture_setup(state), 0);
        air = *state;
        air->mock.adapter2 = air->mock.powered2 = true;
        fixture_restart(air);
        assert_int_equal(setup(state), 0);
        w = *state;
        w->air = air;
        assert_int_equal(adapters_new(air->bluez, "all", ADAPTER_CENTRAL, false, &adapters_handler,
                                      w, &w->means.adapters),
                         0);
        w->means.enrollment.finder.adapters = w->means.adapters;
        return 0;
}

static int teardown_with_adapters(void **state)
{
        struct world *w = *state;
        struct fixture *air = w->air;

        w->settle = settle_free(w->settle);
        w->means.adapters = adapters_free(w->means.adapters);
        assert_int_equal(teardown(state), 0);
        *state = air;
        return fixture_teardown(state);
}

/* The hub has committed device @i, and nobody has confirmed; @resumes: its code can be opened. */
static void commit(struct world *w, unsigned i, bool resumes)
{
        uint8_t private_key[32] = {7, (uint8_t)i};
        struct store_device *row = &w->rows[i];
        struct store_ownership *o = &row->ownership;
        struct resume resume = {0};
        struct sample sample;

        sample_init(&sample);
        sample.payload.reach = PAYLOAD_REACH_STREAM;
        crypto_x25519_base(private_key, sample.payload.public_key);
        sample.payload.secret[0] = (uint8_t)i;
        sample_encode(&sample);
        sample_sign(&sample);
        row->kind = STORE_ENROLLED;
        (void)snprintf(row->name, sizeof(row->name), "device-%02u", i);
        (void)snprintf(row->link, sizeof(row->link), "stream");
        kdf_device_id(sample.payload.public_key, row->device_id);
        row->capabilities = CAPABILITY_ALL;
        o->epoch = 1;
        memcpy(o->public_key, sample.payload.public_key, sizeof(o->public_key));
        memset(o->hub_public, 1, sizeof(o->hub_public));
        kdf_adv_key(sample.payload.secret, o->adv_key);
        resume.n_code = sample.n_bytes;
        memcpy(resume.code, sample.bytes, sample.n_bytes);
        assert_int_equal(resume_seal(&resume, master, row), 0);
        if (!resumes)
                o->resume[0] ^= 1;
        assert_int_equal(
                store_enroll(w->means.store, &(const struct store_enrollment){.device = row}), 0);
}

static void begin(struct world *w)
{
        const struct settle_means means = {w->home.event, &w->means, w->herald};

        assert_int_equal(settle_new(&means, &handler, w, &w->settle), 0);
}

/* What the status says of device @i; NULL: nothing. */
static const char *shown(const struct world *w, unsigned i)
{
        struct api_status status = {.version = NULL};

        settle_status(w->settle, &status);
        for (size_t k = 0; k < status.n_unfinished; k++)
                if (strcmp(status.unfinished[k].device, w->rows[i].name) == 0)
                        return status.unfinished[k].is_tried        ? "finishing"
                               : status.unfinished[k].is_looked_for ? "looking"
                                                                    : "waiting";
        return NULL;
}

static void until_shown(struct world *w, unsigned i, const char *wanted)
{
        for (unsigned k = 0; k < 10000 && strcmp(shown(w, i), wanted) != 0; k++)
                assert_true(sd_event_run(w->home.event, 10000) >= 0);
        assert_string_equal(shown(w, i), wanted);
}

static void announce(struct world *w, unsigned i)
{
        far_end_announce(&w->device, w->rows[i].ownership.adv_key, MESSAGE_STATE_PENDING);
        loop_settle(w->home.event);
}

/* One that was heard and cannot be finished keeps none of the others from it. */
static void test_settle_those_that_are_heard_go_on_whatever_became_of_others(void **state)
{
        const unsigned bad[] = {SETTLE_AT_ONCE, SETTLE_AT_ONCE + 2}, good = SETTLE_AT_ONCE + 1;
        struct world *w = *state;

        for (unsigned i = 0; i < DEVICES_MAX; i++)
                commit(w, i, i != bad[0] && i != bad[1]);
        begin(w);
        until_shown(w, 0, "looking");
        for (unsigned i = 0; i < SETTLE_AT_ONCE; i++) {
                announce(w, i);
                until_shown(w, i, "finishing");
        }
        for (unsigned i = SETTLE_AT_ONCE; i < DEVICES_MAX; i++) {
                announce(w, i);
                assert_string_equal(shown(w, i), "looking");
        }
        settle_yield(w->settle, w->rows[0].device_id);
        until_shown(w, good, "finishing");
        settle_yield(w->settle, w->rows[1].device_id);
        until_shown(w, bad[0], "waiting");
        until_shown(w, bad[1], "waiting");
}

static int64_t next_try(const struct world *w)
{
        struct api_status status = {.version = NULL};

        settle_status(w->settle, &status);
        assert_int_equal(status.n_unfinished, 1);
        return status.unfinished[0].next_try;
}

/* The clock is set while the hub waits, with nothing else happening. */
static void test_settle_date_of_the_next_search_follows_the_clock_that_is_set(void **state)
{
        struct world *w = *state;
        int64_t before, asked;

        commit(w, 0, true);
        begin(w);
        before = next_try(w);
        asked = settle_next(w->settle, w->rows[0].device_id);
        assert_in_range(before, 1, INT64_MAX);
        wall_ahead_sec = 1000000;
        assert_in_range(next_try(w) - before, 999999, 1000001);
        assert_in_range(settle_next(w->settle, w->rows[0].device_id) - asked, 999999, 1000001);
        wall_ahead_sec = -1000000;
        assert_in_range(before - next_try(w), 999999, 1000001);
}

static void test_settle_knows_of_every_unsettled_row_and_of_no_other(void **state)
{
        struct world *w = *state;

        begin(w);
        commit(w, 0, true);
        commit(w, 1, true);
        assert_null(shown(w, 0));
        assert_int_equal(settle_next(w->settle, w->rows[0].device_id), 0);
        settle_refresh(w->settle);
        assert_string_equal(shown(w, 0), "waiting");
        assert_string_equal(shown(w, 1), "waiting");
        assert_true(settle_next(w->settle, w->rows[0].device_id) > 0);
        assert_int_equal(store_settle(w->means.store, w->rows[0].device_id, 1), 0);
        settle_refresh(w->settle);
        assert_null(shown(w, 0));
        assert_int_equal(store_remove(w->means.store, w->rows[1].device_id, NULL, 0), 0);
        settle_refresh(w->settle);
        assert_null(shown(w, 1));
}

static void test_settle_leaves_a_device_to_the_person_who_enrolls_it(void **state)
{
        struct world *w = *state;

        commit(w, 0, true);
        commit(w, 1, true);
        begin(w);
        w->taken = &w->rows[0];
        until_shown(w, 0, "looking");
        announce(w, 0);
        announce(w, 1);
        until_shown(w, 1, "finishing");
        assert_string_equal(shown(w, 0), "looking");
        w->taken = NULL;
        announce(w, 0);
        until_shown(w, 0, "finishing");
}

/* Whether an adapter is back is not seen by whether there is one. */
static void test_settle_looks_for_all_when_one_of_the_adapters_is_back(void **state)
{
        struct world *w = *state;
        const uint8_t *device_id = w->rows[0].device_id;
        int64_t next;

        w->means.enrollment.find_sec = 1;
        commit(w, 0, true);
        begin(w);
        fixture_until_told(w->air, REASON_NONE);
        until_shown(w, 0, "looking");
        until_shown(w, 0, "waiting");
        /* Only the loop of the adapters is turned now, so that no schedule goes on. */
        next = settle_next(w->settle, device_id);
        mock_adapter2_powered(&w->air->mock, false);
        fixture_until_told(w->air, REASON_NONE);
        assert_in_range(settle_next(w->settle, device_id), next - 1, next + 1);
        mock_adapter2_powered(&w->air->mock, true);
        fixture_until_told(w->air, REASON_NONE);
        assert_true(settle_next(w->settle, device_id) <= time_shown(time_now_usec()));
        until_shown(w, 0, "looking");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_settle_date_of_the_next_search_follows_the_clock_that_is_set),
                TEST(test_settle_those_that_are_heard_go_on_whatever_became_of_others),
                TEST(test_settle_knows_of_every_unsettled_row_and_of_no_other),
                TEST(test_settle_leaves_a_device_to_the_person_who_enrolls_it),
                cmocka_unit_test_setup_teardown(
                        test_settle_looks_for_all_when_one_of_the_adapters_is_back,
                        setup_with_adapters, teardown_with_adapters),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
