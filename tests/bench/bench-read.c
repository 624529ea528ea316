/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reads pictures (PGM) with the reader or with one of its libraries alone.
 *
 *   bench-read READER ROUNDS FILE...
 *
 * READER is "still" (as a picture file is read), "camera" (as the frames of one second: ten times
 * the same), "zbar" or "zxing" (the library as it comes, once). For each file one line: the bytes
 * read as hexadecimal digits, or "-". The instructions of a round are counted from outside, over
 * different numbers of ROUNDS.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zbar.h>

#include "read/image.h"
#include "read/search.h"
#include "read/zxing.h"
#include "util/hex.h"

#define FRAMES       10 /* a second of a camera */
#define FRAMES_USEC  100000
#define FILE_MAX     (32u * 1024 * 1024)
#define SYMBOLS_BITS (1u << SYMBOLOGY_QR)

static int read_still(const struct picture *p, struct symbol *ret_symbol)
{
        _defer_(scanner_free) struct scanner *scanner = NULL;
        _defer_(search_done) struct search search;

        search_init(&search, NULL);
        if (scanner_new(&scanner, SYMBOLS_BITS) < 0)
                return -1;
        search.scanner = scanner;
        return search_still(&search, p, ret_symbol);
}

static int read_camera(const struct picture *p, struct symbol *ret_symbol)
{
        _defer_(scanner_free) struct scanner *scanner = NULL;
        _defer_(search_done) struct search search;
        int r = SEARCH_E_MORE;

        search_init(&search, NULL);
        if (scanner_new(&scanner, SYMBOLS_BITS) < 0)
                return -1;
        search.scanner = scanner;
        for (unsigned i = 0; i < FRAMES && r == SEARCH_E_MORE; i++)
                r = search_frame(&search, p, i * FRAMES_USEC, ret_symbol);
        return r;
}

static int read_zbar(const struct picture *p, struct symbol *ret_symbol)
{
        zbar_image_scanner_t *zbar = zbar_image_scanner_create();
        zbar_image_t *image = zbar_image_create();
        const zbar_symbol_t *found;
        int r = -1;

        (void)zbar_image_scanner_set_config(zbar, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
        (void)zbar_image_scanner_set_config(zbar, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
        (void)zbar_image_scanner_set_config(zbar, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
        zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
        zbar_image_set_size(image, p->width, p->height);
        zbar_image_set_data(image, p->luma, (size_t)p->width * p->height, NULL);
        (void)zbar_scan_image(zbar, image);
        found = zbar_image_first_symbol(image);
        if (found && zbar_symbol_get_data_length(found) <= SYMBOL_BYTES_MAX) {
                ret_symbol->n_bytes = zbar_symbol_get_data_length(found);
                memcpy(ret_symbol->bytes, zbar_symbol_get_data(found), ret_symbol->n_bytes);
                r = 0;
        }
        zbar_image_destroy(image);
        zbar_image_scanner_destroy(zbar);
        return r;
}

static int read_zxing(const struct picture *p, struct symbol *ret_symbol)
{
        struct offer found = {.n = 0};

        return zxing_scan(p, SYMBOLS_BITS, true, &found, ret_symbol);
}

static const struct {
        const char *name;
        int (*run)(const struct picture *p, struct symbol *ret_symbol);
} readers[] = {
        {"still", read_still}, {"camera", read_camera}, {"zbar", read_zbar}, {"zxing", read_zxing}};

static int picture_load(struct picture *p, const char *name)
{
        uint8_t *file = malloc(FILE_MAX);
        FILE *f = fopen(name, "re");
        size_t n_file;
        int r = -1;

        if (f && file) {
                n_file = fread(file, 1, FILE_MAX, f);
                r = image_parse(p, file, n_file);
        }
        if (f)
                (void)fclose(f);
        free(file);
        return r;
}

int main(int argc, char **argv)
{
        static char text[2 * SYMBOL_BYTES_MAX + 1];
        static struct symbol symbol;
        size_t reader = 0;

        while (argc > 1 && reader < ELEMENTSOF(readers) &&
               strcmp(readers[reader].name, argv[1]) != 0)
                reader++;
        if (argc < 4 || reader == ELEMENTSOF(readers)) {
                (void)fprintf(stderr, "usage: bench-read still|camera|zbar|zxing ROUNDS FILE...\n");
                return 2;
        }
        for (int i = 3; i < argc; i++) {
                _defer_(picture_done) struct picture p = {.luma = NULL};
                unsigned long rounds = strtoul(argv[2], NULL, 10);
                int r = -1;

                if (picture_load(&p, argv[i]) != 0) {
                        (void)fprintf(stderr, "%s is not a picture\n", argv[i]);
                        return 1;
                }
                while (rounds-- > 0)
                        r = readers[reader].run(&p, &symbol);
                (void)puts(r == 0 ? hex_encode(symbol.bytes, symbol.n_bytes, text) : "-");
        }
        return 0;
}
