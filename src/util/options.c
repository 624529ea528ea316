/* SPDX-License-Identifier: Apache-2.0 */

#include "util/options.h"

#include "config.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/defer.h"
#include "util/nearest.h"
#include "util/series.h"
#include "wire/utf8.h"

#define VALUE_FIRST   256 /* what getopt returns for the first row; above every letter */
#define LEFT_BYTES    80
#define LEFT_MAX      26 /* columns of the left side of --help; what is wider gets a line of its own */
#define HELP_MAX      52 /* columns of the right side */
#define WORD_MAX      32 /* bytes; longer words, which may be codes, are not repeated */
#define LIST_SIZE     80
#define REPEATED_SIZE (WORD_MAX + 8)

/* Every program has these. */
static const struct options_row common[] = {
        {.name = "help", .letter = 'h', .help = "show this text and exit"},
        {.name = "version", .letter = 'V', .help = "show the version and exit"},
};

/* The first mistake counts. Returns OPTIONS_E_USAGE. */
__attribute__((format(printf, 2, 3))) static int call_wrong(struct options_call *call,
                                                            const char *format, ...)
{
        va_list arguments;

        if (call->wrong[0] != '\0')
                return OPTIONS_E_USAGE;
        va_start(arguments, format);
        (void)vsnprintf(call->wrong, sizeof(call->wrong), format, arguments);
        va_end(arguments);
        utf8_make_printable(call->wrong);
        return OPTIONS_E_USAGE;
}

/* What follows in a message: @before and @word; nothing if the word is too long to be repeated. */
static const char *repeated(const char *before, const char *word, char ret_text[REPEATED_SIZE])
{
        ret_text[0] = '\0';
        if (strlen(word) <= WORD_MAX)
                (void)snprintf(ret_text, REPEATED_SIZE, "%s%s", before, word);
        return ret_text;
}

/* Adds " (did you mean --name?)" to what is wrong. */
static void call_suggest(struct options_call *call, const char *dashes, const char *word)
{
        size_t n = strlen(call->wrong);

        if (word)
                (void)snprintf(call->wrong + n, sizeof(call->wrong) - n, " (did you mean %s%s?)",
                               dashes, word);
}

/* --- lists of words --- */

/*
 * The next word of a list such as "make, qr", which @list goes past; false at its end. It is never
 * longer than WORD_MAX.
 */
static bool next_word(const char **list, char ret_word[WORD_MAX + 1])
{
        size_t n;

        *list += strspn(*list, ", ");
        n = strcspn(*list, ", ");
        assert(n <= WORD_MAX);
        memcpy(ret_word, *list, n);
        ret_word[n] = '\0';
        *list += n;
        return n > 0;
}

static bool list_has(const char *list, const char *name)
{
        char word[WORD_MAX + 1];

        while (next_word(&list, word))
                if (strcmp(word, name) == 0)
                        return true;
        return false;
}

static size_t list_count(const char *list)
{
        char word[WORD_MAX + 1];
        size_t n = 0;

        while (next_word(&list, word))
                n++;
        return n;
}

/* "make, show or qr". */
static void list_text(const char *list, char ret_text[LIST_SIZE])
{
        char word[WORD_MAX + 1];
        struct series series;

        series_init(&series, ret_text, LIST_SIZE, list_count(list), "or");
        while (next_word(&list, word))
                series_add(&series, word);
}

/* --- help --- */

static void row_left(const struct options_row *row, char left[LEFT_BYTES])
{
        const char *argument = row->argument ? row->argument : "";
        char letter[] = {'-', row->letter, ',', ' ', '\0'};

        (void)snprintf(left, LEFT_BYTES, "  %s--%s%s%s%s", row->letter ? letter : "    ", row->name,
                       !row->argument  ? ""
                       : row->optional ? "[="
                                       : " ",
                       argument, row->optional ? "]" : "");
}

static void verb_left(const struct options_verb *verb, char left[LEFT_BYTES])
{
        (void)snprintf(left, LEFT_BYTES, "  %s%s%s", verb->name, verb->arguments[0] ? " " : "",
                       verb->arguments);
}

/* How much of @help stands in one line: up to its end, its first line feed or the last space that
 * fits. */
static int line_of(const char *help)
{
        int n = (int)strcspn(help, "\n"), fits = HELP_MAX;

        if (n <= HELP_MAX)
                return n;
        while (fits > 0 && help[fits] != ' ')
                fits--;
        return fits > 0 ? fits : n;
}

/* Two columns; the lines of @help stand below one another in the second. */
static void print_columns(const char *left, const char *help)
{
        int n = (int)strlen(left);

        if (n > LEFT_MAX) {
                (void)printf("%s\n", left);
                left = "";
        }
        for (;;) {
                int n_line = line_of(help);

                (void)printf("%-*s  %.*s\n", LEFT_MAX, left, n_line, help);
                if (help[n_line] == '\0')
                        return;
                help += n_line + 1;
                left = "";
        }
}

/* A heading wherever other verbs take the options that follow. */
static void print_rows(const struct options_row *rows, size_t n_rows, const char **above)
{
        char left[LEFT_BYTES];

        for (size_t i = 0; i < n_rows; i++) {
                const char *verbs = rows[i].verbs ? rows[i].verbs : "";

                if (!*above || strcmp(*above, verbs) != 0)
                        (void)printf("\nOptions%s%s:\n", verbs[0] ? " of " : "", verbs);
                *above = verbs;
                row_left(&rows[i], left);
                print_columns(left, rows[i].help);
        }
}

static void print_help(const struct options *o)
{
        const char *above = NULL;
        char left[LEFT_BYTES];

        (void)printf("Usage: %s\n\n%s\n", o->usage, o->about);
        if (o->n_verbs > 0)
                (void)printf("\nVerbs:\n");
        for (size_t i = 0; i < o->n_verbs; i++) {
                verb_left(&o->verbs[i], left);
                print_columns(left, o->verbs[i].help);
        }
        print_rows(o->rows, o->n_rows, &above);
        print_rows(common, ELEMENTSOF(common), &above);
        (void)printf("\n%s\n", o->ending);
}

/* --- options --- */

bool options_number(const char *text, unsigned min, unsigned max, unsigned *ret_number)
{
        unsigned long number;
        char *end;

        if (text[0] < '0' || text[0] > '9')
                return false;
        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno != 0 || *end != '\0' || number < min || number > max)
                return false;
        *ret_number = (unsigned)number;
        return true;
}

/* Whether @argument is one of the words of @row; it may be left out. */
static bool row_knows(const struct options_row *row, const char *argument,
                      struct options_call *call)
{
        bool first = call->wrong[0] == '\0';
        const char *list = row->words;
        char words[LIST_SIZE], word[WORD_MAX + 1], meant[WORD_MAX + 1] = "", not [REPEATED_SIZE];
        struct nearest nearest;

        if (!argument || list_has(row->words, argument))
                return true;
        nearest_init(&nearest, argument);
        while (next_word(&list, word)) {
                nearest.best = NULL;
                nearest_offer(&nearest, word);
                if (nearest.best)
                        (void)snprintf(meant, sizeof(meant), "%s", word);
        }
        list_text(row->words, words);
        (void)call_wrong(call, "--%s takes %s%s%s", row->name, words,
                         row->optional ? " or nothing" : "", repeated(", not ", argument, not ));
        if (first)
                call_suggest(call, "", meant[0] ? meant : NULL);
        return false;
}

static void row_take(const struct options_row *row, const char *argument, struct options_call *call)
{
        char not [REPEATED_SIZE];
        const char *wrong;

        if (row->words && !row_knows(row, argument, call))
                return;
        wrong = row->parse ? row->parse(argument) : NULL;
        if (wrong)
                (void)call_wrong(call, "%s", wrong);
        if (row->text)
                *row->text = argument;
        if (row->flag)
                *row->flag = true;
        if (row->number && !options_number(argument, 1, row->max, row->number))
                (void)call_wrong(call, "--%s takes a number from 1 to %u%s", row->name, row->max,
                                 repeated(", not ", argument, not ));
}

/* How many options @word, "--name" or "--name=VALUE", may be short for. */
static unsigned count_long(const struct option *table, const char *word, size_t n_name)
{
        unsigned n = 0;

        for (; table->name; table++)
                if (n_name > 2 && strncmp(table->name, word + 2, n_name - 2) == 0)
                        n++;
        return n;
}

/* The option that @word, "--name" or "--name=VALUE", was meant to be; NULL if none is near. */
static const char *nearest_option(const struct option *table, const char *word, size_t n_word)
{
        char name[WORD_MAX + 1];
        struct nearest nearest;

        if (n_word > WORD_MAX || strncmp(word, "--", 2) != 0)
                return NULL;
        (void)snprintf(name, sizeof(name), "%.*s", (int)n_word - 2, word + 2);
        nearest_init(&nearest, name);
        for (; table->name; table++)
                nearest_offer(&nearest, table->name);
        return nearest.best;
}

static void say_no_option(const struct option *table, const char *word, size_t n_word,
                          struct options_call *call)
{
        bool first = call->wrong[0] == '\0';

        if (n_word > WORD_MAX)
                (void)call_wrong(call, "there is no option with so long a name");
        else
                (void)call_wrong(call, "there is no option %.*s", (int)n_word, word);
        if (first)
                call_suggest(call, "--", nearest_option(table, word, n_word));
}

/* Says what getopt_long() has just found wrong; @word is where it was. */
static void say_unknown(const struct options *o, const struct option *table, const char *word,
                        struct options_call *call)
{
        int n_name = (int)strcspn(word, "=");

        if (optopt >= VALUE_FIRST)
                (void)call_wrong(call, "--%s takes no value", o->rows[optopt - VALUE_FIRST].name);
        else if (optopt == 'h' || optopt == 'V')
                (void)call_wrong(call, "%.*s takes no value", n_name, word);
        else if (optopt > ' ' && optopt < 0x7f)
                (void)call_wrong(call, "there is no option -%c", optopt);
        else if (optopt != 0) /* a control character, or a byte of a letter that is none of ASCII */
                (void)call_wrong(call, "there is no option with this letter");
        else if (count_long(table, word, (size_t)n_name) > 1)
                (void)call_wrong(call, "%.*s may be more than one option", n_name, word);
        else
                say_no_option(table, word, (size_t)n_name, call);
}

/* The row behind a value of getopt_long(), which is one of the table that we gave it. */
static size_t row_of(const struct options *o, int value)
{
        size_t row = 0;

        if (value >= VALUE_FIRST)
                return (size_t)(value - VALUE_FIRST);
        while (row + 1 < o->n_rows && o->rows[row].letter != value)
                row++;
        return row;
}

/* The rows as getopt_long() wants them. */
static void make_table(const struct options *o, struct option table[OPTIONS_MAX + 3],
                       char letters[2 * OPTIONS_MAX + 4])
{
        char *next = stpcpy(letters, ":hV");

        assert(o->n_rows <= OPTIONS_MAX);
        for (size_t i = 0; i < o->n_rows; i++) {
                const struct options_row *row = &o->rows[i];
                int has = !row->argument  ? no_argument
                          : row->optional ? optional_argument
                                          : required_argument;

                table[i] = (struct option){row->name, has, NULL, VALUE_FIRST + (int)i};
                if (row->letter)
                        *next++ = row->letter;
                if (row->letter && row->argument)
                        *next++ = ':';
        }
        *next = '\0';
        table[o->n_rows] = (struct option){"help", no_argument, NULL, 'h'};
        table[o->n_rows + 1] = (struct option){"version", no_argument, NULL, 'V'};
        table[o->n_rows + 2] = (struct option){NULL, 0, NULL, 0};
}

/* Sets a bit of @ret_given for each row that is used. */
static int parse_rows(const struct options *o, int argc, char **argv, struct options_call *call,
                      uint64_t *ret_given)
{
        struct option table[OPTIONS_MAX + 3];
        char letters[2 * OPTIONS_MAX + 4];
        uint64_t given = 0;
        size_t row;
        int c;

        make_table(o, table, letters);
        opterr = 0;
        optind = 0; /* from the beginning, whatever was read before */
        while ((c = getopt_long(argc, argv, letters, table, NULL)) != -1)
                switch (c) {
                case 'h':
                        print_help(o);
                        return OPTIONS_E_SHOWN;
                case 'V':
                        (void)printf("%s %s\n", o->program, PACKAGE_VERSION);
                        return OPTIONS_E_SHOWN;
                case ':':
                        row = row_of(o, optopt);
                        (void)call_wrong(call, "--%s takes %s", o->rows[row].name,
                                         o->rows[row].argument);
                        break;
                case '?':
                        say_unknown(o, table, argv[optind - 1], call);
                        break;
                default:
                        row = row_of(o, c);
                        given |= UINT64_C(1) << row;
                        row_take(&o->rows[row], optarg, call);
                        break;
                }
        *ret_given = given;
        return call->wrong[0] ? OPTIONS_E_USAGE : 0;
}

/* --- verbs --- */

static const struct options_verb *find_verb(const struct options *o, const char *name)
{
        for (size_t i = 0; i < o->n_verbs; i++)
                if (strcmp(o->verbs[i].name, name) == 0)
                        return &o->verbs[i];
        return NULL;
}

/* A first word that is no verb may be a code, which is a secret. */
static int say_no_verb(const struct options *o, const char *name, struct options_call *call)
{
        struct nearest nearest;

        if (strlen(name) > WORD_MAX)
                return call_wrong(call, "the first word is not a verb");
        nearest_init(&nearest, name);
        for (size_t i = 0; i < o->n_verbs; i++)
                nearest_offer(&nearest, o->verbs[i].name);
        (void)call_wrong(call, "there is no verb %s", name);
        call_suggest(call, "", nearest.best);
        return OPTIONS_E_USAGE;
}

/* With all that there are, because the person may not know any. */
static int say_missing_verb(const struct options *o, struct options_call *call)
{
        char verbs[LIST_SIZE];
        struct series series;

        series_init(&series, verbs, sizeof(verbs), o->n_verbs, "or");
        for (size_t i = 0; i < o->n_verbs; i++)
                series_add(&series, o->verbs[i].name);
        return call_wrong(call, "a verb is missing: one of %s", verbs);
}

static int count(char **arguments)
{
        int n = 0;

        while (arguments[n])
                n++;
        return n;
}

static int parse_verb(const struct options *o, char **words, uint64_t given,
                      struct options_call *call)
{
        const char *name = words[0] ? words[0] : o->verb;
        int n;

        if (!name)
                return say_missing_verb(o, call);
        call->arguments = words;
        call->verb = find_verb(o, name);
        if (!call->verb)
                return say_no_verb(o, name, call);
        call->arguments = words[0] ? words + 1 : words;
        n = count(call->arguments);
        /* An argument that is too many may be a code, which is a secret: it is not repeated. */
        if (n < call->verb->min)
                return call_wrong(call, "%s needs %s", name, call->verb->arguments);
        if (n > call->verb->max && call->verb->max == 0)
                return call_wrong(call, "%s takes no argument", name);
        if (n > call->verb->max && call->verb->limit)
                return call_wrong(call, "%s takes at most %s", name, call->verb->limit);
        if (n > call->verb->max)
                return call_wrong(call, "%s takes %s and nothing else", name,
                                  call->verb->arguments);
        for (size_t i = 0; i < o->n_rows; i++)
                if ((given >> i & 1) && o->rows[i].verbs && !list_has(o->rows[i].verbs, name))
                        return call_wrong(call, "%s takes no option --%s, which is for %s", name,
                                          o->rows[i].name, o->rows[i].verbs);
        return 0;
}

int options_parse(const struct options *o, int argc, char **argv, struct options_call *ret_call)
{
        uint64_t given = 0;
        char word[REPEATED_SIZE];
        int r;

        *ret_call = (struct options_call){.arguments = NULL};
        r = parse_rows(o, argc, argv, ret_call, &given);
        if (r != 0)
                return r;
        if (o->n_verbs > 0)
                return parse_verb(o, argv + optind, given, ret_call);
        if (optind < argc)
                return call_wrong(ret_call, "unexpected argument%s",
                                  repeated(" ", argv[optind], word));
        return 0;
}

int options_exit(const struct options *o, int outcome, const char *wrong)
{
        if (outcome != OPTIONS_E_USAGE)
                return EXIT_SUCCESS;
        (void)fprintf(stderr, "%s: %s; see %s --help\n", o->program, wrong, o->program);
        return OPTIONS_EXIT_USAGE;
}
