/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as the text of a code. What an encoding takes must be encoded to the same text. Of a
 * pasted text there are a few readings; each is a whole envelope, and its text, written anew, is
 * read as it stands and as the same envelope.
 */

#include <stdlib.h>
#include <string.h>

#include "code/paste.h"
#include "code/text.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t bytes[CODE_BYTES_MAX], again[CODE_BYTES_MAX];
static char text[TEXT_CHARS_MAX + 1];

static void check_encodings(const char *given, size_t n_given)
{
        size_t n;

        if (base45_decode(given, n_given, bytes, sizeof(bytes), &n) == TEXT_DONE) {
                base45_encode(bytes, n, text);
                require(strlen(text) == n_given && memcmp(text, given, n_given) == 0);
        }
        /* The last character of Base64url may have bits that no byte takes. */
        if (base64url_decode(given, n_given, bytes, sizeof(bytes), &n) == TEXT_DONE && n > 0) {
                base64url_encode(bytes, n, text);
                require(strlen(text) == n_given && memcmp(text, given, n_given - 1) == 0);
        }
}

static void check_reading(enum text_form form, size_t n)
{
        static struct paste paste;
        struct envelope envelope;
        size_t n_again;

        require(envelope_parse(bytes, n, &envelope) == REASON_NONE);
        text_encode(form, bytes, n, text);
        paste_begin(&paste, (const uint8_t *)text, strlen(text));
        require(paste_next(&paste, again, &n_again, &envelope) == REASON_NONE);
        require(!paste_is_mended(&paste));
        require(n_again == n && memcmp(again, bytes, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct paste paste;
        struct envelope envelope;
        unsigned n_readings = 0;
        size_t n;

        check_encodings((const char *)data, size);
        paste_begin(&paste, data, size);
        while (paste_next(&paste, bytes, &n, &envelope) == REASON_NONE) {
                require(++n_readings <= PASTE_READINGS_MAX);
                check_reading(TEXT_FORM_QR, n);
                check_reading(TEXT_FORM_PASTE, n);
        }
        return 0;
}
