/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* May this code do here what it asks for? And which of its applications is run? */

#include <stddef.h>
#include <stdint.h>

#include "code/code.h"
#include "reason/reason.h"
#include "store/counter.h"

#define VERDICT_PRODUCT_SIZE (2 * PAYLOAD_LABEL_MAX + 2)

struct verdict {
        const struct application *application; /* the one to run, in the code; NULL if refused */
        uint32_t capabilities; /* granted: all that was asked for, or the code is refused */
        char product[VERDICT_PRODUCT_SIZE]; /* "maker/model", which the issuer's counter is for */
        char text[REASON_TEXT_SIZE];        /* what is wrong, one sentence; "" if it is good */
};

/*
 * Judges an opened code against its issuer's and the hub's ceiling and the highest counter that the
 * store has seen. REASON_NONE, REASON_CODE_* or REASON_STORE_*. The code stays in place as long as
 * the verdict is used.
 */
enum reason verdict_make(struct code *code, uint32_t hub_ceiling, struct store *store,
                         struct verdict *ret_verdict);

/*
 * The verdict on an opened code that was accepted before, with what was @granted then; neither a
 * newer counter nor another ceiling takes that back. REASON_NONE, or REASON_CODE_DAEMON_TOO_OLD if
 * this enrolld cannot run it.
 */
enum reason verdict_make_again(const struct code *code, uint32_t granted,
                               struct verdict *ret_verdict);
