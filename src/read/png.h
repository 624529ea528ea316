/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* PNG (ISO/IEC 15948) to a grey picture, with libpng. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * Any depth, palette, transparency (the ground is white) and interlacing; large ones are reduced.
 * Damage counts as an end. Return: 0, -ENOMEM, or enum picture_outcome.
 */
int png_parse(struct picture *p, const uint8_t *file, size_t n_file);
