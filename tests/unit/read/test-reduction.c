/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "read/reduction.h"

static struct picture picture;
static struct reduction reduction;

static int teardown(void **state)
{
        (void)state;
        reduction_done(&reduction);
        picture_done(&picture);
        return 0;
}

static void add(uint32_t y, uint32_t x, uint32_t step, uint32_t n, const uint8_t *luma)
{
        struct reduction_run run = {.y = y, .x = x, .step = step, .n = n};

        reduction_grey(&reduction, run, luma);
}

static void test_reduction_small_image_stays_as_it_is(void **state)
{
        static const uint8_t rows[2][3] = {{0, 50, 100}, {150, 200, 255}};

        (void)state;
        assert_int_equal(reduction_begin(&reduction, &picture, 3, 2), 0);
        add(1, 0, 1, 3, rows[1]);
        add(0, 0, 1, 3, rows[0]);
        reduction_finish(&reduction);
        assert_int_equal(picture.width, 3);
        assert_int_equal(picture.height, 2);
        assert_memory_equal(picture.luma, rows, 6);
}

static void test_reduction_large_image_is_averaged(void **state)
{
        static uint8_t row[2 * PICTURE_SIDE_MAX];

        (void)state;
        for (size_t x = 0; x < sizeof(row); x++)
                row[x] = x % 2 == 0 ? 100 : 200;
        assert_int_equal(reduction_begin(&reduction, &picture, sizeof(row), 3), 0);
        assert_int_equal(reduction.factor, 2);
        for (uint32_t y = 0; y < 3; y++)
                add(y, 0, 1, sizeof(row), row);
        reduction_finish(&reduction);
        assert_int_equal(picture.width, PICTURE_SIDE_MAX);
        assert_int_equal(picture.height, 2); /* the last row is of half squares */
        for (size_t i = 0; i < (size_t)2 * PICTURE_SIDE_MAX; i++)
                assert_int_equal(picture.luma[i], 150);
}

static void test_reduction_what_is_missing_is_white(void **state)
{
        static const uint8_t black[2 * PICTURE_SIDE_MAX];

        (void)state;
        for (uint32_t factor = 1; factor <= 2; factor++) {
                assert_int_equal(
                        reduction_begin(&reduction, &picture, factor * PICTURE_SIDE_MAX, 4), 0);
                for (uint32_t y = 0; y < 2; y++)
                        add(y, 0, 1, factor * 100, black);
                reduction_finish(&reduction);
                assert_int_equal(picture.luma[99], 0);
                assert_int_equal(picture.luma[100], 255);
                assert_int_equal(picture.luma[(size_t)picture.width * (picture.height - 1)], 255);
                teardown(NULL);
        }
}

static void test_reduction_pieces_of_a_row_come_in_any_order(void **state)
{
        static const uint8_t even[2] = {0, 20}, odd[2] = {10, 30}, expected[4] = {0, 10, 20, 30};

        (void)state;
        assert_int_equal(reduction_begin(&reduction, &picture, 4, 1), 0);
        add(0, 1, 2, 2, odd);
        add(0, 0, 2, 2, even);
        reduction_finish(&reduction);
        assert_memory_equal(picture.luma, expected, 4);
}

static void test_reduction_outside_is_left_out(void **state)
{
        static const uint8_t black[8];

        (void)state;
        assert_int_equal(reduction_begin(&reduction, &picture, 2, 2), 0);
        add(2, 0, 1, 2, black);
        add(0, 1, 1, 8, black);
        add(1, 2, 1, 8, black);
        reduction_finish(&reduction);
        assert_memory_equal(picture.luma, "\xff\x00\xff\xff", 4);
}

/* Twice as dark as black is black. */
static void test_reduction_a_pixel_given_twice_does_not_wrap(void **state)
{
        static const uint8_t black[PICTURE_SIDE_MAX + 1];

        (void)state;
        assert_int_equal(reduction_begin(&reduction, &picture, sizeof(black), 1), 0);
        for (int i = 0; i < 3; i++)
                add(0, 0, 1, sizeof(black), black);
        reduction_finish(&reduction);
        for (uint32_t x = 0; x < picture.width; x++)
                assert_int_equal(picture.luma[x], 0);
}

static void test_reduction_colour_is_luma_on_white(void **state)
{
        static const uint8_t rgba[6][4] = {{255, 0, 0, 255},  {0, 255, 0, 255}, {0, 0, 255, 255},
                                           {77, 77, 77, 255}, {0, 0, 0, 0},     {0, 0, 0, 128}};
        static const uint8_t luma[6] = {77, 149, 29, 77, 255, 127};
        struct reduction_run run = {.y = 0, .x = 0, .step = 1, .n = 6};

        (void)state;
        assert_int_equal(reduction_begin(&reduction, &picture, 6, 1), 0);
        reduction_rgba(&reduction, run, rgba[0]);
        reduction_finish(&reduction);
        assert_memory_equal(picture.luma, luma, 6);
}

static void test_reduction_limits(void **state)
{
        static const struct {
                uint32_t width, height;
                int outcome;
        } cases[] = {
                {0, 1, PICTURE_E_UNREADABLE},
                {1, 0, PICTURE_E_UNREADABLE},
                {65536, 1, PICTURE_E_TOO_LARGE},
                {1, 65536, PICTURE_E_TOO_LARGE},
                {20000, 20000, PICTURE_E_TOO_LARGE},
                {UINT32_MAX, UINT32_MAX, PICTURE_E_TOO_LARGE},
                {65535, 1, 0},
                {1, 65535, 0},
                {16384, 16384, 0},
                {1, 1, 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(
                        reduction_begin(&reduction, &picture, cases[i].width, cases[i].height),
                        cases[i].outcome);
                teardown(NULL);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_reduction_small_image_stays_as_it_is),
                TEST(test_reduction_large_image_is_averaged),
                TEST(test_reduction_what_is_missing_is_white),
                TEST(test_reduction_pieces_of_a_row_come_in_any_order),
                TEST(test_reduction_outside_is_left_out),
                TEST(test_reduction_a_pixel_given_twice_does_not_wrap),
                TEST(test_reduction_colour_is_luma_on_white),
                TEST(test_reduction_limits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
