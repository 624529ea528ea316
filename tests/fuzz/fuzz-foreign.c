/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a code of another kind: they are named by a kind, or not at all. */

#include "code/foreign.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        enum reason reason = foreign_reason(data, size);

        require(reason == REASON_CODE_NOT_ENROLLMENT ||
                (reason >= FOREIGN_FIRST && reason <= FOREIGN_LAST));
        return 0;
}
