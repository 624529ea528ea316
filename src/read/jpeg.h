/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JPEG (ISO/IEC 10918-1), and the MJPEG frames of cameras, to a grey picture, with libjpeg. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * A photograph is decoded at the largest of 1/1, 1/2, 1/4 and 1/8 that fits PICTURE_SIDE_MAX, and
 * reduced where that is not enough. Colour and inks (CMYK) become grey. What libjpeg makes up for
 * the missing part of a truncated file stays. Return: 0, -ENOMEM, or enum picture_outcome.
 */
int jpeg_parse(struct picture *p, const uint8_t *file, size_t n_file);
