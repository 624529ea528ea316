/* SPDX-License-Identifier: Apache-2.0 */

#include "read/jpeg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "read/reduction.h"

#define SCANS_MAX  64                  /* a progressive picture of a real encoder has about ten */
#define MEMORY_MAX (160 * 1024 * 1024) /* bytes; the coefficients of 4096x4096 in three colours */

/* What libjpeg's callbacks need; each library struct is the first member of ours. */
struct jpeg {
        struct jpeg_decompress_struct codec;
        struct jpeg_error_mgr errors;
        struct jpeg_progress_mgr progress;
        struct reduction reduction;
        uint8_t *row; /* grey, or CMYK */
        bool ended;   /* the file has no more bytes; libjpeg goes on with an end of its own */
        bool begun;   /* the picture has its size */
        jmp_buf failed;
};

static void jpeg_on_error(j_common_ptr codec)
{
        longjmp(((struct jpeg *)codec)->failed, 1);
}

/* Cheap cameras pad and misplace markers, which libjpeg survives; an early end it paints over. */
static void jpeg_on_message(j_common_ptr codec, int level)
{
        if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF)
                ((struct jpeg *)codec)->ended = true;
}

/* Without this bound a small file with many scans keeps the processor busy for minutes. */
static void jpeg_on_progress(j_common_ptr codec)
{
        if (((j_decompress_ptr)codec)->input_scan_number > SCANS_MAX)
                jpeg_on_error(codec);
}

static void jpeg_open(struct jpeg *j)
{
        j->codec.err = jpeg_std_error(&j->errors);
        j->errors.error_exit = jpeg_on_error;
        j->errors.emit_message = jpeg_on_message;
        j->progress.progress_monitor = jpeg_on_progress;
        jpeg_create_decompress(&j->codec);
        j->codec.progress = &j->progress;
        j->codec.mem->max_memory_to_use = MEMORY_MAX;
}

/* Chooses the scale at which libjpeg decodes, and makes room for the result. */
static int jpeg_fit(struct jpeg *j, struct picture *p)
{
        j_decompress_ptr codec = &j->codec;
        bool ink = codec->jpeg_color_space == JCS_CMYK || codec->jpeg_color_space == JCS_YCCK;
        int r;

        if ((uint64_t)codec->image_width * codec->image_height > REDUCTION_PIXELS_MAX)
                return PICTURE_E_TOO_LARGE;
        codec->out_color_space = ink ? JCS_CMYK : JCS_GRAYSCALE;
        for (codec->scale_denom = 1;; codec->scale_denom *= 2) {
                jpeg_calc_output_dimensions(codec);
                if (codec->scale_denom == 8 || (codec->output_width <= PICTURE_SIDE_MAX &&
                                                codec->output_height <= PICTURE_SIDE_MAX))
                        break;
        }
        r = reduction_begin(&j->reduction, p, codec->output_width, codec->output_height);
        j->begun = r == 0;
        return r;
}

/*
 * Four inks to grey, in place. Adobe's programs, which made nearly all such files, write 255 for no
 * ink; the standard says 0.
 */
static void row_mix_inks(const struct jpeg *j, uint8_t *row)
{
        unsigned flip = j->codec.saw_Adobe_marker ? 0 : 255;

        for (uint32_t x = 0; x < j->codec.output_width; x++) {
                unsigned c = row[4 * x] ^ flip, m = row[4 * x + 1] ^ flip,
                         y = row[4 * x + 2] ^ flip, k = row[4 * x + 3] ^ flip;

                row[x] = (uint8_t)((77 * c + 150 * m + 29 * y + 128) / 256 * k / 255);
        }
}

static int jpeg_decode(struct jpeg *j, struct picture *p, const uint8_t *file, size_t n_file)
{
        j_decompress_ptr codec = &j->codec;
        int r;

        jpeg_open(j);
        jpeg_mem_src(codec, file, n_file);
        (void)jpeg_read_header(codec, TRUE);
        r = jpeg_fit(j, p);
        if (r)
                return r;
        j->row = malloc((size_t)4 * codec->output_width);
        if (!j->row)
                return -ENOMEM;
        (void)jpeg_start_decompress(codec);
        while (codec->output_scanline < codec->output_height) {
                struct reduction_run run = {
                        .y = codec->output_scanline, .step = 1, .n = codec->output_width};

                (void)jpeg_read_scanlines(codec, &j->row, 1);
                if (codec->out_color_space == JCS_CMYK)
                        row_mix_inks(j, j->row);
                reduction_grey(&j->reduction, run, j->row);
        }
        (void)jpeg_finish_decompress(codec);
        return j->ended ? PICTURE_E_TRUNCATED : 0;
}

/* After an error: rows that have come are worth a look, whatever ended them. */
static int jpeg_outcome(const struct jpeg *j)
{
        int code = j->errors.msg_code;

        if (code == JERR_OUT_OF_MEMORY || code == JERR_NO_BACKING_STORE)
                return PICTURE_E_TOO_LARGE;
        return j->ended || j->begun ? PICTURE_E_TRUNCATED : PICTURE_E_UNREADABLE;
}

int jpeg_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct jpeg j = {.codec = {.err = NULL}};
        int r;

        if (setjmp(j.failed) == 0)
                r = jpeg_decode(&j, p, file, n_file);
        else
                r = jpeg_outcome(&j);
        if (j.begun)
                reduction_finish(&j.reduction);
        reduction_done(&j.reduction);
        free(j.row);
        jpeg_destroy_decompress(&j.codec);
        return r;
}
