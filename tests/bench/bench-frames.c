/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-frames FRAMES: what the reader's memory does over many frames, as one line of JSON.
 *
 * Three kinds of frames in turn: noise, half a code, and a code of somebody else, another one each
 * time, which libzbar keeps some bytes of. Resident memory after a tenth of the frames, when every
 * buffer has its size, and at the end.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "read/search.h"
#include "support/drawing.h"

#define WIDTH  200 /* pixels; small, so that many frames take little time */
#define HEIGHT 150
#define KINDS  3

static long resident_kib(void)
{
        long pages = 0, resident = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (!f || fscanf(f, "%ld %ld", &pages, &resident) != 2)
                exit(EXIT_FAILURE);
        (void)fclose(f);
        return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static double cpu_sec(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void draw(struct picture *p, unsigned long i)
{
        static const struct drawing d = {
                .width = WIDTH, .height = HEIGHT, .module = 3, .dark = 30, .light = 210};
        uint8_t text[32];
        int n = snprintf((char *)text, sizeof(text), "https://example.com/%lu", i);

        if (i % KINDS == 0) {
                drawing_blank(p, WIDTH, HEIGHT, 128);
                drawing_noise(p, 100, (unsigned)i);
                return;
        }
        drawing_make(p, &d, text, (size_t)n);
        for (size_t at = 0; i % KINDS == 1 && at < (size_t)WIDTH * HEIGHT / 2; at++)
                p->luma[at] = 210;
}

int main(int argc, char **argv)
{
        unsigned long frames = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, codes = 0;
        struct picture p = {.luma = NULL};
        struct scanner *scanner = NULL;
        static struct symbol symbol;
        struct search search;
        double searching = 0;
        long early = 0;

        if (frames < 10 || scanner_new(&scanner, 1u << SYMBOLOGY_QR) < 0)
                return EXIT_FAILURE;
        search_init(&search, scanner);
        for (unsigned long i = 0; i < frames; i++) {
                double begin;

                draw(&p, i);
                begin = cpu_sec();
                search.foreign = REASON_NONE;
                if (search_frame(&search, &p, i * 100000, &symbol) != SEARCH_E_MORE)
                        return EXIT_FAILURE;
                searching += cpu_sec() - begin;
                codes += search.foreign != REASON_NONE;
                if (i + 1 == frames / 10)
                        early = resident_kib();
        }
        (void)printf("{\"frames\": %lu, \"codes\": %lu, \"ms\": %.3f, \"early_kib\": %ld, "
                     "\"late_kib\": %ld}\n",
                     frames, codes, searching * 1e3 / (double)frames, early, resident_kib());
        search_done(&search);
        scanner_free(scanner);
        picture_done(&p);
        return EXIT_SUCCESS;
}
