/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a WebP file. */

#include "decoder.h"
#include "read/webp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        decoder_check(webp_parse, data, size);
        return 0;
}
