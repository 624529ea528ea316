/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "read/bmp.h"
#include "support/specimen.h"

#define SIDE 45 /* rows of every depth need padding */

static struct picture picture;
static struct specimen file;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        specimen_done(&file);
        return 0;
}

static void add_u32(uint32_t value)
{
        const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                                 (uint8_t)(value >> 24)};

        specimen_add(&file, bytes, sizeof(bytes));
}

/* The headers of Windows 3, a palette of black and white, or masks where @compression says so. */
static void add_headers(uint32_t width, uint32_t height, uint32_t bits, uint32_t compression)
{
        static const uint8_t palette[8] = {0, 0, 0, 0, 255, 255, 255, 0};
        uint32_t n_more = compression == 3 ? 12 : bits <= 8 ? 8 : 0;

        specimen_add(&file, "BM", 2);
        add_u32(0);
        add_u32(0);
        add_u32(14 + 40 + n_more);
        add_u32(40);
        add_u32(width);
        add_u32(height);
        add_u32(1 | bits << 16);
        add_u32(compression);
        for (int i = 0; i < 5; i++)
                add_u32(0);
        if (compression == 3) {
                add_u32(bits == 16 ? 0xf800 : 0xff000000);
                add_u32(bits == 16 ? 0x07e0 : 0x00ff0000);
                add_u32(bits == 16 ? 0x001f : 0x0000ff00);
        } else if (bits <= 8) {
                specimen_add(&file, palette, sizeof(palette));
        }
}

static void add_row(uint32_t y, uint32_t bits)
{
        uint8_t row[SIDE * 4 + 4] = {0};

        for (uint32_t x = 0; x < SIDE; x++) {
                unsigned white = specimen_luma(x, y) == 255;

                if (bits <= 8)
                        row[x * bits / 8] |= (uint8_t)(white << (8 - bits - x * bits % 8));
                else
                        memset(row + x * bits / 8, white ? 255 : 0, bits / 8);
        }
        specimen_add(&file, row, (SIDE * bits + 31) / 32 * 4);
}

static void make(uint32_t bits, uint32_t compression, int from_top)
{
        specimen_done(&file);
        add_headers(SIDE, from_top ? 0u - SIDE : SIDE, bits, compression);
        for (uint32_t i = 0; i < SIDE; i++)
                add_row(from_top ? i : SIDE - 1 - i, bits);
}

static void test_bmp_every_depth_and_direction(void **state)
{
        static const uint32_t depths[] = {1, 4, 8, 16, 24, 32};

        (void)state;
        for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
                for (int from_top = 0; from_top < 2; from_top++) {
                        make(depths[i], 0, from_top);
                        assert_int_equal(bmp_parse(&picture, file.bytes, file.n_bytes), 0);
                        specimen_assert(&picture, SIDE, SIDE, 0);
                }
}

static void test_bmp_fields_are_where_the_masks_say(void **state)
{
        (void)state;
        for (uint32_t bits = 16; bits <= 32; bits += 16) {
                make(bits, 3, 1);
                assert_int_equal(bmp_parse(&picture, file.bytes, file.n_bytes), 0);
                specimen_assert(&picture, SIDE, SIDE, 0);
        }
        specimen_done(&file);
        add_headers(1, 1, 32, 3);
        add_u32(0x00ff0000); /* green */
        assert_int_equal(bmp_parse(&picture, file.bytes, file.n_bytes), 0);
        assert_in_range(picture.luma[0], 149, 150);
}

static void test_bmp_of_os2_is_read(void **state)
{
        static const uint8_t header[] = {'B', 'M', 0,  0, 0, 0,   0,   0,   0,    0, 32, 0,
                                         0,   0,   12, 0, 0, 0,   2,   0,   1,    0, 1,  0,
                                         1,   0,   0,  0, 0, 255, 255, 255, 0x40, 0, 0,  0};

        (void)state;
        assert_int_equal(bmp_parse(&picture, header, sizeof(header)), 0);
        assert_int_equal(picture.width, 2);
        assert_memory_equal(picture.luma, "\x00\xff", 2);
}

static void test_bmp_compressed_or_impossible_is_unreadable(void **state)
{
        static const struct {
                uint32_t width, height, bits, compression;
                int outcome;
        } cases[] = {
                {8, 8, 8, 1, PICTURE_E_UNREADABLE},
                {8, 8, 24, 4, PICTURE_E_UNREADABLE},
                {8, 8, 24, 3, PICTURE_E_UNREADABLE},
                {8, 8, 7, 0, PICTURE_E_UNREADABLE},
                {0, 8, 8, 0, PICTURE_E_UNREADABLE},
                {8, 0, 8, 0, PICTURE_E_UNREADABLE},
                {UINT32_MAX, 8, 32, 0, PICTURE_E_TOO_LARGE},
                {60000, 60000, 1, 0, PICTURE_E_TOO_LARGE},
                {8, 0x80000000, 8, 0, PICTURE_E_TOO_LARGE},
                {8, 8, 8, 0, PICTURE_E_TRUNCATED},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                specimen_done(&file);
                add_headers(cases[i].width, cases[i].height, cases[i].bits, cases[i].compression);
                assert_int_equal(bmp_parse(&picture, file.bytes, file.n_bytes), cases[i].outcome);
        }
}

static void test_bmp_hostile_ends(void **state)
{
        static const uint32_t depths[] = {1, 4, 8, 16, 24, 32};

        (void)state;
        for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
                make(depths[i], 0, 1);
                specimen_assert_hostile(&file, bmp_parse, 0);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_bmp_every_depth_and_direction),
                TEST(test_bmp_fields_are_where_the_masks_say),
                TEST(test_bmp_of_os2_is_read),
                TEST(test_bmp_compressed_or_impossible_is_unreadable),
                TEST(test_bmp_hostile_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
