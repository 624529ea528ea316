/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What one 720p frame costs: libzbar with every symbology, with QR only, and as the reader looks.
 *
 * Processor time and the ratio to the first row; a benchmark, no test. For instructions, run one
 * row alone under callgrind: tests/bench/bench-scan ROW FRAMES.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <zbar.h>

#include "read/search.h"
#include "support/drawing.h"

#define WIDTH  1280
#define HEIGHT 720
#define FRAMES 30

struct row {
        const char *name;
        bool ours, all_symbologies, code;
};

static const struct row rows[] = {
        {"zbar, all symbologies, no code", false, true, false},
        {"zbar, all symbologies, code", false, true, true},
        {"zbar, QR only, no code", false, false, false},
        {"zbar, QR only, code", false, false, true},
        {"reader, no code", true, false, false},
        {"reader, code", true, false, true},
};

static double cpu_ms(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* What a camera sees: soft edges, noise, and a room that is not a blank. */
static void draw(struct picture *p, bool code)
{
        struct drawing d = {
                .width = WIDTH, .height = HEIGHT, .module = 9, .dark = 40, .light = 190};
        struct picture smooth = {.luma = NULL};
        uint8_t data[200];

        drawing_fill_text(data, sizeof(data), 1);
        if (code)
                drawing_make(p, &d, data, sizeof(data));
        else
                drawing_blank(p, WIDTH, HEIGHT, 150);
        for (uint32_t y = 0; y < HEIGHT; y++)
                for (uint32_t x = 0; x < WIDTH; x++)
                        if (x < 320 || x > 960)
                                p->luma[y * WIDTH + x] =
                                        (uint8_t)(60 + (x / 37 * 53 + y / 29 * 31) % 130);
        (void)picture_smooth(&smooth, p);
        (void)picture_smooth(p, &smooth);
        drawing_noise(p, 8, 3);
        picture_done(&smooth);
}

static void run_zbar(const struct row *row, const struct picture *p, unsigned frames)
{
        zbar_image_scanner_t *scanner = zbar_image_scanner_create();

        if (!row->all_symbologies) {
                (void)zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
                (void)zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
        }
        for (unsigned i = 0; i < frames; i++) {
                zbar_image_t *image = zbar_image_create();

                zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
                zbar_image_set_size(image, p->width, p->height);
                zbar_image_set_data(image, p->luma, (size_t)p->width * p->height, NULL);
                (void)zbar_scan_image(scanner, image);
                zbar_image_destroy(image);
        }
        zbar_image_scanner_destroy(scanner);
}

static void run_reader(const struct picture *p, unsigned frames)
{
        struct scanner *scanner = NULL;
        struct search search;
        struct symbol symbol;

        if (scanner_new(&scanner, 1u << SYMBOLOGY_QR) < 0)
                return;
        search_init(&search, scanner);
        for (unsigned i = 0; i < frames; i++)
                (void)search_frame(&search, p, i * 33333ull, &symbol);
        search_done(&search);
        scanner_free(scanner);
}

static double run(const struct row *row, unsigned frames)
{
        struct picture p = {.luma = NULL};
        double start;

        draw(&p, row->code);
        start = cpu_ms();
        if (row->ours)
                run_reader(&p, frames);
        else
                run_zbar(row, &p, frames);
        start = cpu_ms() - start;
        picture_done(&p);
        return start / frames;
}

int main(int argc, char **argv)
{
        size_t n_rows = sizeof(rows) / sizeof(rows[0]);
        double first = 0;

        if (argc == 3 && strtoul(argv[1], NULL, 10) < n_rows) {
                (void)run(&rows[strtoul(argv[1], NULL, 10)], (unsigned)strtoul(argv[2], NULL, 10));
                return 0;
        }
        zbar_set_verbosity(0);
        for (size_t i = 0; i < n_rows; i++) {
                double ms = run(&rows[i], FRAMES);

                if (i == 0)
                        first = ms;
                (void)printf("%zu  %-32s %7.2f ms/frame  %5.1f times cheaper\n", i, rows[i].name,
                             ms, first / ms);
        }
        return 0;
}
