/* SPDX-License-Identifier: Apache-2.0 */

#include "read/scanner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zbar.h>

#include "read/zxing.h"
#include "util/free.h"

#define SCANS_MAX 1000 /* after this many, the library's scanner is replaced */
#define GREY      zbar_fourcc('Y', '8', '0', '0')

struct scanner {
        zbar_image_scanner_t *zbar;
        unsigned symbologies;
        unsigned n_scans;
        struct offer found; /* by the last scan */
};

/* clang-format off */
static const struct {
        zbar_symbol_type_t type;
        enum symbology symbology;
} types[] = {
        { ZBAR_QRCODE,  SYMBOLOGY_QR      },
        { ZBAR_CODE128, SYMBOLOGY_CODE128 },
        { ZBAR_EAN13,   SYMBOLOGY_EAN     },
        { ZBAR_EAN8,    SYMBOLOGY_EAN     },
        { ZBAR_UPCA,    SYMBOLOGY_EAN     },
};
/* clang-format on */

static zbar_image_scanner_t *zbar_open(unsigned symbologies)
{
        zbar_image_scanner_t *zbar = zbar_image_scanner_create();

        if (!zbar)
                return NULL;
        (void)zbar_image_scanner_set_config(zbar, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (symbologies & 1u << types[i].symbology)
                        (void)zbar_image_scanner_set_config(zbar, types[i].type, ZBAR_CFG_ENABLE,
                                                            1);
        (void)zbar_image_scanner_set_config(zbar, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
        return zbar;
}

int scanner_new(struct scanner **ret_scanner, unsigned symbologies)
{
        _defer_(scanner_free) struct scanner *s = NULL;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->symbologies = symbologies;
        s->zbar = zbar_open(symbologies);
        if (!s->zbar)
                return -ENOMEM;
        *ret_scanner = take(s);
        return 0;
}

struct scanner *scanner_free(struct scanner *s)
{
        if (!s)
                return NULL;
        if (s->zbar)
                zbar_image_scanner_destroy(s->zbar);
        offer_done(&s->found);
        free(s);
        return NULL;
}

static int scanner_renew(struct scanner *s)
{
        zbar_image_scanner_t *zbar;

        if (s->n_scans++ < SCANS_MAX)
                return 0;
        zbar = zbar_open(s->symbologies);
        if (!zbar)
                return -ENOMEM;
        zbar_image_scanner_destroy(s->zbar);
        s->zbar = zbar;
        s->n_scans = 1;
        return 0;
}

static enum symbology symbology_of(const zbar_symbol_t *found)
{
        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (types[i].type == zbar_symbol_get_type(found))
                        return types[i].symbology;
        return SYMBOLOGY_MAX;
}

/* Copies a symbol out of the library; one that is not as expected counts as foreign. */
static int symbol_copy(const zbar_symbol_t *found, struct symbol *symbol)
{
        symbol->symbology = symbology_of(found);
        symbol->n_bytes = zbar_symbol_get_data_length(found);
        if (symbol->symbology == SYMBOLOGY_MAX || symbol->n_bytes < 1 ||
            symbol->n_bytes > SYMBOL_BYTES_MAX) {
                symbol->n_bytes = 0;
                return SCANNER_E_FOREIGN;
        }
        memcpy(symbol->bytes, zbar_symbol_get_data(found), symbol->n_bytes);
        return symbol_is_enrollment(symbol) ? 0 : SCANNER_E_FOREIGN;
}

static int symbols_choose(struct scanner *s, const zbar_image_t *image, struct symbol *ret_symbol)
{
        int r = SCANNER_E_NOTHING;

        for (const zbar_symbol_t *found = zbar_image_first_symbol(image); found;
             found = zbar_symbol_next(found)) {
                r = symbol_copy(found, ret_symbol);
                if (r == 0)
                        offer_add(&s->found, ret_symbol);
        }
        if (s->found.n == 0)
                return r;
        *ret_symbol = s->found.symbols[0];
        return 0;
}

const struct offer *scanner_found(const struct scanner *s)
{
        return &s->found;
}

int scanner_scan(struct scanner *s, const struct picture *p, struct symbol *ret_symbol)
{
        zbar_image_t *image;
        int r;

        r = scanner_renew(s);
        if (r < 0)
                return r;
        offer_done(&s->found);
        image = zbar_image_create();
        if (!image)
                return -ENOMEM;
        zbar_image_set_format(image, GREY);
        zbar_image_set_size(image, p->width, p->height);
        zbar_image_set_data(image, p->luma, (size_t)p->width * p->height, NULL);
        r = zbar_scan_image(s->zbar, image) < 0 ? -ENOMEM : symbols_choose(s, image, ret_symbol);
        zbar_image_destroy(image);
        return r;
}

int scanner_ask(struct scanner *s, const struct picture *p, bool thorough,
                struct symbol *ret_symbol)
{
        int r;

        offer_done(&s->found);
        r = zxing_scan(p, s->symbologies, thorough, &s->found, ret_symbol);
        if (r == ZXING_E_NOTHING)
                return SCANNER_E_NOTHING;
        return r == ZXING_E_FOREIGN ? SCANNER_E_FOREIGN : r;
}
