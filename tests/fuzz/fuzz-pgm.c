/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a PGM file. */

#include "decoder.h"
#include "read/pgm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size >= 2) /* its magic, which the caller has seen */
                decoder_check(pgm_parse, data, size);
        return 0;
}
