/* SPDX-License-Identifier: Apache-2.0 */

#include "read/image.h"

#include <errno.h>
#include <unistd.h>

#include "read/bmp.h"
#include "read/format.h"
#include "read/gif.h"
#include "read/jpeg.h"
#include "read/pgm.h"
#include "read/png.h"
#include "read/tiff.h"
#include "read/webp.h"
#include "util/file.h"

static int image_decode(struct picture *p, enum format format, const uint8_t *file, size_t n_file)
{
        switch (format) {
        case FORMAT_PNG:
                return png_parse(p, file, n_file);
        case FORMAT_JPEG:
                return jpeg_parse(p, file, n_file);
        case FORMAT_PGM:
                return pgm_parse(p, file, n_file);
        case FORMAT_GIF:
                return gif_parse(p, file, n_file);
        case FORMAT_WEBP:
                return webp_parse(p, file, n_file);
        case FORMAT_BMP:
                return bmp_parse(p, file, n_file);
        case FORMAT_TIFF:
                return tiff_parse(p, file, n_file);
        default:
                return PICTURE_E_UNREADABLE;
        }
}

int image_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        static const enum reason reasons[] = {
                [0] = REASON_NONE,
                [PICTURE_E_UNREADABLE] = REASON_IMAGE_UNREADABLE,
                [PICTURE_E_TRUNCATED] = REASON_IMAGE_TRUNCATED,
                [PICTURE_E_TOO_LARGE] = REASON_IMAGE_TOO_LARGE,
        };
        enum format format = format_of(file, n_file);
        int r;

        p->width = 0;
        p->height = 0;
        if (format_refusal(format) != REASON_NONE)
                return (int)format_refusal(format);
        if (n_file > IMAGE_FILE_MAX)
                return REASON_IMAGE_TOO_LARGE;
        r = image_decode(p, format, file, n_file);
        return r < 0 ? r : (int)reasons[r];
}

/* What a file is that is too large to be read says its beginning, where it can be read again. */
static int image_name(int fd)
{
        uint8_t head[FORMAT_HEAD_BYTES];
        ssize_t n = pread(fd, head, sizeof(head), 0);
        enum reason why = n > 0 ? format_refusal(format_of(head, (size_t)n)) : REASON_NONE;

        return (int)(why != REASON_NONE ? why : REASON_IMAGE_TOO_LARGE);
}

int image_read(struct picture *p, int fd)
{
        char *file = NULL;
        size_t n_file = 0;
        int r;

        r = file_load_fd(fd, IMAGE_FILE_MAX, &file, &n_file);
        if (r == -EFBIG)
                return image_name(fd);
        if (r < 0)
                return r;
        r = image_parse(p, (const uint8_t *)file, n_file);
        file_free(file, n_file);
        return r;
}
