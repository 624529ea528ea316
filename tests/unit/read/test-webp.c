/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <webp/encode.h>

#include "read/webp.h"
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

/* @quality: 0 to 100, or -1 without loss. White is transparent red if @clear. */
static void make(int width, int height, float quality, int clear)
{
        uint8_t *rgba = malloc((size_t)width * (size_t)height * 4), *bytes = NULL;
        size_t n;

        assert_non_null(rgba);
        for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++) {
                        uint8_t *at = rgba + ((size_t)y * (size_t)width + (size_t)x) * 4;
                        uint8_t luma = specimen_luma((uint32_t)x, (uint32_t)y);

                        memset(at, luma, 3);
                        at[3] = clear && luma ? 0 : 255;
                }
        n = quality < 0 ? WebPEncodeLosslessRGBA(rgba, width, height, width * 4, &bytes)
                        : WebPEncodeRGBA(rgba, width, height, width * 4, quality, &bytes);
        assert_true(n > 0);
        specimen_done(&file);
        specimen_add(&file, bytes, n);
        WebPFree(bytes);
        free(rgba);
}

static void test_webp_every_kind_is_about_right(void **state)
{
        (void)state;
        for (int clear = 0; clear < 2; clear++) {
                make(160, 120, -1, clear);
                assert_int_equal(webp_parse(&picture, file.bytes, file.n_bytes), 0);
                specimen_assert(&picture, 160, 120, 0);
                make(160, 120, 90, clear);
                assert_int_equal(webp_parse(&picture, file.bytes, file.n_bytes), 0);
                specimen_assert(&picture, 160, 120, 40);
        }
        make(1, 1, 90, 0);
        assert_int_equal(webp_parse(&picture, file.bytes, file.n_bytes), 0);
        assert_int_equal(picture.width, 1);
}

static void test_webp_large_is_reduced(void **state)
{
        (void)state;
        make(6000, 300, -1, 0);
        assert_int_equal(webp_parse(&picture, file.bytes, file.n_bytes), 0);
        assert_int_equal(picture.width, PICTURE_SIDE_MAX);
        assert_int_equal(picture.height, 205);
        assert_in_range(picture.luma[2], 0, 60);
        assert_in_range(picture.luma[8], 195, 255);
}

/* A chunk of RIFF: its name, the length in 32 bits, an even number of bytes. */
static void add_chunk(struct specimen *to, const char *name, const void *bytes, size_t n_bytes)
{
        const uint8_t length[4] = {(uint8_t)n_bytes, (uint8_t)(n_bytes >> 8),
                                   (uint8_t)(n_bytes >> 16), 0};

        specimen_add(to, name, 4);
        specimen_add(to, length, sizeof(length));
        specimen_add(to, bytes, n_bytes);
}

/* Turns the still picture in @file, 160 x 120 pixels, into two frames of an animation. */
static void animate(void)
{
        static const uint8_t canvas[10] = {2, 0, 0, 0, 159, 0, 0, 119, 0, 0}, ground[6];
        static const uint8_t head[16] = {0, 0, 0, 0, 0, 0, 159, 0, 0, 119, 0, 0, 100, 0, 0, 0};
        struct specimen frame = {.bytes = NULL}, body = {.bytes = NULL};

        specimen_add(&frame, head, sizeof(head));
        specimen_add(&frame, file.bytes + 12, file.n_bytes - 12);
        specimen_add(&body, "WEBP", 4);
        add_chunk(&body, "VP8X", canvas, sizeof(canvas));
        add_chunk(&body, "ANIM", ground, sizeof(ground));
        for (int i = 0; i < 2; i++)
                add_chunk(&body, "ANMF", frame.bytes, frame.n_bytes);
        specimen_done(&file);
        add_chunk(&file, "RIFF", body.bytes, body.n_bytes);
        specimen_done(&frame);
        specimen_done(&body);
}

static void test_webp_animation_is_its_first_picture(void **state)
{
        (void)state;
        make(160, 120, -1, 0);
        animate();
        assert_int_equal(webp_parse(&picture, file.bytes, file.n_bytes), 0);
        specimen_assert(&picture, 160, 120, 0);
        specimen_assert_hostile(&file, webp_parse, 256);
}

static void test_webp_hostile_ends(void **state)
{
        (void)state;
        make(200, 400, -1, 0);
        specimen_assert_hostile(&file, webp_parse, 256);
        make(200, 400, 90, 0);
        specimen_assert_hostile(&file, webp_parse, 40);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_webp_every_kind_is_about_right),
                TEST(test_webp_large_is_reduced),
                TEST(test_webp_animation_is_its_first_picture),
                TEST(test_webp_hostile_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
