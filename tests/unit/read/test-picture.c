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
                TEST(test_picture_mean_of_extremes_is_the_middle),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
