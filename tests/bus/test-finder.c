/* SPDX-License-Identifier: Apache-2.0 */

/* Looking for a device over the air, and what is said of one that is not found or not reached. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "code/payload.h"
#include "contact/finder.h"
#include "support/haste.h"
#include "support/link-fixture.h"
#include "support/mock-bus.h"

static const uint8_t adv_key[32] = {4, 5, 6};

static const struct central_patience patience = {
        .connect_ms = 4000, .services_ms = 4000, .grace_ms = 2000, .acquire_ms = 4000};

struct seeker {
        struct fixture *f;
        struct finder_means means;
        struct finder *finder;
        uint8_t data[MESSAGE_ADV_BYTES]; /* what the device advertises */
        char text[512];
        size_t n_found, n_turns; /* how often the handler was told of it, and last: */
        bool waits;
        struct turn *other; /* somebody else's */
};

static void on_found(void *userdata, const struct finder_found *found)
{
        struct seeker *s = userdata;

        assert_true(found->limit_sec > 0);
        s->waits = found->waits;
        s->n_found++;
}

static void on_turn(void *userdata, const struct finder_found *found)
{
        struct seeker *s = userdata;

        assert_true(found->limit_sec > 0);
        s->waits = found->waits;
        s->n_turns++;
}

static void on_link(void *userdata, const struct finder_found *found, struct link *link_take,
                    struct turn *turn_take)
{
        (void)userdata;
        (void)found;
        (void)link_take;
        (void)turn_take;
        fail_msg("connected");
}

static void on_failed(void *userdata, enum reason why, const char *text)
{
        struct seeker *s = userdata;

        (void)snprintf(s->text, sizeof(s->text), "%s", text);
        s->finder = finder_free(s->finder);
        s->f->why = why;
        s->f->n_told++;
}

static void on_state(void *userdata, enum reason why)
{
        (void)userdata;
        (void)why;
}

static void seek_for(struct seeker *s, struct fixture *f, enum airtime_rank rank)
{
        static const struct finder_handler handler = {
                .on_found = on_found,
                .on_turn = on_turn,
                .on_link = on_link,
                .on_failed = on_failed,
        };
        static const struct adapters_handler user = {.on_state = on_state};
        const struct finder_wish wish = {.reach = PAYLOAD_REACH_BLE,
                                         .adv_key = adv_key,
                                         .seconds = 200, /* 5 s in haste */
                                         .rank = rank};

        *s = (struct seeker){.f = f, .means = {.event = f->event}};
        memcpy(s->data, "nonce", KDF_NONCE_BYTES);
        kdf_adv_tag(adv_key, s->data, MESSAGE_STATE_FACTORY, s->data + KDF_NONCE_BYTES);
        haste = 40;
        assert_int_equal(airtime_new(f->event, 1, &s->means.airtime), 0);
        assert_int_equal(adapters_new(f->bluez, NULL, ADAPTER_CENTRAL, false, &user, NULL,
                                      &s->means.adapters),
                         0);
        assert_int_equal(central_new(s->means.adapters, CENTRAL_GATT, &patience, &s->means.central),
                         0);
        fixture_settle(f);
        assert_int_equal(finder_new(&s->means, &wish, &handler, s, &s->finder), 0);
        fixture_until(f, &f->mock.discovering);
}

static void seek(struct seeker *s, struct fixture *f)
{
        seek_for(s, f, AIRTIME_PERSON);
}

static void advertise(struct seeker *s, const uint8_t *data, int16_t rssi)
{
        s->f->mock.data = data;
        s->f->mock.n_data = data ? MESSAGE_ADV_BYTES : 0;
        s->f->mock.rssi = rssi;
        mock_device_added(&s->f->mock);
}

static void expect_failure(struct seeker *s, enum reason why, const char *text)
{
        fixture_until_told(s->f, why);
        assert_string_equal(s->text, text);
        fixture_settle(s->f);
        s->means.central = central_free(s->means.central);
        s->means.adapters = adapters_free(s->means.adapters);
        s->means.airtime = airtime_free(s->means.airtime);
        haste = 1;
}

static void test_finder_that_hears_nothing_says_so(void **state)
{
        struct seeker s;

        seek(&s, *state);
        expect_failure(&s, REASON_DEVICE_NOT_FOUND, "The device was not found: nothing heard.");
}

static void test_finder_that_hears_others_only_says_how_many(void **state)
{
        struct seeker s;

        seek(&s, *state);
        advertise(&s, NULL, -60);
        expect_failure(&s, REASON_DEVICE_NOT_FOUND,
                       "The device was not found: 1 other Bluetooth device heard, but none that "
                       "can be enrolled.");
}

static void test_finder_that_hears_another_device_says_so(void **state)
{
        static const uint8_t other[MESSAGE_ADV_BYTES] = {1};
        struct seeker s;

        seek(&s, *state);
        advertise(&s, other, -81);
        expect_failure(&s, REASON_DEVICE_NOT_FOUND,
                       "The device was not found: 1 enrollable device heard, strongest -81 dBm, "
                       "but not this one.");
}

/* It advertises, and nobody gets a connection. */
static void test_finder_of_a_device_that_is_held_says_that_it_was_heard(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.connect.n_fail = 99;
        f->mock.connect.error = "org.bluez.Error.Failed";
        f->mock.connect.text = "le-connection-abort-by-local";
        seek(&s, f);
        advertise(&s, s.data, -58);
        expect_failure(&s, REASON_CONNECT_FAILED,
                       "The device was heard at -58 dBm, but takes no connection; a phone or "
                       "another hub may be connected to it.");
}

static void test_finder_of_a_device_that_is_far_away_says_so(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.connect.silent = true;
        seek(&s, f);
        advertise(&s, s.data, -93);
        expect_failure(&s, REASON_CONNECT_FAILED,
                       "The device was heard at -93 dBm, but takes no connection; it is far away.");
}

static void test_finder_of_a_device_that_hangs_up_at_once_says_so(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.drops_at_once = true;
        f->mock.n_drops = 99;
        seek(&s, f);
        advertise(&s, s.data, -58);
        expect_failure(&s, REASON_LINK_LOST,
                       "The device was heard at -58 dBm, but it ended the connection at once; a "
                       "phone or another hub may be connected to it.");
}

/* The hub's own bluetoothd knows. */
static void test_finder_names_another_program_that_has_the_device(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.has_services = true;
        mock_device_added(&f->mock);
        mock_services_added(&f->mock);
        mock_device_connected(&f->mock, true);
        seek(&s, f);
        expect_failure(&s, REASON_DEVICE_NOT_FOUND,
                       "The device was not found: nothing heard. Another program on this hub is "
                       "connected to a device that can be enrolled.");
}

static void on_other(void *userdata)
{
        (void)userdata;
}

static const struct airtime_handler other_handler = {on_other, on_other};

static void ask_for_hci0(struct seeker *s)
{
        assert_int_equal(
                turn_new(s->means.airtime, "hci0", AIRTIME_PERSON, &other_handler, s, &s->other),
                0);
}

/* So that a person learns how long connecting takes, as soon as that is known. */
static void test_finder_says_when_the_turn_comes_that_was_waited_for(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.connect.silent = true;
        seek(&s, f);
        ask_for_hci0(&s);
        advertise(&s, s.data, -58);
        loop_until(f->event, &s.n_found, 1);
        loop_settle(f->event);
        assert_true(s.waits);
        assert_int_equal(s.n_turns, 0);
        (void)turn_free(s.other);
        loop_until(f->event, &s.n_turns, 1);
        assert_false(s.waits);
        expect_failure(&s, REASON_CONNECT_FAILED,
                       "The device was heard at -58 dBm, but takes no connection; a phone or "
                       "another hub may be connected to it.");
        assert_int_equal(s.n_turns, 1);
}

/* Somebody more important comes while it connects, and goes again. */
static void test_finder_says_when_its_turn_is_lost(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.connect.silent = true;
        seek_for(&s, f, AIRTIME_VISIT);
        haste = 1; /* connecting goes on until the other has come */
        advertise(&s, s.data, -58);
        loop_until(f->event, &s.n_turns, 1);
        assert_false(s.waits);
        ask_for_hci0(&s);
        loop_until(f->event, &s.n_turns, 2);
        assert_true(s.waits);
        haste = 40;
        (void)turn_free(s.other);
        mock_device_heard(&f->mock);
        loop_until(f->event, &s.n_turns, 3);
        assert_false(s.waits);
        assert_int_equal(s.n_found, 1);
        expect_failure(&s, REASON_CONNECT_FAILED,
                       "The device was heard at -58 dBm, but takes no connection; a phone or "
                       "another hub may be connected to it.");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_finder_that_hears_nothing_says_so),
                fixture_test(test_finder_that_hears_others_only_says_how_many),
                fixture_test(test_finder_that_hears_another_device_says_so),
                fixture_test(test_finder_of_a_device_that_is_held_says_that_it_was_heard),
                fixture_test(test_finder_of_a_device_that_is_far_away_says_so),
                fixture_test(test_finder_of_a_device_that_hangs_up_at_once_says_so),
                fixture_test(test_finder_says_when_the_turn_comes_that_was_waited_for),
                fixture_test(test_finder_says_when_its_turn_is_lost),
                fixture_test(test_finder_names_another_program_that_has_the_device),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
