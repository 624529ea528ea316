/* SPDX-License-Identifier: Apache-2.0 */

#include "program/channel.h"

#include <string.h>

#include "program/words.h"
#include "wire/utf8.h"

/* Of a-z, 0-9 and _, and @min to @max of them. */
static bool is_word(struct cbor_span text, size_t min, size_t max)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

        for (size_t i = 0; i < text.n_bytes; i++)
                if (!memchr(letters, text.bytes[i], sizeof(letters) - 1))
                        return false;
        return text.n_bytes >= min && text.n_bytes <= max;
}

bool program_is_leaf(struct cbor_span text)
{
        return is_word(text, 1, PROGRAM_LEAF_MAX);
}

bool program_is_class(struct cbor_span text)
{
        return is_word(text, 0, PROGRAM_CLASS_MAX);
}

bool program_is_unit(struct cbor_span text)
{
        return text.n_bytes <= PROGRAM_UNIT_MAX && utf8_printable(text.bytes, text.n_bytes);
}

/* A text, or the number of a word of section 4.5. */
static struct cbor_span take_word(struct cbor_reader *r)
{
        struct cbor_span word = {NULL, 0};
        const char *text;

        if (cbor_peek(r) != CBOR_UINT)
                return cbor_get_text(r);
        text = program_word(cbor_get_uint_max(r, UINT8_MAX));
        if (text)
                word = (struct cbor_span){(const uint8_t *)text, strlen(text)};
        else
                cbor_fail(r, CBOR_UNEXPECTED);
        return word;
}

bool program_get_channel(const struct program_step *step, struct program_channel *ret_channel)
{
        struct cbor_reader r = step->arguments;
        struct program_channel c;
        uint32_t direction;

        c.number = cbor_get_uint_max(&r, UINT8_MAX);
        c.leaf = take_word(&r);
        c.device_class = take_word(&r);
        c.unit = take_word(&r);
        direction = cbor_get_uint_max(&r, 2);
        c.period_sec = cbor_get_uint_max(&r, PROGRAM_PERIOD_MAX);
        if (cbor_finish(&r) || c.number == 0 || direction == 0)
                return false;
        c.command = direction == 2;
        *ret_channel = c;
        return true;
}
