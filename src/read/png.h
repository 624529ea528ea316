/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* PNG (ISO/IEC 15948) to a grey picture, with libpng. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/* Return: 0, -ENOMEM, or PICTURE_E_UNREADABLE. */
int png_parse(struct picture *p, const uint8_t *file, size_t n_file);
