/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as the beginning of a file: the format depends on nothing behind it. */

#include "read/format.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        enum format format = format_of(data, size);

        require(format_refusal(format) == REASON_NONE || format >= FORMAT_HEIF ||
                format == FORMAT_OTHER);
        if (size > FORMAT_HEAD_BYTES)
                require(format_of(data, FORMAT_HEAD_BYTES) == format);
        return 0;
}
