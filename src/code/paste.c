/* SPDX-License-Identifier: Apache-2.0 */

#include "code/paste.h"

#include <ctype.h>
#include <string.h>

#include <sodium.h>

#include "util/defer.h"
#include "wire/utf8.h"

#define TAG_CHARS_MAX    64 /* of HTML; the code's own characters are never swallowed for long */
#define ENTITY_CHARS_MAX 8

/* What fold() makes of a character, if it is none of ASCII. */
enum {
        FOLD_END = -1,
        FOLD_NOTHING = 0,
        FOLD_ODD_BLANK = '\t', /* white space within a line, but not the plain blank */
        FOLD_BREAK = '\n',
        FOLD_DASHES = 1, /* one that may stand for several hyphens */
        FOLD_DOTS,       /* one that stands for three full stops */
};

/* Symbols beside the characters of a code. */
#define SYMBOL_BLANKS 0x80 /* plus their number: within a line, as many or 0 to 2 */
#define SYMBOL_BREAK  0x90 /* a line's end and what is around it: 0 to 2 blanks */
#define SYMBOL_DASHES 0xa0 /* 1 to 3 hyphens */

/* --- characters --- */

static uint32_t utf16_take(struct paste_source *s)
{
        uint8_t first = s->bytes[s->at], second = s->bytes[s->at + 1];

        s->at += 2;
        return s->encoding == PASTE_UTF16LE ? (uint32_t)second << 8 | first
                                            : (uint32_t)first << 8 | second;
}

/* UTF-8; other bytes are taken for Windows-1252, of which only these three matter here. */
static uint32_t utf8_or_1252_take(struct paste_source *s)
{
        uint32_t point;
        size_t n = utf8_take(s->bytes + s->at, s->n_bytes - s->at, &point);

        if (n > 0) {
                s->at += n;
                return point;
        }
        point = s->bytes[s->at++];
        return point == 0x85 ? 0x2026 : point == 0x96 || point == 0x97 ? 0x2014 : point;
}

/* clang-format off */
static const struct {
        uint32_t first, last; /* code points */
        int as;
} folds[] = {
        { 0x0009, 0x0009, FOLD_ODD_BLANK },
        { 0x000a, 0x000d, FOLD_BREAK },
        { 0x0020, 0x007e, 0 },              /* ASCII stays what it is */
        { 0x0085, 0x0085, FOLD_BREAK },
        { 0x00a0, 0x00a0, FOLD_ODD_BLANK }, /* no-break space */
        { 0x1680, 0x1680, FOLD_ODD_BLANK },
        { 0x2000, 0x200a, FOLD_ODD_BLANK },
        { 0x2010, 0x2012, '-' },
        { 0x2013, 0x2015, FOLD_DASHES },    /* typographers make one of "--" and "---" */
        { 0x2026, 0x2026, FOLD_DOTS },
        { 0x2028, 0x2029, FOLD_BREAK },
        { 0x202f, 0x202f, FOLD_ODD_BLANK },
        { 0x2044, 0x2044, '/' },
        { 0x205f, 0x205f, FOLD_ODD_BLANK },
        { 0x2212, 0x2212, '-' },
        { 0x2215, 0x2215, '/' },
        { 0x2217, 0x2217, '*' },
        { 0x2236, 0x2236, ':' },
        { 0x3000, 0x3000, FOLD_ODD_BLANK },
};
/* clang-format on */

/*
 * What a character stands for in a code. Everything else is nothing: soft hyphens, zero-width
 * characters, byte order marks, quotation marks, and the NULs that UTF-32 has beside UTF-16.
 */
static int fold(uint32_t point)
{
        if (point >= 0xff01 && point <= 0xff5e) /* full-width ASCII */
                point -= 0xfee0;
        for (size_t i = 0; i < ELEMENTSOF(folds); i++)
                if (point >= folds[i].first && point <= folds[i].last)
                        return folds[i].as ? folds[i].as : (int)point;
        return FOLD_NOTHING;
}

static int source_take(struct paste_source *s)
{
        if (s->encoding == PASTE_UTF8)
                return s->at < s->n_bytes ? fold(utf8_or_1252_take(s)) : FOLD_END;
        return s->at + 1 < s->n_bytes ? fold(utf16_take(s)) : FOLD_END;
}

static struct paste_source source_of(const uint8_t *bytes, size_t n_bytes)
{
        struct paste_source s = {.bytes = bytes, .n_bytes = n_bytes, .encoding = PASTE_UTF8};

        /* A byte order mark, or a first character of ASCII in two bytes. */
        if (n_bytes < 2)
                return s;
        if ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] && !bytes[1]))
                s.encoding = PASTE_UTF16LE;
        else if ((bytes[0] == 0xfe && bytes[1] == 0xff) || !bytes[0])
                s.encoding = PASTE_UTF16BE;
        return s;
}

/* --- the prefix --- */

static int take_visible(struct paste_source *s)
{
        int c;

        do
                c = source_take(s);
        while (c == FOLD_NOTHING);
        return c;
}

/* Takes a prefix that begins here. TEXT_FORM_OTHER: there is none, and nothing was taken. */
static enum text_form source_take_prefix(struct paste_source *s)
{
        struct paste_source ahead = *s;
        bool is_one = true;
        unsigned n = 0;
        int c;

        for (const char *letter = "ENR"; *letter; letter++)
                if (toupper(take_visible(&ahead)) != *letter)
                        return TEXT_FORM_OTHER;
        for (c = take_visible(&ahead); c >= '0' && c <= '9'; c = take_visible(&ahead)) {
                is_one = is_one && c == '1' && n == 0;
                n++;
        }
        while (c == ' ' || c == FOLD_ODD_BLANK || c == FOLD_BREAK) /* French has one here */
                c = take_visible(&ahead);
        if (n == 0 || (c != ':' && c != '.'))
                return TEXT_FORM_OTHER;
        *s = ahead;
        if (!is_one)
                return TEXT_FORM_NEWER;
        return c == ':' ? TEXT_FORM_QR : TEXT_FORM_PASTE;
}

static enum text_form source_find_prefix(struct paste_source *s)
{
        do {
                enum text_form form = source_take_prefix(s);

                if (form != TEXT_FORM_OTHER)
                        return form;
        } while (source_take(s) != FOLD_END);
        return TEXT_FORM_OTHER;
}

/* --- the symbols --- */

/* Skips markup up to @end, if it looks like markup. */
static bool source_skip(struct paste_source *s, char end, unsigned max)
{
        struct paste_source ahead = *s;

        for (unsigned i = 0; i < max; i++) {
                int c = source_take(&ahead);

                if (c == end && i > 0) {
                        *s = ahead;
                        return true;
                }
                if (c == FOLD_END || c == '<' || (i == 0 && !isalpha(c) && !strchr("/!#", c)))
                        return false;
        }
        return false;
}

/* Skips the letter of an escaped white space. */
static bool source_skip_escape(struct paste_source *s)
{
        struct paste_source ahead = *s;
        int c = source_take(&ahead);

        if (c != 'n' && c != 'r' && c != 't')
                return false;
        *s = ahead;
        return true;
}

/* The next character, where markup and escapes stand for what they make. */
static int source_take_plain(struct paste_source *s)
{
        int c = source_take(s);

        if (c == '<' && source_skip(s, '>', TAG_CHARS_MAX))
                return FOLD_BREAK;
        if (c == '&' && source_skip(s, ';', ENTITY_CHARS_MAX))
                return FOLD_ODD_BLANK;
        if (c == '\\' && source_skip_escape(s))
                return FOLD_BREAK;
        return c;
}

static void paste_doubt(struct paste *p)
{
        if (p->first_doubt > p->n_symbols)
                p->first_doubt = p->n_symbols;
}

static void paste_add(struct paste *p, uint8_t symbol)
{
        if (p->n_symbols < PASTE_SYMBOLS_MAX)
                p->symbols[p->n_symbols++] = symbol;
}

static bool is_of_form(enum text_form form, int c)
{
        const char one = (char)c;
        uint8_t byte;
        size_t n;

        /* The beginning of a group is cut, but not wrong. */
        if (form == TEXT_FORM_QR)
                return base45_decode(&one, 1, &byte, 1, &n) == TEXT_CUT;
        return base64url_decode(&one, 1, &byte, 1, &n) == TEXT_CUT;
}

/* White space goes into one symbol; Base64url has none. */
static void paste_add_space(struct paste *p, int c)
{
        uint8_t *last = p->n_symbols > 0 ? &p->symbols[p->n_symbols - 1] : NULL;

        if (c != ' ' || p->form == TEXT_FORM_PASTE)
                paste_doubt(p);
        if (p->form == TEXT_FORM_PASTE || (last && *last == SYMBOL_BREAK))
                return;
        if (last && *last >= SYMBOL_BLANKS && *last < SYMBOL_BREAK) {
                if (c == FOLD_BREAK)
                        *last = SYMBOL_BREAK;
                else if (*last < SYMBOL_BREAK - 1)
                        (*last)++;
                return;
        }
        paste_add(p, c == FOLD_BREAK ? SYMBOL_BREAK : SYMBOL_BLANKS + 1);
}

static void paste_add_character(struct paste *p, int c)
{
        if (p->form == TEXT_FORM_QR)
                c = toupper(c);
        if (c == FOLD_DOTS && p->form == TEXT_FORM_QR) {
                paste_doubt(p);
                for (int i = 0; i < 3; i++)
                        paste_add(p, '.');
        } else if (c == FOLD_DASHES) {
                paste_doubt(p);
                paste_add(p, SYMBOL_DASHES);
        } else if (is_of_form(p->form, c)) {
                paste_add(p, (uint8_t)c);
        } else {
                paste_doubt(p);
        }
}

static void paste_record(struct paste *p)
{
        struct paste_source s = p->source;
        int c;

        p->n_symbols = 0;
        p->first_doubt = SIZE_MAX;
        while (p->n_symbols < PASTE_SYMBOLS_MAX && (c = source_take_plain(&s)) != FOLD_END)
                if (c == ' ' || c == FOLD_ODD_BLANK || c == FOLD_BREAK)
                        paste_add_space(p, c);
                else
                        paste_add_character(p, c);
        /* No code ends in a blank: a last character of that value stands for more than a byte. */
        while (p->n_symbols > 0 && p->symbols[p->n_symbols - 1] >= SYMBOL_BLANKS &&
               p->symbols[p->n_symbols - 1] <= SYMBOL_BREAK)
                p->n_symbols--;
}

/* --- the readings --- */

/* How many characters a symbol stands for in its @option'th reading; -1: it has no such one. */
static int symbol_count(uint8_t symbol, unsigned option)
{
        int literal = symbol - SYMBOL_BLANKS, count = (int)option;

        if (symbol >= SYMBOL_DASHES)
                return count < 3 ? count + 1 : -1;
        if (symbol == SYMBOL_BREAK)
                return count < 3 ? count : -1;
        if (count == 0)
                return literal;
        count -= count <= literal;
        return count < 3 ? count : -1;
}

/*
 * Takes one more character. REASON_NONE: the envelope is whole; REASON_CODE_TRUNCATED: so far it is
 * one; REASON_CODE_MISCOPIED: it is not. Before a group is whole only the envelope's end is looked
 * for: what a part of a group of Base45 stands for is meant only if nothing follows.
 */
static enum reason paste_put(struct paste *p, char c, uint8_t bytes[CODE_BYTES_MAX],
                             struct envelope *ret_envelope)
{
        bool qr = p->form == TEXT_FORM_QR;
        struct paste_state *s = &p->state;
        enum text_outcome outcome;
        enum reason reason;
        size_t n = 0;

        if (p->work_left == 0)
                return REASON_CODE_MISCOPIED;
        p->work_left--;
        s->group[s->n_group++] = c;
        outcome = (qr ? base45_decode : base64url_decode)(s->group, s->n_group, bytes + s->n_bytes,
                                                          CODE_BYTES_MAX - s->n_bytes, &n);
        if (outcome == TEXT_CUT)
                return REASON_CODE_TRUNCATED;
        if (outcome != TEXT_DONE)
                return REASON_CODE_MISCOPIED;
        reason = envelope_parse(bytes, s->n_bytes + n, ret_envelope);
        if (reason != REASON_NONE && s->n_group < (qr ? 3 : 4))
                return REASON_CODE_TRUNCATED;
        s->n_bytes = (uint16_t)(s->n_bytes + n);
        s->n_group = 0;
        return reason == REASON_NONE || reason == REASON_CODE_TRUNCATED ? reason
                                                                        : REASON_CODE_MISCOPIED;
}

static enum reason paste_put_symbol(struct paste *p, unsigned option, uint8_t bytes[CODE_BYTES_MAX],
                                    struct envelope *ret_envelope)
{
        uint8_t symbol = p->symbols[p->state.at++];
        enum reason reason = REASON_CODE_TRUNCATED;

        if (symbol < SYMBOL_BLANKS)
                return paste_put(p, (char)symbol, bytes, ret_envelope);
        for (int n = symbol_count(symbol, option); n > 0 && reason == REASON_CODE_TRUNCATED; n--)
                reason = paste_put(p, symbol == SYMBOL_DASHES ? '-' : ' ', bytes, ret_envelope);
        return reason;
}

/* Goes on from the state to the end of the reading, trying everything as it stands first. */
static enum reason paste_read(struct paste *p, uint8_t bytes[CODE_BYTES_MAX],
                              struct envelope *ret_envelope)
{
        enum reason reason = REASON_CODE_TRUNCATED;

        while (reason == REASON_CODE_TRUNCATED && p->state.at < p->n_symbols) {
                if (p->symbols[p->state.at] >= SYMBOL_BLANKS && p->n_places < PASTE_PLACES_MAX) {
                        p->places[p->n_places].state = p->state;
                        p->places[p->n_places].option = 0;
                        p->n_places++;
                }
                reason = paste_put_symbol(p, 0, bytes, ret_envelope);
        }
        return reason;
}

/* Returns to the last place that has another option. False: there is none. */
static bool paste_part(struct paste *p)
{
        for (; p->n_places > 0; p->n_places--) {
                p->state = p->places[p->n_places - 1].state;
                if (symbol_count(p->symbols[p->state.at], ++p->places[p->n_places - 1].option) >= 0)
                        return true;
        }
        return false;
}

bool paste_is_mended(const struct paste *p)
{
        for (size_t i = 0; i < p->n_places; i++)
                if (p->places[i].option > 0)
                        return true;
        return p->first_doubt < p->state.at;
}

/*
 * A reading that ended too early. If it did so only because a blank in a line was left out or
 * doubled, something else is wrong with the text.
 */
static enum reason paste_cut(struct paste *p)
{
        p->is_cut = p->is_cut || !paste_is_mended(p);
        for (size_t i = 0; i < p->n_places; i++)
                if (p->places[i].option > 0 && p->symbols[p->places[i].state.at] < SYMBOL_BREAK)
                        return REASON_CODE_MISCOPIED;
        return REASON_CODE_TRUNCATED;
}

/* A text may mention ENR1: before it has the code. What came furthest is what failed. */
static void paste_fail(struct paste *p, enum reason reason)
{
        static const enum reason by_rank[] = {REASON_CODE_NOT_ENROLLMENT, REASON_CODE_FORMAT_NEWER,
                                              REASON_CODE_MISCOPIED, REASON_CODE_TRUNCATED};
        size_t now = 0, then = 0;

        for (size_t i = 0; i < ELEMENTSOF(by_rank); i++) {
                now = by_rank[i] == reason ? i : now;
                then = by_rank[i] == p->why ? i : then;
        }
        p->why = by_rank[now > then ? now : then];
}

/* Goes to the next prefix. False: there is none. */
static bool paste_find(struct paste *p)
{
        enum text_form form;

        do {
                form = p->prefixes_left > 0 ? source_find_prefix(&p->source) : TEXT_FORM_OTHER;
                if (form == TEXT_FORM_NEWER)
                        paste_fail(p, REASON_CODE_FORMAT_NEWER);
        } while (form == TEXT_FORM_NEWER);
        if (form == TEXT_FORM_OTHER)
                return false;
        p->prefixes_left--;
        p->form = form;
        p->state = (struct paste_state){.at = 0};
        paste_record(p);
        return true;
}

bool paste_has_prefix(const uint8_t *input, size_t n_input)
{
        struct paste_source s = source_of(input, n_input);

        return source_find_prefix(&s) != TEXT_FORM_OTHER;
}

void paste_begin(struct paste *p, const uint8_t *input, size_t n_input)
{
        memset(p, 0, sizeof(*p));
        p->source = source_of(input, n_input);
        p->work_left = PASTE_WORK_MAX;
        p->readings_left = PASTE_READINGS_MAX;
        p->prefixes_left = PASTE_PREFIXES_MAX;
        p->why = REASON_CODE_NOT_ENROLLMENT;
}

enum reason paste_next(struct paste *p, uint8_t bytes[CODE_BYTES_MAX], size_t *ret_n_bytes,
                       struct envelope *ret_envelope)
{
        while (p->readings_left > 0) {
                enum reason reason = REASON_CODE_TRUNCATED;

                if (paste_part(p))
                        reason = paste_put_symbol(p, p->places[p->n_places - 1].option, bytes,
                                                  ret_envelope);
                else if (!paste_find(p))
                        break;
                if (reason == REASON_CODE_TRUNCATED)
                        reason = paste_read(p, bytes, ret_envelope);
                if (reason == REASON_NONE) {
                        p->readings_left--;
                        *ret_n_bytes = p->state.n_bytes;
                        return REASON_NONE;
                }
                paste_fail(p, reason == REASON_CODE_TRUNCATED ? paste_cut(p) : reason);
        }
        return p->why;
}

void paste_done(struct paste *p)
{
        sodium_memzero(p, sizeof(*p));
}
