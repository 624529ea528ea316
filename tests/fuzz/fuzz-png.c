/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a PNG file. */

#include "decoder.h"
#include "read/png.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        decoder_check(png_parse, data, size);
        return 0;
}
