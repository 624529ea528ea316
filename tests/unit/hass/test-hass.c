/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "hass/hass.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "support/haste.h"
#include "support/store-sample.h"
#include "util/hex.h"

#define DEVICES_MAX  80
#define MESSAGES_MAX 512

/* A hub whose broker notes what is published and answers when the test says so. */
struct hub {
        struct store_place *place;
        sd_event *event;
        struct state *state;
        struct api_backend backend;
        struct hass *hass;
        bool connected;
        size_t n_names;
        size_t n_messages;
        struct {
                char name[160];
                bool is_empty;
        } messages[MESSAGES_MAX];
        size_t n_states;
        struct sample samples[DEVICES_MAX];
};

static void hub_on_name(void *userdata, const char *name)
{
        struct hub *hub = userdata;

        assert_int_equal(strncmp(name, "ha/", 3), 0);
        hub->n_names++;
}

static bool hub_on_message(void *userdata, const char *name, const char *text)
{
        struct hub *hub = userdata;

        if (!hub->connected)
                return false;
        assert_true(hub->n_messages < MESSAGES_MAX);
        (void)snprintf(hub->messages[hub->n_messages].name, sizeof(hub->messages[0].name), "%s",
                       name);
        hub->messages[hub->n_messages++].is_empty = text[0] == '\0';
        return true;
}

static void hub_on_state(void *userdata, const struct state_device *device)
{
        struct hub *hub = userdata;

        assert_int_equal(strncmp(device->name, "device-", 7), 0);
        hub->n_states++;
}

static const struct hass_handler handler = {
        .on_name = hub_on_name,
        .on_message = hub_on_message,
        .on_state = hub_on_state,
};

static int set_up(void **state)
{
        struct hub *hub = calloc(1, sizeof(*hub));

        assert_non_null(hub);
        assert_int_equal(store_place_set_up((void **)&hub->place), 0);
        assert_int_equal(sd_event_new(&hub->event), 0);
        assert_int_equal(state_new(&hub->state), 0);
        hub->backend = (struct api_backend){.store = hub->place->store, .state = hub->state};
        hub->connected = true;
        *state = hub;
        return 0;
}

static int tear_down(void **state)
{
        struct hub *hub = *state;

        (void)hass_free(hub->hass);
        (void)state_free(hub->state);
        (void)sd_event_unref(hub->event);
        assert_int_equal(store_place_tear_down((void **)&hub->place), 0);
        free(hub);
        return 0;
}

static void start(struct hub *hub, enum notice_form form)
{
        const struct hass_options options = {
                .hub = "home", .version = "1.2.3", .form = form, .prefix = "ha"};

        assert_int_equal(hass_new(hub->event, &options, &hub->backend, &handler, hub, &hub->hass),
                         0);
        hass_begin(hub->hass);
        hass_start(hub->hass);
}

static void add_device(struct hub *hub, unsigned number)
{
        struct sample *sample = &hub->samples[number];

        sample_init(sample, number);
        assert_int_equal(store_enroll(hub->place->store, &sample->enrollment), 0);
        assert_int_equal(state_add(hub->state, sample->device.device_id, sample->device.name), 0);
}

/* The broker answers everything, and what follows from that. */
static void answer_all(struct hub *hub, size_t *n_answered)
{
        while (*n_answered < hub->n_messages) {
                (*n_answered)++;
                hass_acknowledged(hub->hass, 0);
        }
}

static const char *name_of(const struct hub *hub, unsigned number)
{
        static char name[160];
        char id[2 * STORE_DEVICE_ID_BYTES + 1];

        (void)snprintf(
                name, sizeof(name), "ha/device/enrolld_%s",
                hex_encode(hub->samples[number].device.device_id, STORE_DEVICE_ID_BYTES, id));
        return name;
}

static void expect_message(const struct hub *hub, size_t i, const char *name, bool is_empty)
{
        assert_true(i < hub->n_messages);
        assert_string_equal(hub->messages[i].name, name);
        assert_int_equal(hub->messages[i].is_empty, is_empty);
}

static void test_hass_announces_the_hub_and_then_its_devices(void **state)
{
        struct hub *hub = *state;

        add_device(hub, 1);
        add_device(hub, 2);
        start(hub, NOTICE_DEVICE);
        assert_int_equal(hub->n_names, 3);
        assert_int_equal(hub->n_messages, 3);
        expect_message(hub, 0, "ha/device/enrolld_hub_home", false);
        expect_message(hub, 1, name_of(hub, 1), false);
        expect_message(hub, 2, name_of(hub, 2), false);
}

static void test_hass_names_each_entity_that_it_will_announce(void **state)
{
        struct hub *hub = *state;

        add_device(hub, 1);
        start(hub, NOTICE_ENTITY);
        assert_true(hub->n_names > 3);
        assert_true(hub->n_messages > 0);
        for (size_t n = 0; n < hub->n_messages;)
                answer_all(hub, &n);
        assert_int_equal(hub->n_messages, hub->n_names);
}

static void test_hass_announces_nothing_when_it_is_off(void **state)
{
        struct hub *hub = *state;

        add_device(hub, 1);
        start(hub, NOTICE_OFF);
        hass_devices_changed(hub->hass);
        hass_greet(hub->hass);
        assert_true(sd_event_run(hub->event, 0) >= 0);
        assert_int_equal(hub->n_names + hub->n_messages, 0);
}

static void test_hass_waits_for_the_broker(void **state)
{
        struct hub *hub = *state;
        size_t n_answered = 0;

        for (unsigned i = 1; i < DEVICES_MAX; i++)
                add_device(hub, i);
        start(hub, NOTICE_DEVICE);
        assert_int_equal(hub->n_messages, HASS_UNANSWERED_MAX);
        hass_acknowledged(hub->hass, 0);
        assert_int_equal(hub->n_messages, HASS_UNANSWERED_MAX + 1);
        n_answered = 1;
        answer_all(hub, &n_answered);
        assert_int_equal(hub->n_messages, DEVICES_MAX);
}

static void test_hass_gives_up_with_the_connection(void **state)
{
        struct hub *hub = *state;

        for (unsigned i = 1; i < DEVICES_MAX; i++)
                add_device(hub, i);
        start(hub, NOTICE_DEVICE);
        hub->connected = false;
        for (unsigned i = 0; i < HASS_UNANSWERED_MAX; i++)
                hass_acknowledged(hub->hass, -ENOTCONN);
        assert_int_equal(hub->n_messages, HASS_UNANSWERED_MAX);
        hub->connected = true;
        hass_begin(hub->hass);
        hass_devices_changed(hub->hass); /* of no interest before it starts */
        assert_int_equal(hub->n_messages, HASS_UNANSWERED_MAX);
        hass_start(hub->hass);
        assert_int_equal(hub->n_messages, 2 * HASS_UNANSWERED_MAX);
        expect_message(hub, HASS_UNANSWERED_MAX, "ha/device/enrolld_hub_home", false);
}

static void test_hass_announces_what_has_changed(void **state)
{
        struct hub *hub = *state;
        const uint8_t *id;

        add_device(hub, 1);
        add_device(hub, 2);
        start(hub, NOTICE_DEVICE);
        hass_devices_changed(hub->hass);
        assert_int_equal(hub->n_messages, 3);

        id = hub->samples[2].device.device_id;
        assert_int_equal(store_rename(hub->place->store, id, "device-hall"), 0);
        assert_true(state_rename(hub->state, id, "device-hall"));
        hass_devices_changed(hub->hass);
        assert_int_equal(hub->n_messages, 4);
        expect_message(hub, 3, name_of(hub, 2), false);

        add_device(hub, 3);
        hass_devices_changed(hub->hass);
        assert_int_equal(hub->n_messages, 5);
        expect_message(hub, 4, name_of(hub, 3), false);

        assert_int_equal(store_remove(hub->place->store, id, NULL, 0), 0);
        assert_true(state_forget(hub->state, id));
        hass_devices_changed(hub->hass);
        assert_int_equal(hub->n_messages, 6);
        expect_message(hub, 5, name_of(hub, 2), true);
}

/* All but one channel. */
static void take_away(struct hub *hub, unsigned number)
{
        struct sample *sample = &hub->samples[number];

        sample->enrollment.n_channels = 1;
        sample->device.ownership.epoch = 2;
        assert_int_equal(store_enroll(hub->place->store, &sample->enrollment), 0);
}

/* An entity that goes with an enrollment is withdrawn first. */
static void test_hass_withdraws_what_an_enrollment_took_away(void **state)
{
        struct hub *hub = *state;

        add_device(hub, 1);
        start(hub, NOTICE_DEVICE);
        take_away(hub, 1);
        hass_devices_changed(hub->hass);
        assert_int_equal(hub->n_messages, 4);
        expect_message(hub, 2, name_of(hub, 1), false);
        expect_message(hub, 3, name_of(hub, 1), false);
}

static void test_hass_withdraws_what_it_announced_before_it_was_restarted(void **state)
{
        struct hub *hub = *state;
        size_t n_answered = 0;

        add_device(hub, 1);
        start(hub, NOTICE_DEVICE);
        answer_all(hub, &n_answered);
        assert_int_equal(hub->n_messages, 2);
        for (size_t n = 5; n < 8; n += 2) {
                hub->hass = hass_free(hub->hass);
                if (n == 5)
                        take_away(hub, 1);
                start(hub, NOTICE_DEVICE);
                answer_all(hub, &n_answered);
                assert_int_equal(hub->n_messages, n);
                expect_message(hub, n - 1, name_of(hub, 1), false);
        }
}

static void test_hass_withdraws_again_what_the_broker_may_have_missed(void **state)
{
        struct hub *hub = *state;
        size_t n_answered = 0;

        add_device(hub, 1);
        start(hub, NOTICE_DEVICE);
        answer_all(hub, &n_answered);
        take_away(hub, 1);
        hass_devices_changed(hub->hass);
        assert_int_equal(hub->n_messages, 4);
        hass_acknowledged(hub->hass, -ENOTCONN);
        hass_acknowledged(hub->hass, -ENOTCONN);
        n_answered = 4;
        hass_begin(hub->hass);
        hass_start(hub->hass);
        assert_int_equal(hub->n_messages, 7);
        answer_all(hub, &n_answered);
        hass_begin(hub->hass);
        hass_start(hub->hass);
        assert_int_equal(hub->n_messages, 9);
}

static void test_hass_forgets_what_went_while_there_was_no_connection(void **state)
{
        struct hub *hub = *state;
        const uint8_t *id = hub->samples[1].device.device_id;

        add_device(hub, 1);
        start(hub, NOTICE_DEVICE);
        assert_int_equal(store_remove(hub->place->store, id, NULL, 0), 0);
        assert_true(state_forget(hub->state, id));
        hub->n_names = 0;
        hass_begin(hub->hass);
        assert_int_equal(hub->n_names, 1);
        hass_start(hub->hass);
        assert_int_equal(hub->n_messages, 3);
        expect_message(hub, 2, "ha/device/enrolld_hub_home", false);
}

static void test_hass_answers_home_assistant_and_shows_the_states(void **state)
{
        struct hub *hub = *state;

        add_device(hub, 1);
        add_device(hub, 2);
        start(hub, NOTICE_DEVICE);
        haste = 1000;
        hass_greet(hub->hass);
        while (hub->n_messages < 6)
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
        while (hub->n_states < 2)
                assert_true(sd_event_run(hub->event, UINT64_MAX) >= 0);
        haste = 1;
        assert_int_equal(hub->n_messages, 6);
        expect_message(hub, 3, "ha/device/enrolld_hub_home", false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_hass_announces_the_hub_and_then_its_devices),
                TEST(test_hass_names_each_entity_that_it_will_announce),
                TEST(test_hass_announces_nothing_when_it_is_off),
                TEST(test_hass_waits_for_the_broker),
                TEST(test_hass_gives_up_with_the_connection),
                TEST(test_hass_announces_what_has_changed),
                TEST(test_hass_withdraws_what_an_enrollment_took_away),
                TEST(test_hass_withdraws_what_it_announced_before_it_was_restarted),
                TEST(test_hass_withdraws_again_what_the_broker_may_have_missed),
                TEST(test_hass_forgets_what_went_while_there_was_no_connection),
                TEST(test_hass_answers_home_assistant_and_shows_the_states),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
