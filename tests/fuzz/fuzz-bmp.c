/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a BMP file. */

#include "decoder.h"
#include "read/bmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        decoder_check(bmp_parse, data, size);
        return 0;
}
