/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "mqtt/broker.h"
#include "util/defer.h"

static void test_broker_good_texts_are_read(void **state)
{
        static const struct {
                const char *text, *host;
                int port;
                bool is_unix;
        } cases[] = {
                {"tcp:localhost:1883", "localhost", 1883, false},
                {"tcp:192.0.2.7:1", "192.0.2.7", 1, false},
                {"tcp:[2001:db8::7]:65535", "2001:db8::7", 65535, false},
                {"unix:/run/mosquitto/mqtt.sock", "/run/mosquitto/mqtt.sock", 0, true},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct broker b;

                assert_int_equal(broker_parse(cases[i].text, &b), 0);
                assert_string_equal(b.host, cases[i].host);
                assert_int_equal(b.port, cases[i].port);
                assert_int_equal(b.is_unix, cases[i].is_unix);
        }
}

static void test_broker_bad_texts_are_refused(void **state)
{
        static const char *const cases[] = {
                "",
                "localhost",
                "mqtt://localhost",
                "tcp:localhost",
                "tcp:localhost:",
                "tcp:localhost:0",
                "tcp:localhost:65536",
                "tcp:localhost:18 83",
                "tcp:localhost:-1",
                "tcp:localhost:+1",
                "tcp::1883",
                "tcp:[]:1883",
                "tcp:2001:db8::7:1883",
                "unix:",
                "unix:run/mqtt.sock",
        };
        char text[600];
        struct broker b;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(broker_parse(cases[i], &b), -EINVAL);
        (void)snprintf(text, sizeof(text), "unix:/%0200d", 1);
        assert_int_equal(broker_parse(text, &b), -EINVAL);
        (void)snprintf(text, sizeof(text), "tcp:%0300d:1883", 1);
        assert_int_equal(broker_parse(text, &b), -EINVAL);
}

static void test_broker_addresses_come_in_turn(void **state)
{
        char first[BROKER_ADDRESS_SIZE], again[BROKER_ADDRESS_SIZE];
        struct broker b;
        size_t n = 0;

        (void)state;
        assert_int_equal(broker_parse("tcp:localhost:1883", &b), 0);
        assert_int_equal(broker_address(&b, 0, first, &n), 0);
        assert_true(n >= 1);
        assert_true(strcmp(first, "127.0.0.1") == 0 || strcmp(first, "::1") == 0);
        assert_int_equal(broker_address(&b, n, again, &n), 0);
        assert_string_equal(first, again);
        if (n > 1) {
                assert_int_equal(broker_address(&b, 1, again, &n), 0);
                assert_string_not_equal(first, again);
        }
        assert_int_equal(broker_parse("tcp:no such host:1883", &b), 0);
        assert_int_equal(broker_address(&b, 0, first, &n), -EHOSTUNREACH);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_broker_good_texts_are_read),
                cmocka_unit_test(test_broker_bad_texts_are_refused),
                cmocka_unit_test(test_broker_addresses_come_in_turn),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
