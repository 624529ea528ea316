/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>
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

static void test_frame_uyvy_keeps_the_luma(void **state)
{
        static const uint8_t uyvy[] = {128, 1, 128, 2, 90, 3, 200, 4};
        static const uint8_t luma[] = {1, 2, 3, 4};
        const struct frame_format format = {V4L2_PIX_FMT_UYVY, 2, 2, 4};

        (void)state;
        assert_int_equal(frame_parse(&picture, &format, uyvy, 8), 0);
        assert_memory_equal(picture.luma, luma, 4);
        assert_int_equal(frame_parse(&picture, &format, uyvy, 7), PICTURE_E_UNREADABLE);
}

/* The luma comes first; that the chroma is short or missing does no harm. */
static void test_frame_planar_keeps_the_luma(void **state)
{
        static const uint32_t fourccs[] = {V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV21,
                                           V4L2_PIX_FMT_YUV420};
        static const uint8_t planes[] = {1, 2, 0, 0, 3, 4, 0, 0, 128, 128};
        static const uint8_t luma[] = {1, 2, 3, 4};

        (void)state;
        for (size_t i = 0; i < sizeof(fourccs) / sizeof(fourccs[0]); i++) {
                const struct frame_format format = {fourccs[i], 2, 2, 4};

                assert_true(frame_format_known(fourccs[i]));
                assert_int_equal(frame_parse(&picture, &format, planes, sizeof(planes)), 0);
                assert_memory_equal(picture.luma, luma, 4);
                assert_int_equal(frame_parse(&picture, &format, planes, 5), PICTURE_E_UNREADABLE);
        }
}

/* What a camera sends; libjpeg allocates it. */
static uint8_t *jpeg_make(uint32_t width, uint32_t height, uint8_t grey, unsigned long *ret_n)
{
        struct jpeg_compress_struct codec;
        struct jpeg_error_mgr errors;
        uint8_t row[64], *frame = NULL;
        JSAMPROW rows[] = {row};

        assert_in_range(width, 1, sizeof(row));
        memset(row, grey, sizeof(row));
        codec.err = jpeg_std_error(&errors);
        jpeg_create_compress(&codec);
        *ret_n = 0;
        jpeg_mem_dest(&codec, &frame, ret_n);
        codec.image_width = width;
        codec.image_height = height;
        codec.input_components = 1;
        codec.in_color_space = JCS_GRAYSCALE;
        jpeg_set_defaults(&codec);
        jpeg_start_compress(&codec, TRUE);
        while (codec.next_scanline < height)
                (void)jpeg_write_scanlines(&codec, rows, 1);
        jpeg_finish_compress(&codec);
        jpeg_destroy_compress(&codec);
        return frame;
}

static void test_frame_mjpeg_of_the_size_agreed_on_is_read(void **state)
{
        static const struct frame_format format = {V4L2_PIX_FMT_MJPEG, 48, 32, 0};
        unsigned long n;
        uint8_t *frame = jpeg_make(48, 32, 77, &n);

        (void)state;
        assert_int_equal(frame_parse(&picture, &format, frame, n), 0);
        assert_int_equal(picture.width, 48);
        assert_int_equal(picture.height, 32);
        assert_in_range(picture.luma[0], 75, 79);
        free(frame);
}

/* One half of an interlaced picture is lower, and none is larger, whatever the frame claims. */
static void test_frame_mjpeg_larger_than_agreed_is_unreadable(void **state)
{
        static const struct {
                struct frame_format format;
                int r;
        } cases[] = {
                {{V4L2_PIX_FMT_MJPEG, 48, 64, 0}, 0},
                {{V4L2_PIX_FMT_MJPEG, 47, 32, 0}, PICTURE_E_UNREADABLE},
                {{V4L2_PIX_FMT_MJPEG, 48, 31, 0}, PICTURE_E_UNREADABLE},
        };
        unsigned long n;
        uint8_t *frame = jpeg_make(48, 32, 77, &n);

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(frame_parse(&picture, &cases[i].format, frame, n), cases[i].r);
        free(frame);
}

/* Whatever is cut off, the header of the frame or less, it is refused without reading on. */
static void test_frame_mjpeg_without_its_header_is_unreadable(void **state)
{
        static const struct frame_format format = {V4L2_PIX_FMT_MJPEG, 48, 32, 0};
        static const uint8_t padding[256] = {0xff, 0xd8, 0xff, 0xff};
        unsigned long n;
        uint8_t *frame = jpeg_make(48, 32, 77, &n);

        (void)state;
        for (size_t cut = 0; cut < 64; cut++) {
                uint8_t *exact = malloc(cut + 1); /* so that a sanitizer sees every byte behind */

                assert_non_null(exact);
                memcpy(exact, frame, cut);
                assert_int_equal(frame_parse(&picture, &format, exact, cut), PICTURE_E_UNREADABLE);
                free(exact);
        }
        assert_int_equal(frame_parse(&picture, &format, padding, sizeof(padding)),
                         PICTURE_E_UNREADABLE);
        free(frame);
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

static void test_frame_of_another_kind_is_not_known(void **state)
{
        (void)state;
        assert_true(frame_format_known(V4L2_PIX_FMT_GREY));
        assert_true(frame_format_known(V4L2_PIX_FMT_YUYV));
        assert_true(frame_format_known(V4L2_PIX_FMT_MJPEG));
        assert_true(frame_format_known(V4L2_PIX_FMT_JPEG));
        assert_false(frame_format_known(V4L2_PIX_FMT_RGB24));
        assert_false(frame_format_known(V4L2_PIX_FMT_H264));
        assert_false(frame_format_known(0));
        assert_int_equal(frame_parse(&picture, &(struct frame_format){V4L2_PIX_FMT_H264, 1, 1, 1},
                                     (const uint8_t[]){0}, 1),
                         PICTURE_E_UNREADABLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_frame_grey_with_and_without_padding_is_read),
                TEST(test_frame_yuyv_keeps_the_luma),
                TEST(test_frame_uyvy_keeps_the_luma),
                TEST(test_frame_planar_keeps_the_luma),
                TEST(test_frame_mjpeg_of_the_size_agreed_on_is_read),
                TEST(test_frame_mjpeg_larger_than_agreed_is_unreadable),
                TEST(test_frame_mjpeg_without_its_header_is_unreadable),
                TEST(test_frame_short_or_impossible_is_unreadable),
                TEST(test_frame_of_another_kind_is_not_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
