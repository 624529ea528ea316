/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/locator.h"
#include "read/symbol.h"
#include "support/drawing.h"

#define WIDTH  640
#define HEIGHT 480

static uint8_t data[SYMBOL_BYTES_MAX];
static struct picture picture;
static struct location location;

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        return 0;
}

static void test_locator_finds_codes_of_every_module_size(void **state)
{
        (void)state;
        drawing_fill_text(data, 100, 1);
        for (uint32_t module = 2; module <= 12; module++) {
                struct drawing d = {.module = module, .dark = 30, .light = 200, .damage = 100};
                uint32_t first;

                drawing_make(&picture, &d, data, 100);
                assert_true(locator_find(&picture, &location));
                assert_int_equal(location_modules(&location), 37); /* version 5 */
                assert_int_equal(location_module_px16(&location), module * 16);
                /* The middle of the upper left pattern, beyond a margin of four modules. */
                first = 4 * module + 7 * module / 2;
                assert_in_range(location.marks[0].x, first - 1, first + 1);
                assert_in_range(location.marks[0].y, first - 1, first + 1);
                assert_true(location.marks[1].x > location.marks[0].x + 20 * module);
                assert_true(location.marks[2].y > location.marks[0].y + 20 * module);
        }
}

/* Turns the picture by a right angle, clockwise. */
static void turn(struct picture *p)
{
        struct picture from = *p;

        *p = (struct picture){.luma = NULL};
        assert_int_equal(picture_resize(p, from.height, from.width), 0);
        for (uint32_t y = 0; y < p->height; y++)
                for (uint32_t x = 0; x < p->width; x++)
                        p->luma[y * p->width + x] =
                                from.luma[(from.height - 1 - x) * from.width + y];
        picture_done(&from);
}

static void test_locator_names_patterns_clockwise_at_every_turn(void **state)
{
        struct drawing d = {.module = 4, .dark = 30, .light = 200};

        (void)state;
        drawing_fill_text(data, 100, 1);
        drawing_make(&picture, &d, data, 100);
        for (int i = 0; i < 4; i++) {
                const struct locator_mark *m = location.marks;
                int64_t cross;

                assert_true(locator_find(&picture, &location));
                cross = ((int64_t)m[1].x - m[0].x) * ((int64_t)m[2].y - m[0].y) -
                        ((int64_t)m[1].y - m[0].y) * ((int64_t)m[2].x - m[0].x);
                assert_true(cross > 0);
                turn(&picture);
        }
}

static void test_locator_does_not_find_two_patterns(void **state)
{
        struct drawing d = {.module = 4, .dark = 30, .light = 200};

        (void)state;
        drawing_fill_text(data, 100, 1);
        drawing_make(&picture, &d, data, 100);
        for (uint32_t y = 0; y < 60; y++)
                for (uint32_t x = 0; x < 60; x++)
                        picture.luma[y * picture.width + x] = 200;
        assert_false(locator_find(&picture, &location));
}

static void test_locator_does_not_find_what_is_not_there(void **state)
{
        static const char bars[] = "1010001101010011101011110111101000100101100110101";

        (void)state;
        for (uint32_t seed = 0; seed < 10; seed++) {
                drawing_blank(&picture, WIDTH, HEIGHT, 128);
                assert_false(locator_find(&picture, &location));
                drawing_noise(&picture, 20 + seed * 10, seed);
                assert_false(locator_find(&picture, &location));
        }
        drawing_bars(&picture, bars);
        assert_false(locator_find(&picture, &location));
        drawing_blank(&picture, 1, 1, 0);
        assert_false(locator_find(&picture, &location));
}

/* Stripes cross every row with a pattern's runs, but no column. */
static void test_locator_is_not_fooled_by_stripes(void **state)
{
        static const uint8_t pattern[] = {0, 255, 0, 0, 0, 255, 0, 255, 255, 255};

        (void)state;
        drawing_blank(&picture, WIDTH, HEIGHT, 255);
        for (uint32_t y = 0; y < HEIGHT; y++)
                for (uint32_t x = 0; x < WIDTH; x++)
                        picture.luma[y * WIDTH + x] = pattern[x / 3 % sizeof(pattern)];
        assert_false(locator_find(&picture, &location));
}

static bool is_checkered(uint32_t x, uint32_t y, uint32_t size)
{
        return (x / size + y / size) % 2 == 0;
}

/* Bars with two bars across. */
static bool is_fence(uint32_t x, uint32_t y, uint32_t size)
{
        return x % (3 * size) < size || y % (40 * size) < 2 * size;
}

/* Keys, with a mark on each. */
static bool is_keyboard(uint32_t x, uint32_t y, uint32_t size)
{
        uint32_t key_x = x % (9 * size) / size, key_y = y % (9 * size) / size;
        bool on_key = key_x < 8 && key_y < 8;
        bool on_mark = key_x > 2 && key_x < 5 && key_y > 2 && key_y < 6;

        return !on_key || on_mark;
}

/* Windows of a house: a frame, glass, and something dark behind it, that has no square in it. */
static bool is_windows(uint32_t x, uint32_t y, uint32_t size)
{
        uint32_t in_x = x % (12 * size) / size, in_y = y % (14 * size) / size;
        bool frame = in_x < 9 && in_y < 11;
        bool glass = in_x > 0 && in_x < 8 && in_y > 0 && in_y < 10;
        bool behind = in_x > 2 && in_x < 6 && in_y > 6;

        return frame && (!glass || behind);
}

/* Lines of letters: short strokes of all lengths, from a sequence that repeats late. */
static bool is_text(uint32_t x, uint32_t y, uint32_t size)
{
        uint32_t letter = x / (5 * size) + 97 * (y / (9 * size));
        uint32_t strokes = letter * 2654435761u >> 7;
        uint32_t in_x = x % (5 * size) / size, in_y = y % (9 * size) / size;

        return in_x < 4 && in_y < 6 && (strokes >> (in_x + 4 * in_y) % 25 & 1) != 0;
}

static void test_locator_is_not_fooled_by_regular_things(void **state)
{
        static bool (*const things[])(uint32_t x, uint32_t y, uint32_t size) = {
                is_checkered, is_fence, is_keyboard, is_windows, is_text};
        struct picture smooth = {.luma = NULL};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(things); i++)
                for (uint32_t size = 1; size <= 8; size++) {
                        drawing_blank(&picture, WIDTH, HEIGHT, 200);
                        for (uint32_t y = 0; y < HEIGHT; y++)
                                for (uint32_t x = 0; x < WIDTH; x++)
                                        if (things[i](x, y, size))
                                                picture.luma[y * WIDTH + x] = 40;
                        drawing_noise(&picture, 10, size);
                        assert_false(locator_find(&picture, &location));
                        assert_int_equal(picture_smooth(&smooth, &picture), 0);
                        assert_false(locator_find(&smooth, &location));
                }
        picture_done(&smooth);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_locator_finds_codes_of_every_module_size),
                TEST(test_locator_names_patterns_clockwise_at_every_turn),
                TEST(test_locator_does_not_find_two_patterns),
                TEST(test_locator_does_not_find_what_is_not_there),
                TEST(test_locator_is_not_fooled_by_stripes),
                TEST(test_locator_is_not_fooled_by_regular_things),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
