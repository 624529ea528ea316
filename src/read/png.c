/* SPDX-License-Identifier: Apache-2.0 */

#include "read/png.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "read/reduction.h"

#define CHUNK_MAX   (4u * 1024 * 1024)    /* bytes, of a chunk that is not pixels */
#define DECODED_MAX (1024u * 1024 * 1024) /* bytes of all rows: 16384 x 16384 in RGBA */

/* What libpng's callbacks need. */
struct png {
        png_structp codec;
        png_infop info;
        const uint8_t *at, *end;
        bool ended; /* more bytes were asked for than there are */
        bool begun; /* the picture has its size */
        struct reduction reduction;
        uint8_t *row; /* RGBA */
        jmp_buf failed;
};

static void png_on_error(png_structp codec, png_const_charp message)
{
        (void)message;
        longjmp(((struct png *)png_get_error_ptr(codec))->failed, 1);
}

static void png_on_warning(png_structp codec, png_const_charp message)
{
        (void)codec;
        (void)message;
}

/* libpng asks for more than the next row needs, so it is given what is there, and stopped later. */
static void png_on_read(png_structp codec, png_bytep bytes, size_t n_bytes)
{
        struct png *g = png_get_io_ptr(codec);
        size_t n = (size_t)(g->end - g->at);

        if (g->ended)
                png_error(codec, "cut short");
        g->ended = n < n_bytes;
        n = n < n_bytes ? n : n_bytes;
        memcpy(bytes, g->at, n);
        memset(bytes + n, 0, n_bytes - n);
        g->at += n;
}

/* Whatever the file has becomes eight bits of red, green, blue and alpha. */
static void png_set_rgba(png_structp codec)
{
        png_set_expand(codec);
        png_set_scale_16(codec);
        png_set_gray_to_rgb(codec);
        png_set_add_alpha(codec, 255, PNG_FILLER_AFTER);
}

static void png_pass(struct png *g, int pass, uint32_t width, uint32_t height, bool interlaced)
{
        uint32_t n_rows = interlaced ? PNG_PASS_ROWS(height, pass) : height;
        uint32_t n = interlaced ? PNG_PASS_COLS(width, pass) : width;

        /* libpng leaves out the rows of a pass that has no columns. */
        for (uint32_t y = 0; n > 0 && y < n_rows; y++) {
                struct reduction_run run = {.y = y, .x = 0, .step = 1, .n = n};

                if (interlaced)
                        run = (struct reduction_run){.y = PNG_ROW_FROM_PASS_ROW(y, pass),
                                                     .x = PNG_PASS_START_COL(pass),
                                                     .step = PNG_PASS_COL_OFFSET(pass),
                                                     .n = n};
                png_read_row(g->codec, g->row, NULL);
                reduction_rgba(&g->reduction, run, g->row);
        }
}

static int png_decode(struct png *g, struct picture *p)
{
        uint32_t width, height;
        bool interlaced;
        int r;

        png_set_read_fn(g->codec, g, png_on_read);
        png_set_user_limits(g->codec, REDUCTION_SIDE_MAX, REDUCTION_SIDE_MAX);
        png_set_chunk_malloc_max(g->codec, CHUNK_MAX);
        /* Sums that are wrong are no reason to give up: the code's own check decides. */
        png_set_crc_action(g->codec, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
        png_read_info(g->codec, g->info);
        width = png_get_image_width(g->codec, g->info);
        height = png_get_image_height(g->codec, g->info);
        interlaced = png_get_interlace_type(g->codec, g->info) == PNG_INTERLACE_ADAM7;
        if ((uint64_t)png_get_rowbytes(g->codec, g->info) * height > DECODED_MAX)
                return PICTURE_E_TOO_LARGE;
        png_set_rgba(g->codec);
        png_read_update_info(g->codec, g->info);
        if (png_get_rowbytes(g->codec, g->info) != (size_t)4 * width)
                return PICTURE_E_UNREADABLE;
        r = reduction_begin(&g->reduction, p, width, height);
        if (r)
                return r;
        g->begun = true;
        g->row = png_malloc(g->codec, (size_t)4 * width);
        for (int pass = 0; pass < (interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1); pass++)
                png_pass(g, pass, width, height, interlaced);
        return g->ended ? PICTURE_E_TRUNCATED : 0;
}

/* libpng knows the limits of a side before anything is decoded, and says no more than "error". */
static bool png_is_huge(const uint8_t *file, size_t n_file)
{
        static const size_t sides[] = {16, 20}; /* of the file: width, height */

        for (size_t i = 0; n_file >= 24 && i < 2; i++)
                if (file[sides[i]] > 0 || file[sides[i] + 1] > 0)
                        return true;
        return false;
}

/* After an error: rows that have come are worth a look, whatever ended them. */
static int png_outcome(const struct png *g, const uint8_t *file, size_t n_file)
{
        if (g->ended || g->begun)
                return PICTURE_E_TRUNCATED;
        return png_is_huge(file, n_file) ? PICTURE_E_TOO_LARGE : PICTURE_E_UNREADABLE;
}

int png_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct png g = {.at = file, .end = file + n_file};
        int r;

        g.codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, &g, png_on_error, png_on_warning);
        g.info = g.codec ? png_create_info_struct(g.codec) : NULL;
        if (!g.info)
                r = PICTURE_E_UNREADABLE;
        else if (setjmp(g.failed) == 0)
                r = png_decode(&g, p);
        else
                r = png_outcome(&g, file, n_file);
        if (g.begun)
                reduction_finish(&g.reduction);
        reduction_done(&g.reduction);
        if (g.codec)
                png_free(g.codec, g.row);
        png_destroy_read_struct(&g.codec, &g.info, NULL);
        return r;
}
