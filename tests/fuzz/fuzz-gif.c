/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a GIF file. */

#include "decoder.h"
#include "read/gif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        decoder_check(gif_parse, data, size);
        return 0;
}
