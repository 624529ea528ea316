/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/defer.h"
#include "util/options.h"

#define WORDS_MAX 8

static const char *arg_file;
static unsigned arg_seconds;
static bool arg_loud;
static char arg_colour[16];

static const char *parse_colour(const char *argument)
{
        if (argument && strcmp(argument, "blue") == 0)
                return "blue is sold out";
        (void)snprintf(arg_colour, sizeof(arg_colour), "%s", argument ? argument : "any");
        return NULL;
}

static int run_nothing(char **arguments)
{
        (void)arguments;
        return 0;
}

/* clang-format off */
static const struct options_row rows[] = {
        { .name = "file", .letter = 'f', .argument = "FILE", .verbs = "bake, eat",
          .help = "what is in it\nand what is not", .text = &arg_file },
        { .name = "seconds", .argument = "N", .max = 300, .help = "how long", .number = &arg_seconds },
        { .name = "loud",    .letter = 'l', .help = "say more", .flag = &arg_loud },
        { .name = "colour",  .argument = "COLOUR", .optional = true, .help = "red, blue or green, whatever there is of them in the kitchen at that time",
          .words = "red, blue, green", .parse = parse_colour },
};

static const struct options_verb verbs[] = {
        { .name = "bake", .arguments = "CAKE [CHERRY]", .help = "bake it", .min = 1, .max = 2, .run = run_nothing },
        { .name = "eat",  .arguments = "", .help = "eat it", .run = run_nothing },
        { .name = "sleep", .arguments = "[ROOM]", .help = "sleep", .max = 1, .run = run_nothing },
};
/* clang-format on */

static const struct options plain = {
        .program = "kitchen",
        .usage = "kitchen [OPTION...]",
        .about = "A kitchen.",
        .ending = "That is all.",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
};

static struct options_call call;

/* Parses @line, words between single spaces, as what follows the program's name. */
static int parse(const struct options *options, const char *line)
{
        static char words[256];
        static char *argv[WORDS_MAX + 2];
        int argc = 0;

        arg_file = NULL;
        arg_seconds = 0;
        arg_loud = false;
        arg_colour[0] = '\0';
        (void)snprintf(words, sizeof(words), "%s", line);
        argv[argc++] = (char *)(uintptr_t)options->program;
        for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
                argv[argc++] = word;
        argv[argc] = NULL;
        return options_parse(options, argc, argv, &call);
}

static struct options with_verbs(const char *verb)
{
        struct options options = plain;

        options.verbs = verbs;
        options.n_verbs = ELEMENTSOF(verbs);
        options.verb = verb;
        return options;
}

static void test_options_go_where_the_rows_say(void **state)
{
        (void)state;
        assert_int_equal(parse(&plain, "--file a --seconds=300 -l --colour=red"), 0);
        assert_string_equal(arg_file, "a");
        assert_int_equal(arg_seconds, 300);
        assert_true(arg_loud);
        assert_string_equal(arg_colour, "red");

        assert_int_equal(parse(&plain, "-fb --colour"), 0);
        assert_string_equal(arg_file, "b");
        assert_false(arg_loud);
        assert_string_equal(arg_colour, "any");

        assert_int_equal(parse(&plain, ""), 0);
        assert_null(arg_file);
        assert_null(call.verb);
}

static void test_options_mistakes_are_named(void **state)
{
        static const struct {
                const char *line, *wrong;
        } cases[] = {
                {"--bogus", "there is no option --bogus"},
                {"--bogus=secret", "there is no option --bogus"},
                {"--lod", "there is no option --lod (did you mean --loud?)"},
                {"--fiel=secret", "there is no option --fiel (did you mean --file?)"},
                {"--vrsion", "there is no option --vrsion (did you mean --version?)"},
                {"--bogus --lod", "there is no option --bogus"},
                {"--abcdefghijklmnopqrstuvwxyzabcdefgh", "there is no option with so long a name"},
                {"-x", "there is no option -x"},
                {"--file", "--file takes FILE"},
                {"-f", "--file takes FILE"},
                {"--loud=very", "--loud takes no value"},
                {"--help=very", "--help takes no value"},
                {"--seconds 0", "--seconds takes a number from 1 to 300, not 0"},
                {"--seconds 301", "--seconds takes a number from 1 to 300, not 301"},
                {"--seconds -1", "--seconds takes a number from 1 to 300, not -1"},
                {"--seconds 1x", "--seconds takes a number from 1 to 300, not 1x"},
                {"--seconds 99999999999999999999",
                 "--seconds takes a number from 1 to 300, not 99999999999999999999"},
                {"--colour=violet", "--colour takes red, blue or green or nothing, not violet"},
                {"--colour=gren",
                 "--colour takes red, blue or green or nothing, not gren (did you mean green?)"},
                {"--colour=blue", "blue is sold out"},
                {"--bogus --colour=gren", "there is no option --bogus"},
                {"bogus", "unexpected argument bogus"},
                /* A longer word, which may be a code, is not repeated, nor is what cannot be shown.
                 */
                {"--seconds enr1.0123456789abcdefghijklmnopqrstuv",
                 "--seconds takes a number from 1 to 300"},
                {"--colour=enr1.0123456789abcdefghijklmnopqrstuv",
                 "--colour takes red, blue or green or nothing"},
                {"enr1.0123456789abcdefghijklmnopqrstuv", "unexpected argument"},
                {"--seconds a\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
                 "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244",
                 "--seconds takes a number from 1 to 300"},
                {"--seconds \033[31m\303\244\303",
                 "--seconds takes a number from 1 to 300, not ?[31m\303\244?"},
                {"--colour=\342\200\256gren",
                 "--colour takes red, blue or green or nothing, not ?gren"},
                {"--bog\033us", "there is no option --bog?us"},
                {"-\033", "there is no option with this letter"},
                {"-\303\251", "there is no option with this letter"},
                {"\033[2J", "unexpected argument ?[2J"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                if (parse(&plain, cases[i].line) != OPTIONS_E_USAGE)
                        fail_msg("%s is no mistake", cases[i].line);
                assert_string_equal(call.wrong, cases[i].wrong);
        }
        assert_int_equal(parse(&plain, "--bogus --loud"), OPTIONS_E_USAGE);
        assert_true(arg_loud);
}

static void test_options_verbs_take_what_is_theirs(void **state)
{
        static const struct {
                const char *line, *wrong;
        } cases[] = {
                {"boil", "there is no verb boil"},
                {"baek", "there is no verb baek (did you mean bake?)"},
                {"ENR1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "the first word is not a verb"},
                {"bo\033il", "there is no verb bo?il"},
                {"bake", "bake needs CAKE [CHERRY]"},
                {"bake a b c", "bake takes CAKE [CHERRY] and nothing else"},
                {"eat a", "eat takes no argument"},
                {"sleep --file a", "sleep takes no option --file, which is for bake, eat"},
                {"", "a verb is missing: one of bake, eat or sleep"},
        };
        struct options options = with_verbs(NULL);

        (void)state;
        assert_int_equal(parse(&options, "bake --file a --loud cake"), 0);
        assert_string_equal(call.verb->name, "bake");
        assert_string_equal(call.arguments[0], "cake");
        assert_null(call.arguments[1]);
        assert_int_equal(parse(&options, "eat --file a"), 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                if (parse(&options, cases[i].line) != OPTIONS_E_USAGE)
                        fail_msg("%s is no mistake", cases[i].line);
                assert_string_equal(call.wrong, cases[i].wrong);
        }

        options = with_verbs("sleep");
        assert_int_equal(parse(&options, ""), 0);
        assert_string_equal(call.verb->name, "sleep");
        assert_null(call.arguments[0]);
}

/* Parses @line with stdout in a file, whose content it returns; the caller frees it. */
static char *show(const struct options *options, const char *line)
{
        int file = memfd_create("out", MFD_CLOEXEC), out = dup(STDOUT_FILENO);
        char *text = calloc(1, 4096);

        assert_true(file >= 0 && out >= 0 && text);
        assert_int_equal(fflush(stdout), 0);
        assert_true(dup2(file, STDOUT_FILENO) >= 0);
        assert_int_equal(parse(options, line), OPTIONS_E_SHOWN);
        assert_int_equal(fflush(stdout), 0);
        assert_true(dup2(out, STDOUT_FILENO) >= 0);
        assert_true(pread(file, text, 4095, 0) >= 0);
        (void)close(file);
        (void)close(out);
        return text;
}

static void test_options_help_is_the_table(void **state)
{
        struct options options = with_verbs(NULL);
        char *text = show(&options, "--help");

        (void)state;
        assert_string_equal(
                text,
                "Usage: kitchen [OPTION...]\n"
                "\n"
                "A kitchen.\n"
                "\n"
                "Verbs:\n"
                "  bake CAKE [CHERRY]        bake it\n"
                "  eat                       eat it\n"
                "  sleep [ROOM]              sleep\n"
                "\n"
                "Options of bake, eat:\n"
                "  -f, --file FILE           what is in it\n"
                "                            and what is not\n"
                "\n"
                "Options:\n"
                "      --seconds N           how long\n"
                "  -l, --loud                say more\n"
                "      --colour[=COLOUR]     red, blue or green, whatever there is of them in the\n"
                "                            kitchen at that time\n"
                "  -h, --help                show this text and exit\n"
                "  -V, --version             show the version and exit\n"
                "\n"
                "That is all.\n");
        free(text);
        text = show(&options, "-V");
        assert_memory_equal(text, "kitchen ", 8);
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_options_go_where_the_rows_say),
                cmocka_unit_test(test_options_mistakes_are_named),
                cmocka_unit_test(test_options_verbs_take_what_is_theirs),
                cmocka_unit_test(test_options_help_is_the_table),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
