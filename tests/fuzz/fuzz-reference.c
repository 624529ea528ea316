/* SPDX-License-Identifier: Apache-2.0 */

/* Any text as a reference: what is one is canonical, and reads as itself. */

#include <stdint.h>
#include <string.h>

#include "code/reference.h"
#include "require.h"

#define SERIAL_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[REFERENCE_SIZE], serial[SERIAL_MAX + 1];
        size_t n_serial = size < SERIAL_MAX ? size : SERIAL_MAX;

        if (reference_read(data, size, text) != REFERENCE_DONE)
                return 0;
        require(strlen(text) >= REFERENCE_CHARS_MIN && strlen(text) <= REFERENCE_CHARS_MAX);
        require(reference_is_canonical(text));
        require(reference_fits(text, text));
        memcpy(serial, data, n_serial);
        serial[n_serial] = '\0';
        (void)reference_fits(text, serial);
        return 0;
}
