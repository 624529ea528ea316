/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/qr.h"

#include <errno.h>
#include <string.h>

#include <png.h>
#include <qrencode.h>

#include "util/file.h"

#define QUIET 4 /* modules, ISO/IEC 18004, 6.3.8 */

static int level_of(char level)
{
        static const char levels[] = {'L', 'M', 'Q', 'H'};
        const char *found = memchr(levels, level, sizeof(levels));

        return found ? (int)(found - levels) + QR_ECLEVEL_L : -1;
}

static int qr_take(struct qr *qr, const QRcode *code)
{
        memset(qr, 0, sizeof(*qr));
        qr->version = (unsigned)code->version;
        qr->n_side = (unsigned)code->width;
        for (unsigned i = 0; i < qr->n_side * qr->n_side; i++)
                qr->dark[i] = code->data[i] & 1;
        return 0;
}

int qr_make(struct qr *qr, const void *data, size_t n_data, bool binary, char level)
{
        QRinput *input;
        QRcode *code = NULL;
        int r = 0;

        if (level_of(level) < 0 || n_data == 0 || n_data > 8192)
                return -EINVAL;
        input = QRinput_new2(0, (QRecLevel)level_of(level));
        if (!input)
                return -ENOMEM;
        if (QRinput_append(input, binary ? QR_MODE_8 : QR_MODE_AN, (int)n_data, data) < 0)
                r = -errno;
        if (r == 0) {
                code = QRcode_encodeInput(input);
                if (code)
                        r = qr_take(qr, code);
                else
                        r = errno == ERANGE ? -E2BIG : -errno;
        }
        QRcode_free(code);
        QRinput_free(input);
        return r;
}

/* A module of the symbol with its quiet zone around; light outside. */
static bool is_dark(const struct qr *qr, unsigned x, unsigned y)
{
        if (x < QUIET || y < QUIET || x >= qr->n_side + QUIET || y >= qr->n_side + QUIET)
                return false;
        return qr->dark[(y - QUIET) * qr->n_side + x - QUIET];
}

int qr_write_png(const struct qr *qr, FILE *file, unsigned scale)
{
        unsigned n_side = (qr->n_side + 2 * QUIET) * scale;
        uint8_t row[(QR_MODULES_MAX + 2 * QUIET) * QR_SCALE_MAX / 8 + 1];
        png_structp png;
        png_infop info;

        if (scale < 1 || scale > QR_SCALE_MAX)
                return -EINVAL;
        errno = 0;
        png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
        info = png ? png_create_info_struct(png) : NULL;
        if (!info || setjmp(png_jmpbuf(png))) {
                png_destroy_write_struct(&png, info ? &info : NULL);
                return errno ? -errno : -EIO;
        }
        png_init_io(png, file);
        png_set_IHDR(png, info, n_side, n_side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png, info);
        for (unsigned y = 0; y < n_side; y++) {
                memset(row, 0, sizeof(row));
                for (unsigned x = 0; x < n_side; x++)
                        if (!is_dark(qr, x / scale, y / scale))
                                row[x / 8] |= (uint8_t)(0x80 >> x % 8);
                png_write_row(png, row);
        }
        png_write_end(png, NULL);
        png_destroy_write_struct(&png, &info);
        return file_flush(file);
}

/* One path of horizontal runs: small, and without seams between modules. */
int qr_write_svg(const struct qr *qr, FILE *file, unsigned scale)
{
        unsigned n_side = qr->n_side + 2 * QUIET;

        (void)fprintf(file,
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
                      "viewBox=\"0 0 %u %u\" shape-rendering=\"crispEdges\">\n"
                      "<path fill=\"#fff\" d=\"M0 0h%uv%uH0z\"/>\n<path d=\"",
                      n_side * scale, n_side * scale, n_side, n_side, n_side, n_side);
        for (unsigned y = 0; y < n_side; y++)
                for (unsigned x = 0, run; x < n_side; x += run + 1) {
                        for (run = 0; is_dark(qr, x + run, y); run++)
                                ;
                        if (run > 0)
                                (void)fprintf(file, "M%u %uh%uv1h-%uz", x, y, run, run);
                }
        (void)fprintf(file, "\"/>\n</svg>\n");
        return file_flush(file);
}

static void write_blocks(const struct qr *qr, FILE *file)
{
        static const char *const blocks[] = {" ", "\xe2\x96\x84", "\xe2\x96\x80", "\xe2\x96\x88"};
        unsigned n_side = qr->n_side + 2 * QUIET;

        for (unsigned y = 0; y < n_side; y += 2) {
                (void)fprintf(file, "\x1b[30;107m");
                for (unsigned x = 0; x < n_side; x++)
                        (void)fprintf(file, "%s",
                                      blocks[2 * is_dark(qr, x, y) + is_dark(qr, x, y + 1)]);
                (void)fprintf(file, "\x1b[0m\n");
        }
}

static void write_spaces(const struct qr *qr, FILE *file)
{
        unsigned n_side = qr->n_side + 2 * QUIET;

        for (unsigned y = 0; y < n_side; y++) {
                for (unsigned x = 0; x < n_side; x++)
                        (void)fprintf(file, "\x1b[%dm  ", is_dark(qr, x, y) ? 40 : 107);
                (void)fprintf(file, "\x1b[0m\n");
        }
}

int qr_write_terminal(const struct qr *qr, bool blocks, FILE *file)
{
        (blocks ? write_blocks : write_spaces)(qr, file);
        return file_flush(file);
}

unsigned qr_terminal_columns(const struct qr *qr, bool blocks)
{
        return (qr->n_side + 2 * QUIET) * (blocks ? 1 : 2);
}
