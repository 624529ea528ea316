/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One request to a web service, over HTTPS (doc/fetch.md, section 1). */

#include <stddef.h>

#include "fetch/answer.h"
#include "fetch/order.h"

/* The certificates of who may vouch for the service, as PEM; .bytes NULL: those of the system. */
struct download_trust {
        const char *bytes;
        size_t n_bytes;
};

/*
 * Asks for what is ordered, and gives the body of the answer to @answer. Waits for all of it, for
 * ORDER_SEC at most. REASON_NONE or REASON_FETCH_*, what answer_take() says, or REASON_INTERNAL.
 */
enum reason download(const struct order *order, const struct download_trust *trust,
                     struct answer *answer);
