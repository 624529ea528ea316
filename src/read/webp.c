/* SPDX-License-Identifier: Apache-2.0 */

#include "read/webp.h"

#include <errno.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "read/reduction.h"

#define RGBA_BYTES 4

/* The bytes of one picture: of a still one the file, of an animation its first frame. */
struct webp {
        const uint8_t *bytes;
        size_t n_bytes;
        WebPDecoderConfig config;
};

static int webp_outcome(VP8StatusCode status)
{
        switch (status) {
        case VP8_STATUS_OK:
                return 0;
        case VP8_STATUS_NOT_ENOUGH_DATA:
        case VP8_STATUS_SUSPENDED:
                return PICTURE_E_TRUNCATED;
        case VP8_STATUS_OUT_OF_MEMORY:
                return PICTURE_E_TOO_LARGE;
        default:
                return PICTURE_E_UNREADABLE;
        }
}

/* One side of a picture whose longer one is @side, reduced. A header may claim 2^24 pixels. */
static int webp_scaled(int length, int side)
{
        return (int)(((int64_t)length * PICTURE_SIDE_MAX + side - 1) / side);
}

/* libwebp reduces while it decodes, by any factor. */
static void webp_fit(struct webp *w)
{
        int width = w->config.input.width, height = w->config.input.height;
        int side = width > height ? width : height;

        w->config.output.colorspace = MODE_RGBA;
        if (side <= PICTURE_SIDE_MAX)
                return;
        w->config.options.use_scaling = 1;
        w->config.options.scaled_width = webp_scaled(width, side);
        w->config.options.scaled_height = webp_scaled(height, side);
}

/* Takes over the rows that are there, which are all of them if nothing is missing. */
static int webp_take(const WebPIDecoder *decoder, const struct webp *w, struct picture *p)
{
        _defer_(reduction_done) struct reduction reduction = {.dark = NULL};
        const WebPDecoderOptions *options = &w->config.options;
        int width = options->use_scaling ? options->scaled_width : w->config.input.width;
        int height = options->use_scaling ? options->scaled_height : w->config.input.height;
        int n_rows = 0, n_row = 0, r;
        const uint8_t *rgba;

        r = reduction_begin(&reduction, p, (uint32_t)width, (uint32_t)height);
        if (r)
                return r;
        rgba = WebPIDecGetRGB(decoder, &n_rows, NULL, NULL, &n_row);
        for (int y = 0; rgba && y < n_rows; y++) {
                struct reduction_run run = {
                        .y = (uint32_t)y, .x = 0, .step = 1, .n = (uint32_t)width};

                reduction_rgba(&reduction, run, rgba + (size_t)y * (size_t)n_row);
        }
        reduction_finish(&reduction);
        return 0;
}

static int webp_decode(struct webp *w, struct picture *p)
{
        WebPIDecoder *decoder;
        int outcome, r = 0;

        webp_fit(w);
        decoder = WebPIDecode(NULL, 0, &w->config);
        if (!decoder)
                return -ENOMEM;
        outcome = webp_outcome(WebPIAppend(decoder, w->bytes, w->n_bytes));
        if (outcome == 0 || outcome == PICTURE_E_TRUNCATED)
                r = webp_take(decoder, w, p);
        WebPIDelete(decoder);
        WebPFreeDecBuffer(&w->config.output);
        return r ? r : outcome;
}

/* The first frame of an animation, which is a whole file of its own but for the header. */
static int webp_first_frame(struct webp *w, struct picture *p)
{
        const WebPData data = {w->bytes, w->n_bytes};
        WebPDemuxer *demuxer = WebPDemuxPartial(&data, NULL);
        WebPIterator frame;
        int r;

        if (!demuxer)
                return PICTURE_E_TRUNCATED;
        if (!WebPDemuxGetFrame(demuxer, 1, &frame)) {
                WebPDemuxDelete(demuxer);
                return PICTURE_E_TRUNCATED;
        }
        w->bytes = frame.fragment.bytes;
        w->n_bytes = frame.fragment.size;
        r = webp_outcome(WebPGetFeatures(w->bytes, w->n_bytes, &w->config.input));
        if (r == 0)
                r = webp_decode(w, p);
        WebPDemuxReleaseIterator(&frame);
        WebPDemuxDelete(demuxer);
        return r;
}

int webp_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct webp w = {.bytes = file, .n_bytes = n_file};
        int r;

        if (!WebPInitDecoderConfig(&w.config))
                return PICTURE_E_UNREADABLE;
        r = webp_outcome(WebPGetFeatures(file, n_file, &w.config.input));
        if (r)
                return r;
        return w.config.input.has_animation ? webp_first_frame(&w, p) : webp_decode(&w, p);
}
