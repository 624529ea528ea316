/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* WebP to a grey picture, with libwebp. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * With and without loss, the first picture of an animation; transparency becomes white, and large
 * ones are reduced. Return: 0, -ENOMEM, or enum picture_outcome.
 */
int webp_parse(struct picture *p, const uint8_t *file, size_t n_file);
