/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JPEG (ISO/IEC 10918-1), and the MJPEG frames of cameras, to a grey picture, with libjpeg. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * A picture of up to 16384 pixels on a side is decoded at the largest of 1/1, 1/2, 1/4 and 1/8 that
 * fits PICTURE_SIDE_MAX, because photographs are large. A truncated one is refused.
 * Return: 0, -ENOMEM, or PICTURE_E_UNREADABLE.
 */
int jpeg_parse(struct picture *p, const uint8_t *file, size_t n_file);
