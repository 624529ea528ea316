/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/drawing.h"
#include "read/search.h"

#define SEC 1000000ull

struct bench {
        struct scanner *scanner;
        struct search search;
        struct picture picture;
        struct symbol symbol;
        uint8_t data[SYMBOL_BYTES_MAX];
};

static int bench_setup(void **state)
{
        static struct bench b;

        memset(&b, 0, sizeof(b));
        assert_int_equal(scanner_new(&b.scanner, 1u << SYMBOLOGY_QR), 0);
        search_init(&b.search, b.scanner);
        *state = &b;
        return 0;
}

static int bench_teardown(void **state)
{
        struct bench *b = *state;

        picture_done(&b->picture);
        search_done(&b->search);
        scanner_free(b->scanner);
        return 0;
}

static void assert_read(const struct bench *b, size_t n_data)
{
        assert_int_equal(b->symbol.symbology, SYMBOLOGY_QR);
        assert_int_equal(b->symbol.n_bytes, n_data);
        assert_memory_equal(b->symbol.bytes, b->data, n_data);
}

static void test_search_still_clean_code_of_any_size_is_read(void **state)
{
        static const size_t sizes[] = {100, 207, 400, 1000, 1500};
        struct bench *b = *state;

        for (size_t i = 0; i < 5; i++)
                for (uint32_t module = 3; module <= 6; module += 3) {
                        struct drawing d = {.module = module, .light = 255};

                        drawing_fill_binary(b->data, sizes[i], (uint32_t)i);
                        drawing_make(&b->picture, &d, b->data, sizes[i]);
                        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
                        assert_read(b, sizes[i]);
                        drawing_fill_text(b->data, sizes[i], (uint32_t)i);
                        drawing_make(&b->picture, &d, b->data, sizes[i]);
                        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
                        assert_read(b, sizes[i]);
                }
}

static void test_search_still_one_pixel_modules_are_read(void **state)
{
        struct drawing d = {.module = 1, .light = 255};
        struct bench *b = *state;

        drawing_fill_text(b->data, 200, 1);
        drawing_make(&b->picture, &d, b->data, 200);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
        assert_read(b, 200);
}

static void test_search_still_noise_and_blur_are_survived(void **state)
{
        struct drawing d = {.width = 1280, .height = 720, .module = 9, .dark = 40, .light = 190};
        struct picture smooth = {.luma = NULL};
        struct bench *b = *state;

        drawing_fill_text(b->data, 200, 1);
        drawing_make(&b->picture, &d, b->data, 200);
        assert_int_equal(picture_smooth(&smooth, &b->picture), 0);
        assert_int_equal(picture_smooth(&b->picture, &smooth), 0);
        drawing_noise(&b->picture, 40, 3);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
        assert_read(b, 200);
        picture_done(&smooth);
}

static void test_search_still_destroyed_code_is_undecodable(void **state)
{
        struct drawing d = {.width = 1280, .height = 720, .module = 9, .light = 255, .damage = 100};
        struct bench *b = *state;

        drawing_fill_text(b->data, 200, 1);
        drawing_make(&b->picture, &d, b->data, 200);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol),
                         REASON_IMAGE_UNDECODABLE);
}

static void test_search_still_nothing_is_no_code(void **state)
{
        struct bench *b = *state;

        drawing_blank(&b->picture, 640, 480, 128);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), REASON_IMAGE_NO_CODE);
        drawing_noise(&b->picture, 127, 5);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), REASON_IMAGE_NO_CODE);
        drawing_blank(&b->picture, 1, 1, 0);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), REASON_IMAGE_NO_CODE);
        drawing_blank(&b->picture, 1280, 1, 0);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), REASON_IMAGE_NO_CODE);
}

static void test_search_still_other_code_is_not_enrollment(void **state)
{
        static const char url[] = "https://example.com/manual";
        struct drawing d = {.module = 5, .light = 255};
        struct bench *b = *state;

        drawing_make(&b->picture, &d, (const uint8_t *)url, sizeof(url) - 1);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), REASON_FOREIGN_WEB);
}

/* Copies the picture @from into @to with its corner at @x. */
static void paste(struct picture *to, const struct picture *from, uint32_t x)
{
        for (uint32_t y = 0; y < from->height; y++)
                memcpy(to->luma + (size_t)y * to->width + x, from->luma + (size_t)y * from->width,
                       from->width);
}

static void test_search_still_right_code_beside_other_is_read(void **state)
{
        struct drawing d = {.module = 6, .light = 255};
        struct picture both = {.luma = NULL};
        struct bench *b = *state;

        drawing_blank(&both, 1000, 500, 255);
        drawing_make(&b->picture, &d, (const uint8_t *)"HTTP://EXAMPLE.COM", 18);
        paste(&both, &b->picture, 20);
        drawing_fill_text(b->data, 100, 1);
        drawing_make(&b->picture, &d, b->data, 100);
        paste(&both, &b->picture, 500);
        assert_int_equal(search_still(&b->search, &both, &b->symbol), 0);
        assert_read(b, 100);
        picture_done(&both);
}

/* Two codes side by side, of 100 bytes each; the second with modules of @module pixels. */
static void draw_two(struct bench *b, struct picture *both, uint32_t module)
{
        struct drawing d = {.module = 6, .light = 255};

        drawing_blank(both, 1000, 500, 255);
        drawing_fill_text(b->data, 100, 1);
        drawing_make(&b->picture, &d, b->data, 100);
        paste(both, &b->picture, 20);
        d.module = module;
        drawing_fill_text(b->data, 100, 2);
        drawing_make(&b->picture, &d, b->data, 100);
        paste(both, &b->picture, 500);
}

/* At half size the second code of three pixels a module may be too small; full size shows both. */
static void test_search_still_of_two_codes_none_is_taken(void **state)
{
        struct picture both = {.luma = NULL};
        struct bench *b = *state;

        for (uint32_t module = 2; module <= 6; module++) {
                draw_two(b, &both, module);
                assert_int_equal(search_still(&b->search, &both, &b->symbol), REASON_SEVERAL_CODES);
                assert_int_equal(b->search.offer.n, 2);
                assert_int_equal(b->search.offer.symbols[0].n_bytes, 100);
                assert_memory_not_equal(b->search.offer.symbols[0].bytes,
                                        b->search.offer.symbols[1].bytes, 100);
        }
        picture_done(&both);
}

static void test_search_still_of_one_code_twice_is_read(void **state)
{
        struct drawing d = {.module = 6, .light = 255};
        struct picture both = {.luma = NULL};
        struct bench *b = *state;

        drawing_blank(&both, 1000, 500, 255);
        drawing_fill_text(b->data, 100, 1);
        drawing_make(&b->picture, &d, b->data, 100);
        paste(&both, &b->picture, 20);
        paste(&both, &b->picture, 500);
        assert_int_equal(search_still(&b->search, &both, &b->symbol), 0);
        assert_read(b, 100);
        picture_done(&both);
}

/* Squeezes the picture to @width pixels: what is square in it is seen from the side. */
static void squeeze(struct picture *p, uint32_t width)
{
        struct picture from = *p;

        *p = (struct picture){.luma = NULL};
        assert_int_equal(picture_resize(p, from.width, from.height), 0);
        memset(p->luma, 180, (size_t)p->width * p->height);
        for (uint32_t y = 0; y < p->height; y++)
                for (uint32_t x = 0; x < width; x++)
                        p->luma[y * p->width + x] =
                                from.luma[y * from.width + x * from.width / width];
        picture_done(&from);
}

static void test_search_still_tilted_code_is_cut_out(void **state)
{
        struct drawing d = {.width = 1000, .height = 700, .module = 5, .dark = 40, .light = 190};
        struct bench *b = *state;

        drawing_fill_text(b->data, 400, 1);
        drawing_make(&b->picture, &d, b->data, 400);
        squeeze(&b->picture, 600);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
        assert_read(b, 400);
}

static void test_search_still_white_on_black_is_read(void **state)
{
        struct drawing d = {.module = 6, .light = 255};
        struct picture inverse = {.luma = NULL};
        struct bench *b = *state;

        drawing_fill_text(b->data, 300, 1);
        drawing_make(&b->picture, &d, b->data, 300);
        assert_int_equal(picture_invert(&inverse, &b->picture), 0);
        assert_int_equal(search_still(&b->search, &inverse, &b->symbol), 0);
        assert_read(b, 300);
        assert_int_equal(b->search.n_read[LOOK_INVERTED] + b->search.n_read[LOOK_INVERTED_HALF], 1);
        picture_done(&inverse);
}

static void test_search_frame_white_on_black_is_read_within_two_seconds(void **state)
{
        struct drawing d = {.width = 1280, .height = 720, .module = 6, .light = 255};
        struct picture inverse = {.luma = NULL};
        struct bench *b = *state;
        int r = SEARCH_E_MORE;

        drawing_fill_binary(b->data, 150, 1);
        drawing_make(&b->picture, &d, b->data, 150);
        assert_int_equal(picture_invert(&inverse, &b->picture), 0);
        for (unsigned i = 1; i <= 20 && r == SEARCH_E_MORE; i++)
                r = search_frame(&b->search, &inverse, i * SEC / 10, &b->symbol);
        assert_int_equal(r, 0);
        assert_read(b, 150);
        picture_done(&inverse);
}

/* The edge of a shadow across the code, where black in the light is whiter than white in the dark.
 */
static void test_search_still_shadow_across_is_read(void **state)
{
        struct drawing d = {.width = 900, .height = 600, .module = 6, .dark = 60, .light = 230};
        struct bench *b = *state;

        drawing_fill_text(b->data, 300, 1);
        drawing_make(&b->picture, &d, b->data, 300);
        for (uint32_t y = 0; y < 600; y++)
                for (uint32_t x = 0; x < 450; x++)
                        b->picture.luma[y * 900 + x] /= 5;
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
        assert_read(b, 300);
}

static void test_search_still_blurred_code_is_cut_out_and_sharpened(void **state)
{
        struct drawing d = {.width = 640, .height = 480, .module = 4, .dark = 40, .light = 190};
        struct picture smooth = {.luma = NULL};
        struct bench *b = *state;

        drawing_fill_binary(b->data, 300, 1);
        drawing_make(&b->picture, &d, b->data, 300);
        for (int i = 0; i < 4; i++) { /* sigma of 2 pixels, half a module */
                assert_int_equal(picture_smooth(&smooth, &b->picture), 0);
                assert_int_equal(picture_smooth(&b->picture, &smooth), 0);
        }
        drawing_noise(&b->picture, 4, 3);
        assert_int_equal(search_still(&b->search, &b->picture, &b->symbol), 0);
        assert_read(b, 300);
        assert_int_equal(b->search.n_read[LOOK_CUT_HALF] + b->search.n_read[LOOK_CUT] +
                                 b->search.n_read[LOOK_CUT_SHARP],
                         1);
        picture_done(&smooth);
}

/* Every second has its share of every kind of look. */
static void test_search_frame_looks_take_turns(void **state)
{
        struct bench *b = *state;

        drawing_blank(&b->picture, 640, 480, 128);
        for (unsigned i = 1; i <= 20; i++)
                assert_int_equal(search_frame(&b->search, &b->picture, i * SEC / 10, &b->symbol),
                                 SEARCH_E_MORE);
        assert_int_equal(b->search.n_looks[LOOK_FULL], 1);
        assert_int_equal(b->search.n_looks[LOOK_SMOOTH], 1);
        for (enum look l = LOOK_HALF; l < LOOK_MAX; l++)
                assert_int_equal(b->search.n_read[l], 0);
        assert_true(b->search.n_looks[LOOK_HALF] > b->search.n_looks[LOOK_LEVEL_HALF]);
        assert_true(b->search.n_looks[LOOK_LEVEL_HALF] > 0);
        assert_true(b->search.n_looks[LOOK_INVERTED] > 0);
        assert_true(b->search.n_looks[LOOK_CUT_HALF] > 0);
}

static unsigned take_news(struct bench *b)
{
        enum read_progress p;
        unsigned news = 0;

        while (search_next_progress(&b->search, &p)) {
                assert_false(news & 1u << p);
                news |= 1u << p;
        }
        return news;
}

static void test_search_frame_dark_is_told_and_blamed(void **state)
{
        struct bench *b = *state;

        drawing_blank(&b->picture, 640, 480, 18);
        drawing_noise(&b->picture, 4, 1);
        assert_int_equal(search_frame(&b->search, &b->picture, 5 * SEC, &b->symbol), SEARCH_E_MORE);
        assert_int_equal(take_news(b), 1u << READ_PROGRESS_WATCHING | 1u << READ_PROGRESS_TOO_DARK);
        assert_int_equal(search_frame(&b->search, &b->picture, 6 * SEC, &b->symbol), SEARCH_E_MORE);
        assert_int_equal(take_news(b), 0); /* not again so soon */
        assert_int_equal(search_frame(&b->search, &b->picture, 8 * SEC, &b->symbol), SEARCH_E_MORE);
        assert_int_equal(take_news(b), 1u << READ_PROGRESS_TOO_DARK);
        assert_int_equal(search_reason(&b->search), REASON_CAMERA_DARK);
}

static void test_search_frame_destroyed_code_is_told_and_blamed(void **state)
{
        struct drawing d = {.width = 640, .height = 480, .module = 5, .light = 200, .damage = 100};
        struct bench *b = *state;

        drawing_fill_text(b->data, 200, 1);
        drawing_make(&b->picture, &d, b->data, 200);
        for (unsigned i = 1; i <= 3; i++)
                assert_int_equal(search_frame(&b->search, &b->picture, i * SEC, &b->symbol),
                                 SEARCH_E_MORE);
        assert_int_equal(take_news(b),
                         1u << READ_PROGRESS_WATCHING | 1u << READ_PROGRESS_CODE_SEEN);
        assert_int_equal(search_reason(&b->search), REASON_IMAGE_UNDECODABLE);
}

static void test_search_frame_other_code_is_told_and_blamed(void **state)
{
        struct drawing d = {.width = 640, .height = 480, .module = 8, .light = 200};
        struct bench *b = *state;

        drawing_make(&b->picture, &d, (const uint8_t *)"WIFI:S:home;;", 13);
        assert_int_equal(search_frame(&b->search, &b->picture, SEC, &b->symbol), SEARCH_E_MORE);
        assert_int_equal(take_news(b), 1u << READ_PROGRESS_WATCHING |
                                               1u << read_progress_of(REASON_FOREIGN_WIFI));
        assert_int_equal(search_reason(&b->search), REASON_FOREIGN_WIFI);
}

/* The camera goes on: when one of the two is taken away, the other one is read. */
static void test_search_frame_of_two_codes_waits_for_one(void **state)
{
        struct drawing d = {.width = 1000, .height = 500, .module = 6, .light = 255};
        struct picture both = {.luma = NULL};
        struct bench *b = *state;

        draw_two(b, &both, 6);
        for (unsigned i = 1; i <= 4; i++)
                assert_int_equal(search_frame(&b->search, &both, i * SEC / 10, &b->symbol),
                                 SEARCH_E_MORE);
        assert_int_equal(take_news(b), 1u << READ_PROGRESS_WATCHING | 1u << READ_PROGRESS_SEVERAL);
        assert_int_equal(search_reason(&b->search), REASON_SEVERAL_CODES);
        assert_int_equal(b->search.offer.n, 2);
        drawing_fill_text(b->data, 100, 2);
        drawing_make(&b->picture, &d, b->data, 100);
        assert_int_equal(search_frame(&b->search, &b->picture, SEC, &b->symbol), 0);
        assert_read(b, 100);
        picture_done(&both);
}

static void test_search_frame_noise_is_no_code(void **state)
{
        struct bench *b = *state;

        for (unsigned i = 1; i <= 6; i++) {
                drawing_blank(&b->picture, 640, 480, 128);
                drawing_noise(&b->picture, 127, i);
                assert_int_equal(search_frame(&b->search, &b->picture, i * SEC, &b->symbol),
                                 SEARCH_E_MORE);
        }
        assert_int_equal(take_news(b), 1u << READ_PROGRESS_WATCHING);
        assert_int_equal(search_reason(&b->search), REASON_IMAGE_NO_CODE);
}

static void test_search_frame_small_modules_are_read_within_a_second(void **state)
{
        struct drawing d = {.width = 1280, .height = 720, .module = 3, .light = 255};
        struct bench *b = *state;
        int r = SEARCH_E_MORE;

        drawing_fill_text(b->data, 900, 1);
        drawing_make(&b->picture, &d, b->data, 900);
        for (unsigned i = 1; i <= 10 && r == SEARCH_E_MORE; i++)
                r = search_frame(&b->search, &b->picture, i * SEC, &b->symbol);
        assert_int_equal(r, 0);
        assert_read(b, 900);
}

static void test_search_no_frame_at_all_blames_the_camera(void **state)
{
        struct bench *b = *state;

        assert_int_equal(search_reason(&b->search), REASON_CAMERA_FAILED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_search_still_clean_code_of_any_size_is_read),
                TEST(test_search_still_one_pixel_modules_are_read),
                TEST(test_search_still_noise_and_blur_are_survived),
                TEST(test_search_still_destroyed_code_is_undecodable),
                TEST(test_search_still_nothing_is_no_code),
                TEST(test_search_still_other_code_is_not_enrollment),
                TEST(test_search_still_right_code_beside_other_is_read),
                TEST(test_search_still_of_two_codes_none_is_taken),
                TEST(test_search_still_of_one_code_twice_is_read),
                TEST(test_search_frame_of_two_codes_waits_for_one),
                TEST(test_search_still_tilted_code_is_cut_out),
                TEST(test_search_still_white_on_black_is_read),
                TEST(test_search_still_shadow_across_is_read),
                TEST(test_search_frame_white_on_black_is_read_within_two_seconds),
                TEST(test_search_still_blurred_code_is_cut_out_and_sharpened),
                TEST(test_search_frame_looks_take_turns),
                TEST(test_search_frame_dark_is_told_and_blamed),
                TEST(test_search_frame_destroyed_code_is_told_and_blamed),
                TEST(test_search_frame_other_code_is_told_and_blamed),
                TEST(test_search_frame_noise_is_no_code),
                TEST(test_search_frame_small_modules_are_read_within_a_second),
                TEST(test_search_no_frame_at_all_blames_the_camera),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
