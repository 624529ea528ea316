/* SPDX-License-Identifier: Apache-2.0 */

#include "read/tiff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "read/reduction.h"

#define BLOCK_PIXELS_MAX (32u * 1024 * 1024) /* of a strip or tile, which is decoded as a whole */

/* The file in memory, as libtiff reads it. */
struct tiff {
        const uint8_t *file;
        size_t n_file, at;
};

/* A strip or a tile: what libtiff decodes at once. */
struct tiff_block {
        uint32_t x, y, width, height; /* pixels; the last ones reach beyond the picture */
        bool tiled;
        uint32_t *raster; /* from the bottom up */
};

static tmsize_t tiff_on_read(thandle_t handle, void *bytes, tmsize_t n_bytes)
{
        struct tiff *t = handle;
        size_t n = t->at < t->n_file ? t->n_file - t->at : 0;

        n = (size_t)n_bytes < n ? (size_t)n_bytes : n;
        if (n > 0)
                memcpy(bytes, t->file + t->at, n);
        t->at += n;
        return (tmsize_t)n;
}

static tmsize_t tiff_on_write(thandle_t handle, void *bytes, tmsize_t n_bytes)
{
        (void)handle;
        (void)bytes;
        (void)n_bytes;
        return -1;
}

static toff_t tiff_on_seek(thandle_t handle, toff_t offset, int whence)
{
        struct tiff *t = handle;
        toff_t from = whence == SEEK_CUR ? t->at : whence == SEEK_END ? t->n_file : 0;

        t->at = (size_t)(from + offset);
        return t->at;
}

static int tiff_on_close(thandle_t handle)
{
        (void)handle;
        return 0;
}

static toff_t tiff_on_size(thandle_t handle)
{
        return ((struct tiff *)handle)->n_file;
}

/* libtiff has multiplied the colours by alpha already; what that leaves of white is added. */
static void tiff_compose(uint32_t pixel, uint8_t ret_rgba[4])
{
        uint32_t ground = 255 - TIFFGetA(pixel);

        ret_rgba[0] = (uint8_t)(TIFFGetR(pixel) + ground);
        ret_rgba[1] = (uint8_t)(TIFFGetG(pixel) + ground);
        ret_rgba[2] = (uint8_t)(TIFFGetB(pixel) + ground);
        ret_rgba[3] = 255;
}

/* A block's rows, the lowest first. */
static void tiff_take(const struct tiff_block *block, struct reduction *reduction)
{
        for (uint32_t i = 0; i < block->height; i++)
                for (uint32_t x = 0; x < block->width; x++) {
                        struct reduction_run run = {.y = block->y + block->height - 1 - i,
                                                    .x = block->x + x,
                                                    .step = 1,
                                                    .n = 1};
                        uint8_t rgba[4];

                        tiff_compose(block->raster[(size_t)i * block->width + x], rgba);
                        reduction_rgba(reduction, run, rgba);
                }
}

static bool tiff_read_block(TIFF *codec, struct tiff_block *block, uint32_t height)
{
        if (block->tiled)
                return TIFFReadRGBATileExt(codec, block->x, block->y, block->raster, 1) != 0;
        /* The rows of the last strip are no more than are left. */
        if (height - block->y < block->height)
                block->height = height - block->y;
        return TIFFReadRGBAStripExt(codec, block->y, block->raster, 1) != 0;
}

static int tiff_blocks(TIFF *codec, struct tiff_block *block, struct reduction *reduction)
{
        const uint32_t width = block->width, height = block->height;

        for (uint32_t y = 0; y < reduction->height; y += height)
                for (uint32_t x = 0; x < reduction->width; x += width) {
                        block->x = x;
                        block->y = y;
                        if (!tiff_read_block(codec, block, reduction->height))
                                return PICTURE_E_TRUNCATED;
                        tiff_take(block, reduction);
                }
        return 0;
}

/* Blocks may reach far beyond the picture, and are decoded all the same. */
static bool tiff_block_is_large(const struct tiff_block *block, const struct reduction *reduction)
{
        uint64_t n_pixels = (uint64_t)block->width * block->height;
        uint64_t n_across = (reduction->width - 1) / block->width + 1;
        uint64_t n_down = (reduction->height - 1) / block->height + 1;

        return n_pixels > BLOCK_PIXELS_MAX ||
               n_pixels * n_across * n_down > UINT64_C(2) * REDUCTION_PIXELS_MAX;
}

/* The size of what is decoded at once. */
static int tiff_measure(TIFF *codec, const struct reduction *reduction, struct tiff_block *block)
{
        block->tiled = TIFFIsTiled(codec) != 0;
        block->width = reduction->width;
        block->height = reduction->height;
        if (block->tiled) {
                if (!TIFFGetField(codec, TIFFTAG_TILEWIDTH, &block->width) ||
                    !TIFFGetField(codec, TIFFTAG_TILELENGTH, &block->height))
                        return PICTURE_E_UNREADABLE;
        } else {
                (void)TIFFGetFieldDefaulted(codec, TIFFTAG_ROWSPERSTRIP, &block->height);
                if (block->height > reduction->height)
                        block->height = reduction->height;
        }
        if (block->width == 0 || block->height == 0)
                return PICTURE_E_UNREADABLE;
        return tiff_block_is_large(block, reduction) ? PICTURE_E_TOO_LARGE : 0;
}

static int tiff_decode(TIFF *codec, struct picture *p)
{
        _defer_(reduction_done) struct reduction reduction = {.dark = NULL};
        struct tiff_block block = {.raster = NULL};
        uint32_t width = 0, height = 0;
        char message[1024]; /* as libtiff wants it */
        int r;

        if (!TIFFGetField(codec, TIFFTAG_IMAGEWIDTH, &width) ||
            !TIFFGetField(codec, TIFFTAG_IMAGELENGTH, &height) || !TIFFRGBAImageOK(codec, message))
                return PICTURE_E_UNREADABLE;
        r = reduction_begin(&reduction, p, width, height);
        if (r == 0)
                r = tiff_measure(codec, &reduction, &block);
        if (r)
                return r;
        block.raster = calloc((size_t)block.width * block.height, sizeof(*block.raster));
        if (!block.raster)
                return -ENOMEM;
        r = tiff_blocks(codec, &block, &reduction);
        reduction_finish(&reduction);
        free(block.raster);
        return r;
}

/* Whether the first directory, which may stand behind the pixels, lies beyond the file's end. */
static bool tiff_is_cut(const uint8_t *file, size_t n_file)
{
        uint64_t offset = 0;

        if (n_file < 8)
                return true;
        if (file[2] + file[3] != '*') /* BigTIFF; its offset is longer */
                return n_file < 16;
        for (size_t i = 0; i < 4; i++)
                offset |= (uint64_t)file[4 + i] << (file[0] == 'I' ? 8 * i : 24 - 8 * i);
        return offset + 2 > n_file;
}

int tiff_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct tiff t = {.file = file, .n_file = n_file};
        TIFF *codec;
        int r;

        (void)TIFFSetErrorHandler(NULL);
        (void)TIFFSetWarningHandler(NULL);
        /* m: through these functions, not mapped. */
        codec = TIFFClientOpen("picture", "rm", &t, tiff_on_read, tiff_on_write, tiff_on_seek,
                               tiff_on_close, tiff_on_size, NULL, NULL);
        if (!codec)
                return tiff_is_cut(file, n_file) ? PICTURE_E_TRUNCATED : PICTURE_E_UNREADABLE;
        r = tiff_decode(codec, p);
        TIFFClose(codec);
        return r;
}
