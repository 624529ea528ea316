/* SPDX-License-Identifier: Apache-2.0 */

/* Whom the hub awaits, and when it begins; how they are heard is contact/vigil.h's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/awaited.h"
#include "support/catalogue-sample.h"

#define SECOND UINT64_C(1000000)

static uint64_t now;

uint64_t __wrap_time_now_usec(void);

uint64_t __wrap_time_now_usec(void)
{
        return now;
}

struct vigil {
        const struct vigil_handler *handler;
        void *userdata;
        enum vigil_zeal zeal;
};

static struct vigil vigil;

int vigil_new(const struct finder_means *means, const struct vigil_handler *handler, void *userdata,
              struct vigil **ret_vigil)
{
        (void)means;
        vigil = (struct vigil){handler, userdata, VIGIL_ALONG};
        *ret_vigil = &vigil;
        return 0;
}

struct vigil *vigil_free(struct vigil *v)
{
        assert_ptr_equal(v, &vigil);
        return NULL;
}

void vigil_set_zeal(struct vigil *v, enum vigil_zeal zeal)
{
        v->zeal = zeal;
}

struct world {
        struct shop *shop;
        struct awaited *awaited;
        struct store_entry entry;
        uint8_t adv_key[KDF_KEY_BYTES];
        size_t n_there;
        enum reason answer;
        bool is_taken;
};

static enum reason on_there(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct world *w = userdata;

        assert_memory_equal(device_id, w->entry.device_id, STORE_DEVICE_ID_BYTES);
        w->n_there++;
        return w->answer;
}

static bool is_taken(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        (void)device_id;
        return ((struct world *)userdata)->is_taken;
}

static const struct awaited_handler handler = {on_there, is_taken};

/* An entry that may join, and who awaits its device. */
static void open_world(struct world *w, void **state)
{
        static const struct finder_means nothing = {.event = NULL};
        enum reason why;

        *w = (struct world){.shop = *state};
        now = 1000 * SECOND;
        assert_int_equal(shop_check(w->shop, "", shop_code(w->shop, 1, ""), &w->entry),
                         REASON_NONE);
        kdf_adv_key(w->shop->sample.payload.secret, w->adv_key);
        w->entry.joins = true;
        catalogue_keep(&w->shop->catalogue, &w->entry, 1, &why);
        assert_int_equal(why, REASON_NONE);
        assert_int_equal(awaited_new(&nothing, &handler, w, &w->awaited), 0);
        assert_int_equal(vigil.zeal, VIGIL_ALONG);
        awaited_refresh(w->awaited, &w->shop->catalogue);
}

/* The device announces itself with this nonce, in this state. */
static void announce(struct world *w, unsigned nonce, enum message_state state)
{
        uint8_t data[MESSAGE_ADV_BYTES] = {(uint8_t)nonce, (uint8_t)(nonce >> 8),
                                           (uint8_t)(nonce >> 16)};
        const struct vigil_heard heard = {.data = data, .place = "hci0"};

        kdf_adv_tag(w->adv_key, data, (uint8_t)state, data + KDF_NONCE_BYTES);
        vigil.handler->on_announced(vigil.userdata, &heard);
}

static void test_awaited_device_is_enrolled_when_it_is_there(void **state)
{
        struct world w;

        open_world(&w, state);
        assert_int_equal(vigil.zeal, VIGIL_CALM);
        announce(&w, 1, MESSAGE_STATE_OWNED);
        w.is_taken = true;
        announce(&w, 2, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 0);
        w.is_taken = false;
        announce(&w, 2, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 1);
        w.awaited = awaited_free(w.awaited);
}

static void test_awaited_device_rests_longer_each_time(void **state)
{
        uint64_t rest = AWAITED_REST_MIN_SEC;
        struct world w;

        open_world(&w, state);
        for (size_t i = 1; i <= 10; i++) {
                announce(&w, 1, MESSAGE_STATE_FACTORY);
                assert_int_equal(w.n_there, i);
                now += rest * SECOND - 1;
                announce(&w, 1, MESSAGE_STATE_FACTORY);
                assert_int_equal(w.n_there, i);
                now++;
                rest = 2 * rest < AWAITED_REST_MAX_SEC ? 2 * rest : AWAITED_REST_MAX_SEC;
        }
        w.awaited = awaited_free(w.awaited);
}

/* Who repeats what the device announced once does not keep it out: it has a new nonce then. */
static void test_awaited_device_is_not_kept_out_by_a_repeated_advertisement(void **state)
{
        struct world w;

        open_world(&w, state);
        for (size_t i = 0; i < 6 * 3600 / AWAITED_REST_MIN_SEC; i++) {
                announce(&w, 1, MESSAGE_STATE_FACTORY);
                now += AWAITED_REST_MIN_SEC * SECOND;
        }
        assert_true(w.n_there < 20);
        w.n_there = 0;
        announce(&w, 2, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 1);
        /* Each of the two rests, and the device between any two attempts. */
        now += AWAITED_REST_MIN_SEC * SECOND - 1;
        announce(&w, 3, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 1);
        now++;
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 1);
        announce(&w, 3, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 2);
        announce(&w, 2, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 2);
        w.awaited = awaited_free(w.awaited);
}

static void test_awaited_device_is_tried_again_when_there_is_room(void **state)
{
        struct world w;

        open_world(&w, state);
        w.answer = REASON_BUSY;
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 2);
        w.answer = REASON_NONE;
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 3);
        w.awaited = awaited_free(w.awaited);
}

/* A stranger may turn out to be one of those who are awaited from now on. */
static void test_awaited_is_whom_the_catalogue_lets_join(void **state)
{
        struct world w;

        open_world(&w, state);
        assert_int_equal(store_let_join(w.shop->catalogue.store, w.entry.device_id, false), 0);
        awaited_refresh(w.awaited, &w.shop->catalogue);
        assert_int_equal(vigil.zeal, VIGIL_ALONG);
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 0);
        assert_int_equal(store_let_join(w.shop->catalogue.store, w.entry.device_id, true), 0);
        awaited_refresh(w.awaited, &w.shop->catalogue);
        w.adv_key[0] ^= 1;
        for (unsigned i = 0; i < 200; i++)
                announce(&w, i, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 0);
        w.adv_key[0] ^= 1;
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 1);
        w.awaited = awaited_free(w.awaited);
}

/* A tag is computed by trying; what is known, or is beyond the budget, is not tried. */
static void test_awaited_strangers_cost_so_much_and_no_more(void **state)
{
        const unsigned passes_per_sec = AWAITED_TRIES_PER_SEC; /* there is one entry */
        struct world w;

        open_world(&w, state);
        w.adv_key[0] ^= 1;
        for (unsigned i = 0; i <= passes_per_sec; i++)
                announce(&w, i, MESSAGE_STATE_FACTORY);
        w.adv_key[0] ^= 1;
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 0);
        now += SECOND;
        announce(&w, 1, MESSAGE_STATE_FACTORY);
        assert_int_equal(w.n_there, 1);
        w.awaited = awaited_free(w.awaited);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_set_up, shop_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_awaited_device_is_enrolled_when_it_is_there),
                TEST(test_awaited_device_rests_longer_each_time),
                TEST(test_awaited_device_is_not_kept_out_by_a_repeated_advertisement),
                TEST(test_awaited_device_is_tried_again_when_there_is_room),
                TEST(test_awaited_is_whom_the_catalogue_lets_join),
                TEST(test_awaited_strangers_cost_so_much_and_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
