/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a camera's frame: a byte for the format, one each for width and height in steps of
 * four pixels, one for the bytes of a row beyond that, and the frame.
 */

#include <linux/videodev2.h>

#include "read/frame.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint32_t fourccs[] = {
                V4L2_PIX_FMT_MJPEG,  V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_NV12,
                V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_UYVY,
        };
        _defer_(picture_done) struct picture p = {.luma = NULL};
        struct frame_format format;

        if (size < 4)
                return 0;
        format = (struct frame_format){.fourcc = fourccs[data[0] % ELEMENTSOF(fourccs)],
                                       .width = 4u * data[1],
                                       .height = 4u * data[2]};
        format.n_line = data[3] ? format.width + data[3] : 0;
        if (frame_parse(&p, &format, data + 4, size - 4) != 0)
                return 0;
        require(p.width >= 1 && p.width <= format.width);
        require(p.height >= 1 && p.height <= format.height);
        (void)picture_mean(&p);
        return 0;
}
