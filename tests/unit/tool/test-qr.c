/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>
#include <zbar.h>

#include "code/text.h"
#include "tool/qr.h"

#define SCALE 4
#define QUIET 4

/* Reads the one symbol in a grey picture with zbar; returns its length. */
static size_t scan(uint8_t *grey, unsigned n_side, uint8_t *ret_data, size_t size)
{
        zbar_image_scanner_t *scanner = zbar_image_scanner_create();
        zbar_image_t *image = zbar_image_create();
        const zbar_symbol_t *symbol;
        size_t n = 0;

        zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
        zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
        zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
        zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
        zbar_image_set_size(image, n_side, n_side);
        zbar_image_set_data(image, grey, (size_t)n_side * n_side, NULL);
        assert_int_equal(zbar_scan_image(scanner, image), 1);
        symbol = zbar_image_first_symbol(image);
        n = zbar_symbol_get_data_length(symbol);
        assert_true(n <= size);
        memcpy(ret_data, zbar_symbol_get_data(symbol), n);
        zbar_image_destroy(image);
        zbar_image_scanner_destroy(scanner);
        return n;
}

/* Draws a symbol by itself, not with what is tested. */
static uint8_t *draw(const struct qr *qr, unsigned *ret_n_side)
{
        unsigned n_side = (qr->n_side + 2 * QUIET) * SCALE;
        uint8_t *grey = test_malloc((size_t)n_side * n_side);

        memset(grey, 255, (size_t)n_side * n_side);
        for (unsigned y = 0; y < qr->n_side * SCALE; y++)
                for (unsigned x = 0; x < qr->n_side * SCALE; x++)
                        if (qr->dark[y / SCALE * qr->n_side + x / SCALE])
                                grey[(y + QUIET * SCALE) * n_side + x + QUIET * SCALE] = 0;
        *ret_n_side = n_side;
        return grey;
}

static void fill(uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                bytes[i] = (uint8_t)(i * 167 + (i >> 3));
}

static void test_qr_both_forms_are_read_back_exactly(void **state)
{
        static const size_t sizes[] = {1, 100, 266, 600};
        static struct qr qr;
        uint8_t bytes[600], found[2048];
        char text[TEXT_QR_CHARS(600) + 1];

        (void)state;
        for (size_t i = 0; i < 4; i++)
                for (unsigned binary = 0; binary < 2; binary++) {
                        unsigned n_side;
                        uint8_t *grey;
                        size_t n;

                        fill(bytes, sizes[i]);
                        text_encode(TEXT_FORM_QR, bytes, sizes[i], text);
                        n = binary ? sizes[i] : strlen(text);
                        assert_int_equal(
                                qr_make(&qr, binary ? (const void *)bytes : text, n, binary, 'M'),
                                0);
                        assert_int_equal(qr.n_side, 17 + 4 * qr.version);
                        grey = draw(&qr, &n_side);
                        assert_int_equal(scan(grey, n_side, found, sizeof(found)), n);
                        assert_memory_equal(found, binary ? (const void *)bytes : text, n);
                        test_free(grey);
                }
}

static void test_qr_version_is_the_smallest_of_the_standard(void **state)
{
        /* ISO/IEC 18004, table 7: what the versions hold. */
        static const struct {
                size_t n;
                bool binary;
                char level;
                unsigned version; /* 0: none */
        } cases[] = {
                {311, false, 'M', 10}, {312, false, 'M', 11},  {25, false, 'L', 1},
                {26, false, 'L', 2},   {17, true, 'L', 1},     {18, true, 'L', 2},
                {213, true, 'M', 10},  {214, true, 'M', 11},   {2953, true, 'L', 40},
                {2954, true, 'L', 0},  {4296, false, 'L', 40}, {4297, false, 'L', 0},
                {1273, true, 'H', 40}, {1274, true, 'H', 0},   {1663, true, 'Q', 40},
        };
        static struct qr qr;
        static char data[4300];

        (void)state;
        memset(data, 'A', sizeof(data));
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int r = qr_make(&qr, data, cases[i].n, cases[i].binary, cases[i].level);

                if (r != (cases[i].version ? 0 : -E2BIG) ||
                    (r == 0 && qr.version != cases[i].version))
                        fail_msg("row %zu: %d, version %u", i, r, qr.version);
        }
}

static void test_qr_what_cannot_be_is_refused(void **state)
{
        static struct qr qr;

        (void)state;
        assert_int_equal(qr_make(&qr, "A", 1, false, 'X'), -EINVAL);
        assert_int_equal(qr_make(&qr, "A", 0, false, 'M'), -EINVAL);
        assert_int_equal(qr_make(&qr, "a", 1, false, 'M'), -EINVAL);
        assert_int_equal(qr_make(&qr, "A", 10000, true, 'M'), -EINVAL);
}

static void test_qr_png_is_read_back(void **state)
{
        static struct qr qr;
        uint8_t found[64];
        png_image image = {.version = PNG_IMAGE_VERSION};
        char *memory = NULL;
        size_t n_memory;
        FILE *file = open_memstream(&memory, &n_memory);
        uint8_t *grey;

        (void)state;
        assert_int_equal(qr_make(&qr, "ENR1:BB8", 8, false, 'M'), 0);
        assert_int_equal(qr_write_png(&qr, file, 0), -EINVAL);
        assert_int_equal(qr_write_png(&qr, file, QR_SCALE_MAX + 1), -EINVAL);
        assert_int_equal(qr_write_png(&qr, file, 3), 0);
        assert_int_equal(fclose(file), 0);
        assert_true(png_image_begin_read_from_memory(&image, memory, n_memory));
        image.format = PNG_FORMAT_GRAY;
        assert_int_equal(image.width, (qr.n_side + 8) * 3);
        assert_int_equal(image.height, image.width);
        grey = test_malloc(PNG_IMAGE_SIZE(image));
        assert_true(png_image_finish_read(&image, NULL, grey, 0, NULL));
        assert_int_equal(scan(grey, image.width, found, sizeof(found)), 8);
        assert_memory_equal(found, "ENR1:BB8", 8);
        test_free(grey);
        free(memory);
}

/* Paints the runs of the path back into modules. */
static void test_qr_svg_has_every_dark_module_and_no_other(void **state)
{
        static struct qr qr;
        static uint8_t dark[QR_MODULES_MAX * QR_MODULES_MAX];
        char *memory = NULL, *at;
        size_t n_memory;
        FILE *file = open_memstream(&memory, &n_memory);
        unsigned x, y, run, again;

        (void)state;
        assert_int_equal(qr_make(&qr, "ENR1:BB8", 8, false, 'M'), 0);
        assert_int_equal(qr_write_svg(&qr, file, 8), 0);
        assert_int_equal(fclose(file), 0);
        at = strstr(memory, "<path d=\"");
        assert_non_null(at);
        for (at += 9; sscanf(at, "M%u %uh%uv1h-%uz", &x, &y, &run, &again) == 4;
             at = strchr(at, 'z') + 1) {
                assert_int_equal(run, again);
                assert_in_range(x, QUIET, QUIET + qr.n_side - run);
                for (unsigned i = 0; i < run; i++)
                        dark[(y - QUIET) * qr.n_side + x - QUIET + i] = 1;
        }
        assert_memory_equal(dark, qr.dark, sizeof(dark));
        assert_int_equal(*at, '"');
        free(memory);
}

static void test_qr_terminal_without_blocks_has_two_spaces_for_a_module(void **state)
{
        static struct qr qr;
        char *memory = NULL, *at;
        size_t n_memory;
        FILE *file = open_memstream(&memory, &n_memory);

        (void)state;
        assert_int_equal(qr_make(&qr, "ENR1:BB8", 8, false, 'M'), 0);
        assert_int_equal(qr_terminal_columns(&qr, false), 2 * (qr.n_side + 8));
        assert_int_equal(qr_write_terminal(&qr, false, file), 0);
        assert_int_equal(fclose(file), 0);
        at = memory;
        for (unsigned y = 0; y < qr.n_side + 8; y++) {
                for (unsigned x = 0; x < qr.n_side + 8; x++) {
                        bool dark = x >= 4 && x < qr.n_side + 4 && y >= 4 && y < qr.n_side + 4 &&
                                    qr.dark[(y - 4) * qr.n_side + x - 4];
                        const char *module = dark ? "\x1b[40m  " : "\x1b[107m  ";

                        assert_int_equal(strncmp(at, module, strlen(module)), 0);
                        at += strlen(module);
                }
                assert_int_equal(strncmp(at, "\x1b[0m\n", 5), 0);
                at += 5;
        }
        assert_string_equal(at, "");
        free(memory);
}

static void test_qr_terminal_has_two_modules_in_a_character(void **state)
{
        static const char *const blocks[] = {" ", "\xe2\x96\x84", "\xe2\x96\x80", "\xe2\x96\x88"};
        static struct qr qr;
        char *memory = NULL, *at;
        size_t n_memory;
        FILE *file = open_memstream(&memory, &n_memory);

        (void)state;
        assert_int_equal(qr_make(&qr, "ENR1:BB8", 8, false, 'M'), 0);
        assert_int_equal(qr_terminal_columns(&qr, true), qr.n_side + 8);
        assert_int_equal(qr_write_terminal(&qr, true, file), 0);
        assert_int_equal(fclose(file), 0);
        at = memory;
        for (unsigned y = 0; y < qr.n_side + 8; y += 2) {
                assert_int_equal(strncmp(at, "\x1b[30;107m", 9), 0);
                at += 9;
                for (unsigned x = 0; x < qr.n_side + 8; x++) {
                        unsigned block = 0;

                        for (unsigned i = 0; i < 2; i++)
                                if (x >= 4 && x < qr.n_side + 4 && y + i >= 4 &&
                                    y + i < qr.n_side + 4 &&
                                    qr.dark[(y + i - 4) * qr.n_side + x - 4])
                                        block |= 2u >> i;
                        assert_int_equal(strncmp(at, blocks[block], strlen(blocks[block])), 0);
                        at += strlen(blocks[block]);
                }
                assert_int_equal(strncmp(at, "\x1b[0m\n", 5), 0);
                at += 5;
        }
        assert_int_equal(*at, '\0');
        free(memory);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_qr_both_forms_are_read_back_exactly),
                cmocka_unit_test(test_qr_version_is_the_smallest_of_the_standard),
                cmocka_unit_test(test_qr_what_cannot_be_is_refused),
                cmocka_unit_test(test_qr_png_is_read_back),
                cmocka_unit_test(test_qr_svg_has_every_dark_module_and_no_other),
                cmocka_unit_test(test_qr_terminal_without_blocks_has_two_spaces_for_a_module),
                cmocka_unit_test(test_qr_terminal_has_two_modules_in_a_character),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
