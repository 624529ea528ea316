/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What kind of file some bytes begin: the pictures that are read, and those that are only named. */

#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"

#define FORMAT_HEAD_BYTES 1024 /* no more of a file than this decides */

enum format {
        FORMAT_OTHER, /* no picture that is known */
        FORMAT_PNG,
        FORMAT_JPEG,
        FORMAT_PGM,
        FORMAT_GIF,
        FORMAT_WEBP,
        FORMAT_BMP,
        FORMAT_TIFF,
        FORMAT_HEIF, /* HEIC and AVIF */
        FORMAT_PDF,
        FORMAT_SVG,
        FORMAT_RARE, /* JPEG 2000, JPEG XL, Photoshop, icons, and other kinds of PNM */
};

/* Decides by the first FORMAT_HEAD_BYTES of a file, or by as many as there are. */
enum format format_of(const uint8_t *file, size_t n_file);

/* Why a file of this format is not read; REASON_NONE for one that is. */
enum reason format_refusal(enum format format);
