/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The first picture of a TIFF file, of a scanner for instance, to a grey picture, with libtiff. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * Every compression and colour that libtiff turns into RGBA; transparency becomes white, and large
 * ones are reduced. One whose strips or tiles are larger than 32 million pixels is too large.
 * Return: 0, -ENOMEM, or enum picture_outcome.
 */
int tiff_parse(struct picture *p, const uint8_t *file, size_t n_file);
