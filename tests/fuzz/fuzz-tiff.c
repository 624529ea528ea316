/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a TIFF file. */

#include "decoder.h"
#include "read/tiff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        decoder_check(tiff_parse, data, size);
        return 0;
}
