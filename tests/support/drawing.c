/* SPDX-License-Identifier: Apache-2.0 */

#include "support/drawing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>
#include <qrencode.h>

#define QUIET        4 /* modules of margin (ISO/IEC 18004, section 6.3.8) */
#define FINDER       8 /* modules of a finder pattern and its separator */
#define ALPHANUMERIC "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

static uint32_t next_random(uint32_t *seed)
{
        *seed = *seed * 1664525u + 1013904223u;
        return *seed >> 8;
}

void drawing_blank(struct picture *p, uint32_t width, uint32_t height, uint8_t luma)
{
        assert_int_equal(picture_resize(p, width, height), 0);
        memset(p->luma, luma, (size_t)width * height);
}

void drawing_noise(struct picture *p, unsigned amplitude, uint32_t seed)
{
        for (size_t i = 0; i < (size_t)p->width * p->height; i++) {
                int v = p->luma[i] + (int)(next_random(&seed) % (2 * amplitude + 1)) -
                        (int)amplitude;

                p->luma[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
}

static bool in_finder(int x, int y, int width)
{
        return (x < FINDER && y < FINDER) || (x >= width - FINDER && y < FINDER) ||
               (x < FINDER && y >= width - FINDER);
}

static void draw_module(struct picture *p, uint32_t x, uint32_t y, uint32_t size, uint8_t luma)
{
        for (uint32_t row = y; row < y + size; row++)
                memset(p->luma + (size_t)row * p->width + x, luma, size);
}

static void draw_code(struct picture *p, const struct drawing *d, const QRcode *code)
{
        uint32_t n = (uint32_t)code->width, left, top, seed = 7;

        assert_true(p->width >= n * d->module && p->height >= n * d->module);
        left = (p->width - n * d->module) / 2;
        top = (p->height - n * d->module) / 2;
        for (uint32_t y = 0; y < n; y++)
                for (uint32_t x = 0; x < n; x++) {
                        bool dark = code->data[y * n + x] & 1;

                        if (next_random(&seed) % 256 < d->damage &&
                            !in_finder((int)x, (int)y, (int)n))
                                dark = !dark;
                        draw_module(p, left + x * d->module, top + y * d->module, d->module,
                                    dark ? d->dark : d->light);
                }
}

void drawing_make(struct picture *p, const struct drawing *d, const uint8_t *data, size_t n_data)
{
        QRinput *input = QRinput_new2(0, QR_ECLEVEL_M);
        bool text = true;
        uint32_t side;
        QRcode *code;

        for (size_t i = 0; i < n_data; i++)
                text = text && data[i] && strchr(ALPHANUMERIC, data[i]);
        assert_non_null(input);
        assert_int_equal(QRinput_append(input, text ? QR_MODE_AN : QR_MODE_8, (int)n_data, data),
                         0);
        code = QRcode_encodeInput(input);
        assert_non_null(code);
        side = ((uint32_t)code->width + 2 * QUIET) * d->module;
        drawing_blank(p, d->width ? d->width : side, d->height ? d->height : side, d->light);
        draw_code(p, d, code);
        QRcode_free(code);
        QRinput_free(input);
}

void drawing_fill_binary(uint8_t *data, size_t n_data, uint32_t seed)
{
        for (size_t i = 0; i < n_data; i++)
                data[i] = (uint8_t)next_random(&seed);
        data[0] = 0xd2;
        data[1] = 0x84;
}

void drawing_fill_text(uint8_t *data, size_t n_data, uint32_t seed)
{
        for (size_t i = 0; i < n_data; i++)
                data[i] = (uint8_t)ALPHANUMERIC[next_random(&seed) % 45];
        memcpy(data, "ENR1:", 5);
}

void drawing_bars(struct picture *p, const char *bars)
{
        uint32_t n = (uint32_t)strlen(bars);

        drawing_blank(p, (n + 30) * 3, 120, 255);
        for (uint32_t y = 10; y < 110; y++)
                for (uint32_t x = 0; x < n * 3; x++)
                        p->luma[y * p->width + 45 + x] = bars[x / 3] == '1' ? 0 : 255;
}
