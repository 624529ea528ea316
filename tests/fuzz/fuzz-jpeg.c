/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a JPEG file. */

#include "decoder.h"
#include "read/jpeg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        decoder_check(jpeg_parse, data, size);
        return 0;
}
