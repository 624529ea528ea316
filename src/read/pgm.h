/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Portable grey map, binary (P5, one or two bytes a sample) and plain (P2), to a picture. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/* Return: 0, -ENOMEM, or PICTURE_E_UNREADABLE. */
int pgm_parse(struct picture *p, const uint8_t *file, size_t n_file);
