/* SPDX-License-Identifier: Apache-2.0 */

#include "read/symbol.h"

#include <errno.h>
#include <string.h>

#include "code/reference.h"
#include "code/text.h"

static const char *const names[SYMBOLOGY_MAX] = {
        [SYMBOLOGY_QR] = "qr",
        [SYMBOLOGY_CODE128] = "code128",
        [SYMBOLOGY_EAN] = "ean",
};

bool symbol_is_enrollment(const struct symbol *symbol)
{
        char reference[REFERENCE_SIZE];

        if (symbol->symbology != SYMBOLOGY_QR)
                return reference_read(symbol->bytes, symbol->n_bytes, reference) == REFERENCE_DONE;
        return text_form_of(symbol->bytes, symbol->n_bytes) != TEXT_FORM_OTHER;
}

bool symbol_is_text(const struct symbol *symbol)
{
        for (size_t i = 0; i < symbol->n_bytes; i++)
                if (symbol->bytes[i] < 0x20 || symbol->bytes[i] > 0x7e)
                        return false;
        return true;
}

const char *symbology_name(enum symbology symbology)
{
        return (unsigned)symbology < SYMBOLOGY_MAX ? names[symbology] : NULL;
}

static enum symbology symbology_from_name(const char *name, size_t n_name)
{
        for (enum symbology s = SYMBOLOGY_QR; s < SYMBOLOGY_MAX; s++)
                if (strlen(names[s]) == n_name && strncmp(names[s], name, n_name) == 0)
                        return s;
        return SYMBOLOGY_MAX;
}

int symbology_parse_list(const char *list, unsigned *ret_set)
{
        unsigned set = 0;

        for (;;) {
                size_t n = strcspn(list, ",");
                enum symbology s = symbology_from_name(list, n);

                if (s == SYMBOLOGY_MAX)
                        return -EINVAL;
                set |= 1u << s;
                if (list[n] == '\0')
                        break;
                list += n + 1;
        }
        *ret_set = set;
        return 0;
}
