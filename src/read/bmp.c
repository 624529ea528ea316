/* SPDX-License-Identifier: Apache-2.0 */

#include "read/bmp.h"

#include <stdbool.h>
#include <string.h>

#include "read/reduction.h"

#define FILE_HEADER_BYTES 14
#define CORE_HEADER_BYTES 12 /* OS/2; later ones begin with the 40 bytes of Windows 3 */
#define INFO_HEADER_BYTES 40
#define COLOURS_MAX       256

enum {
        COMPRESSION_NONE = 0,
        COMPRESSION_FIELDS = 3,
        COMPRESSION_ALPHA_FIELDS = 6,
};

struct bmp {
        const uint8_t *file;
        size_t n_file, pixels; /* where the pixels begin */
        uint32_t width, height, bits;
        bool from_top;
        uint8_t palette[COLOURS_MAX][4]; /* RGBA */
        uint32_t masks[3];               /* of red, green and blue in 16 and 32 bits */
};

static uint32_t get_u16(const uint8_t *at)
{
        return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get_u32(const uint8_t *at)
{
        return get_u16(at) | get_u16(at + 2) << 16;
}

/* The palette ends where the pixels begin, or with the file. */
static void bmp_palette(struct bmp *b, size_t at, size_t n_entry)
{
        for (size_t i = 0; i < COLOURS_MAX; i++, at += n_entry) {
                b->palette[i][3] = 255;
                if (at + n_entry > b->n_file || at + n_entry > b->pixels)
                        continue;
                for (size_t c = 0; c < 3; c++)
                        b->palette[i][c] = b->file[at + 2 - c];
        }
}

static bool bits_are_known(uint32_t bits)
{
        return bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

static int bmp_core_header(struct bmp *b)
{
        const uint8_t *header = b->file + FILE_HEADER_BYTES;

        b->width = get_u16(header + 4);
        b->height = get_u16(header + 6);
        b->bits = get_u16(header + 10);
        bmp_palette(b, FILE_HEADER_BYTES + CORE_HEADER_BYTES, 3);
        return 0;
}

static int bmp_info_header(struct bmp *b, uint32_t n_header)
{
        static const uint32_t of_16[3] = {0x7c00, 0x03e0, 0x001f};
        static const uint32_t of_32[3] = {0xff0000, 0x00ff00, 0x0000ff};
        const uint8_t *header = b->file + FILE_HEADER_BYTES;
        uint32_t compression = get_u32(header + 16);
        bool fields = compression == COMPRESSION_FIELDS || compression == COMPRESSION_ALPHA_FIELDS;

        b->width = get_u32(header + 4);
        b->height = get_u32(header + 8);
        b->from_top = b->height > INT32_MAX;
        if (b->from_top)
                b->height = 0u - b->height;
        b->bits = get_u16(header + 14);
        memcpy(b->masks, b->bits == 16 ? of_16 : of_32, sizeof(b->masks));
        if (compression != COMPRESSION_NONE && !(fields && (b->bits == 16 || b->bits == 32)))
                return PICTURE_E_UNREADABLE;
        if (fields && b->n_file < FILE_HEADER_BYTES + INFO_HEADER_BYTES + 12)
                return PICTURE_E_TRUNCATED;
        for (size_t i = 0; fields && i < 3; i++)
                b->masks[i] = get_u32(header + INFO_HEADER_BYTES + 4 * i);
        bmp_palette(b, FILE_HEADER_BYTES + n_header, 4);
        return 0;
}

static int bmp_header(struct bmp *b)
{
        uint32_t n_header;
        int r;

        if (b->n_file < FILE_HEADER_BYTES + CORE_HEADER_BYTES)
                return PICTURE_E_TRUNCATED;
        b->pixels = get_u32(b->file + 10);
        n_header = get_u32(b->file + FILE_HEADER_BYTES);
        if (n_header != CORE_HEADER_BYTES && n_header < INFO_HEADER_BYTES)
                return PICTURE_E_UNREADABLE;
        if (b->n_file - FILE_HEADER_BYTES < n_header)
                return PICTURE_E_TRUNCATED;
        r = n_header == CORE_HEADER_BYTES ? bmp_core_header(b) : bmp_info_header(b, n_header);
        if (r == 0 && !bits_are_known(b->bits))
                return PICTURE_E_UNREADABLE;
        return r;
}

/* What the bits of a mask stand for, 0 to 255. */
static uint8_t field_of(uint32_t pixel, uint32_t mask)
{
        if (mask == 0)
                return 0;
        return (uint8_t)((uint64_t)(pixel & mask) * 255 / mask);
}

static void bmp_pixel(const struct bmp *b, const uint8_t *row, uint32_t x, uint8_t ret_rgba[4])
{
        uint32_t pixel = 0;
        size_t at = (size_t)x * b->bits / 8;

        if (b->bits <= 8) {
                pixel = row[at] >> (8 - b->bits - x * b->bits % 8) & ((1u << b->bits) - 1);
                memcpy(ret_rgba, b->palette[pixel], 4);
                return;
        }
        if (b->bits == 24) {
                for (size_t c = 0; c < 3; c++)
                        ret_rgba[c] = row[at + 2 - c];
        } else {
                pixel = b->bits == 16 ? get_u16(row + at) : get_u32(row + at);
                for (size_t c = 0; c < 3; c++)
                        ret_rgba[c] = field_of(pixel, b->masks[c]);
        }
        ret_rgba[3] = 255;
}

/* Rows are padded to four bytes. The file's first row may be the last one of the picture. */
static int bmp_rows(const struct bmp *b, struct reduction *reduction)
{
        size_t n_row = ((size_t)b->width * b->bits + 31) / 32 * 4;

        for (uint32_t i = 0; i < b->height; i++) {
                size_t at = b->pixels + i * n_row;

                if (at > b->n_file || b->n_file - at < n_row)
                        return PICTURE_E_TRUNCATED;
                for (uint32_t x = 0; x < b->width; x++) {
                        struct reduction_run run = {.y = b->from_top ? i : b->height - 1 - i,
                                                    .x = x,
                                                    .step = 1,
                                                    .n = 1};
                        uint8_t rgba[4];

                        bmp_pixel(b, b->file + at, x, rgba);
                        reduction_rgba(reduction, run, rgba);
                }
        }
        return 0;
}

int bmp_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct bmp b = {.file = file, .n_file = n_file};
        _defer_(reduction_done) struct reduction reduction = {.dark = NULL};
        int r;

        r = bmp_header(&b);
        if (r)
                return r;
        r = reduction_begin(&reduction, p, b.width, b.height);
        if (r)
                return r;
        r = bmp_rows(&b, &reduction);
        reduction_finish(&reduction);
        return r;
}
