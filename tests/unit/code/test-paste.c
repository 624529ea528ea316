/* SPDX-License-Identifier: Apache-2.0 */

/* Codes as they arrive after people and programs have copied them. */

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "code/code.h"
#include "code/paste.h"
#include "support/code-sample.h"
#include "util/defer.h"

#define N_CODES    40
#define COPY_BYTES 65536

struct fixture {
        struct sample sample;
        struct issuer issuer;
        struct issuers issuers;
        struct code code;
        char text[TEXT_CHARS_MAX + 1];
        char copy[COPY_BYTES];
        size_t n_copy;
};

static int setup(void **state)
{
        static struct fixture f;

        memset(&f, 0, sizeof(f));
        f.issuers = sample_issuers(&f.issuer);
        sample_init(&f.sample);
        *state = &f;
        return 0;
}

/* Makes the text of another code than any other @number does: its blanks are elsewhere. */
static void make_text(struct fixture *f, enum text_form form, unsigned number)
{
        for (unsigned i = 0; i < sizeof(f->sample.payload.secret); i++)
                f->sample.payload.secret[i] = (uint8_t)(number * 37 + i * i + 5);
        (void)snprintf(f->sample.payload.serial, sizeof(f->sample.payload.serial), "%.*s",
                       (int)(number % 3) + 1, "ABC");
        sample_encode(&f->sample);
        sample_sign(&f->sample);
        text_encode(form, f->sample.bytes, f->sample.n_bytes, f->text);
}

static enum reason open_bytes(struct fixture *f, const void *bytes, size_t n)
{
        return code_open(&f->code, bytes, n, &f->issuers, 256);
}

static void put(struct fixture *f, const char *text)
{
        size_t n = strlen(text);

        assert_true(f->n_copy + n < COPY_BYTES);
        memcpy(f->copy + f->n_copy, text, n + 1);
        f->n_copy += n;
}

/* How one program or person copies. */
struct copying {
        const char *name;
        const char *before, *before_point, *after;
        unsigned columns;     /* of a line, 0: all on one */
        const char *line_end; /* with what the next line begins with */
        enum { HARD, WORDS, TRIMMED } wrap;
        const char *blank, *hyphen; /* instead of these */
        const char *behind_each;    /* behind every 30th character */
        bool lower;                 /* harms only Base64url */
        bool shell;                 /* several blanks become one; harms nothing else */
};

static bool is_line_end(const struct copying *c, unsigned column, const char *rest)
{
        if (c->columns == 0)
                return false;
        if (c->wrap == WORDS) /* at the last blank, so that the next one would not fit */
                return rest[0] == ' ' && column + strcspn(rest + 1, " ") >= c->columns;
        return column == c->columns;
}

static void copy(struct fixture *f, const struct copying *c)
{
        unsigned column = 0;

        f->n_copy = 0;
        put(f, c->before ? c->before : "");
        for (const char *at = f->text; *at; at++, column++) {
                char one[2] = {c->lower ? (char)tolower(*at) : *at, '\0'};

                if (is_line_end(c, column, at)) {
                        while (c->wrap == TRIMMED && f->copy[f->n_copy - 1] == ' ')
                                f->n_copy--;
                        put(f, c->line_end);
                        column = 0;
                        if (c->wrap == WORDS)
                                continue;
                }
                if (c->shell && at[0] == ' ' && at[-1] == ' ')
                        continue;
                if (at == f->text + TEXT_PREFIX_CHARS - 1)
                        put(f, c->before_point ? c->before_point : "");
                put(f, *at == ' ' && c->blank    ? c->blank
                       : *at == '-' && c->hyphen ? c->hyphen
                                                 : one);
                if (c->behind_each && (at - f->text) % 30 == 29)
                        put(f, c->behind_each);
        }
        put(f, c->after ? c->after : "");
}

/* clang-format off */
static const struct copying copyings[] = {
        { .name = "as it is" },
        { .name = "with a line end", .after = "\n" },
        { .name = "with a line end of Windows", .after = "\r\n" },
        { .name = "white space around", .before = "\n\t  ", .after = " \n\n" },
        { .name = "a byte order mark", .before = "\xef\xbb\xbf" },
        { .name = "quotation marks", .before = "\"", .after = "\"" },
        { .name = "typographic quotation marks", .before = "\u201c", .after = "\u201d" },
        { .name = "angle brackets", .before = "<", .after = ">" },
        { .name = "marks of Markdown", .before = "```\n", .after = "\n```\n" },
        { .name = "more marks of Markdown", .before = "**`", .after = "`**" },
        { .name = "text around",
          .before = "Dear Ada,\n\nthis is the code: ", .after = "\n\nRegards, Bob" },
        { .name = "text around, in the line",
          .before = "Der Schl\u00fcssel ist \u2192", .after = ", viel Gl\u00fcck. 73 DE BOB" },
        { .name = "the prefix mentioned before",
          .before = "It begins with ENR1: or enr1. and is this: ", .after = ". OK?" },
        { .name = "an older hub's text before", .before = "For hub 2: ENR2:ABC\nFor yours: " },
        { .name = "as an object", .before = "{\"code\": \"", .after = "\"}" },
        { .name = "a link", .before = "https://example.com/#", .after = "" },
        { .name = "in French", .before = "Le code\u00a0: ", .before_point = "\u202f" },
        { .name = "wrapped", .columns = 76, .line_end = "\n" },
        { .name = "wrapped for Windows", .columns = 76, .line_end = "\r\n" },
        { .name = "wrapped narrowly", .columns = 20, .line_end = "\n" },
        { .name = "wrapped and trimmed", .columns = 64, .line_end = "\n", .wrap = TRIMMED },
        { .name = "wrapped at words", .columns = 72, .line_end = "\n", .wrap = WORDS },
        { .name = "wrapped at words, flowing", .columns = 72, .line_end = " \n", .wrap = WORDS },
        { .name = "wrapped and joined again", .columns = 72, .line_end = " " },
        { .name = "quoted printable", .columns = 75, .line_end = "=\r\n" },
        { .name = "escaped line ends", .columns = 60, .line_end = "\\n" },
        { .name = "continued lines", .columns = 60, .line_end = "\\\n" },
        { .name = "indented", .before = "    ", .columns = 70, .line_end = "\n    " },
        { .name = "quoted", .before = "> ", .columns = 70, .line_end = "\n> " },
        { .name = "quoted twice", .before = ">> ", .columns = 70, .line_end = "\r\n>> " },
        { .name = "quoted, apart", .before = "> > ", .columns = 40, .line_end = "\n> > " },
        { .name = "quoted at words",
          .before = "> ", .columns = 70, .line_end = "\n> ", .wrap = WORDS },
        { .name = "quoted and trimmed",
          .before = "| ", .columns = 70, .line_end = "\n| ", .wrap = TRIMMED },
        { .name = "commented", .before = "# ", .columns = 70, .line_end = "\n# " },
        { .name = "markup", .before = "<p>", .columns = 70, .line_end = "<br />", .after = "</p>" },
        { .name = "entities", .blank = "&nbsp;" },
        { .name = "lower case", .lower = true },
        { .name = "no-break spaces", .blank = "\u00a0" },
        { .name = "no-break spaces of Windows", .blank = "\xa0" },
        { .name = "tabs", .blank = "\t" },
        { .name = "wide spaces", .blank = "\u3000" },
        { .name = "several blanks become one", .shell = true },
        { .name = "escaped blanks", .blank = "\\ " },
        { .name = "soft hyphens", .behind_each = "\u00ad" },
        { .name = "zero-width spaces", .behind_each = "\u200b" },
        { .name = "word joiners", .behind_each = "\u2060" },
        { .name = "marks of direction", .before = "\u200e", .behind_each = "\u202c" },
        { .name = "no-break hyphens", .hyphen = "\u2011" },
        { .name = "dashes", .hyphen = "\u2013" },
        { .name = "dashes of Windows", .hyphen = "\x96" },
        { .name = "minus signs", .hyphen = "\u2212" },
};
/* clang-format on */

static void test_paste_every_way_of_copying_is_undone(void **state)
{
        struct fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(copyings); i++)
                for (unsigned number = 0; number < 2 * N_CODES; number++) {
                        bool qr = number % 2 == 0;
                        enum reason reason;

                        if (copyings[i].lower && !qr)
                                continue;
                        make_text(f, qr ? TEXT_FORM_QR : TEXT_FORM_PASTE, number);
                        copy(f, &copyings[i]);
                        reason = open_bytes(f, f->copy, f->n_copy);
                        if (reason)
                                fail_msg("%s, code %u: %s\n%s", copyings[i].name, number,
                                         reason_code(reason), f->copy);
                        assert_memory_equal(f->code.bytes, f->sample.bytes, f->sample.n_bytes);
                }
}

/* As UTF-16, or with two more bytes as UTF-32. */
static size_t widen(const struct fixture *f, bool big, unsigned n_wide, bool mark, uint8_t *ret)
{
        size_t n = 0;

        for (size_t i = mark ? 0 : 1; i <= f->n_copy; i++) {
                unsigned unit = i == 0 ? 0xfeff : (uint8_t)f->copy[i - 1];

                memset(ret + n, 0, n_wide);
                ret[big ? n + n_wide - 1 : n] = (uint8_t)unit;
                ret[big ? n + n_wide - 2 : n + 1] = (uint8_t)(unit >> 8);
                n += n_wide;
        }
        return n;
}

static void test_paste_utf16_and_utf32_are_read(void **state)
{
        static const struct copying quoted = {
                .before = "Code:\r\n> ", .columns = 70, .line_end = "\r\n> ", .after = "\r\n"};
        static uint8_t wide[4 * COPY_BYTES];
        struct fixture *f = *state;

        for (unsigned i = 0; i < 16; i++) {
                size_t n;

                make_text(f, i & 1 ? TEXT_FORM_QR : TEXT_FORM_PASTE, i);
                copy(f, &quoted);
                n = widen(f, i & 2, i & 4 ? 2 : 4, i & 8, wide);
                assert_int_equal(open_bytes(f, wide, n), REASON_NONE);
                assert_int_equal(open_bytes(f, wide, n - 1), REASON_NONE);
        }
}

static void test_paste_the_largest_code_fits_wrapped_and_quoted(void **state)
{
        static const struct copying quoted = {
                .before = "> > ", .columns = 40, .line_end = "\r\n> > ", .after = "\r\n"};
        struct fixture *f = *state;
        struct envelope envelope;
        struct paste paste;
        size_t n_bytes;

        memset(f->sample.encoded, 0x5a, CODE_BYTES_MAX);
        f->sample.n_encoded = CODE_BYTES_MAX - 17 - 3 - 66;
        sample_sign(&f->sample);
        assert_int_equal(f->sample.n_bytes, CODE_BYTES_MAX);
        for (unsigned form = TEXT_FORM_QR; form <= TEXT_FORM_PASTE; form++) {
                text_encode(form, f->sample.bytes, f->sample.n_bytes, f->text);
                copy(f, &quoted);
                paste_begin(&paste, (const uint8_t *)f->copy, f->n_copy);
                assert_int_equal(paste_next(&paste, f->code.bytes, &n_bytes, &envelope),
                                 REASON_NONE);
                assert_int_equal(n_bytes, CODE_BYTES_MAX);
                assert_memory_equal(f->code.bytes, f->sample.bytes, n_bytes);
        }
        paste_done(&paste);
}

static void test_paste_what_is_lost_is_told_as_miscopied(void **state)
{
        struct fixture *f = *state;

        for (unsigned number = 0; number < N_CODES; number++) {
                char *at;

                make_text(f, TEXT_FORM_QR, number);
                at = f->text + 100; /* as "$X" in a shell */
                memmove(at, at + 2, strlen(at + 2) + 1);
                assert_int_equal(open_bytes(f, f->text, strlen(f->text)), REASON_CODE_MISCOPIED);
                make_text(f, TEXT_FORM_PASTE, number);
                for (at = f->text; *at; at++)
                        *at = (char)tolower(*at);
                assert_int_equal(open_bytes(f, f->text, strlen(f->text)), REASON_CODE_MISCOPIED);
        }
        make_text(f, TEXT_FORM_PASTE, 0);
        assert_int_equal(open_bytes(f, "enr1.0oRO", 9), REASON_CODE_MISCOPIED);
        assert_int_equal(open_bytes(f, "The code begins with ENR1: and a letter", 39),
                         REASON_CODE_MISCOPIED);
}

static void test_paste_what_ends_too_early_is_told_as_truncated(void **state)
{
        static const struct copying wrapped = {
                .before = "> ", .columns = 76, .line_end = "\n> ", .wrap = WORDS};
        struct fixture *f = *state;

        for (unsigned form = TEXT_FORM_QR; form <= TEXT_FORM_PASTE; form++)
                for (size_t cut = 10; cut < 300; cut += 7) {
                        make_text(f, form, 1);
                        f->text[cut] = '\0';
                        copy(f, &wrapped);
                        assert_int_equal(open_bytes(f, f->copy, f->n_copy), REASON_CODE_TRUNCATED);
                }
}

/* A wrong character is not necessarily the copy's; a mended text with one is. */
static void test_paste_a_wrong_signature_is_told_as_altered_only_in_a_plain_text(void **state)
{
        static const struct copying plain = {.after = "\n"};
        static const struct copying wrapped = {.columns = 76, .line_end = "\n"};
        struct fixture *f = *state;

        for (unsigned form = TEXT_FORM_QR; form <= TEXT_FORM_PASTE; form++) {
                make_text(f, form, 1);
                f->text[strlen(f->text) - 9] ^= 1;
                copy(f, &plain);
                assert_int_equal(open_bytes(f, f->copy, f->n_copy), REASON_CODE_ALTERED);
                copy(f, &wrapped);
                assert_int_equal(open_bytes(f, f->copy, f->n_copy), REASON_CODE_MISCOPIED);
        }
}

static void test_paste_what_follows_a_code_is_not_looked_at(void **state)
{
        static const struct copying twice = {.after = "enr1.0oRNogEnBEg ENR1:AB"};
        struct fixture *f = *state;

        for (unsigned form = TEXT_FORM_QR; form <= TEXT_FORM_PASTE; form++) {
                make_text(f, form, 2);
                copy(f, &twice);
                assert_int_equal(open_bytes(f, f->copy, f->n_copy), REASON_NONE);
        }
}

/* Each blank of these leaves three readings, and no group ever ends them. */
static void test_paste_work_is_bounded(void **state)
{
        static char hostile[COPY_BYTES];
        struct fixture *f = *state;
        struct envelope envelope;
        struct paste paste;
        enum reason reason;
        unsigned n = 0;
        size_t n_bytes;

        make_text(f, TEXT_FORM_QR, 3);
        memset(hostile, '0', sizeof(hostile));
        memcpy(hostile, f->text, 60);
        for (size_t i = 61; i < sizeof(hostile); i += 2)
                hostile[i] = ' ';
        paste_begin(&paste, (const uint8_t *)hostile, sizeof(hostile));
        do
                reason = paste_next(&paste, f->code.bytes, &n_bytes, &envelope);
        while (!reason && ++n <= PASTE_READINGS_MAX);
        assert_true(n <= PASTE_READINGS_MAX);
        assert_int_not_equal(reason, REASON_NONE);

        for (size_t i = 0; i + 5 <= sizeof(hostile); i += 5)
                memcpy(hostile + i, "ENR1:", 5);
        paste_begin(&paste, (const uint8_t *)hostile, sizeof(hostile));
        assert_int_equal(paste_next(&paste, f->code.bytes, &n_bytes, &envelope),
                         REASON_CODE_MISCOPIED);
        assert_int_equal(paste.prefixes_left, 0);
        paste_done(&paste);
}

static void test_paste_done_leaves_nothing(void **state)
{
        static const struct paste nothing;
        struct fixture *f = *state;
        struct envelope envelope;
        struct paste paste;
        size_t n_bytes;

        make_text(f, TEXT_FORM_QR, 4);
        paste_begin(&paste, (const uint8_t *)f->text, strlen(f->text));
        assert_int_equal(paste_next(&paste, f->code.bytes, &n_bytes, &envelope), REASON_NONE);
        assert_false(paste_is_mended(&paste));
        paste_done(&paste);
        assert_memory_equal(&paste, &nothing, sizeof(paste));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_paste_every_way_of_copying_is_undone, setup),
                cmocka_unit_test_setup(test_paste_utf16_and_utf32_are_read, setup),
                cmocka_unit_test_setup(test_paste_the_largest_code_fits_wrapped_and_quoted, setup),
                cmocka_unit_test_setup(test_paste_what_is_lost_is_told_as_miscopied, setup),
                cmocka_unit_test_setup(test_paste_what_ends_too_early_is_told_as_truncated, setup),
                cmocka_unit_test_setup(
                        test_paste_a_wrong_signature_is_told_as_altered_only_in_a_plain_text,
                        setup),
                cmocka_unit_test_setup(test_paste_what_follows_a_code_is_not_looked_at, setup),
                cmocka_unit_test_setup(test_paste_work_is_bounded, setup),
                cmocka_unit_test_setup(test_paste_done_leaves_nothing, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
