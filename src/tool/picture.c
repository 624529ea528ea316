/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/picture.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sodium.h>

#include "tool/argument.h"
#include "tool/complaint.h"
#include "tool/qr.h"
#include "util/file.h"
#include "util/log.h"

static int write_file(const char *path, const struct qr *qr, unsigned scale,
                      int (*write)(const struct qr *qr, FILE *file, unsigned scale))
{
        FILE *file;
        int r;

        if (argument_is_standard(path)) {
                r = write(qr, stdout, scale);
                return r < 0 ? complaint_file(r, "stdout") : EXIT_SUCCESS;
        }
        file = fopen(path, "we");
        if (!file)
                return complaint_file(-errno, path);
        r = file_set_mode(fileno(file), 0600);
        if (r == 0)
                r = write(qr, file, scale);
        if (fclose(file) != 0 && r == 0)
                r = -errno;
        return r < 0 ? complaint_file(r, path) : EXIT_SUCCESS;
}

/* On a terminal only what it can show: half a symbol, or one of letters, cannot be read. */
static int draw(const struct qr *qr)
{
        bool terminal = isatty(STDOUT_FILENO);
        bool blocks = !terminal || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
        unsigned columns = qr_terminal_columns(qr, blocks);
        const char *term = getenv("TERM");
        struct winsize size = {.ws_col = 0};
        int r;

        if (terminal && (!term || strcmp(term, "dumb") == 0)) {
                log_error("this terminal cannot show a symbol; write a picture with --png FILE");
                return EXIT_FAILURE;
        }
        if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
            size.ws_col < columns) {
                log_error("the symbol is %u columns wide, and this terminal %u; widen the "
                          "terminal, or write "
                          "a picture with --png FILE",
                          columns, size.ws_col);
                return EXIT_FAILURE;
        }
        r = qr_write_terminal(qr, blocks, stdout);
        return r < 0 ? complaint_file(r, "stdout") : EXIT_SUCCESS;
}

static int write_pictures(const struct picture *p, const struct qr *qr)
{
        int r = EXIT_SUCCESS;

        if (p->png)
                r = write_file(p->png, qr, p->scale, qr_write_png);
        if (r == 0 && p->svg)
                r = write_file(p->svg, qr, p->scale, qr_write_svg);
        if (r != EXIT_SUCCESS || (!p->terminal && (p->png || p->svg)))
                return r;
        return draw(qr);
}

static int make_symbol(const struct picture *p, const struct code *code, struct qr *qr)
{
        char text[TEXT_CHARS_MAX + 1];
        int r;

        if (p->binary)
                return qr_make(qr, code->bytes, code->n_bytes, true, p->level[0]);
        text_encode(TEXT_FORM_QR, code->bytes, code->n_bytes, text);
        r = qr_make(qr, text, strlen(text), false, p->level[0]);
        sodium_memzero(text, sizeof(text));
        return r;
}

static int no_symbol(const struct picture *p, int r, size_t n_bytes)
{
        if (r != -E2BIG)
                return complaint_file(r, "cannot make a QR symbol");
        log_error("no QR symbol of level %s holds the %zu bytes of this code; use %s", p->level,
                  n_bytes,
                  p->binary            ? "a lower --level"
                  : p->level[0] == 'L' ? "--binary"
                                       : "a lower --level or --binary");
        return EXIT_FAILURE;
}

int picture_draw(const struct picture *p, const struct code *code)
{
        static struct qr qr;
        int r;

        r = make_symbol(p, code, &qr);
        if (r < 0)
                return no_symbol(p, r, code->n_bytes);
        r = write_pictures(p, &qr);
        sodium_memzero(&qr, sizeof(qr));
        return r;
}
