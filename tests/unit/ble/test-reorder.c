/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ble/reorder.h"

static bool put(struct reorder *r, unsigned number, uint8_t content)
{
        uint8_t packet[2] = {(uint8_t)(0xc0 | (number & 0x3f)), content};

        return reorder_put(r, packet, sizeof(packet));
}

static void expect(struct reorder *r, uint8_t content)
{
        const uint8_t *packet;
        size_t n_packet;

        assert_true(reorder_ready(r));
        packet = reorder_get(r, &n_packet);
        assert_non_null(packet);
        assert_int_equal(n_packet, 2);
        assert_int_equal(packet[1], content);
}

static void expect_nothing(struct reorder *r)
{
        size_t n_packet;

        assert_false(reorder_ready(r));
        assert_null(reorder_get(r, &n_packet));
}

static void test_reorder_packets_in_order_pass(void **state)
{
        struct reorder r;

        (void)state;
        reorder_init(&r);
        for (unsigned i = 0; i < 500; i++) {
                expect_nothing(&r);
                assert_true(put(&r, i, (uint8_t)i));
                expect(&r, (uint8_t)i);
        }
}

/* Every shuffle of a few packets, across the place where the numbers start again. */
static void test_reorder_every_order_of_five_is_put_right(void **state)
{
        (void)state;
        for (unsigned start = 0; start < 64; start += 3)
                for (unsigned code = 0; code < 5 * 4 * 3 * 2; code++) {
                        unsigned left[5] = {0, 1, 2, 3, 4}, rest = code;
                        struct reorder r;

                        reorder_init(&r);
                        r.next = (uint8_t)start;
                        for (unsigned n = 5; n > 0; n--) {
                                unsigned pick = rest % n;

                                rest /= n;
                                assert_true(put(&r, start + left[pick], (uint8_t)left[pick]));
                                left[pick] = left[n - 1];
                        }
                        for (uint8_t i = 0; i < 5; i++)
                                expect(&r, i);
                        expect_nothing(&r);
                }
}

static void test_reorder_the_window_is_all_that_is_kept(void **state)
{
        struct reorder r;

        (void)state;
        reorder_init(&r);
        for (unsigned i = 1; i < REORDER_WINDOW; i++)
                assert_true(put(&r, i, (uint8_t)i));
        expect_nothing(&r);
        assert_false(put(&r, REORDER_WINDOW, 0));
        assert_true(put(&r, 0, 0));
        for (uint8_t i = 0; i < REORDER_WINDOW; i++)
                expect(&r, i);
        expect_nothing(&r);
}

static void test_reorder_twice_or_late_is_refused(void **state)
{
        struct reorder r;

        (void)state;
        reorder_init(&r);
        assert_true(put(&r, 1, 1));
        assert_false(put(&r, 1, 1));
        assert_true(put(&r, 0, 0));
        expect(&r, 0);
        expect(&r, 1);
        assert_false(put(&r, 0, 0));
        assert_false(put(&r, 1, 1));
}

static void test_reorder_size_out_of_range_is_refused(void **state)
{
        static const uint8_t packet[REORDER_PACKET_BYTES + 1];
        const uint8_t *got;
        struct reorder r;
        size_t n_packet;

        (void)state;
        reorder_init(&r);
        assert_false(reorder_put(&r, packet, 0));
        assert_false(reorder_put(&r, packet, REORDER_PACKET_BYTES + 1));
        assert_true(reorder_put(&r, packet, REORDER_PACKET_BYTES));
        got = reorder_get(&r, &n_packet);
        assert_non_null(got);
        assert_int_equal(n_packet, REORDER_PACKET_BYTES);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reorder_packets_in_order_pass),
                cmocka_unit_test(test_reorder_every_order_of_five_is_put_right),
                cmocka_unit_test(test_reorder_the_window_is_all_that_is_kept),
                cmocka_unit_test(test_reorder_twice_or_late_is_refused),
                cmocka_unit_test(test_reorder_size_out_of_range_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
