/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#include "read/image.h"

struct file {
        uint8_t *bytes;
        size_t n_bytes;
};

static struct picture picture;
static struct file file;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        free(file.bytes);
        file = (struct file){.bytes = NULL};
        return 0;
}

static void png_make(uint32_t width, uint32_t height, uint32_t format, const void *pixels)
{
        png_image image = {.version = PNG_IMAGE_VERSION};

        image.width = width;
        image.height = height;
        image.format = format;
        assert_true(png_image_write_get_memory_size(image, file.n_bytes, 0, pixels, 0, NULL));
        file.bytes = malloc(file.n_bytes);
        assert_non_null(file.bytes);
        assert_true(
                png_image_write_to_memory(&image, file.bytes, &file.n_bytes, 0, pixels, 0, NULL));
}

/* A grey gradient; @progressive as photographs on the web are. */
static void jpeg_make(uint32_t width, uint32_t height, int progressive)
{
        struct jpeg_compress_struct codec;
        struct jpeg_error_mgr errors;
        uint8_t *row = malloc(width);
        unsigned long n = 0;

        assert_non_null(row);
        codec.err = jpeg_std_error(&errors);
        jpeg_create_compress(&codec);
        jpeg_mem_dest(&codec, &file.bytes, &n);
        codec.image_width = width;
        codec.image_height = height;
        codec.input_components = 1;
        codec.in_color_space = JCS_GRAYSCALE;
        jpeg_set_defaults(&codec);
        if (progressive)
                jpeg_simple_progression(&codec);
        jpeg_start_compress(&codec, TRUE);
        for (uint32_t x = 0; x < width; x++)
                row[x] = (uint8_t)(x * 255 / width);
        for (uint32_t y = 0; y < height; y++)
                (void)jpeg_write_scanlines(&codec, &row, 1);
        jpeg_finish_compress(&codec);
        jpeg_destroy_compress(&codec);
        free(row);
        file.n_bytes = n;
}

static void assert_unreadable(const void *bytes, size_t n_bytes)
{
        assert_int_equal(image_parse(&picture, bytes, n_bytes), PICTURE_E_UNREADABLE);
}

static void test_image_png_grey_is_exact(void **state)
{
        static const uint8_t pixels[6] = {0, 50, 100, 150, 200, 255};

        (void)state;
        png_make(3, 2, PNG_FORMAT_GRAY, pixels);
        assert_int_equal(image_parse(&picture, file.bytes, file.n_bytes), 0);
        assert_int_equal(picture.width, 3);
        assert_int_equal(picture.height, 2);
        assert_memory_equal(picture.luma, pixels, 6);
}

static void test_image_png_transparent_is_white(void **state)
{
        static const uint8_t pixels[3][4] = {{0, 0, 0, 0}, {0, 0, 0, 255}, {255, 255, 255, 255}};

        (void)state;
        png_make(3, 1, PNG_FORMAT_RGBA, pixels);
        assert_int_equal(image_parse(&picture, file.bytes, file.n_bytes), 0);
        assert_int_equal(picture.luma[0], 255);
        assert_int_equal(picture.luma[1], 0);
        assert_int_equal(picture.luma[2], 255);
}

static void test_image_png_truncated_anywhere_is_unreadable(void **state)
{
        uint8_t pixels[64 * 64];

        (void)state;
        for (size_t i = 0; i < sizeof(pixels); i++)
                pixels[i] = (uint8_t)(i * 2654435761u >> 24);
        png_make(64, 64, PNG_FORMAT_GRAY, pixels);
        /* The last twelve bytes are IEND, which nothing needs. */
        for (size_t n = 0; n + 16 < file.n_bytes; n += n < 100 ? 1 : 37)
                assert_unreadable(file.bytes, n);
}

static void test_image_png_flipped_anywhere_ends(void **state)
{
        uint8_t pixels[16 * 16] = {0};

        (void)state;
        png_make(16, 16, PNG_FORMAT_GRAY, pixels);
        for (size_t i = 0; i < file.n_bytes; i++) {
                int r;

                file.bytes[i] ^= 0x55;
                r = image_parse(&picture, file.bytes, file.n_bytes);
                assert_true(r == 0 || r == PICTURE_E_UNREADABLE);
                file.bytes[i] ^= 0x55;
        }
}

static void test_image_png_too_wide_is_unreadable(void **state)
{
        static uint8_t pixels[PICTURE_SIDE_MAX + 1];

        (void)state;
        png_make(PICTURE_SIDE_MAX + 1, 1, PNG_FORMAT_GRAY, pixels);
        assert_unreadable(file.bytes, file.n_bytes);
}

static void test_image_jpeg_is_about_right(void **state)
{
        (void)state;
        for (int progressive = 0; progressive < 2; progressive++) {
                jpeg_make(64, 16, progressive);
                assert_int_equal(image_parse(&picture, file.bytes, file.n_bytes), 0);
                assert_int_equal(picture.width, 64);
                assert_int_equal(picture.height, 16);
                assert_in_range(picture.luma[0], 0, 12);
                assert_in_range(picture.luma[32], 115, 140);
                assert_in_range(picture.luma[16 * 64 - 1], 243, 255);
                teardown(NULL);
        }
}

static void test_image_jpeg_large_is_scaled(void **state)
{
        (void)state;
        jpeg_make(5000, 16, 0);
        assert_int_equal(image_parse(&picture, file.bytes, file.n_bytes), 0);
        assert_int_equal(picture.width, 2500);
        assert_int_equal(picture.height, 8);
        assert_in_range(picture.luma[1250], 115, 140);
}

static void test_image_jpeg_huge_is_unreadable(void **state)
{
        (void)state;
        jpeg_make(16392, 8, 0);
        assert_unreadable(file.bytes, file.n_bytes);
}

static void test_image_jpeg_truncated_anywhere_is_unreadable(void **state)
{
        (void)state;
        for (int progressive = 0; progressive < 2; progressive++) {
                jpeg_make(200, 100, progressive);
                for (size_t n = 0; n + 2 < file.n_bytes; n += n < 100 ? 1 : 41)
                        assert_unreadable(file.bytes, n);
                teardown(NULL);
        }
}

static void test_image_jpeg_flipped_anywhere_ends(void **state)
{
        (void)state;
        jpeg_make(64, 64, 0);
        for (size_t i = 0; i < file.n_bytes; i++) {
                int r;

                file.bytes[i] ^= 0xaa;
                r = image_parse(&picture, file.bytes, file.n_bytes);
                assert_true(r == 0 || r == PICTURE_E_UNREADABLE);
                file.bytes[i] ^= 0xaa;
        }
}

/* Replaces the scans after the first of the progressive picture in @file by @n_scans empty ones. */
static int parse_with_scans(unsigned n_scans)
{
        static const uint8_t scan[] = {0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0};
        static const uint8_t end[] = {0xff, 0xd9};
        size_t n = 0;
        uint8_t *many;
        int r;

        while (memcmp(file.bytes + n, scan, 7) != 0 || file.bytes[n + 7] == 0)
                n++; /* the file of our own making has one */
        many = malloc(n + n_scans * sizeof(scan) + sizeof(end));
        assert_non_null(many);
        memcpy(many, file.bytes, n);
        for (unsigned i = 0; i < n_scans; i++, n += sizeof(scan))
                memcpy(many + n, scan, sizeof(scan));
        memcpy(many + n, end, sizeof(end));
        r = image_parse(&picture, many, n + sizeof(end));
        free(many);
        return r;
}

/* Each scan of a progressive picture walks all of it, however few bytes it has. */
static void test_image_jpeg_of_endless_scans_is_unreadable(void **state)
{
        (void)state;
        jpeg_make(64, 64, 1);
        assert_int_equal(parse_with_scans(10), 0);
        assert_int_equal(parse_with_scans(200), PICTURE_E_UNREADABLE);
}

static void test_image_pgm_of_every_kind_is_read(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
        } cases[] = {
                {"P5 2 2 255\n\0\x80\x40\xff", 15},
                {"P5\n# by hand\n2 # wide\n2\r\n255\n\0\x80\x40\xff", 37},
                {"P5 2 2 255 \0\x80\x40\xffmore", 19},
                {"P5 2 2 65535\n\0\0\x80\x80\x40\x40\xff\xff", 21},
                {"P2 2 2 255\n0 128\n64 255\n", 24},
                {"P2 2 2 255 0 128 # half\n64 255", 30},
                {"P2 2 2 510\n0 256 128 510", 24},
        };
        static const uint8_t pixels[4] = {0, 128, 64, 255};

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(image_parse(&picture, (const uint8_t *)cases[i].bytes, cases[i].n),
                                 0);
                assert_int_equal(picture.width, 2);
                assert_int_equal(picture.height, 2);
                assert_memory_equal(picture.luma, pixels, 4);
        }
}

static void test_image_pgm_hostile_is_unreadable(void **state)
{
        static const char *const cases[] = {
                "P5",
                "P5 ",
                "P5 2",
                "P5 2 2",
                "P5 2 2 255",
                "P5 2 2 255\n",
                "P5 2 2 255\nabc",
                "P5 0 2 255\nabcd",
                "P5 2 0 255\nabcd",
                "P5 -2 2 255\nabcd",
                "P5 2 2 0\nabcd",
                "P5 2 2 65536\nabcdabcd",
                "P5 2 2 256\nabcdabc",
                "P5 4097 1 255\nabcd",
                "P5 1 4097 255\nabcd",
                "P5 4096 4096 255\nabcd",
                "P5 99999999999999999999 1 255\nabcd",
                "P5 2 2 255#\nabcd",
                "P5 2 2 100\nabcz",
                "P2 2 2 255\n1 2 3",
                "P2 2 2 255\n1 2 3 256",
                "P2 2 2 255\n1 2 x 4",
                "P2 1 1 255\n# 1",
                "P6 1 1 255\nabc",
                "P3 1 1 255\n1 2 3",
                "",
                "P",
                "BM",
                "GIF89a",
                "\x89PNG\r\n\x1a",
                "\xff\xd8",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_unreadable(cases[i], strlen(cases[i]));
}

static int memory_file(const void *bytes, size_t n_bytes)
{
        int fd = memfd_create("picture", MFD_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, n_bytes), n_bytes);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        return fd;
}

static void test_image_read_takes_file_and_pipe(void **state)
{
        static const char pgm[] = "P2 1 1 255\n7";
        int fd = memory_file(pgm, sizeof(pgm) - 1), ends[2];

        (void)state;
        assert_int_equal(image_read(&picture, fd), 0);
        assert_int_equal(picture.luma[0], 7);
        close(fd);
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], pgm, sizeof(pgm) - 1), sizeof(pgm) - 1);
        close(ends[1]);
        picture.luma[0] = 0;
        assert_int_equal(image_read(&picture, ends[0]), 0);
        assert_int_equal(picture.luma[0], 7);
        close(ends[0]);
}

static void test_image_read_oversized_file_is_unreadable(void **state)
{
        static const char pgm[] = "P5 1 1 255\n7";
        int fd = memory_file(pgm, sizeof(pgm) - 1);

        (void)state;
        assert_int_equal(ftruncate(fd, IMAGE_FILE_MAX), 0);
        assert_int_equal(image_read(&picture, fd), 0);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(ftruncate(fd, IMAGE_FILE_MAX + 1), 0);
        assert_int_equal(image_read(&picture, fd), PICTURE_E_UNREADABLE);
        close(fd);
}

static void test_image_read_wrong_descriptor_fails(void **state)
{
        int fds[2];

        (void)state;
        assert_int_equal(pipe(fds), 0);
        assert_int_equal(image_read(&picture, fds[1]), -EBADF); /* not open for reading */
        close(fds[0]);
        close(fds[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_image_png_grey_is_exact),
                TEST(test_image_png_transparent_is_white),
                TEST(test_image_png_truncated_anywhere_is_unreadable),
                TEST(test_image_png_flipped_anywhere_ends),
                TEST(test_image_png_too_wide_is_unreadable),
                TEST(test_image_jpeg_is_about_right),
                TEST(test_image_jpeg_large_is_scaled),
                TEST(test_image_jpeg_huge_is_unreadable),
                TEST(test_image_jpeg_truncated_anywhere_is_unreadable),
                TEST(test_image_jpeg_flipped_anywhere_ends),
                TEST(test_image_jpeg_of_endless_scans_is_unreadable),
                TEST(test_image_pgm_of_every_kind_is_read),
                TEST(test_image_pgm_hostile_is_unreadable),
                TEST(test_image_read_takes_file_and_pipe),
                TEST(test_image_read_oversized_file_is_unreadable),
                TEST(test_image_read_wrong_descriptor_fails),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
