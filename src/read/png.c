/* SPDX-License-Identifier: Apache-2.0 */

#include "read/png.h"

#include <png.h>

#define WHITE 255

/* libpng's simplified interface catches every error itself and stops at the first. */
static int png_decode(struct picture *p, png_image *image)
{
        static const png_color background = {WHITE, WHITE, WHITE};
        int r;

        if (image->width > PICTURE_SIDE_MAX || image->height > PICTURE_SIDE_MAX)
                return PICTURE_E_UNREADABLE;
        r = picture_resize(p, image->width, image->height);
        if (r < 0)
                return r;
        image->format = PNG_FORMAT_GRAY;
        if (!png_image_finish_read(image, &background, p->luma, (png_int_32)p->width, NULL))
                return PICTURE_E_UNREADABLE;
        return 0;
}

int png_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        png_image image = {.version = PNG_IMAGE_VERSION};
        int r = PICTURE_E_UNREADABLE;

        if (png_image_begin_read_from_memory(&image, file, n_file))
                r = png_decode(p, &image);
        png_image_free(&image);
        return r;
}
