/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hostile image file, PNG, JPEG or PGM, to a grey picture. Its first bytes choose the decoder. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

#define IMAGE_FILE_MAX (32 * 1024 * 1024) /* bytes */

/*
 * Turns the bytes of a PNG, JPEG or PGM (P5, P2) file into a picture. Colour becomes luma,
 * transparency becomes white. Return: 0, -ENOMEM, or PICTURE_E_UNREADABLE.
 */
int image_parse(struct picture *p, const uint8_t *file, size_t n_file);

/* The same with the bytes read from @fd up to its end. Reading blocks; -errno if it fails. */
int image_read(struct picture *p, int fd);
