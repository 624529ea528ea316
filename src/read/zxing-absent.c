/* SPDX-License-Identifier: Apache-2.0 */

#include "read/zxing.h"

int zxing_scan(const struct picture *p, unsigned symbologies, bool thorough, struct offer *found,
               struct symbol *ret_symbol)
{
        (void)p;
        (void)symbologies;
        (void)thorough;
        (void)found;
        (void)ret_symbol;
        return ZXING_E_NOTHING;
}
