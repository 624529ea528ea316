/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/ndef.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "code/paste.h"
#include "util/defer.h"

/* The first byte of a record (NFC Forum, NDEF 1.0, section 3.2). */
#define FLAG_BEGIN  0x80
#define FLAG_END    0x40
#define FLAG_CHUNK  0x20
#define FLAG_SHORT  0x10
#define FLAG_HAS_ID 0x08
#define TNF_MASK    0x07

enum tnf {
        TNF_EMPTY = 0,
        TNF_WELL_KNOWN = 1,
        TNF_MIME = 2,
        TNF_RESERVED = 7,
};

/* The status byte of a text record. */
#define TEXT_UTF16         0x80
#define TEXT_LANGUAGE_MASK 0x3f

struct bytes {
        const uint8_t *at;
        size_t n;
};

struct record {
        unsigned flags;
        enum tnf tnf;
        struct bytes type, payload;
};

static bool bytes_take(struct bytes *from, size_t n, struct bytes *ret_taken)
{
        if (n > from->n)
                return false;
        *ret_taken = (struct bytes){from->at, n};
        from->at += n;
        from->n -= n;
        return true;
}

static bool bytes_take_number(struct bytes *from, size_t n, uint32_t *ret_number)
{
        struct bytes digits;

        if (!bytes_take(from, n, &digits))
                return false;
        *ret_number = 0;
        for (size_t i = 0; i < n; i++)
                *ret_number = *ret_number << 8 | digits.at[i];
        return true;
}

static bool type_is(const struct record *record, enum tnf tnf, const char *type)
{
        return record->tnf == tnf && record->type.n == strlen(type) &&
               strncasecmp((const char *)record->type.at, type, record->type.n) == 0;
}

/* Takes the next record. Whether it is one of a whole message. */
static bool record_take(struct bytes *message, bool first, struct record *ret_record)
{
        uint32_t flags, n_type, n_payload, n_id = 0;
        struct bytes id;

        if (!bytes_take_number(message, 1, &flags) || !bytes_take_number(message, 1, &n_type) ||
            !bytes_take_number(message, flags & FLAG_SHORT ? 1 : 4, &n_payload))
                return false;
        if (flags & FLAG_HAS_ID && !bytes_take_number(message, 1, &n_id))
                return false;
        if (!!(flags & FLAG_BEGIN) != first || flags & FLAG_CHUNK)
                return false;
        ret_record->flags = flags;
        ret_record->tnf = flags & TNF_MASK;
        if (ret_record->tnf == TNF_RESERVED || (ret_record->tnf == TNF_EMPTY && n_type + n_payload))
                return false;
        return bytes_take(message, n_type, &ret_record->type) && bytes_take(message, n_id, &id) &&
               bytes_take(message, n_payload, &ret_record->payload);
}

/* Codes are ASCII: every other character is dropped, as a reader of pasted text drops it. */
static size_t text_narrow(struct bytes text, uint8_t *code, size_t size)
{
        bool little = text.n >= 2 && text.at[0] == 0xff && text.at[1] == 0xfe;
        size_t n = 0;

        for (size_t i = 0; i + 1 < text.n && n < size; i += 2) {
                uint8_t high = text.at[little ? i + 1 : i], low = text.at[little ? i : i + 1];

                if (high == 0 && low < 0x80)
                        code[n++] = low;
        }
        return n;
}

static size_t text_copy(struct bytes text, uint8_t *code, size_t size)
{
        size_t n = text.n < size ? text.n : size;

        memcpy(code, text.at, n);
        return n;
}

static size_t find_in_text(struct bytes payload, uint8_t *code, size_t size)
{
        struct bytes language;
        uint32_t status;
        size_t n;

        if (!bytes_take_number(&payload, 1, &status) ||
            !bytes_take(&payload, status & TEXT_LANGUAGE_MASK, &language))
                return 0;
        n = (status & TEXT_UTF16 ? text_narrow : text_copy)(payload, code, size);
        return paste_has_prefix(code, n) ? n : 0;
}

/* The first byte abbreviates the beginning of the URI, and never its fragment. */
static size_t find_in_uri(struct bytes payload, uint8_t *code, size_t size)
{
        uint32_t abbreviation;
        const uint8_t *hash;

        if (!bytes_take_number(&payload, 1, &abbreviation) || payload.n == 0)
                return 0;
        hash = memchr(payload.at, '#', payload.n);
        if (!hash)
                return 0;
        payload.n -= (size_t)(hash + 1 - payload.at);
        payload.at = hash + 1;
        if (text_form_of(payload.at, payload.n) != TEXT_FORM_PASTE)
                return 0;
        return text_copy(payload, code, size);
}

/* How many bytes of code there are in this record. */
static size_t find_in_record(const struct record *record, uint8_t *code, size_t size)
{
        if (type_is(record, TNF_MIME, NDEF_MIME_TYPE))
                return text_copy(record->payload, code, size);
        if (type_is(record, TNF_WELL_KNOWN, "T"))
                return find_in_text(record->payload, code, size);
        if (type_is(record, TNF_WELL_KNOWN, "U"))
                return find_in_uri(record->payload, code, size);
        return 0;
}

/*
 * Walks over the records of @message, and over those in a smart poster if @is_outer. All of them
 * must be whole, also behind the code.
 */
static int find_in_message(struct bytes message, bool is_outer, uint8_t *code, size_t *n_code)
{
        bool first = true, empty = true;
        struct record record;

        do {
                if (!record_take(&message, first, &record))
                        return TAG_BROKEN;
                first = false;
                empty = empty && record.tnf == TNF_EMPTY;
                if (*n_code > 0)
                        continue;
                *n_code = find_in_record(&record, code, TEXT_CHARS_MAX);
                if (*n_code == 0 && is_outer && type_is(&record, TNF_WELL_KNOWN, "Sp"))
                        (void)find_in_message(record.payload, false, code, n_code);
        } while (!(record.flags & FLAG_END));
        if (*n_code > 0)
                return TAG_DONE;
        return empty ? TAG_EMPTY : TAG_FOREIGN;
}

int ndef_find(const uint8_t *message, size_t n_message, uint8_t code[TEXT_CHARS_MAX],
              size_t *ret_n_code)
{
        size_t n_code = 0;
        int r;

        if (n_message == 0)
                return TAG_EMPTY;
        r = find_in_message((struct bytes){message, n_message}, true, code, &n_code);
        if (r == TAG_DONE)
                *ret_n_code = n_code;
        return r;
}

/* --- making one --- */

/* Beginnings of URIs that a byte stands for (NFC Forum, URI record type definition 1.0, table 3).
 */
static const struct {
        uint8_t number;
        const char *text;
} abbreviations[] = {
        {0x02, "https://www."},
        {0x01, "http://www."},
        {0x04, "https://"},
        {0x03, "http://"},
};

/* A scheme, and nothing that ends the part before the fragment or that a URI does not have. */
static bool is_base(const char *base)
{
        size_t n_scheme = strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

        if (!islower((unsigned char)base[0]) || base[n_scheme] != ':' || !base[n_scheme + 1] ||
            strlen(base) > NDEF_BASE_MAX)
                return false;
        for (const char *at = base; *at; at++)
                if (*at <= ' ' || *at > '~' || strchr("#\"<>\\^`{|}", *at))
                        return false;
        return true;
}

static size_t put_uri(const char *base, const uint8_t *code, size_t n_code, uint8_t *payload)
{
        uint8_t number = 0;
        size_t n;

        for (size_t i = 0; number == 0 && i < ELEMENTSOF(abbreviations); i++) {
                size_t skip = strlen(abbreviations[i].text);

                if (strncmp(base, abbreviations[i].text, skip) != 0)
                        continue;
                number = abbreviations[i].number;
                base += skip;
        }
        payload[0] = number;
        n = strlen(base);
        memcpy(payload + 1, base, n);
        payload[1 + n] = '#';
        text_encode(TEXT_FORM_PASTE, code, n_code, (char *)payload + n + 2);
        return n + 2 + TEXT_PASTE_CHARS(n_code);
}

static size_t put_text(const uint8_t *code, size_t n_code, uint8_t *payload)
{
        static const uint8_t head[] = {2, 'e', 'n'}; /* UTF-8; a language must be named */

        memcpy(payload, head, sizeof(head));
        text_encode(TEXT_FORM_QR, code, n_code, (char *)payload + sizeof(head));
        return sizeof(head) + TEXT_QR_CHARS(n_code);
}

/* Puts the one record's head before the payload. */
static size_t put_record(enum tnf tnf, const char *type, const uint8_t *payload, size_t n_payload,
                         uint8_t *message)
{
        size_t n_type = strlen(type), n = 0;
        bool is_short = n_payload < 256;

        message[n++] = (uint8_t)(FLAG_BEGIN | FLAG_END | (is_short ? FLAG_SHORT : 0) | tnf);
        message[n++] = (uint8_t)n_type;
        for (int shift = is_short ? 0 : 24; shift >= 0; shift -= 8)
                message[n++] = (uint8_t)(n_payload >> shift);
        memcpy(message + n, type, n_type);
        memcpy(message + n + n_type, payload, n_payload);
        return n + n_type + n_payload;
}

_Static_assert(64 + NDEF_BASE_MAX + TEXT_CHARS_MAX + 1 <= TAG_MESSAGE_MAX, "every form fits");

int ndef_make(enum ndef_form form, const uint8_t *code, size_t n_code, const char *base,
              uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message)
{
        uint8_t payload[NDEF_BASE_MAX + TEXT_CHARS_MAX + 16];

        if (n_code < 1 || n_code > CODE_BYTES_MAX ||
            (form == NDEF_FORM_URI && (!base || !is_base(base))))
                return -EINVAL;
        switch (form) {
        case NDEF_FORM_MIME:
                *ret_n_message = put_record(TNF_MIME, NDEF_MIME_TYPE, code, n_code, message);
                break;
        case NDEF_FORM_TEXT:
                *ret_n_message = put_record(TNF_WELL_KNOWN, "T", payload,
                                            put_text(code, n_code, payload), message);
                break;
        case NDEF_FORM_URI:
                *ret_n_message = put_record(TNF_WELL_KNOWN, "U", payload,
                                            put_uri(base, code, n_code, payload), message);
                break;
        }
        explicit_bzero(payload, sizeof(payload));
        return 0;
}
