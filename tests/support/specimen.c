/* SPDX-License-Identifier: Apache-2.0 */

#include "support/specimen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIRST_ROWS 4

void specimen_add(struct specimen *file, const void *bytes, size_t n_bytes)
{
        file->bytes = realloc(file->bytes, file->n_bytes + n_bytes);
        assert_non_null(file->bytes);
        memcpy(file->bytes + file->n_bytes, bytes, n_bytes);
        file->n_bytes += n_bytes;
}

void specimen_done(struct specimen *file)
{
        free(file->bytes);
        *file = (struct specimen){.bytes = NULL};
}

uint8_t specimen_luma(uint32_t x, uint32_t y)
{
        return (x / 8 + y / 8) % 2 == 0 ? 0 : 255;
}

static void assert_rows(const struct picture *p, uint32_t n_rows, unsigned tolerance)
{
        for (uint32_t y = 0; y < n_rows; y++)
                for (uint32_t x = 0; x < p->width; x++) {
                        int is = p->luma[(size_t)y * p->width + x], should = specimen_luma(x, y);

                        assert_in_range(is > should ? is - should : should - is, 0, tolerance);
                }
}

void specimen_assert(const struct picture *p, uint32_t width, uint32_t height, unsigned tolerance)
{
        assert_int_equal(p->width, width);
        assert_int_equal(p->height, height);
        assert_rows(p, height, tolerance);
}

/* The bytes end where an allocation does, so that a sanitizer sees what is read beyond. */
static int parse_copy(struct picture *p, specimen_parse *parse, const uint8_t *bytes, size_t n)
{
        uint8_t *copy = malloc(n);
        int r;

        assert_non_null(copy);
        memcpy(copy, bytes, n);
        p->width = 0;
        p->height = 0;
        r = parse(p, copy, n);
        free(copy);
        return r;
}

void specimen_assert_hostile(const struct specimen *file, specimen_parse *parse, unsigned tolerance)
{
        _defer_(picture_done) struct picture p = {.luma = NULL};

        for (size_t n = 2; n < file->n_bytes; n += n < 200 ? 1 : 31)
                assert_in_range(parse_copy(&p, parse, file->bytes, n), 0, PICTURE_E_TOO_LARGE);
        for (size_t i = 2; i < file->n_bytes; i += i < 200 ? 1 : 31) {
                file->bytes[i] ^= 0x55;
                assert_in_range(parse_copy(&p, parse, file->bytes, file->n_bytes), 0,
                                PICTURE_E_TOO_LARGE);
                file->bytes[i] ^= 0x55;
        }
        if (tolerance > 255)
                return;
        assert_int_equal(parse_copy(&p, parse, file->bytes, file->n_bytes / 4 * 3),
                         PICTURE_E_TRUNCATED);
        assert_in_range(p.height, FIRST_ROWS, PICTURE_SIDE_MAX);
        assert_rows(&p, FIRST_ROWS, tolerance);
}
