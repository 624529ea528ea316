/* SPDX-License-Identifier: Apache-2.0 */

#include "read/jpeg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

#define SIDE_MAX   16384
#define SCANS_MAX  64                  /* a progressive picture of a real encoder has about ten */
#define MEMORY_MAX (160 * 1024 * 1024) /* bytes; the coefficients of 4096x4096 in three colours */

/* What libjpeg's callbacks need; each library struct is the first member of ours. */
struct jpeg {
        struct jpeg_decompress_struct codec;
        struct jpeg_error_mgr errors;
        struct jpeg_progress_mgr progress;
        jmp_buf failed;
};

static void jpeg_on_error(j_common_ptr codec)
{
        longjmp(((struct jpeg *)codec)->failed, 1);
}

/* Cheap cameras pad and misplace markers, which libjpeg survives; an early end it would paint
 * over. */
static void jpeg_on_message(j_common_ptr codec, int level)
{
        if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF)
                jpeg_on_error(codec);
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

/* Chooses the scale and makes room for the result. */
static int jpeg_fit(struct jpeg *j, struct picture *p)
{
        j_decompress_ptr codec = &j->codec;

        if (codec->image_width > SIDE_MAX || codec->image_height > SIDE_MAX)
                return PICTURE_E_UNREADABLE;
        codec->out_color_space = JCS_GRAYSCALE;
        for (codec->scale_denom = 1; codec->scale_denom <= 8; codec->scale_denom *= 2) {
                jpeg_calc_output_dimensions(codec);
                if (codec->output_width <= PICTURE_SIDE_MAX &&
                    codec->output_height <= PICTURE_SIDE_MAX)
                        return picture_resize(p, codec->output_width, codec->output_height);
        }
        return PICTURE_E_UNREADABLE;
}

static int jpeg_decode(struct jpeg *j, struct picture *p, const uint8_t *file, size_t n_file)
{
        int r;

        jpeg_open(j);
        jpeg_mem_src(&j->codec, file, n_file);
        (void)jpeg_read_header(&j->codec, TRUE);
        r = jpeg_fit(j, p);
        if (r)
                return r;
        (void)jpeg_start_decompress(&j->codec);
        while (j->codec.output_scanline < j->codec.output_height) {
                JSAMPROW row = p->luma + (size_t)j->codec.output_scanline * p->width;

                (void)jpeg_read_scanlines(&j->codec, &row, 1);
        }
        (void)jpeg_finish_decompress(&j->codec);
        return 0;
}

int jpeg_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct jpeg j = {.codec = {.err = NULL}};
        int r;

        if (setjmp(j.failed) == 0)
                r = jpeg_decode(&j, p, file, n_file);
        else
                r = j.errors.msg_code == JERR_OUT_OF_MEMORY ? -ENOMEM : PICTURE_E_UNREADABLE;
        jpeg_destroy_decompress(&j.codec);
        return r;
}
