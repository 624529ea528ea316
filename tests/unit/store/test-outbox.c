/* SPDX-License-Identifier: Apache-2.0 */

/* The order of what waits for the broker. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "support/store-sample.h"

static void test_outbox_lanes_keep_their_order(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;
        struct store_message m, hub = {.topic = "hub", .informational = true};

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);      /* 1 key, 2 event */
        assert_int_equal(store_outbox_add(p->store, &hub), 0);             /* 3 */
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);      /* 4 key, 5 event */
        assert_int_equal(store_outbox_add(p->store, &one.messages[0]), 0); /* 6 */
        assert_int_equal(store_outbox_add(p->store, &hub), 0);             /* 7 */

        assert_int_equal(store_outbox_next_in_lane(p->store, &one.messages[0], 0, &m), 0);
        assert_int_equal(m.id, 1);
        assert_int_equal(store_outbox_next_in_lane(p->store, &m, m.id, &m), 0);
        assert_int_equal(m.id, 6);
        assert_int_equal(store_outbox_next_in_lane(p->store, &m, m.id, &m), STORE_E_NONE);
        assert_int_equal(store_outbox_next_in_lane(p->store, &hub, 3, &m), 0);
        assert_int_equal(m.id, 7);

        assert_int_equal(store_outbox_drop(p->store, 7), 0);
        assert_int_equal(store_outbox_drop(p->store, 7), 0);
        assert_int_equal(store_outbox_add(p->store, &hub), 0);
        assert_int_equal(store_outbox_next_in_lane(p->store, &hub, 3, &m), 0);
        assert_int_equal(m.id, 8); /* 7 is not given out again */
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_outbox_lanes_keep_their_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
