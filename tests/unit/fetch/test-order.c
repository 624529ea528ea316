/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fetch/order.h"
#include "util/defer.h"

static struct order an_order(void)
{
        return (struct order){.url = "https://example.org/codes",
                              .ids = {"96385074", "A12425GABC1234002M"},
                              .n_ids = 2};
}

static void test_order_comes_through(void **state)
{
        struct order order = an_order(), got;
        uint8_t packet[ORDER_PACKET_MAX];
        size_t n;

        (void)state;
        assert_int_equal(order_encode(&order, packet, &n), 0);
        assert_int_equal(order_decode(packet, n, &got), 0);
        assert_memory_equal(&got, &order, sizeof(got));
        assert_int_equal(order_find(&got, "A12425GABC1234002M"), 1);
        assert_int_equal(order_find(&got, "36000291452"), 2);
        for (size_t i = 0; i < n; i++) /* cut anywhere but between two ids */
                if (i < 28 || (i != 36 && i > 28))
                        assert_int_equal(order_decode(packet, i, &got), ORDER_E_MALFORMED);
        packet[0] = 2;
        assert_int_equal(order_decode(packet, n, &got), ORDER_E_MALFORMED);
}

static void test_order_largest_fits(void **state)
{
        struct order order = an_order(), got;
        uint8_t packet[ORDER_PACKET_MAX];
        size_t n;

        (void)state;
        memset(order.url + strlen(order.url), 'x', sizeof(order.url) - 1 - strlen(order.url));
        order.n_ids = 0;
        for (unsigned i = 0; order.n_ids < ORDER_IDS_MAX; i++) {
                char text[REFERENCE_SIZE];

                (void)snprintf(text, sizeof(text), "9%012u", i);
                if (reference_is_canonical(text))
                        memcpy(order.ids[order.n_ids++], text, sizeof(text));
        }
        assert_int_equal(order_encode(&order, packet, &n), 0);
        assert_int_equal(order_decode(packet, n, &got), 0);
        memcpy(packet + n, "96385074", 9);
        assert_int_equal(order_decode(packet, n + 9, &got), ORDER_E_MALFORMED);
}

static void test_order_that_is_wrong_is_refused(void **state)
{
        static const char *const urls[] = {"",
                                           "http://example.org",
                                           "https://",
                                           "https:///codes",
                                           "https://a b",
                                           "https://me@example.org",
                                           "https://example.org/#x"};
        uint8_t packet[ORDER_PACKET_MAX];
        struct order order;
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(urls); i++) {
                order = an_order();
                (void)snprintf(order.url, sizeof(order.url), "%s", urls[i]);
                assert_int_equal(order_encode(&order, packet, &n), ORDER_E_MALFORMED);
        }
        order = an_order();
        order.n_ids = 0;
        assert_int_equal(order_encode(&order, packet, &n), ORDER_E_MALFORMED);
        order = an_order();
        strcpy(order.ids[1], order.ids[0]);
        assert_int_equal(order_encode(&order, packet, &n), ORDER_E_MALFORMED);
        strcpy(order.ids[1], "96385073");
        assert_int_equal(order_encode(&order, packet, &n), ORDER_E_MALFORMED);
}

static void test_order_replies_come_through(void **state)
{
        static const struct order_reply replies[] = {
                {.kind = ORDER_REPLY_CODE, .id = "96385074", .code = "enr1.x", .n_code = 6},
                {.kind = ORDER_REPLY_ABSENT, .id = "96385074"},
                {.kind = ORDER_REPLY_END, .reason = REASON_NONE},
                {.kind = ORDER_REPLY_END, .reason = REASON_FETCH_UNTRUSTED},
        };
        uint8_t packet[ORDER_PACKET_MAX];
        struct order_reply got;
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(replies); i++) {
                assert_int_equal(order_reply_encode(&replies[i], packet, &n), 0);
                assert_int_equal(order_reply_decode(packet, n, &got), 0);
                assert_int_equal(got.kind, replies[i].kind);
                assert_string_equal(got.id, replies[i].id);
                assert_int_equal(got.reason, replies[i].reason);
                assert_int_equal(got.n_code, replies[i].n_code);
                if (got.n_code > 0)
                        assert_memory_equal(got.code, replies[i].code, got.n_code);
                packet[n++] = 'x';
                assert_int_equal(order_reply_decode(packet, n, &got),
                                 i == 0 ? 0 : ORDER_E_MALFORMED);
        }
}

static void test_order_replies_that_are_wrong_are_refused(void **state)
{
        static const struct {
                const char *packet;
                size_t n;
        } packets[] = {
                {"", 0},
                {"\1", 1},
                {"\1\x83", 2},
                {"\1\x83none", 6},
                {"\2\x83none", 7},
                {"\1\x83whatever", 11},
                {"\1\x83store_full", 13},
                {"\1\x84none", 7},
                {"\1\x82"
                 "96385073",
                 11},
                {"\1\x81"
                 "96385074",
                 11},
                {"\1\x82"
                 "9638 5074",
                 12},
        };
        const struct order_reply end = {.kind = ORDER_REPLY_END, .reason = REASON_STORE_FULL};
        uint8_t packet[ORDER_PACKET_MAX];
        struct order_reply got;
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(packets); i++)
                assert_int_equal(
                        order_reply_decode((const uint8_t *)packets[i].packet, packets[i].n, &got),
                        ORDER_E_MALFORMED);
        assert_int_equal(order_reply_encode(&end, packet, &n), ORDER_E_MALFORMED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order_comes_through),
                cmocka_unit_test(test_order_largest_fits),
                cmocka_unit_test(test_order_that_is_wrong_is_refused),
                cmocka_unit_test(test_order_replies_come_through),
                cmocka_unit_test(test_order_replies_that_are_wrong_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
