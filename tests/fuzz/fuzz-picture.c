/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a picture file, and what may be done with the picture that comes out. */

#include <stdlib.h>

#include "read/image.h"
#include "read/locator.h"
#include "read/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _defer_(picture_done) struct picture p = {.luma = NULL}, other = {.luma = NULL};
        struct location location;

        if (image_parse(&p, data, size) != 0)
                return 0;
        /* Larger ones are only slower. */
        if (p.width > 256 || p.height > 256)
                return 0;
        if (p.width >= 2 && p.height >= 2 && picture_halve(&other, &p) != 0)
                abort();
        if (picture_smooth(&other, &p) != 0)
                abort();
        (void)locator_find(&other, &location);
        (void)picture_mean(&p);
        return 0;
}
