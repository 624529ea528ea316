/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub/census.h"
#include "support/haste.h"

/* The client of this test only notes what it is asked. */
struct mqtt_client {
        bool idle;
        unsigned n_asked, n_left;
};

bool mqtt_client_is_idle(const struct mqtt_client *client)
{
        return client->idle;
}

int mqtt_client_ask_kept(struct mqtt_client *client, enum topic topic)
{
        assert_int_equal(topic, TOPIC_AVAILABILITY);
        client->n_asked++;
        return 0;
}

void mqtt_client_leave_kept(struct mqtt_client *client, enum topic topic)
{
        assert_int_equal(topic, TOPIC_AVAILABILITY);
        client->n_left++;
}

struct world {
        sd_event *event;
        struct mqtt_client client;
        struct state *state;
        struct census *census;
        unsigned n_counted;
        size_t n_arrived, n_devices; /* as was counted last */
};

static void on_counted(void *userdata, size_t n_arrived, size_t n_devices)
{
        struct world *w = userdata;

        w->n_counted++;
        w->n_arrived = n_arrived;
        w->n_devices = n_devices;
}

static const struct census_handler handler = {.on_counted = on_counted};

static void add(struct world *w, uint8_t number)
{
        uint8_t id[KDF_DEVICE_ID_BYTES] = {number};
        char name[STATE_NAME_SIZE];

        (void)snprintf(name, sizeof(name), "device-%u", number);
        assert_int_equal(state_add(w->state, id, name), 0);
}

static int set_up(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        haste = 10000;
        w->client.idle = true;
        assert_int_equal(sd_event_new(&w->event), 0);
        assert_int_equal(state_new(&w->state), 0);
        assert_int_equal(census_new(w->event, &w->client, w->state, &handler, w, &w->census), 0);
        for (uint8_t i = 0; i < CENSUS_DEVICES_MIN; i++)
                add(w, i);
        *state = w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        haste = 1;
        (void)census_free(w->census);
        (void)state_free(w->state);
        (void)sd_event_unref(w->event);
        free(w);
        return 0;
}

static void turn_until(struct world *w, const unsigned *count, unsigned wanted)
{
        while (*count < wanted)
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
}

static void test_census_all_devices_arrive(void **state)
{
        struct world *w = *state;

        census_begin(w->census);
        turn_until(w, &w->client.n_asked, 1);
        for (unsigned i = 0; i < CENSUS_DEVICES_MIN; i++) {
                assert_int_equal(w->n_counted, 0);
                census_take(w->census);
        }
        assert_int_equal(w->n_counted, 1);
        assert_int_equal(w->n_arrived, CENSUS_DEVICES_MIN);
        assert_int_equal(w->n_devices, CENSUS_DEVICES_MIN);
        assert_int_equal(w->client.n_left, 1);
        census_take(w->census); /* one that was on its way */
        assert_int_equal(w->n_counted, 1);
}

static void test_census_missing_devices_are_noticed(void **state)
{
        struct world *w = *state;

        census_begin(w->census);
        turn_until(w, &w->client.n_asked, 1);
        for (unsigned i = 0; i < 7; i++)
                census_take(w->census);
        turn_until(w, &w->n_counted, 1);
        assert_int_equal(w->n_arrived, 7);
        assert_int_equal(w->n_devices, CENSUS_DEVICES_MIN);
        assert_int_equal(w->client.n_left, 1);
}

static void test_census_device_removed_meanwhile_is_not_missed(void **state)
{
        static const uint8_t first[KDF_DEVICE_ID_BYTES] = {0};
        struct world *w = *state;

        census_begin(w->census);
        turn_until(w, &w->client.n_asked, 1);
        assert_true(state_forget(w->state, first));
        for (unsigned i = 1; i < CENSUS_DEVICES_MIN; i++)
                census_take(w->census);
        turn_until(w, &w->n_counted, 1);
        assert_int_equal(w->n_arrived, w->n_devices);
}

/* It asks when everything has been published, and a connection that is lost ends it. */
static void test_census_waits_and_ends_with_the_connection(void **state)
{
        struct world *w = *state;

        w->client.idle = false;
        census_begin(w->census);
        for (int i = 0; i < 3; i++)
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        assert_int_equal(w->client.n_asked, 0);
        w->client.idle = true;
        turn_until(w, &w->client.n_asked, 1);
        census_end(w->census);
        census_take(w->census);
        assert_int_equal(sd_event_run(w->event, 100000), 0);
        assert_int_equal(w->n_counted, 0);
}

static void test_census_of_a_small_home_is_not_taken(void **state)
{
        static const uint8_t first[KDF_DEVICE_ID_BYTES] = {0};
        struct world *w = *state;

        assert_true(state_forget(w->state, first));
        census_begin(w->census);
        assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        assert_int_equal(sd_event_run(w->event, 100000), 0);
        assert_int_equal(w->client.n_asked, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_census_all_devices_arrive),
                TEST(test_census_missing_devices_are_noticed),
                TEST(test_census_device_removed_meanwhile_is_not_missed),
                TEST(test_census_waits_and_ends_with_the_connection),
                TEST(test_census_of_a_small_home_is_not_taken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
