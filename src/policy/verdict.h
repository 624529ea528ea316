/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * May this code do here what it asks for? And what does it ask for, in words?
 */

#include <stddef.h>
#include <stdint.h>

#include "code/code.h"
#include "reason/reason.h"
#include "store/counter.h"

#define VERDICT_PRODUCT_SIZE (2 * APPLICATION_LABEL_MAX + 2)

struct verdict {
        uint32_t capabilities; /* granted: all that was asked for, or the code is refused */
        char product[VERDICT_PRODUCT_SIZE]; /* "maker/model", what the issuer's counter counts for
                                             */
        char text[256]; /* one or two sentences: the preview, or what is wrong */
};

/*
 * Judges an opened code against its issuer's and the hub's ceiling and the highest counter that the
 * store has seen. REASON_NONE, or REASON_CODE_*, REASON_STORE_FAILED.
 */
enum reason verdict_make(struct code *code, uint32_t hub_ceiling, struct store *store,
                         struct verdict *ret_verdict);
