/* SPDX-License-Identifier: Apache-2.0 */

#include "read/gif.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "read/reduction.h"

#define RECORDS_MAX 1000 /* before the first picture */

struct gif {
        const uint8_t *at, *end;
        GifFileType *codec;
        bool ended; /* more bytes were asked for than there are */
        int transparent;
        uint8_t *row, *rgba;
};

static int gif_on_read(GifFileType *codec, GifByteType *bytes, int n_bytes)
{
        struct gif *g = codec->UserData;
        int n = n_bytes;

        if (g->end - g->at < n) {
                n = (int)(g->end - g->at);
                g->ended = true;
        }
        memcpy(bytes, g->at, (size_t)n);
        g->at += n;
        return n;
}

/* Which colour is transparent stands in an extension before the picture. */
static bool gif_extension(struct gif *g)
{
        GraphicsControlBlock control;
        GifByteType *block = NULL;
        int code;

        if (DGifGetExtension(g->codec, &code, &block) != GIF_OK)
                return false;
        while (block) {
                if (code == GRAPHICS_EXT_FUNC_CODE &&
                    DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
                        g->transparent = control.TransparentColor;
                if (DGifGetExtensionNext(g->codec, &block) != GIF_OK)
                        return false;
        }
        return true;
}

/* Goes to the first picture. */
static bool gif_find(struct gif *g)
{
        GifRecordType record;

        for (unsigned i = 0; i < RECORDS_MAX; i++) {
                if (DGifGetRecordType(g->codec, &record) != GIF_OK)
                        return false;
                if (record == IMAGE_DESC_RECORD_TYPE)
                        return DGifGetImageDesc(g->codec) == GIF_OK;
                if (record != EXTENSION_RECORD_TYPE || !gif_extension(g))
                        return false;
        }
        return false;
}

static void gif_colour(const struct gif *g, const ColorMapObject *map, uint8_t index,
                       uint8_t ret_rgba[4])
{
        memset(ret_rgba, 0, 4);
        ret_rgba[3] = index == g->transparent ? 0 : 255;
        if (!map || index >= map->ColorCount)
                return;
        ret_rgba[0] = map->Colors[index].Red;
        ret_rgba[1] = map->Colors[index].Green;
        ret_rgba[2] = map->Colors[index].Blue;
}

static int gif_row(struct gif *g, struct reduction *reduction, uint32_t y)
{
        const GifImageDesc *image = &g->codec->Image;
        const ColorMapObject *map = image->ColorMap ? image->ColorMap : g->codec->SColorMap;
        struct reduction_run run = {.y = y, .x = 0, .step = 1, .n = reduction->width};

        if (DGifGetLine(g->codec, g->row, (int)reduction->width) != GIF_OK)
                return PICTURE_E_TRUNCATED;
        for (uint32_t x = 0; x < reduction->width; x++)
                gif_colour(g, map, g->row[x], g->rgba + (size_t)4 * x);
        reduction_rgba(reduction, run, g->rgba);
        return 0;
}

static int gif_rows(struct gif *g, struct reduction *reduction)
{
        /* GIF89a, appendix E. */
        static const struct {
                uint32_t first, step;
        } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, whole = {0, 1};
        bool interlaced = g->codec->Image.Interlace;
        int r = 0;

        for (size_t i = 0; r == 0 && i < (interlaced ? ELEMENTSOF(passes) : 1); i++) {
                uint32_t first = interlaced ? passes[i].first : whole.first;
                uint32_t step = interlaced ? passes[i].step : whole.step;

                for (uint32_t y = first; r == 0 && y < reduction->height; y += step)
                        r = gif_row(g, reduction, y);
        }
        return r;
}

static int gif_decode(struct gif *g, struct picture *p)
{
        _defer_(reduction_done) struct reduction reduction = {.dark = NULL};
        int r;

        if (!gif_find(g))
                return g->ended ? PICTURE_E_TRUNCATED : PICTURE_E_UNREADABLE;
        r = reduction_begin(&reduction, p, (uint32_t)g->codec->Image.Width,
                            (uint32_t)g->codec->Image.Height);
        if (r)
                return r;
        g->row = malloc(reduction.width);
        g->rgba = malloc((size_t)4 * reduction.width);
        if (!g->row || !g->rgba)
                return -ENOMEM;
        r = gif_rows(g, &reduction);
        reduction_finish(&reduction);
        return r;
}

int gif_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct gif g = {.at = file, .end = file + n_file, .transparent = NO_TRANSPARENT_COLOR};
        int r;

        g.codec = DGifOpen(&g, gif_on_read, NULL);
        if (!g.codec)
                return g.ended ? PICTURE_E_TRUNCATED : PICTURE_E_UNREADABLE;
        r = gif_decode(&g, p);
        (void)DGifCloseFile(g.codec, NULL);
        free(g.row);
        free(g.rgba);
        return r;
}
