/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hostile image file of any format to a grey picture. Its first bytes choose the decoder. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"
#include "reason/reason.h"

#define IMAGE_FILE_MAX (128 * 1024 * 1024) /* bytes */

/*
 * image_parse() - turn the bytes of a file into a picture
 * @p: receives it; its sides are 0 if nothing came
 *
 * Colour becomes luma, transparency white. Return: 0, -ENOMEM, or the enum reason why not:
 * REASON_IMAGE_TRUNCATED with as much of the picture as came; REASON_IMAGE_TOO_LARGE,
 * REASON_IMAGE_UNREADABLE, or what format_refusal() says.
 */
int image_parse(struct picture *p, const uint8_t *file, size_t n_file);

/* The same with the bytes read from @fd up to its end. Reading blocks; -errno if it fails. */
int image_read(struct picture *p, int fd);
