/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A fuzz target's input as a row of messages: a byte (the kind, where it has a meaning), two bytes
 * of length, big-endian, and as many bytes of content as there are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk {
        uint8_t kind;
        const uint8_t *bytes;
        size_t n_bytes;
};

/* Takes the next one, of at most @most bytes, off the input. */
static inline bool chunk_take(const uint8_t **data, size_t *size, size_t most,
                              struct chunk *ret_chunk)
{
        size_t n;

        if (*size < 3)
                return false;
        n = (size_t)(*data)[1] << 8 | (*data)[2];
        if (n > *size - 3)
                n = *size - 3;
        if (n > most)
                n = most;
        ret_chunk->kind = (*data)[0];
        ret_chunk->bytes = *data + 3;
        ret_chunk->n_bytes = n;
        *data += 3 + n;
        *size -= 3 + n;
        return true;
}
