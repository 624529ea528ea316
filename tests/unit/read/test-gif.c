/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>
#include <gif_lib.h>

#include "read/gif.h"
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

static int on_write(GifFileType *codec, const GifByteType *bytes, int n_bytes)
{
        specimen_add(codec->UserData, bytes, (size_t)n_bytes);
        return n_bytes;
}

/* Index 0 is black and 1 white, or, if @clear, transparent red. */
static void add_picture(GifFileType *codec, uint32_t side, bool interlaced, bool clear)
{
        static const uint32_t firsts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
        static const GifByteType control[4] = {1, 0, 0, 1};

        if (clear)
                assert_int_equal(EGifPutExtension(codec, GRAPHICS_EXT_FUNC_CODE, 4, control),
                                 GIF_OK);
        assert_int_equal(EGifPutImageDesc(codec, 0, 0, (int)side, (int)side, interlaced, NULL),
                         GIF_OK);
        for (size_t pass = 0; pass < (interlaced ? 4 : 1); pass++)
                for (uint32_t y = interlaced ? firsts[pass] : 0; y < side;
                     y += interlaced ? steps[pass] : 1) {
                        GifPixelType row[SIDE];

                        for (uint32_t x = 0; x < side; x++)
                                row[x] = specimen_luma(x, y) == 255;
                        assert_int_equal(EGifPutLine(codec, row, (int)side), GIF_OK);
                }
}

static void make(uint32_t side, bool interlaced, bool clear)
{
        const GifColorType colours[2] = {{0, 0, 0}, {255, clear ? 0 : 255, clear ? 0 : 255}};
        ColorMapObject *map = GifMakeMapObject(2, colours);
        GifFileType *codec;

        specimen_done(&file);
        codec = EGifOpen(&file, on_write, NULL);
        assert_non_null(codec);
        assert_non_null(map);
        EGifSetGifVersion(codec, true);
        assert_int_equal(EGifPutScreenDesc(codec, (int)side, (int)side, 1, 0, map), GIF_OK);
        add_picture(codec, side, interlaced, clear);
        assert_int_equal(EGifCloseFile(codec, NULL), GIF_OK);
        GifFreeMapObject(map);
}

static void test_gif_every_kind_is_exact(void **state)
{
        (void)state;
        for (unsigned kind = 0; kind < 4; kind++) {
                make(SIDE, kind & 1, kind & 2);
                assert_int_equal(gif_parse(&picture, file.bytes, file.n_bytes), 0);
                specimen_assert(&picture, SIDE, SIDE, 0);
        }
        make(1, false, false);
        assert_int_equal(gif_parse(&picture, file.bytes, file.n_bytes), 0);
        specimen_assert(&picture, 1, 1, 0);
}

static void test_gif_hostile_ends(void **state)
{
        (void)state;
        make(SIDE, false, true);
        specimen_assert_hostile(&file, gif_parse, 0);
        make(SIDE, true, false);
        specimen_assert_hostile(&file, gif_parse, 256);
}

/* A picture of 65535 x 65535 pixels that a few bytes claim. */
static void test_gif_huge_is_too_large(void **state)
{
        static const char head[] =
                "GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff"
                "\xff\0\x02\x02\x4c\x01\0;";

        (void)state;
        assert_int_equal(gif_parse(&picture, (const uint8_t *)head, sizeof(head) - 1),
                         PICTURE_E_TOO_LARGE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_gif_every_kind_is_exact),
                TEST(test_gif_hostile_ends),
                TEST(test_gif_huge_is_too_large),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
