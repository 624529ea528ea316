/* SPDX-License-Identifier: Apache-2.0 */

#include "program/channel.h"

#include <string.h>

#include "program/words.h"
#include "wire/utf8.h"

#define N_ARGUMENTS 6 /* that every channel has; its type and its category may follow */

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

/* --- reading --- */

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

/* [type, low, high, ? exponent, ? step]; @n of them are left behind the type. */
static void take_range(struct cbor_reader *r, uint32_t n, struct program_channel *c)
{
        int64_t exponent = 0;

        if (n < 2 || n > 4)
                cbor_fail(r, CBOR_UNEXPECTED);
        c->has_range = true;
        c->range.low = cbor_get_int(r);
        c->range.high = cbor_get_int(r);
        if (n > 2)
                exponent = cbor_get_int(r);
        if (exponent < -PROGRAM_EXPONENT_MAX || exponent > PROGRAM_EXPONENT_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        else
                c->range.exponent = (int)exponent;
        if (n > 3)
                c->range.step = cbor_get_int(r);
        if (n > 3 && c->range.step <= 0)
                cbor_fail(r, CBOR_UNEXPECTED);
}

static void take_words(struct cbor_reader *r, uint32_t n, uint32_t least, struct program_channel *c)
{
        if (n < least || n > PROGRAM_WORDS_MAX) {
                cbor_fail(r, CBOR_UNEXPECTED);
                return;
        }
        for (c->n_words = 0; c->n_words < n; c->n_words++)
                c->words[c->n_words] = take_word(r);
}

/* The limits of a type that has been taken; @n items of them. */
static void take_limits(struct cbor_reader *r, uint32_t n, struct program_channel *c)
{
        switch (c->type) {
        case PROGRAM_CHANNEL_NUMBER:
                if (n > 0)
                        take_range(r, n, c);
                break;
        case PROGRAM_CHANNEL_ENUMERATION:
                take_words(r, n, PROGRAM_WORDS_MIN, c);
                break;
        case PROGRAM_CHANNEL_EVENT:
                take_words(r, n, 1, c);
                break;
        case PROGRAM_CHANNEL_TEXT:
                c->length = n > 0 ? cbor_get_uint_max(r, PROGRAM_LENGTH_MAX) : PROGRAM_LENGTH_MAX;
                if (n > 1 || c->length == 0)
                        cbor_fail(r, CBOR_UNEXPECTED);
                break;
        case PROGRAM_CHANNEL_SWITCH:
        case PROGRAM_CHANNEL_BUTTON:
                if (n > 0)
                        cbor_fail(r, CBOR_UNEXPECTED);
                break;
        }
}

/* A number alone, or in an array with what limits its values. */
static void take_type(struct cbor_reader *r, struct program_channel *c)
{
        bool limited = cbor_peek(r) == CBOR_ARRAY;
        uint32_t n = limited ? cbor_get_array(r) : 1;

        c->type = (enum program_channel_type)cbor_get_uint_max(r, PROGRAM_CHANNEL_EVENT);
        if (limited && n < 2)
                cbor_fail(r, CBOR_UNEXPECTED);
        if (!cbor_error(r))
                take_limits(r, n - 1, c);
}

static bool has_more(const struct cbor_reader *r)
{
        return cbor_peek(r) != CBOR_NONE;
}

bool program_get_channel(const struct program_step *step, struct program_channel *ret_channel)
{
        struct cbor_reader r = step->arguments;
        struct program_channel c = {.type = PROGRAM_CHANNEL_NUMBER};

        c.number = cbor_get_uint_max(&r, UINT8_MAX);
        c.leaf = take_word(&r);
        c.device_class = take_word(&r);
        c.unit = take_word(&r);
        c.direction = cbor_get_uint_max(&r, PROGRAM_BOTH_WAYS);
        c.period_sec = cbor_get_uint_max(&r, PROGRAM_PERIOD_MAX);
        if (has_more(&r))
                take_type(&r, &c);
        if (has_more(&r))
                c.category =
                        (enum program_category)cbor_get_uint_max(&r, PROGRAM_CATEGORY_DIAGNOSTIC);
        if (cbor_finish(&r) || c.number == 0 || c.direction == 0)
                return false;
        *ret_channel = c;
        return true;
}

/* --- writing --- */

/* As a number if there is one. */
static void put_word(struct cbor_writer *w, struct cbor_span word)
{
        char text[PROGRAM_CLASS_MAX + 1] = "";
        unsigned number = 0;

        if (word.n_bytes < sizeof(text)) {
                if (word.n_bytes > 0)
                        memcpy(text, word.bytes, word.n_bytes);
                number = program_word_from_text(text);
        }
        if (number > 0)
                cbor_put_uint(w, number);
        else
                cbor_put_text(w, (const char *)word.bytes, word.n_bytes);
}

static void put_range(struct cbor_writer *w, const struct program_range *range)
{
        bool has_step = range->step > 0, has_exponent = range->exponent != 0 || has_step;

        cbor_put_array(w, 3u + has_exponent + has_step);
        cbor_put_uint(w, PROGRAM_CHANNEL_NUMBER);
        cbor_put_int(w, range->low);
        cbor_put_int(w, range->high);
        if (has_exponent)
                cbor_put_int(w, range->exponent);
        if (has_step)
                cbor_put_int(w, range->step);
}

static void put_type(struct cbor_writer *w, const struct program_channel *c)
{
        if (c->has_range) {
                put_range(w, &c->range);
        } else if (c->n_words > 0) {
                cbor_put_array(w, 1 + c->n_words);
                cbor_put_uint(w, c->type);
                for (unsigned i = 0; i < c->n_words; i++)
                        put_word(w, c->words[i]);
        } else if (c->type == PROGRAM_CHANNEL_TEXT && c->length < PROGRAM_LENGTH_MAX) {
                cbor_put_array(w, 2);
                cbor_put_uint(w, c->type);
                cbor_put_uint(w, c->length);
        } else {
                cbor_put_uint(w, c->type);
        }
}

size_t program_count_channel(const struct program_channel *c)
{
        if (c->category != PROGRAM_CATEGORY_NONE)
                return N_ARGUMENTS + 2;
        return c->type != PROGRAM_CHANNEL_NUMBER || c->has_range ? N_ARGUMENTS + 1 : N_ARGUMENTS;
}

void program_put_channel(struct cbor_writer *w, const struct program_channel *c)
{
        size_t n = program_count_channel(c);

        cbor_put_uint(w, c->number);
        put_word(w, c->leaf);
        put_word(w, c->device_class);
        put_word(w, c->unit);
        cbor_put_uint(w, c->direction);
        cbor_put_uint(w, c->period_sec);
        if (n > N_ARGUMENTS)
                put_type(w, c);
        if (n > N_ARGUMENTS + 1)
                cbor_put_uint(w, c->category);
}

/* --- checking --- */

static bool is_same(struct cbor_span a, struct cbor_span b)
{
        return a.n_bytes == b.n_bytes && memcmp(a.bytes, b.bytes, a.n_bytes) == 0;
}

bool program_channel_has_word(const struct program_channel *c, const char *word, size_t n_word)
{
        for (unsigned i = 0; i < c->n_words; i++)
                if (is_same(c->words[i], (struct cbor_span){(const uint8_t *)word, n_word}))
                        return true;
        return false;
}

static enum program_error check_words(const struct program_channel *c)
{
        for (unsigned i = 0; i < c->n_words; i++) {
                if (!program_is_leaf(c->words[i]))
                        return PROGRAM_E_LEAF;
                for (unsigned other = 0; other < i; other++)
                        if (is_same(c->words[other], c->words[i]))
                                return PROGRAM_E_DOUBLE;
        }
        return PROGRAM_OK;
}

enum program_error program_check_channel(const struct program_channel *c)
{
        if (!program_is_leaf(c->leaf) || !program_is_class(c->device_class) ||
            !program_is_unit(c->unit))
                return PROGRAM_E_LEAF;
        if (c->has_range && c->range.low > c->range.high)
                return PROGRAM_E_LIMITS;
        if (c->unit.n_bytes > 0 && c->type != PROGRAM_CHANNEL_NUMBER)
                return PROGRAM_E_LIMITS;
        if (c->type == PROGRAM_CHANNEL_BUTTON && c->direction != PROGRAM_COMMANDED)
                return PROGRAM_E_LIMITS;
        if (c->type == PROGRAM_CHANNEL_EVENT &&
            (c->direction != PROGRAM_PUBLISHED || c->period_sec > 0))
                return PROGRAM_E_LIMITS;
        return check_words(c);
}
