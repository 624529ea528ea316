/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The first picture of a GIF file to a grey picture, with giflib. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/*
 * Interlaced or not; transparency becomes white, and large ones are reduced.
 * Return: 0, -ENOMEM, or enum picture_outcome.
 */
int gif_parse(struct picture *p, const uint8_t *file, size_t n_file);
