/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a text form: what decodes must encode to the same text, without white space. */

#include <stdlib.h>
#include <string.h>

#include "code/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t bytes[CODE_BYTES_MAX];
        static char text[TEXT_CHARS_MAX + 1];
        enum text_form form = text_form_of(data, size);
        size_t n, n_text;

        if (form != TEXT_FORM_QR && form != TEXT_FORM_PASTE)
                return 0;
        if (text_decode((const char *)data, size, bytes, &n) != TEXT_DONE)
                return 0;
        text_encode(form, bytes, n, text);
        n_text = strlen(text);
        /* The last character of Base64url may have bits that no byte takes. */
        if (form == TEXT_FORM_PASTE)
                n_text -= n_text > TEXT_PREFIX_CHARS;
        if (n_text > size ||
            !memmem(data, size, text + TEXT_PREFIX_CHARS, n_text - TEXT_PREFIX_CHARS))
                abort();
        return 0;
}
