/* SPDX-License-Identifier: Apache-2.0 */

/* Devices that were given up without being released turn up, one at a port, and the hub does what
 * is left to be done. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gateway/watch.h"
#include "hub/strays.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "store/stray.h"
#include "support/far-end.h"
#include "support/haste.h"
#include "support/link-fixture.h"
#include "support/store-sample.h"
#include "support/way.h"
#include "util/time.h"
#include "wire/crypto.h"

static const uint8_t master[32] = {9, 9, 9}, adv_key[32] = {4, 2};

struct world {
        sd_event *event;
        struct store_place *place;
        struct far_end device;
        struct way way;
        struct means means;
        struct state *state;
        struct conditions conditions;
        struct herald *herald;
        struct gateway *gateway;
        struct eraser *eraser;
        struct strays *strays;
        struct sample sample; /* the device, as it was enrolled */
        bool is_taken;        /* by a person */
        size_t n_released;    /* as was reported */
};

/* What the linker calls it, see ld(1), --wrap. */
uint64_t __real_time_now_usec(void);
uint64_t __wrap_time_now_usec(void);

static uint64_t skipped_usec;

uint64_t __wrap_time_now_usec(void)
{
        return __real_time_now_usec() + skipped_usec;
}

static bool is_taken(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct world *w = userdata;

        assert_memory_equal(device_id, w->sample.device.device_id, STORE_DEVICE_ID_BYTES);
        return w->is_taken;
}

static const struct strays_handler handler = {is_taken};

static void on_released(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                        const char *name)
{
        struct world *w = userdata;

        assert_memory_equal(device_id, w->sample.device.device_id, STORE_DEVICE_ID_BYTES);
        assert_string_equal(name, w->sample.device.name);
        w->n_released++;
}

static const struct face_handler face_handler = {.on_device_released = on_released};

static void on_readings(void *userdata, const struct store_device *device,
                        const struct reading *readings, size_t n_readings)
{
        (void)userdata;
        (void)device;
        (void)readings;
        (void)n_readings;
        fail_msg("A device that is not there any more has readings.");
}

static int setup(void **state)
{
        static const struct gateway_handler gateway_handler = {.on_readings = on_readings};
        static struct world w;
        struct herald_means herald = {.hub = "home", .conditions = &w.conditions};

        memset(&w, 0, sizeof(w));
        assert_int_equal(store_place_set_up(state), 0);
        w.place = *state;
        assert_true(sd_event_new(&w.event) >= 0);
        far_end_listen(&w.device, w.event, master);
        way_init(&w.way, w.event);
        way_add(&w.way, w.device.address);
        w.means.store = w.place->store;
        w.means.visit = (struct visit_means){w.event, master, &w.way.means};
        assert_int_equal(state_new(&w.state), 0);
        herald.store = w.means.store;
        herald.state = w.state;
        assert_int_equal(herald_new(&herald, &w.herald), 0);
        herald_set_broker(w.herald, true);
        herald_add_face(w.herald, (struct face){&face_handler, &w});
        assert_int_equal(gateway_new(&w.means.visit, &gateway_handler, &w, &w.gateway), 0);
        assert_int_equal(eraser_new(w.event, w.means.store, &w.eraser), 0);
        *state = &w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->gateway = gateway_free(w->gateway);
        w->strays = strays_free(w->strays);
        w->eraser = eraser_free(w->eraser);
        w->herald = herald_free(w->herald);
        w->state = state_free(w->state);
        way_done(&w->way);
        far_end_done(&w->device);
        w->event = sd_event_unref(w->event);
        haste = 1;
        skipped_usec = 0;
        *state = w->place;
        return store_place_tear_down(state);
}

/* The hub has had the device, and gives it up at this time. */
static void give_up(struct world *w, int64_t at)
{
        struct store_device *row = &w->sample.device;

        sample_init(&w->sample, 1);
        memcpy(row->device_id, w->device.device_id, sizeof(row->device_id));
        memcpy(row->ownership.public_key, w->device.public_key, sizeof(w->device.public_key));
        memcpy(row->ownership.adv_key, adv_key, sizeof(adv_key));
        row->ownership.epoch = FAR_END_EPOCH;
        assert_int_equal(store_enroll(w->means.store, &w->sample.enrollment), 0);
        assert_int_equal(store_remove_unreleased(w->means.store, row->device_id, at, NULL, 0), 0);
}

static void begin(struct world *w)
{
        const struct strays_means means = {w->event, &w->means, w->herald, w->gateway, w->eraser};

        assert_int_equal(strays_new(&means, &handler, w, &w->strays), 0);
        loop_settle(w->event);
}

static size_t n_strays(const struct world *w)
{
        struct api_status status = {.n_strays = 0};

        strays_status(w->strays, &status);
        return status.n_strays;
}

/* It says that it is there as often as it is asked, until the hub opens a session with it. */
static void open_session(struct world *w)
{
        struct far_end *device = &w->device;

        for (;;) {
                loop_until(w->event, &device->heard.n_messages, device->n_taken + 1);
                if (device->heard.message[0] != MESSAGE_PROBE)
                        break;
                far_end_announce(device, adv_key, MESSAGE_STATE_OWNED);
        }
        far_end_shake_hands(&w->device, KEYS_OF_OWNERSHIP);
        far_end_expect(&w->device, MESSAGE_COMMIT);
        far_end_say_done(&w->device, FAR_END_EPOCH);
        far_end_expect(&w->device, MESSAGE_RELEASE);
}

/* It says so that often, and the hub opens no session with it. */
static void stay_alone(struct world *w, unsigned n)
{
        struct far_end *device = &w->device;

        while (n-- > 0) {
                loop_until(w->event, &device->heard.n_messages, device->n_taken + 1);
                assert_int_equal(device->heard.message[0], MESSAGE_PROBE);
                far_end_announce(device, adv_key, MESSAGE_STATE_OWNED);
        }
}

static void let_go(struct world *w)
{
        open_session(w);
        far_end_say_number(&w->device, MESSAGE_RELEASED, FAR_END_EPOCH);
        loop_until(w->event, &w->n_released, 1);
        assert_int_equal(n_strays(w), 0);
        assert_false(store_files_hold(w->place->path, adv_key, sizeof(adv_key)));
}

static void test_strays_are_released_when_they_turn_up(void **state)
{
        struct world *w = *state;

        haste = 50;
        give_up(w, time(NULL));
        begin(w);
        assert_int_equal(n_strays(w), 1);
        let_go(w);
}

static void test_strays_come_while_the_hub_runs(void **state)
{
        struct world *w = *state;

        haste = 50;
        begin(w);
        assert_int_equal(n_strays(w), 0);
        give_up(w, time(NULL));
        strays_refresh(w->strays);
        assert_int_equal(n_strays(w), 1);
        let_go(w);
}

static void test_strays_whose_release_is_not_heard_are_asked_again(void **state)
{
        struct world *w = *state;

        haste = 50;
        give_up(w, time(NULL));
        begin(w);
        open_session(w);
        far_end_say(&w->device, MESSAGE_FAIL, (const uint8_t *)"\xa1\x01\x05", 3);
        while (w->device.heard.link)
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        assert_int_equal(n_strays(w), 1);
        let_go(w);
}

/*
 * Somebody repeats what the device announced while it was owned, and then what it announced before,
 * and leaves its owner without an answer.
 */
static void test_strays_are_not_released_by_what_others_repeat(void **state)
{
        struct world *w = *state;
        struct far_end *device = &w->device;
        enum message_state announced = MESSAGE_STATE_OWNED;

        /* In turns: the first ones are heard before the hub begins to try. */
        haste = 50;
        give_up(w, time(NULL));
        begin(w);
        for (;;) {
                loop_until(w->event, &device->heard.n_messages, device->n_taken + 1);
                if (device->heard.message[0] != MESSAGE_PROBE)
                        break;
                far_end_announce(device, adv_key, announced);
                announced = announced == MESSAGE_STATE_OWNED ? MESSAGE_STATE_FACTORY
                                                             : MESSAGE_STATE_OWNED;
        }
        assert_int_equal(device->heard.message[0], MESSAGE_K1);
        while (device->heard.link)
                assert_true(sd_event_run(w->event, UINT64_MAX) >= 0);
        loop_settle(w->event);
        assert_int_equal(w->n_released, 0);
        assert_int_equal(n_strays(w), 1);
}

/* What is heard does not become new because something else happens: the device has had others. */
static void test_strays_are_not_asked_by_what_is_old(void **state)
{
        struct world *w = *state;

        haste = 50;
        give_up(w, time(NULL));
        begin(w);
        w->is_taken = true;
        stay_alone(w, 2);
        strays_refresh(w->strays);
        skipped_usec += (WATCH_NONCE_S + 1) * UINT64_C(1000000);
        w->is_taken = false;
        stay_alone(w, 6);
}

static void test_strays_are_left_to_the_person_who_enrolls_them(void **state)
{
        struct world *w = *state;

        haste = 50;
        give_up(w, time(NULL));
        begin(w);
        w->is_taken = true;
        stay_alone(w, 6);
        assert_false(airtime_is_used(w->way.airtime, w->device.address));
        w->is_taken = false;
        let_go(w);
}

static void test_strays_that_are_enrolled_again_are_none(void **state)
{
        struct world *w = *state;

        give_up(w, time(NULL));
        begin(w);
        assert_int_equal(store_enroll(w->means.store, &w->sample.enrollment), 0);
        strays_refresh(w->strays);
        assert_int_equal(n_strays(w), 0);
}

static void test_strays_that_are_too_old_are_forgotten(void **state)
{
        struct world *w = *state;

        give_up(w, time(NULL) - INT64_C(86400) * STRAYS_DAYS - 1);
        begin(w);
        assert_int_equal(n_strays(w), 0);
        assert_false(store_files_hold(w->place->path, adv_key, sizeof(adv_key)));
}

static void test_strays_go_with_the_hub_while_one_is_asked(void **state)
{
        struct world *w = *state;

        haste = 50;
        give_up(w, time(NULL));
        begin(w);
        open_session(w);
        w->gateway = gateway_free(w->gateway);
        assert_int_equal(n_strays(w), 1);
        assert_int_equal(w->n_released, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_strays_are_released_when_they_turn_up),
                TEST(test_strays_come_while_the_hub_runs),
                TEST(test_strays_are_not_released_by_what_others_repeat),
                TEST(test_strays_whose_release_is_not_heard_are_asked_again),
                TEST(test_strays_are_not_asked_by_what_is_old),
                TEST(test_strays_are_left_to_the_person_who_enrolls_them),
                TEST(test_strays_that_are_enrolled_again_are_none),
                TEST(test_strays_that_are_too_old_are_forgotten),
                TEST(test_strays_go_with_the_hub_while_one_is_asked),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
