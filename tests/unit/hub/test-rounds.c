/* SPDX-License-Identifier: Apache-2.0 */

/* Whether a device over the air can be reached, as its adapter comes and goes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub/rounds.h"
#include "support/haste.h"
#include "support/mock-bus.h"
#include "support/store-sample.h"
#include "wire/crypto.h"

static const uint8_t adv_key[32] = {4, 2}, master[32] = {9, 9, 9};

struct world {
        struct fixture *air;
        char path[512];
        struct means means;
        struct state *state;
        struct conditions conditions;
        struct herald *herald;
        struct gateway *gateway;
        struct rounds *rounds;
        struct sample sample;
        uint8_t data[MESSAGE_ADV_BYTES];
};

/* Nobody else is busy with a device here. */
const char *intake_transaction(const struct intake *intake,
                               const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        (void)intake;
        (void)device_id;
        return NULL;
}

bool settle_is_finishing(const struct settle *settle,
                         const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        (void)settle;
        (void)device_id;
        return false;
}

static void on_state(void *userdata, enum reason why)
{
        struct world *w = userdata;

        w->air->why = why;
        w->air->n_told++;
        if (why == REASON_NONE && w->rounds)
                rounds_listen(w->rounds);
        if (w->rounds)
                rounds_look_at_places(w->rounds);
}

static void own(struct world *w)
{
        struct store_device *row = &w->sample.device;

        sample_init(&w->sample, 1);
        memcpy(row->ownership.adv_key, adv_key, sizeof(adv_key));
        row->ownership.settled = true;
        row->ownership.n_resume = 0;
        row->presence = STORE_SLEEPS;
        assert_int_equal(store_enroll(w->means.store, &w->sample.enrollment), 0);
        herald_device(w->herald, row, false);
        herald_devices_changed(w->herald);
}

static int setup(void **state)
{
        static const struct adapters_handler user = {.on_state = on_state};
        struct world *w = calloc(1, sizeof(*w));
        struct finder_means *finder;

        assert_non_null(w);
        assert_int_equal(fixture_setup(state), 0);
        w->air = *state;
        haste = 40;
        sample_path(w->path, sizeof(w->path), "enrolld.db");
        assert_int_equal(store_open(w->path, &w->means.store), 0);
        assert_int_equal(airtime_new(w->air->event, 1, &w->means.airtime), 0);
        assert_int_equal(adapters_new(w->air->bluez, NULL, ADAPTER_CENTRAL, false, &user, w,
                                      &w->means.adapters),
                         0);
        fixture_until_told(w->air, REASON_NONE);
        finder = &w->means.enrollment.finder;
        finder->event = w->air->event;
        finder->airtime = w->means.airtime;
        finder->adapters = w->means.adapters;
        w->means.visit = (struct visit_means){w->air->event, master, finder};
        assert_int_equal(state_new(&w->state), 0);
        assert_int_equal(herald_new(&(const struct herald_means){.store = w->means.store,
                                                                 .hub = "home",
                                                                 .state = w->state,
                                                                 .conditions = &w->conditions},
                                    &w->herald),
                         0);
        assert_int_equal(
                gateway_new(&w->means.visit, &(const struct gateway_handler){0}, w, &w->gateway),
                0);
        assert_int_equal(rounds_new(&(const struct rounds_means){.event = w->air->event,
                                                                 .means = &w->means,
                                                                 .herald = w->herald,
                                                                 .gateway = w->gateway},
                                    &w->rounds),
                         0);
        herald_add_face(w->herald, rounds_face(w->rounds));
        own(w);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;
        struct fixture *air = w->air;

        w->rounds = rounds_free(w->rounds);
        w->gateway = gateway_free(w->gateway);
        w->herald = herald_free(w->herald);
        w->state = state_free(w->state);
        w->means.adapters = adapters_free(w->means.adapters);
        w->means.airtime = airtime_free(w->means.airtime);
        w->means.store = store_free(w->means.store);
        sample_clean(w->path);
        free(w);
        haste = 1;
        *state = air;
        return fixture_teardown(state);
}

static const struct state_device *known(const struct world *w)
{
        return state_find(w->state, w->sample.device.device_id);
}

/* The device advertises that it is owned, and the hub hears it. */
static void hear(struct world *w, int16_t rssi)
{
        bool is_new = !w->air->mock.data;

        fixture_until(w->air, &w->air->mock.discovering);
        w->data[0]++;
        kdf_adv_tag(adv_key, w->data, MESSAGE_STATE_OWNED, w->data + KDF_NONCE_BYTES);
        w->air->mock.data = w->data;
        w->air->mock.n_data = sizeof(w->data);
        w->air->mock.rssi = rssi;
        (is_new ? mock_device_added : mock_device_heard)(&w->air->mock);
        while (!known(w)->available || known(w)->rssi != rssi)
                assert_return_code(sd_event_run(w->air->event, UINT64_MAX), 0);
}

static void test_rounds_know_that_the_adapter_of_a_device_is_off(void **state)
{
        struct world *w = *state;

        assert_false(known(w)->available);
        hear(w, -58);
        mock_adapter_powered(&w->air->mock, false);
        fixture_until_told(w->air, REASON_ADAPTER_OFF);
        assert_false(known(w)->available);
        assert_int_equal(known(w)->why, REASON_ADAPTER_OFF);
        mock_adapter_powered(&w->air->mock, true);
        fixture_until_told(w->air, REASON_NONE);
        assert_false(known(w)->available);
        hear(w, -61);
}

static void test_rounds_know_that_the_adapter_of_a_device_is_gone(void **state)
{
        struct world *w = *state;

        hear(w, -58);
        mock_adapter_removed(&w->air->mock);
        fixture_until_told(w->air, REASON_ADAPTER_MISSING);
        assert_false(known(w)->available);
        assert_int_equal(known(w)->why, REASON_ADAPTER_MISSING);
}

static void test_rounds_count_no_session_of_a_device_that_is_only_heard(void **state)
{
        struct api_status status = {.version = NULL};
        struct world *w = *state;

        hear(w, -58);
        rounds_status(w->rounds, &status);
        assert_int_equal(status.n_sessions, 0);
        assert_int_equal(status.n_visits_waiting, 0);
        assert_null(rounds_free(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_rounds_know_that_the_adapter_of_a_device_is_off),
                TEST(test_rounds_know_that_the_adapter_of_a_device_is_gone),
                TEST(test_rounds_count_no_session_of_a_device_that_is_only_heard),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
