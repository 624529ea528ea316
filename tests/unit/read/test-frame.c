/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/videodev2.h>

#include "read/frame.h"

static struct picture picture;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        return 0;
}

static void test_frame_grey_with_and_without_padding_is_read(void **state)
{
        static const uint8_t tight[] = {1, 2, 3, 4, 5, 6};
        static const uint8_t padded[] = {1, 2, 3, 99, 99, 4, 5, 6};
        struct frame_format format = {V4L2_PIX_FMT_GREY, 3, 2, 0};

        (void)state;
        assert_int_equal(frame_parse(&picture, &format, tight, 6), 0);
        assert_memory_equal(picture.luma, tight, 6);
        format.n_line = 5; /* the last row may lack its padding */
        assert_int_equal(frame_parse(&picture, &format, padded, 8), 0);
        assert_memory_equal(picture.luma, tight, 6);
}

static void test_frame_yuyv_keeps_the_luma(void **state)
{
        static const uint8_t yuyv[] = {1, 128, 2, 128, 3, 90, 4, 200};
        static const uint8_t luma[] = {1, 2, 3, 4};
        const struct frame_format format = {V4L2_PIX_FMT_YUYV, 2, 2, 4};

        (void)state;
        assert_int_equal(frame_parse(&picture, &format, yuyv, 8), 0);
        assert_memory_equal(picture.luma, luma, 4);
}

static void test_frame_short_or_impossible_is_unreadable(void **state)
{
        static const uint8_t bytes[64];
        static const struct {
                struct frame_format format;
                size_t n;
        } cases[] = {
                {{V4L2_PIX_FMT_GREY, 4, 4, 0}, 15},
                {{V4L2_PIX_FMT_GREY, 4, 4, 8}, 27},
                {{V4L2_PIX_FMT_GREY, 4, 4, 3}, 64}, /* rows would overlap */
                {{V4L2_PIX_FMT_YUYV, 4, 4, 0}, 31},
                {{V4L2_PIX_FMT_GREY, 4, 4, UINT32_MAX}, 64},
                {{V4L2_PIX_FMT_GREY, 0, 4, 0}, 64},
                {{V4L2_PIX_FMT_GREY, 4, 0, 0}, 64},
                {{V4L2_PIX_FMT_GREY, UINT32_MAX, UINT32_MAX, 0}, 64},
                {{V4L2_PIX_FMT_MJPEG, 4, 4, 0}, 64},
                {{V4L2_PIX_FMT_MJPEG, 4, 4, 0}, 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(frame_parse(&picture, &cases[i].format, bytes, cases[i].n),
                                 PICTURE_E_UNREADABLE);
}

static void test_frame_only_three_kinds_are_known(void **state)
{
        (void)state;
        assert_true(frame_format_known(V4L2_PIX_FMT_GREY));
        assert_true(frame_format_known(V4L2_PIX_FMT_YUYV));
        assert_true(frame_format_known(V4L2_PIX_FMT_MJPEG));
        assert_true(frame_format_known(V4L2_PIX_FMT_JPEG));
        assert_false(frame_format_known(V4L2_PIX_FMT_RGB24));
        assert_false(frame_format_known(V4L2_PIX_FMT_H264));
        assert_false(frame_format_known(0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_frame_grey_with_and_without_padding_is_read),
                TEST(test_frame_yuyv_keeps_the_luma),
                TEST(test_frame_short_or_impossible_is_unreadable),
                TEST(test_frame_only_three_kinds_are_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
