/* SPDX-License-Identifier: Apache-2.0 */

/* Keeping watch over the air: what is heard, where and how strongly, and for how long. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contact/vigil.h"
#include "support/haste.h"
#include "support/mock-bus.h"

static const uint8_t data[MESSAGE_ADV_BYTES] = {1, 2, 3};

struct watcher {
        struct fixture *f;
        struct finder_means means;
        struct vigil *vigil;
        unsigned n_heard;
        int rssi;
};

static void on_announced(void *userdata, const struct vigil_heard *heard)
{
        struct watcher *w = userdata;

        assert_memory_equal(heard->data, data, sizeof(data));
        assert_string_equal(heard->place, "hci0");
        assert_true(heard->has_rssi);
        w->rssi = heard->rssi;
        w->n_heard++;
}

static void on_state(void *userdata, enum reason why)
{
        struct watcher *w = userdata;

        w->f->why = why;
        w->f->n_told++;
}

static void begin(struct watcher *w, struct fixture *f)
{
        static const struct vigil_handler handler = {on_announced};
        static const struct adapters_handler user = {.on_state = on_state};

        *w = (struct watcher){.f = f, .means = {.event = f->event}};
        haste = 40;
        assert_int_equal(airtime_new(f->event, 1, &w->means.airtime), 0);
        assert_int_equal(
                adapters_new(f->bluez, NULL, ADAPTER_CENTRAL, false, &user, w, &w->means.adapters),
                0);
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(vigil_new(&w->means, &handler, w, &w->vigil), 0);
        fixture_settle(f);
        assert_false(f->mock.discovering); /* it only hears along */
        f->mock.data = data;
        f->mock.n_data = sizeof(data);
}

static void end(struct watcher *w)
{
        w->vigil = vigil_free(w->vigil);
        fixture_settle(w->f);
        assert_false(w->f->mock.discovering);
        w->means.adapters = adapters_free(w->means.adapters);
        w->means.airtime = airtime_free(w->means.airtime);
        haste = 1;
}

static void test_vigil_air_is_listened_to_for_as_long_as_the_vigil_lasts(void **state)
{
        struct fixture *f = *state;
        struct watcher w;

        begin(&w, f);
        vigil_set_zeal(w.vigil, VIGIL_CALM);
        fixture_until(f, &f->mock.discovering);
        f->mock.rssi = -58;
        mock_device_added(&f->mock);
        fixture_until_called(f, &w.n_heard, 1);
        assert_int_equal(w.rssi, -58);
        f->mock.rssi = -71;
        mock_device_heard(&f->mock);
        fixture_until_called(f, &w.n_heard, 2);
        assert_int_equal(w.rssi, -71);
        end(&w);
}

/* Nobody else tells the vigil that there is air again. */
static void test_vigil_air_is_listened_to_again_when_the_adapter_is_back(void **state)
{
        struct fixture *f = *state;
        struct watcher w;

        begin(&w, f);
        vigil_set_zeal(w.vigil, VIGIL_CALM);
        fixture_until(f, &f->mock.discovering);
        mock_adapter_powered(&f->mock, false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        fixture_settle(f);
        mock_adapter_powered(&f->mock, true);
        fixture_until_told(f, REASON_NONE);
        vigil_set_zeal(w.vigil, VIGIL_CALM);
        fixture_until(f, &f->mock.discovering);
        f->mock.rssi = -58;
        mock_device_added(&f->mock);
        fixture_until_called(f, &w.n_heard, 1);
        end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_vigil_air_is_listened_to_for_as_long_as_the_vigil_lasts),
                fixture_test(test_vigil_air_is_listened_to_again_when_the_adapter_is_back),
        };

        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
