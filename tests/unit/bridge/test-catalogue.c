/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <systemd/sd-event.h>

#include "bridge/catalogue.h"
#include "support/store-sample.h"

/* The client of this test keeps the last list, and acknowledges it when it is told to. */
struct mqtt_client {
        bool connected;
        unsigned n_lists;
        json_t *list;
        struct mqtt_done done; /* of a list that is not acknowledged */
};

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        assert_true(client->connected);
        assert_int_equal(topic, TOPIC_DEVICES);
        assert_null(name);
        json_decref(client->list);
        client->list = json_loadb(payload, n_payload, 0, NULL);
        assert_non_null(client->list);
        client->n_lists++;
        if (done)
                client->done = *done;
        return 0;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return client->connected;
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        assert_true(!client->done.on_done || client->done.userdata == userdata);
        client->done = (struct mqtt_done){.on_done = NULL};
}

static void acknowledge(struct mqtt_client *client)
{
        struct mqtt_done done = client->done;

        client->done = (struct mqtt_done){.on_done = NULL};
        assert_non_null(done.on_done);
        done.on_done(done.userdata, 0);
}

struct house {
        sd_event *event;
        struct mqtt_client client;
        struct api_backend backend;
        struct state *state;
        struct catalogue *catalogue;
        unsigned n_devices;
};

static void enroll(struct house *h, unsigned n)
{
        struct sample sample;

        for (; n > 0; n--) {
                sample_init(&sample, ++h->n_devices);
                assert_int_equal(store_enroll(h->backend.store, &sample.enrollment), 0);
        }
}

static int set_up(void **state)
{
        struct house *h = calloc(1, sizeof(*h));
        void *place = NULL;

        assert_non_null(h);
        assert_int_equal(store_place_set_up(&place), 0);
        h->backend.store = ((struct store_place *)place)->store;
        h->backend.userdata = place;
        assert_int_equal(state_new(&h->state), 0);
        h->backend.state = h->state;
        assert_int_equal(sd_event_new(&h->event), 0);
        h->client.connected = true;
        assert_int_equal(catalogue_new(h->event, &h->client, &h->backend, &h->catalogue), 0);
        *state = h;
        return 0;
}

static int tear_down(void **state)
{
        struct house *h = *state;
        void *place = h->backend.userdata;

        (void)catalogue_free(h->catalogue);
        (void)state_free(h->state);
        (void)sd_event_unref(h->event);
        json_decref(h->client.list);
        free(h);
        return store_place_tear_down(&place);
}

/* Turns the loop until there are so many lists. */
static void wait_lists(struct house *h, unsigned n)
{
        while (h->client.n_lists < n)
                assert_true(sd_event_run(h->event, UINT64_MAX) >= 0);
        assert_int_equal(h->client.n_lists, n);
}

static void test_catalogue_short_list_is_published_at_once(void **state)
{
        struct house *h = *state;

        catalogue_change(h->catalogue);
        assert_int_equal(h->client.n_lists, 1);
        assert_int_equal(json_array_size(h->client.list), 0);
        enroll(h, CATALOGUE_PAGE - 1);
        catalogue_change(h->catalogue);
        catalogue_change(h->catalogue);
        assert_int_equal(h->client.n_lists, 3);
        assert_int_equal(json_array_size(h->client.list), CATALOGUE_PAGE - 1);
}

/* Each device is in it once, at whatever page one list ends. */
static void test_catalogue_long_list_is_complete(void **state)
{
        struct house *h = *state;

        enroll(h, CATALOGUE_PAGE);
        catalogue_change(h->catalogue);
        wait_lists(h, 1);
        assert_int_equal(json_array_size(h->client.list), CATALOGUE_PAGE);
        enroll(h, CATALOGUE_PAGE + 1);
        catalogue_change(h->catalogue);
        wait_lists(h, 2);
        assert_int_equal(json_array_size(h->client.list), 2 * CATALOGUE_PAGE + 1);
        for (size_t i = 1; i < json_array_size(h->client.list); i++) {
                json_t *one = json_array_get(h->client.list, i - 1),
                       *other = json_array_get(h->client.list, i);

                assert_true(strcmp(json_string_value(json_object_get(one, "friendly_name")),
                                   json_string_value(json_object_get(other, "friendly_name"))) < 0);
        }
}

/* However often something changes, one list is on its way, and the next has everything. */
static void test_catalogue_changes_are_collected(void **state)
{
        struct house *h = *state;

        enroll(h, CATALOGUE_PAGE + 1);
        catalogue_change(h->catalogue);
        wait_lists(h, 1);
        for (int i = 0; i < 10; i++) {
                enroll(h, 1);
                catalogue_change(h->catalogue);
        }
        while (sd_event_run(h->event, 0) > 0)
                ;
        assert_int_equal(h->client.n_lists, 1); /* it is not acknowledged */
        acknowledge(&h->client);
        wait_lists(h, 2);
        assert_int_equal(json_array_size(h->client.list), CATALOGUE_PAGE + 11);
        acknowledge(&h->client);
        while (sd_event_run(h->event, 0) > 0)
                ;
        assert_int_equal(h->client.n_lists, 2);
}

static void test_catalogue_list_of_a_lost_connection_is_dropped(void **state)
{
        struct house *h = *state;

        enroll(h, CATALOGUE_PAGE + 1);
        catalogue_change(h->catalogue); /* the first page is made */
        h->client.connected = false;
        while (sd_event_run(h->event, 0) > 0)
                ;
        h->client.connected = true;
        catalogue_begin(h->catalogue);
        catalogue_change(h->catalogue);
        wait_lists(h, 1);
        catalogue_change(h->catalogue);
        h->client.connected = false; /* with the list on its way */
        catalogue_begin(h->catalogue);
        h->client.connected = true;
        catalogue_change(h->catalogue);
        wait_lists(h, 2);
        assert_int_equal(json_array_size(h->client.list), CATALOGUE_PAGE + 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_catalogue_short_list_is_published_at_once,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_catalogue_long_list_is_complete, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_catalogue_changes_are_collected, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_catalogue_list_of_a_lost_connection_is_dropped,
                                                set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
