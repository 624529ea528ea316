/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/farewell.h"
#include "support/haste.h"

/* The client of this test has nothing left to send after that many looks. */
static unsigned n_looks, n_busy;

bool mqtt_client_is_idle(const struct mqtt_client *client)
{
        (void)client;
        return n_looks++ >= n_busy;
}

/* How often the client was looked at until the loop ended. */
static unsigned n_looks_of(unsigned busy)
{
        struct farewell *farewell;
        sd_event *event;

        n_looks = 0;
        n_busy = busy;
        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(farewell_new(event, NULL, &farewell), 0);
        farewell_begin(farewell);
        farewell_begin(farewell); /* who cannot wait asks twice */
        assert_int_equal(n_looks, 0);
        assert_int_equal(sd_event_loop(event), 0);
        farewell_free(farewell);
        (void)sd_event_unref(event);
        return n_looks;
}

static void test_farewell_waits_for_the_broker(void **state)
{
        (void)state;
        assert_int_equal(n_looks_of(0), 1);
        assert_int_equal(n_looks_of(5), 6);
}

static void test_farewell_does_not_wait_without_limit(void **state)
{
        (void)state;
        assert_int_equal(n_looks_of(1000), 101);
}

static void test_farewell_is_not_said_before_it_is_time(void **state)
{
        struct farewell *farewell;
        sd_event *event;

        (void)state;
        n_looks = n_busy = 0;
        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(farewell_new(event, NULL, &farewell), 0);
        assert_int_equal(sd_event_run(event, 0), 0);
        assert_int_equal(n_looks, 0);
        farewell_free(farewell);
        (void)sd_event_unref(event);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_farewell_waits_for_the_broker),
                cmocka_unit_test(test_farewell_does_not_wait_without_limit),
                cmocka_unit_test(test_farewell_is_not_said_before_it_is_time),
        };

        haste = 1000;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
