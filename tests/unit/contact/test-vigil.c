/* SPDX-License-Identifier: Apache-2.0 */

/* Listening on a cable for whatever device is there; the air is in tests/bus. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contact/vigil.h"
#include "support/link-fixture.h"
#include "support/thing.h"
#include "support/way.h"
#include "wire/crypto.h"

static const uint8_t private_key[32] = {1, 2, 3}, secret[32] = {4, 5, 6};

struct world {
        sd_event *event;
        struct thing thing;
        struct way way;
        struct vigil *vigil;
        struct port_ear *ear; /* of somebody else */
        size_t n_announced, n_heard;
        uint8_t data[MESSAGE_ADV_BYTES];
        bool sleeps; /* as soon as it has heard something */
};

static void on_announced(void *userdata, const struct vigil_heard *heard)
{
        struct world *w = userdata;

        memcpy(w->data, heard->data, sizeof(w->data));
        assert_string_equal(heard->place, w->thing.address);
        assert_false(heard->has_rssi);
        w->n_announced++;
        if (w->sleeps)
                vigil_set_zeal(w->vigil, VIGIL_ALONG);
}

static const struct vigil_handler handler = {on_announced};

static void on_heard(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES])
{
        struct world *w = userdata;

        (void)data;
        w->n_heard++;
}

static const struct port_handler somebody = {on_heard};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        assert_true(sd_event_new(&w->event) >= 0);
        thing_init(&w->thing, w->event, private_key, secret);
        thing_start(&w->thing);
        way_init(&w->way, w->event);
        way_add(&w->way, w->thing.address);
        assert_int_equal(vigil_new(&w->way.means, &handler, w, &w->vigil), 0);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        w->ear = port_ear_free(w->ear);
        w->vigil = vigil_free(w->vigil);
        thing_done(&w->thing);
        way_done(&w->way);
        w->event = sd_event_unref(w->event);
        free(w);
        return 0;
}

static void test_vigil_awake_hears_the_device_that_is_there(void **state)
{
        struct world *w = *state;
        enum message_state announced;
        uint8_t adv_key[32];

        thing_listen(&w->thing);
        vigil_set_zeal(w->vigil, VIGIL_EAGER);
        loop_until(w->event, &w->n_announced, 1);
        kdf_adv_key(secret, adv_key);
        assert_true(finder_recognise(adv_key, w->data, &announced));
        assert_int_equal(announced, MESSAGE_STATE_FACTORY);
}

static void test_vigil_awake_hears_the_device_that_comes_late(void **state)
{
        struct world *w = *state;

        vigil_set_zeal(w->vigil, VIGIL_EAGER);
        loop_settle(w->event);
        thing_listen(&w->thing);
        loop_until(w->event, &w->n_announced, 1);
}

static void test_vigil_asleep_opens_no_port(void **state)
{
        struct world *w = *state;

        thing_listen(&w->thing);
        loop_settle(w->event);
        assert_false(port_was_open(w->way.ports[0]));
        vigil_set_zeal(w->vigil, VIGIL_EAGER);
        loop_until(w->event, &w->n_announced, 1);
        assert_true(port_was_open(w->way.ports[0]));
        vigil_set_zeal(w->vigil, VIGIL_ALONG);
        assert_null(port_take(w->way.ports[0])); /* it is closed again */
}

static void test_vigil_asleep_hears_along_with_others(void **state)
{
        struct world *w = *state;

        thing_listen(&w->thing);
        assert_int_equal(port_ear_new(w->way.ports[0], PORT_OFTEN, &somebody, w, &w->ear), 0);
        loop_until(w->event, &w->n_announced, 1);
        assert_int_equal(w->n_heard, 1);
        w->ear = port_ear_free(w->ear);
        assert_null(port_take(w->way.ports[0])); /* and does not keep the port */
}

static void test_vigil_may_go_to_sleep_in_the_callback(void **state)
{
        struct world *w = *state;

        w->sleeps = true;
        thing_listen(&w->thing);
        vigil_set_zeal(w->vigil, VIGIL_EAGER);
        loop_until(w->event, &w->n_announced, 1);
        loop_settle(w->event);
        assert_int_equal(w->n_announced, 1);
        w->sleeps = false;
        vigil_set_zeal(w->vigil, VIGIL_EAGER);
        loop_until(w->event, &w->n_announced, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_vigil_awake_hears_the_device_that_is_there),
                TEST(test_vigil_awake_hears_the_device_that_comes_late),
                TEST(test_vigil_asleep_opens_no_port),
                TEST(test_vigil_asleep_hears_along_with_others),
                TEST(test_vigil_may_go_to_sleep_in_the_callback),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
