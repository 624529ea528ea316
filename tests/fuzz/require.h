/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What must hold whatever the input is; the fuzzer keeps an input that ends in abort(). */

#include <stdbool.h>
#include <stdlib.h>

static inline void require(bool held)
{
        if (!held)
                abort();
}
