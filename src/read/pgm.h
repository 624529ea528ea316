/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Portable grey map, binary (P5, one or two bytes a sample) and plain (P2), to a picture. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/* Large ones are reduced. Return: 0, -ENOMEM, or enum picture_outcome. */
int pgm_parse(struct picture *p, const uint8_t *file, size_t n_file);
