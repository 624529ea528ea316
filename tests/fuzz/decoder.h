/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What holds for every decoder of a picture format, whatever bytes it is given. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"
#include "require.h"

static inline void decoder_check(int (*parse)(struct picture *p, const uint8_t *file, size_t n),
                                 const uint8_t *data, size_t size)
{
        _defer_(picture_done) struct picture p = {.luma = NULL};
        int r = parse(&p, data, size);

        require(r >= 0 && r <= PICTURE_E_TOO_LARGE);
        require(p.width <= PICTURE_SIDE_MAX && p.height <= PICTURE_SIDE_MAX);
        if (r == 0)
                require(p.width > 0 && p.height > 0);
        /* All of it can be read; a larger one is only slower. */
        if (p.width > 0 && p.width <= 256 && p.height <= 256)
                (void)picture_mean(&p);
}
