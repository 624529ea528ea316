/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The command line of a program, as a table: a row for each option says what it is called, what it
 * takes, where that goes and what it is for. A program with verbs has a row for each of them too.
 * The text of --help is made from the same rows; --help and --version need none.
 */

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MAX         48 /* rows of one program */
#define OPTIONS_WRONG_BYTES 160
#define OPTIONS_EXIT_USAGE  2 /* the exit status of a command line that is wrong */

struct options_row {
        const char *name;     /* without the dashes */
        const char *argument; /* the name of its argument; NULL if it takes none */
        const char *help;     /* may have several lines */
        const char *verbs;    /* the verbs that take it, "make, qr"; NULL for all */
        const char *words;    /* all that the argument may be, "paste, qr"; NULL: anything */
        char letter;          /* the short form; 0 if there is none */
        bool optional;        /* the argument may be left out */

        /* Exactly one of these. */
        const char **text; /* receives the argument, */
        unsigned *number;  /* or the number from 1 to @max that it is; */
        bool *flag;        /* is set to true; */
        /* or is called with the argument, NULL if it was left out: NULL, or what is wrong with it
         */
        const char *(*parse)(const char *argument);

        unsigned max;
};

struct options_verb {
        const char *name;
        const char *arguments; /* their names, for --help; "" if it takes none */
        const char *help;      /* may have several lines */
        int min, max;          /* how many it takes */
        int (*run)(char **arguments);
        const char *limit; /* what .max means to people, "16 channels"; NULL: .arguments says it */
};

struct options {
        const char *program;
        const char *usage;  /* the synopsis; every line but the first is indented by 7 */
        const char *about;  /* what the program does, in sentences */
        const char *ending; /* what --help says last: the exit status and the like */
        const struct options_row *rows;
        size_t n_rows;
        const struct options_verb *verbs; /* NULL: the program takes options only */
        size_t n_verbs;
        const char *verb; /* the default; NULL: a verb must be given */
};

/* What a command line asks for. */
struct options_call {
        const struct options_verb *verb; /* NULL in a program without verbs */
        char **arguments; /* of the verb, or all words if there is no such verb; ends with NULL;
                             NULL if an option is wrong */
        char wrong[OPTIONS_WRONG_BYTES]; /* what is wrong, as a phrase that can be shown */
};

/* Outcomes of options_parse(). */
enum {
        OPTIONS_E_SHOWN = 1, /* --help or --version has been answered on stdout */
        OPTIONS_E_USAGE,     /* the command line is wrong; ret_call->wrong says how */
};

/*
 * Reads the command line into the places that the rows name. All options are read even if one of
 * them is wrong; the first mistake is reported, with the word that was probably meant. Prints
 * nothing but the answer to --help and --version. Return: 0 or one of the above.
 */
int options_parse(const struct options *options, int argc, char **argv,
                  struct options_call *ret_call);

/* The exit status for an outcome of options_parse(); reports on stderr what is @wrong. */
int options_exit(const struct options *options, int outcome, const char *wrong);

/* The number that @text is; false unless it is a whole one from @min to @max. */
bool options_number(const char *text, unsigned min, unsigned max, unsigned *ret_number);
