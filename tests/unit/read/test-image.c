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
#include "support/specimen.h"

static struct picture picture;
static struct specimen file;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        specimen_done(&file);
        return 0;
}

static void png_on_write(png_structp codec, png_bytep bytes, size_t n_bytes)
{
        specimen_add(png_get_io_ptr(codec), bytes, n_bytes);
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

static void assert_outcome(const void *bytes, size_t n_bytes, enum reason outcome)
{
        assert_int_equal(image_parse(&picture, bytes, n_bytes), outcome);
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

/* A file is known for a picture by its first eight bytes; from then on it is one that is cut. */
static void test_image_png_truncated_anywhere_is_told(void **state)
{
        uint8_t pixels[64 * 64];

        (void)state;
        for (size_t i = 0; i < sizeof(pixels); i++)
                pixels[i] = (uint8_t)(i * 2654435761u >> 24);
        png_make(64, 64, PNG_FORMAT_GRAY, pixels);
        /* The last twelve bytes are IEND, which nothing needs. */
        for (size_t n = 0; n + 16 < file.n_bytes; n += n < 100 ? 1 : 37)
                assert_outcome(file.bytes, n,
                               n < 8 ? REASON_IMAGE_UNREADABLE : REASON_IMAGE_TRUNCATED);
        assert_outcome(file.bytes, file.n_bytes / 2, REASON_IMAGE_TRUNCATED);
        assert_int_equal(picture.height, 64);
        assert_memory_equal(picture.luma, pixels, (size_t)64 * 8);
        assert_int_equal(picture.luma[64 * 64 - 1], 255);
}

/* A row of the pattern with so many samples a pixel; below eight bits white is 1, and in palettes.
 */
static void png_fill(uint8_t *row, uint32_t width, uint32_t y, uint32_t depth, int colour)
{
        uint32_t n = colour == PNG_COLOR_TYPE_RGB ? 3 * depth / 8 : depth / 8;

        memset(row, 0, (size_t)6 * width);
        for (uint32_t x = 0; x < width; x++) {
                uint32_t white = specimen_luma(x, y) ? 1 : 0;

                if (depth < 8)
                        row[x * depth / 8] |= (uint8_t)(white << (8 - depth - x * depth % 8));
                else if (colour == PNG_COLOR_TYPE_PALETTE)
                        row[x] = (uint8_t)white;
                else
                        memset(row + (size_t)x * n, white ? 255 : 0, n);
        }
}

/* Of each kind that the format knows: depth, colour type, interlacing. */
static void png_make_kind(uint32_t width, uint32_t height, int depth, int colour, int interlace)
{
        static const png_color palette[2] = {{0, 0, 0}, {255, 255, 255}};
        png_structp codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
        png_infop info = png_create_info_struct(codec);
        uint8_t *row = malloc((size_t)6 * width);

        png_set_write_fn(codec, &file, png_on_write, NULL);
        png_set_IHDR(codec, info, width, height, depth, colour, interlace, 0, 0);
        if (colour == PNG_COLOR_TYPE_PALETTE)
                png_set_PLTE(codec, info, palette, 2);
        png_write_info(codec, info);
        for (int pass = png_set_interlace_handling(codec); pass > 0; pass--)
                for (uint32_t y = 0; y < height; y++) {
                        png_fill(row, width, y, (uint32_t)depth, colour);
                        png_write_row(codec, row);
                }
        png_write_end(codec, info);
        png_destroy_write_struct(&codec, &info);
        free(row);
}

static void test_image_png_of_every_kind_is_exact(void **state)
{
        static const struct {
                int depth, colour;
        } kinds[] = {
                {1, PNG_COLOR_TYPE_GRAY},    {8, PNG_COLOR_TYPE_GRAY},
                {16, PNG_COLOR_TYPE_GRAY},   {1, PNG_COLOR_TYPE_PALETTE},
                {4, PNG_COLOR_TYPE_PALETTE}, {8, PNG_COLOR_TYPE_PALETTE},
                {8, PNG_COLOR_TYPE_RGB},     {16, PNG_COLOR_TYPE_RGB},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                for (int interlace = 0; interlace < 2; interlace++)
                        for (uint32_t side = 1; side < 100; side += 41) {
                                png_make_kind(side, side, kinds[i].depth, kinds[i].colour,
                                              interlace);
                                assert_outcome(file.bytes, file.n_bytes, REASON_NONE);
                                specimen_assert(&picture, side, side, 0);
                                specimen_done(&file);
                        }
}

/* A few kilobytes that would become gigabytes while they are decoded. */
static void test_image_png_bomb_is_too_large(void **state)
{
        static const uint8_t height[4] = {0, 0, 0x40, 0};

        (void)state;
        png_make_kind(16384, 16, 16, PNG_COLOR_TYPE_RGB, 0);
        memcpy(file.bytes + 20, height, sizeof(height));
        assert_outcome(file.bytes, file.n_bytes, REASON_IMAGE_TOO_LARGE);
}

/* Every row of the pattern's first eight is the same, and so are the squares they are reduced to.
 */
static void test_image_png_of_16384_pixels_is_reduced(void **state)
{
        (void)state;
        for (int interlace = 0; interlace < 2; interlace++) {
                png_make_kind(16384, 64, 1, PNG_COLOR_TYPE_GRAY, interlace);
                assert_outcome(file.bytes, file.n_bytes, REASON_NONE);
                assert_int_equal(picture.width, 4096);
                assert_int_equal(picture.height, 16);
                assert_memory_equal(picture.luma, "\0\0\xff\xff\0\0\xff\xff", 8);
                specimen_done(&file);
        }
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
                assert_true(r == 0 || r == REASON_IMAGE_UNREADABLE || r == REASON_IMAGE_TRUNCATED ||
                            r == REASON_IMAGE_TOO_LARGE || r == REASON_IMAGE_FORMAT_UNKNOWN);
                file.bytes[i] ^= 0x55;
        }
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

/* At an eighth it still has 8192 pixels a side. */
static void test_image_jpeg_of_65500_pixels_is_scaled_and_reduced(void **state)
{
        (void)state;
        jpeg_make(65500, 16, 0);
        assert_outcome(file.bytes, file.n_bytes, REASON_NONE);
        assert_int_equal(picture.width, 4094);
        assert_int_equal(picture.height, 1);
        assert_in_range(picture.luma[2047], 115, 140);
}

/* All of a progressive picture has to be in memory. */
static void test_image_jpeg_of_more_memory_than_allowed_is_too_large(void **state)
{
        (void)state;
        jpeg_make(16000, 16000, 1);
        assert_outcome(file.bytes, file.n_bytes, REASON_IMAGE_TOO_LARGE);
}

/* In four inks, as programs for print make them: YCCK of Adobe, whose values are upside down. */
static void test_image_jpeg_of_inks_is_grey(void **state)
{
        struct jpeg_compress_struct codec;
        struct jpeg_error_mgr errors;
        uint8_t row[32 * 4];
        unsigned long n = 0;
        JSAMPROW at = row;

        (void)state;
        for (int x = 0; x < 32; x++)
                memset(row + (size_t)4 * (size_t)x, x < 16 ? 255 : 0, 4); /* no ink, all of it */
        codec.err = jpeg_std_error(&errors);
        jpeg_create_compress(&codec);
        jpeg_mem_dest(&codec, &file.bytes, &n);
        codec.image_width = 32;
        codec.image_height = 16;
        codec.input_components = 4;
        codec.in_color_space = JCS_CMYK;
        jpeg_set_defaults(&codec);
        jpeg_set_colorspace(&codec, JCS_YCCK); /* with Adobe's marker */
        jpeg_start_compress(&codec, TRUE);
        while (codec.next_scanline < 16)
                (void)jpeg_write_scanlines(&codec, &at, 1);
        jpeg_finish_compress(&codec);
        jpeg_destroy_compress(&codec);
        file.n_bytes = n;
        assert_outcome(file.bytes, file.n_bytes, REASON_NONE);
        assert_in_range(picture.luma[2], 245, 255);
        assert_in_range(picture.luma[29], 0, 10);
}

static void test_image_jpeg_truncated_anywhere_is_told(void **state)
{
        (void)state;
        for (int progressive = 0; progressive < 2; progressive++) {
                jpeg_make(200, 100, progressive);
                for (size_t n = 0; n + 2 < file.n_bytes; n += n < 100 ? 1 : 41)
                        assert_outcome(file.bytes, n,
                                       n < 3 ? REASON_IMAGE_UNREADABLE : REASON_IMAGE_TRUNCATED);
                teardown(NULL);
        }
        jpeg_make(200, 100, 0);
        assert_outcome(file.bytes, file.n_bytes * 3 / 4, REASON_IMAGE_TRUNCATED);
        assert_int_equal(picture.width, 200);
        assert_in_range(picture.luma[0], 0, 12);
        assert_in_range(picture.luma[199], 243, 255);
}

static void test_image_jpeg_flipped_anywhere_ends(void **state)
{
        (void)state;
        jpeg_make(64, 64, 0);
        for (size_t i = 0; i < file.n_bytes; i++) {
                int r;

                file.bytes[i] ^= 0xaa;
                r = image_parse(&picture, file.bytes, file.n_bytes);
                assert_true(r == 0 || r == REASON_IMAGE_UNREADABLE || r == REASON_IMAGE_TRUNCATED ||
                            r == REASON_IMAGE_TOO_LARGE || r == REASON_IMAGE_FORMAT_UNKNOWN);
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
static void test_image_jpeg_of_endless_scans_ends(void **state)
{
        (void)state;
        jpeg_make(64, 64, 1);
        assert_int_equal(parse_with_scans(10), 0);
        assert_int_equal(parse_with_scans(200), REASON_IMAGE_TRUNCATED);
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

static void test_image_pgm_hostile_is_told(void **state)
{
        static const struct {
                const char *text;
                enum reason outcome;
        } cases[] = {
                {"P5", REASON_IMAGE_UNREADABLE},
                {"P5 ", REASON_IMAGE_TRUNCATED},
                {"P5 2", REASON_IMAGE_TRUNCATED},
                {"P5 2 2", REASON_IMAGE_TRUNCATED},
                {"P5 2 2 255", REASON_IMAGE_TRUNCATED},
                {"P5 2 2 255\n", REASON_IMAGE_TRUNCATED},
                {"P5 2 2 255\nabc", REASON_IMAGE_TRUNCATED},
                {"P5 0 2 255\nabcd", REASON_IMAGE_UNREADABLE},
                {"P5 2 0 255\nabcd", REASON_IMAGE_UNREADABLE},
                {"P5 -2 2 255\nabcd", REASON_IMAGE_UNREADABLE},
                {"P5 2 2 0\nabcd", REASON_IMAGE_UNREADABLE},
                {"P5 2 2 65536\nabcdabcd", REASON_IMAGE_UNREADABLE},
                {"P5 2 2 256\nabcdabc", REASON_IMAGE_TRUNCATED},
                {"P5 4096 4096 255\nabcd", REASON_IMAGE_TRUNCATED},
                {"P5 60000 60000 255\nabcd", REASON_IMAGE_TOO_LARGE},
                {"P5 99999999999999999999 1 255\nabcd", REASON_IMAGE_UNREADABLE},
                {"P5 2 2 255#\nabcd", REASON_IMAGE_UNREADABLE},
                {"P2 2 2 255\n1 2 3", REASON_IMAGE_TRUNCATED},
                {"P2 2 2 255\n1 2 x 4", REASON_IMAGE_TRUNCATED},
                {"P2 1 1 255\n# 1", REASON_IMAGE_TRUNCATED},
                {"P6 1 1 255\nabc", REASON_IMAGE_FORMAT_UNKNOWN},
                {"P3 1 1 255\n1 2 3", REASON_IMAGE_FORMAT_UNKNOWN},
                {"", REASON_IMAGE_UNREADABLE},
                {"P", REASON_IMAGE_UNREADABLE},
                {"BM", REASON_IMAGE_UNREADABLE},
                {"GIF89a", REASON_IMAGE_TRUNCATED},
                {"%PDF-1.4", REASON_IMAGE_PDF},
                {"<svg/>", REASON_IMAGE_SVG},
                {"\x89PNG\r\n\x1a", REASON_IMAGE_UNREADABLE},
                {"\xff\xd8", REASON_IMAGE_UNREADABLE},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_outcome(cases[i].text, strlen(cases[i].text), cases[i].outcome);
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

/* What it is still counts: a long document is not a large picture. */
static void test_image_read_oversized_file_is_named(void **state)
{
        static const struct {
                const char *text;
                enum reason outcome;
        } cases[] = {
                {"P5 1 1 255\n7", REASON_IMAGE_TOO_LARGE},
                {"%PDF-1.4", REASON_IMAGE_PDF},
                {"anything", REASON_IMAGE_UNREADABLE},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int fd = memory_file(cases[i].text, strlen(cases[i].text));

                assert_int_equal(ftruncate(fd, IMAGE_FILE_MAX + 1), 0);
                assert_int_equal(image_read(&picture, fd), cases[i].outcome);
                close(fd);
        }
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
                TEST(test_image_png_truncated_anywhere_is_told),
                TEST(test_image_png_of_every_kind_is_exact),
                TEST(test_image_png_of_16384_pixels_is_reduced),
                TEST(test_image_png_bomb_is_too_large),
                TEST(test_image_png_flipped_anywhere_ends),
                TEST(test_image_jpeg_is_about_right),
                TEST(test_image_jpeg_large_is_scaled),
                TEST(test_image_jpeg_of_65500_pixels_is_scaled_and_reduced),
                TEST(test_image_jpeg_of_more_memory_than_allowed_is_too_large),
                TEST(test_image_jpeg_of_inks_is_grey),
                TEST(test_image_jpeg_truncated_anywhere_is_told),
                TEST(test_image_jpeg_flipped_anywhere_ends),
                TEST(test_image_jpeg_of_endless_scans_ends),
                TEST(test_image_pgm_of_every_kind_is_read),
                TEST(test_image_pgm_hostile_is_told),
                TEST(test_image_read_takes_file_and_pipe),
                TEST(test_image_read_oversized_file_is_named),
                TEST(test_image_read_wrong_descriptor_fails),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
