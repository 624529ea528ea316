/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "ble/cache.h"

#define ADAPTER "/org/bluez/hci0"

static const char *device_path(unsigned i)
{
        static char path[BLUEZ_PATH_MAX];

        (void)snprintf(path, sizeof(path), ADAPTER "/dev_00_00_00_00_%02X_%02X", i / 256, i % 256);
        return path;
}

static const struct bluez_object *note_device(struct cache *c, unsigned i, bool connected)
{
        const struct object_news news = {
                .object = {.interface = BLUEZ_IS_DEVICE, .connected = connected},
                .has = BLUEZ_HAS_CONNECTED,
        };

        return cache_note(c, device_path(i), &news, false);
}

static const struct bluez_object *note_characteristic(struct cache *c, unsigned device, unsigned i)
{
        const struct object_news news = {.object = {.interface = BLUEZ_IS_CHARACTERISTIC}};
        char path[2 * BLUEZ_PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/service0010/char%04x", device_path(device), i);
        return cache_note(c, path, &news, true);
}

static const struct bluez_object *find(const struct cache *c, unsigned i)
{
        return cache_find(c, device_path(i), BLUEZ_IS_DEVICE);
}

static size_t count(const struct cache *c, enum bluez_interface interface)
{
        size_t n = 0;

        for (const struct bluez_object *o = c->first; o; o = o->next)
                n += o->interface == interface;
        return n;
}

static void test_cache_forgets_the_oldest_device_that_is_not_connected(void **state)
{
        struct cache c = {0};

        (void)state;
        assert_non_null(note_device(&c, 0, true));
        for (unsigned i = 1; i < CACHE_DEVICES_MAX; i++)
                assert_non_null(note_device(&c, i, false));
        assert_non_null(note_characteristic(&c, 2, 1));

        /* Device 1 has just been announced again, so device 2 is the oldest. */
        assert_non_null(note_device(&c, 1, false));
        assert_non_null(note_device(&c, CACHE_DEVICES_MAX, false));
        assert_int_equal(c.n_devices, CACHE_DEVICES_MAX);
        assert_int_equal(count(&c, BLUEZ_IS_DEVICE), CACHE_DEVICES_MAX);
        assert_non_null(find(&c, 0));
        assert_non_null(find(&c, 1));
        assert_null(find(&c, 2));
        assert_int_equal(count(&c, BLUEZ_IS_CHARACTERISTIC), 0);

        for (unsigned i = 0; i < 3 * CACHE_DEVICES_MAX; i++)
                assert_non_null(note_device(&c, 1000 + i, false));
        assert_int_equal(count(&c, BLUEZ_IS_DEVICE), CACHE_DEVICES_MAX);
        assert_non_null(find(&c, 0));
        cache_clear(&c);
        assert_int_equal(c.n_devices, 0);
}

static void test_cache_full_of_connections_takes_no_other(void **state)
{
        struct cache c = {0};

        (void)state;
        for (unsigned i = 0; i < CACHE_DEVICES_MAX; i++)
                assert_non_null(note_device(&c, i, true));
        assert_null(note_device(&c, CACHE_DEVICES_MAX, false));
        assert_non_null(note_device(&c, 7, false));
        assert_non_null(note_device(&c, CACHE_DEVICES_MAX, false));
        assert_null(find(&c, 7));
        cache_clear(&c);
}

static void test_cache_characteristics_of_one_device_are_bounded(void **state)
{
        struct cache c = {0};

        (void)state;
        assert_non_null(note_device(&c, 1, true));
        assert_non_null(note_device(&c, 2, true));
        for (unsigned i = 0; i < CACHE_CHARACTERISTICS_MAX; i++)
                assert_non_null(note_characteristic(&c, 1, i));
        assert_null(note_characteristic(&c, 1, CACHE_CHARACTERISTICS_MAX));
        assert_non_null(note_characteristic(&c, 1, 0));
        assert_non_null(note_characteristic(&c, 2, 0));
        cache_clear(&c);
}

static void test_cache_what_lies_below_goes_too(void **state)
{
        const struct object_news adapter = {.object = {.interface = BLUEZ_IS_ADAPTER}};
        struct cache c = {0};

        (void)state;
        assert_non_null(cache_note(&c, ADAPTER, &adapter, true));
        assert_non_null(cache_note(&c, ADAPTER "1", &adapter, true));
        for (unsigned i = 0; i < 3; i++) {
                assert_non_null(note_device(&c, i, true));
                assert_non_null(note_characteristic(&c, i, 0));
        }
        cache_remove(&c, device_path(1), BLUEZ_IS_DEVICE);
        assert_int_equal(count(&c, BLUEZ_IS_DEVICE), 2);
        assert_int_equal(count(&c, BLUEZ_IS_CHARACTERISTIC), 2);
        cache_remove(&c, ADAPTER, BLUEZ_IS_ADAPTER);
        assert_int_equal(c.n_devices, 0);
        assert_int_equal(count(&c, BLUEZ_IS_CHARACTERISTIC), 0);
        assert_int_equal(count(&c, BLUEZ_IS_ADAPTER), 1);
        cache_clear(&c);
}

static void test_cache_news_are_merged_and_a_whole_replaces(void **state)
{
        static const uint8_t bytes[] = {1, 2, 3};
        struct object_news news = {
                .object = {.interface = BLUEZ_IS_DEVICE,
                           .rssi = -50,
                           .resolved = true,
                           .n_service_data = 1,
                           .n_manufacturer_data = 1},
                .has = BLUEZ_HAS_RSSI | BLUEZ_HAS_RESOLVED | BLUEZ_HAS_SERVICE_DATA |
                       BLUEZ_HAS_MANUFACTURER_DATA,
                .service_data = {{.uuid = "u", .bytes = bytes, .n_bytes = 3}},
                .manufacturer_data = {{.company = 9, .bytes = bytes, .n_bytes = 2}},
        };
        const struct object_news unheard = {
                .object = {.interface = BLUEZ_IS_DEVICE},
                .gone = BLUEZ_HAS_RSSI | BLUEZ_HAS_MANUFACTURER_DATA,
        };
        const struct bluez_object *o;
        struct cache c = {0};

        (void)state;
        assert_non_null(note_device(&c, 1, true));
        o = cache_note(&c, device_path(1), &news, false);
        memset(&news, 0xff, sizeof(news));
        assert_true(o->connected && o->resolved);
        assert_int_equal(o->rssi, -50);
        assert_int_equal(o->n_service_data, 1);
        assert_string_equal(o->service_data[0].uuid, "u");
        assert_int_equal(o->service_data[0].n_bytes, 3);
        assert_memory_equal(o->service_data[0].bytes, bytes, 3);
        assert_ptr_not_equal(o->service_data[0].bytes, bytes);
        assert_int_equal(o->manufacturer_data[0].company, 9);

        o = cache_note(&c, device_path(1), &unheard, false);
        assert_int_equal(o->rssi, BLUEZ_RSSI_UNSET);
        assert_int_equal(o->n_manufacturer_data, 0);
        assert_int_equal(o->n_service_data, 1);
        assert_true(o->connected);
        assert_false(o->has & BLUEZ_HAS_RSSI);

        o = cache_note(&c, device_path(1), &unheard, true);
        assert_false(o->connected || o->resolved);
        assert_int_equal(o->n_service_data, 0);
        assert_int_equal(c.n_devices, 1);
        cache_clear(&c);
}

static void test_cache_path_that_is_too_long_is_not_kept(void **state)
{
        const struct object_news news = {.object = {.interface = BLUEZ_IS_DEVICE}};
        struct cache c = {0};
        char path[2 * BLUEZ_PATH_MAX];

        (void)state;
        memset(path, 'x', sizeof(path));
        path[BLUEZ_PATH_MAX] = '\0';
        assert_null(cache_note(&c, path, &news, true));
        path[BLUEZ_PATH_MAX - 1] = '\0';
        assert_non_null(cache_note(&c, path, &news, true));
        cache_clear(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cache_forgets_the_oldest_device_that_is_not_connected),
                cmocka_unit_test(test_cache_full_of_connections_takes_no_other),
                cmocka_unit_test(test_cache_characteristics_of_one_device_are_bounded),
                cmocka_unit_test(test_cache_what_lies_below_goes_too),
                cmocka_unit_test(test_cache_news_are_merged_and_a_whole_replaces),
                cmocka_unit_test(test_cache_path_that_is_too_long_is_not_kept),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
