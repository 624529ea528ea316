/* SPDX-License-Identifier: Apache-2.0 */

#include "read/image.h"

#include <errno.h>
#include <string.h>

#include "read/jpeg.h"
#include "read/pgm.h"
#include "read/png.h"
#include "util/file.h"

int image_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        if (n_file > IMAGE_FILE_MAX)
                return PICTURE_E_UNREADABLE;
        if (n_file >= 8 && memcmp(file, "\x89PNG\r\n\x1a\n", 8) == 0)
                return png_parse(p, file, n_file);
        if (n_file >= 3 && memcmp(file, "\xff\xd8\xff", 3) == 0)
                return jpeg_parse(p, file, n_file);
        if (n_file >= 2 && (memcmp(file, "P5", 2) == 0 || memcmp(file, "P2", 2) == 0))
                return pgm_parse(p, file, n_file);
        return PICTURE_E_UNREADABLE;
}

int image_read(struct picture *p, int fd)
{
        char *file = NULL;
        size_t n_file = 0;
        int r;

        r = file_load_fd(fd, IMAGE_FILE_MAX, &file, &n_file);
        if (r == -EFBIG)
                return PICTURE_E_UNREADABLE;
        if (r < 0)
                return r;
        r = image_parse(p, (const uint8_t *)file, n_file);
        file_free(file, n_file);
        return r;
}
