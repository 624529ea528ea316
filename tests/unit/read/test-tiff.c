/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <tiffio.h>

#include "read/tiff.h"
#include "support/specimen.h"

#define SIDE 120

static struct picture picture;
static struct specimen file;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        specimen_done(&file);
        return 0;
}

/* How the file is laid out. */
struct layout {
        uint32_t samples;     /* 1: grey, 3: colour, 4: with alpha */
        uint32_t tile;        /* pixels of a side; 0: in strips of seven rows */
        uint16_t compression; /* of libtiff */
        const char *mode;     /* of TIFFFdOpen() */
};

static void set_fields(TIFF *codec, const struct layout *l, uint32_t side)
{
        static const uint16_t alpha = EXTRASAMPLE_UNASSALPHA;

        TIFFSetField(codec, TIFFTAG_IMAGEWIDTH, side);
        TIFFSetField(codec, TIFFTAG_IMAGELENGTH, side);
        TIFFSetField(codec, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(codec, TIFFTAG_SAMPLESPERPIXEL, l->samples);
        TIFFSetField(codec, TIFFTAG_PHOTOMETRIC,
                     l->samples == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
        TIFFSetField(codec, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
        TIFFSetField(codec, TIFFTAG_COMPRESSION, l->compression);
        if (l->samples == 4)
                TIFFSetField(codec, TIFFTAG_EXTRASAMPLES, 1, &alpha);
        if (l->tile) {
                TIFFSetField(codec, TIFFTAG_TILEWIDTH, l->tile);
                TIFFSetField(codec, TIFFTAG_TILELENGTH, l->tile);
        } else {
                TIFFSetField(codec, TIFFTAG_ROWSPERSTRIP, 7);
        }
}

/* @n pixels of the pattern; white is transparent black where there is alpha. */
static void fill(uint8_t *row, const struct layout *l, uint32_t x, uint32_t y, uint32_t n)
{
        for (uint32_t i = 0; i < n; i++) {
                uint8_t luma = specimen_luma(x + i, y);

                memset(row + (size_t)i * l->samples, l->samples == 4 ? 0 : luma, l->samples);
                if (l->samples == 4)
                        row[(size_t)i * 4 + 3] = luma ? 0 : 255;
        }
}

static void add_tiles(TIFF *codec, const struct layout *l, uint32_t side)
{
        uint8_t tile[32 * 32 * 4];

        for (uint32_t y = 0; y < side; y += l->tile)
                for (uint32_t x = 0; x < side; x += l->tile) {
                        for (uint32_t i = 0; i < l->tile; i++)
                                fill(tile + (size_t)i * l->tile * l->samples, l, x, y + i, l->tile);
                        assert_true(TIFFWriteTile(codec, tile, x, y, 0, 0) > 0);
                }
}

static void make(const struct layout *l, uint32_t side)
{
        int fd = memfd_create("tiff", MFD_CLOEXEC), copy = dup(fd);
        uint8_t row[SIDE * 4], bytes[4096];
        TIFF *codec;
        ssize_t n;

        codec = TIFFFdOpen(fd, "tiff", l->mode);
        assert_non_null(codec);
        set_fields(codec, l, side);
        for (uint32_t y = 0; !l->tile && y < side; y++) {
                fill(row, l, 0, y, side);
                assert_int_equal(TIFFWriteScanline(codec, row, y, 0), 1);
        }
        if (l->tile)
                add_tiles(codec, l, side);
        TIFFClose(codec);
        specimen_done(&file);
        assert_int_equal(lseek(copy, 0, SEEK_SET), 0);
        while ((n = read(copy, bytes, sizeof(bytes))) > 0)
                specimen_add(&file, bytes, (size_t)n);
        close(copy);
}

static const struct layout layouts[] = {
        {1, 0, COMPRESSION_NONE, "wl"},     {3, 0, COMPRESSION_LZW, "wb"},
        {4, 0, COMPRESSION_PACKBITS, "wl"}, {1, 32, COMPRESSION_ADOBE_DEFLATE, "wl"},
        {4, 32, COMPRESSION_LZW, "wb"},     {3, 0, COMPRESSION_NONE, "w8"},
};

static void test_tiff_every_layout_is_exact(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
                for (uint32_t side = 1; side <= SIDE; side += SIDE - 1) {
                        make(&layouts[i], side);
                        assert_int_equal(tiff_parse(&picture, file.bytes, file.n_bytes), 0);
                        specimen_assert(&picture, side, side, 0);
                }
}

static void test_tiff_hostile_ends(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
                make(&layouts[i], SIDE);
                specimen_assert_hostile(&file, tiff_parse, 256);
        }
}

/* The directory stands at the end: nothing can be read, and that is because it was cut. */
static void test_tiff_without_its_end_is_truncated(void **state)
{
        (void)state;
        make(&layouts[0], SIDE);
        picture.width = 0;
        assert_int_equal(tiff_parse(&picture, file.bytes, file.n_bytes / 2), PICTURE_E_TRUNCATED);
        assert_int_equal(picture.width, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_tiff_every_layout_is_exact),
                TEST(test_tiff_hostile_ends),
                TEST(test_tiff_without_its_end_is_truncated),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
