/* SPDX-License-Identifier: Apache-2.0 */

#include "read/format.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "util/defer.h"

/* clang-format off */
static const struct {
        const char *bytes;
        size_t n_bytes, offset;
        enum format format;
} magics[] = {
        { "\x89PNG\r\n\x1a\n",      8, 0, FORMAT_PNG  },
        { "\xff\xd8\xff",           3, 0, FORMAT_JPEG },
        { "GIF87a",                 6, 0, FORMAT_GIF  },
        { "GIF89a",                 6, 0, FORMAT_GIF  },
        { "WEBP",                   4, 8, FORMAT_WEBP },
        { "II*\0",                  4, 0, FORMAT_TIFF },
        { "MM\0*",                  4, 0, FORMAT_TIFF },
        { "II+\0",                  4, 0, FORMAT_TIFF },
        { "MM\0+",                  4, 0, FORMAT_TIFF },
        { "%PDF-",                  5, 0, FORMAT_PDF  },
        { "8BPS",                   4, 0, FORMAT_RARE },
        { "\0\0\1\0",               4, 0, FORMAT_RARE }, /* icon */
        { "\xff\x0a",               2, 0, FORMAT_RARE }, /* JPEG XL, bare */
        { "\0\0\0\x0cJXL ",         8, 0, FORMAT_RARE },
        { "\0\0\0\x0cjP  ",         8, 0, FORMAT_RARE },
        { "\xff\x4f\xff\x51",       4, 0, FORMAT_RARE }, /* JPEG 2000, bare */
};

/* The brands of ISO/IEC 23008-12 and AVIF: the file begins with a box "ftyp" that names one. */
static const char *const brands[] = {
        "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis",
};
/* clang-format on */

static bool has_at(const uint8_t *file, size_t n_file, size_t offset, const char *bytes, size_t n)
{
        return n_file >= offset + n && memcmp(file + offset, bytes, n) == 0;
}

static bool is_space(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_heif(const uint8_t *file, size_t n_file)
{
        if (!has_at(file, n_file, 4, "ftyp", 4))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(brands); i++)
                if (has_at(file, n_file, 8, brands[i], 4))
                        return true;
        return false;
}

/* "P5" and white space or a comment; the other numbers are bitmaps and pixmaps. */
static enum format pnm_of(const uint8_t *file, size_t n_file)
{
        if (n_file < 3 || file[0] != 'P' || file[1] < '1' || file[1] > '7')
                return FORMAT_OTHER;
        if (!is_space(file[2]) && file[2] != '#')
                return FORMAT_OTHER;
        return file[1] == '2' || file[1] == '5' ? FORMAT_PGM : FORMAT_RARE;
}

/* "BM", and what no text has: the size of a header that exists. */
static bool is_bmp(const uint8_t *file, size_t n_file)
{
        return has_at(file, n_file, 0, "BM", 2) && n_file >= 18 && file[14] >= 12 &&
               file[14] <= 124 && file[15] == 0 && file[16] == 0 && file[17] == 0;
}

static bool begins_with(const uint8_t *file, size_t n_file, size_t at, const char *word)
{
        size_t n = strlen(word);

        return n_file >= at + n && strncasecmp((const char *)file + at, word, n) == 0;
}

/* Text that begins with <svg, or with what may stand before it. HTML may have drawings in it. */
static bool is_svg(const uint8_t *file, size_t n_file)
{
        static const char *const starts[] = {"<svg", "<?xml", "<!DOCTYPE svg", "<!--"};
        size_t at = has_at(file, n_file, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
        bool starts_so = false;

        while (at < n_file && is_space(file[at]))
                at++;
        for (size_t i = 0; i < ELEMENTSOF(starts); i++)
                starts_so = starts_so || begins_with(file, n_file, at, starts[i]);
        for (; starts_so && at < n_file; at++)
                if (begins_with(file, n_file, at, "<svg"))
                        return true;
        return false;
}

enum format format_of(const uint8_t *file, size_t n_file)
{
        n_file = n_file < FORMAT_HEAD_BYTES ? n_file : FORMAT_HEAD_BYTES;
        for (size_t i = 0; i < ELEMENTSOF(magics); i++) {
                if (magics[i].format == FORMAT_WEBP && !has_at(file, n_file, 0, "RIFF", 4))
                        continue;
                if (has_at(file, n_file, magics[i].offset, magics[i].bytes, magics[i].n_bytes))
                        return magics[i].format;
        }
        if (is_heif(file, n_file))
                return FORMAT_HEIF;
        if (is_bmp(file, n_file))
                return FORMAT_BMP;
        if (is_svg(file, n_file))
                return FORMAT_SVG;
        return pnm_of(file, n_file);
}

enum reason format_refusal(enum format format)
{
        switch (format) {
        case FORMAT_HEIF:
                return REASON_IMAGE_HEIF;
        case FORMAT_PDF:
                return REASON_IMAGE_PDF;
        case FORMAT_SVG:
                return REASON_IMAGE_SVG;
        case FORMAT_RARE:
                return REASON_IMAGE_FORMAT_UNKNOWN;
        case FORMAT_OTHER:
                return REASON_IMAGE_UNREADABLE;
        default:
                return REASON_NONE;
        }
}
