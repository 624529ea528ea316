/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Windows and OS/2 bitmaps (BMP) to a grey picture, without a library. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * 1, 4, 8, 16, 24 and 32 bits a pixel, with a palette or bit fields, from the bottom up or from the
 * top down; compressed ones are unreadable. Return: 0, -ENOMEM, or enum picture_outcome.
 */
int bmp_parse(struct picture *p, const uint8_t *file, size_t n_file);
