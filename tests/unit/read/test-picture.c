/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/picture.h"

static struct picture picture;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        return 0;
}

static void test_picture_resize_is_bounded(void **state)
{
        (void)state;
        assert_int_equal(picture_resize(&picture, 0, 1), -EINVAL);
        assert_int_equal(picture_resize(&picture, 1, 0), -EINVAL);
        assert_int_equal(picture_resize(&picture, PICTURE_SIDE_MAX + 1, 1), -EINVAL);
        assert_int_equal(picture_resize(&picture, 1, PICTURE_SIDE_MAX + 1), -EINVAL);
        assert_int_equal(picture_resize(&picture, UINT32_MAX, UINT32_MAX), -EINVAL);
        assert_null(picture.luma);
        assert_int_equal(picture_resize(&picture, PICTURE_SIDE_MAX, 1), 0);
        assert_int_equal(picture_resize(&picture, 2, 2), 0);
        assert_int_equal(picture.n_allocated, PICTURE_SIDE_MAX);
}

static void test_picture_halve_takes_the_mean_of_four(void **state)
{
        uint8_t pixels[] = {0, 4, 255, 255, 9, 8, 12, 255, 255, 9, 1, 1, 1, 1, 1};
        struct picture from = {.width = 5, .height = 3, .luma = pixels};

        (void)state;
        assert_int_equal(picture_halve(&picture, &from), 0);
        assert_int_equal(picture.width, 2);
        assert_int_equal(picture.height, 1);
        assert_int_equal(picture.luma[0], 6);
        assert_int_equal(picture.luma[1], 255);
}

static void test_picture_smooth_spreads_a_point(void **state)
{
        static const uint8_t expected[25] = {0,  0, 0, 0,  0,  0,  10, 20, 10, 0, 0, 20, 40,
                                             20, 0, 0, 10, 20, 10, 0,  0,  0,  0, 0, 0};
        uint8_t pixels[25] = {[12] = 160}, flat[3] = {77, 77, 77};
        struct picture from = {.width = 5, .height = 5, .luma = pixels};

        (void)state;
        assert_int_equal(picture_smooth(&picture, &from), 0);
        assert_memory_equal(picture.luma, expected, 25);
        from = (struct picture){.width = 1, .height = 3, .luma = flat};
        assert_int_equal(picture_smooth(&picture, &from), 0);
        assert_memory_equal(picture.luma, flat, 3);
}

static void test_picture_enlarge_repeats_and_frames(void **state)
{
        static const uint8_t expected[] = {255, 255, 255, 255, 255, 255, 255, 1,
                                           1,   2,   2,   255, 255, 1,   1,   2,
                                           2,   255, 255, 255, 255, 255, 255, 255};
        uint8_t pixels[] = {1, 2};
        struct picture from = {.width = 2, .height = 1, .luma = pixels};

        (void)state;
        assert_int_equal(picture_enlarge(&picture, &from, 2, 1), 0);
        assert_int_equal(picture.width, 6);
        assert_int_equal(picture.height, 4);
        assert_memory_equal(picture.luma, expected, 24);
        assert_int_equal(picture_enlarge(&picture, &from, PICTURE_SIDE_MAX, 0), -EINVAL);
}

static void test_picture_invert_swaps_black_and_white(void **state)
{
        static const uint8_t expected[] = {255, 0, 127, 128};
        uint8_t pixels[] = {0, 255, 128, 127};
        struct picture from = {.width = 4, .height = 1, .luma = pixels};

        (void)state;
        assert_int_equal(picture_invert(&picture, &from), 0);
        assert_memory_equal(picture.luma, expected, 4);
}

/* The definition, pixel by pixel. */
static uint8_t level_at(const struct picture *p, int64_t x, int64_t y, int64_t reach)
{
        unsigned sum = 0, n = 0;
        int level;

        for (int64_t j = y - reach; j <= y + reach; j++)
                for (int64_t i = x - reach; i <= x + reach; i++)
                        if (i >= 0 && j >= 0 && i < p->width && j < p->height) {
                                sum += p->luma[j * p->width + i];
                                n++;
                        }
        level = 128 + 2 * (p->luma[y * p->width + x] - (int)(sum / n));
        return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

static void test_picture_level_takes_away_the_mean_around(void **state)
{
        static const uint32_t sizes[][3] = {{1, 1, 1}, {1, 1, 20}, {5, 3, 1},
                                            {7, 9, 3}, {7, 9, 20}, {30, 20, 4}};
        uint8_t pixels[600];
        uint32_t x = 1;

        (void)state;
        for (size_t i = 0; i < sizeof(pixels); i++) {
                x = x * 1664525u + 1013904223u;
                pixels[i] = (uint8_t)(x >> 24);
        }
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                struct picture from = {.width = sizes[i][0], .height = sizes[i][1], .luma = pixels};

                assert_int_equal(picture_level(&picture, &from, sizes[i][2]), 0);
                for (uint32_t j = 0; j < from.width * from.height; j++)
                        assert_int_equal(picture.luma[j], level_at(&from, j % from.width,
                                                                   j / from.width, sizes[i][2]));
        }
}

static void test_picture_straighten_turns_and_interpolates(void **state)
{
        static const uint8_t turned[] = {30, 10, 40, 20}, between[] = {10, 15};
        uint8_t pixels[] = {10, 20, 30, 40};
        struct picture from = {.width = 2, .height = 2, .luma = pixels};
        struct picture_cut cut = {.y = 16, .right_y = -32, .down_x = 32};

        (void)state;
        assert_int_equal(picture_straighten(&picture, &from, &cut, 2), 0);
        assert_memory_equal(picture.luma, turned, 4);
        /* From one pixel to the next in half steps, downwards by whole ones. */
        cut = (struct picture_cut){.right_x = 16, .down_y = 0};
        assert_int_equal(picture_straighten(&picture, &from, &cut, 2), 0);
        assert_memory_equal(picture.luma, between, 2);
        cut = (struct picture_cut){.x = 16, .right_x = 0, .down_y = 16};
        assert_int_equal(picture_straighten(&picture, &from, &cut, 2), 0);
        assert_int_equal(picture.luma[0], 20);
        assert_int_equal(picture.luma[2], 30);
}

static void test_picture_straighten_repeats_the_border(void **state)
{
        uint8_t pixels[] = {10, 20, 30, 40};
        struct picture from = {.width = 2, .height = 2, .luma = pixels};
        struct picture_cut far = {
                .x = -INT32_MAX / 2, .y = INT32_MAX / 2, .right_x = INT32_MAX, .down_y = INT32_MIN};

        (void)state;
        assert_int_equal(picture_straighten(&picture, &from, &far, 64), 0);
        assert_int_equal(picture.luma[0], 30);
        assert_int_equal(picture.luma[63], 40);
        assert_int_equal(picture.luma[63 * 64], 10);
        assert_int_equal(picture.luma[63 * 64 + 63], 20);
        assert_int_equal(picture_straighten(&picture, &from, &far, 0), -EINVAL);
        assert_int_equal(picture_straighten(&picture, &from, &far, PICTURE_SIDE_MAX + 1), -EINVAL);
}

static void test_picture_mean_of_extremes_is_the_middle(void **state)
{
        uint8_t pixels[] = {0, 255, 255, 0};
        struct picture p = {.width = 2, .height = 2, .luma = pixels};

        (void)state;
        assert_int_equal(picture_mean(&p), 127);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_picture_resize_is_bounded),
                TEST(test_picture_halve_takes_the_mean_of_four),
                TEST(test_picture_smooth_spreads_a_point),
                TEST(test_picture_enlarge_repeats_and_frames),
                TEST(test_picture_invert_swaps_black_and_white),
                TEST(test_picture_level_takes_away_the_mean_around),
                TEST(test_picture_straighten_turns_and_interpolates),
                TEST(test_picture_straighten_repeats_the_border),
                TEST(test_picture_mean_of_extremes_is_the_middle),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
