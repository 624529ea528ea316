/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "mqtt/broker.h"

static void test_broker_addresses_come_in_turn(void **state)
{
        char first[BROKER_ADDRESS_SIZE], again[BROKER_ADDRESS_SIZE];
        size_t n = 0;

        (void)state;
        assert_int_equal(broker_address("localhost", 0, first, &n), 0);
        assert_true(n >= 1);
        assert_true(strcmp(first, "127.0.0.1") == 0 || strcmp(first, "::1") == 0);
        assert_int_equal(broker_address("localhost", n, again, &n), 0);
        assert_string_equal(first, again);
        if (n > 1) {
                assert_int_equal(broker_address("localhost", 1, again, &n), 0);
                assert_string_not_equal(first, again);
        }
        assert_int_equal(broker_address("no such host", 0, first, &n), -EHOSTUNREACH);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_broker_addresses_come_in_turn),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
