/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-code: makes issuers, devices and codes, and shows codes. For makers and installers; needs
 * no daemon.
 */

#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "code/code.h"
#include "tool/argument.h"
#include "tool/card.h"
#include "tool/choice.h"
#include "tool/complaint.h"
#include "tool/key.h"
#include "tool/listing.h"
#include "tool/making.h"
#include "tool/picture.h"
#include "tool/qr.h"
#include "tool/show.h"
#include "tool/sticker.h"
#include "util/file.h"
#include "util/free.h"
#include "util/log.h"
#include "util/options.h"
#include "wire/utf8.h"

#define ISSUERS_DIRECTORY "/etc/enrolld/issuers.d"
#define REPEATED_MAX      32 /* bytes; a longer word, which may be a code, is not repeated */

static const char *arg_directory = ".";
static const char *arg_capabilities = "channel.publish channel.command key.forward";
static const char *arg_products = "*";
static const char *arg_serial;
static const char *arg_product;
static const char *arg_maker;
static const char *arg_model;
static const char *arg_software = "1.0";
static const char *arg_reach = "ble";
static const char *arg_card;
static const char *arg_issuer;
static const char *arg_output;
static unsigned arg_counter;
static bool arg_counts;
static const char *arg_issuers;
static const char *arg_png;
static const char *arg_svg;
static const char *arg_level = "M";
static unsigned arg_scale = 8;
static enum ndef_form arg_record = NDEF_FORM_MIME;
static const char *arg_base;
static const char *arg_reader = "auto";
static const char *arg_writer = TAG_PROGRAM;
static unsigned arg_seconds = 30;
static bool arg_memory;
static enum text_form arg_form = TEXT_FORM_PASTE; /* what people copy */
static bool arg_binary, arg_unsigned, arg_json, arg_secret, arg_source, arg_terminal;

/* --- helpers --- */

static bool take_label(const char *text, size_t n_text, char label[PAYLOAD_LABEL_MAX + 1])
{
        struct cbor_span span = {(const uint8_t *)text, n_text};

        if (!payload_is_label(span))
                return false;
        memcpy(label, text, n_text);
        label[n_text] = '\0';
        return true;
}

/* What an option's list may name: each word, the bit it stands for, and the plural in messages. */
struct words {
        const char *option, *plural;
        const char *(*name)(unsigned bit); /* NULL after the last bit */
};

static int usage_error_word(const struct words *words, const char *wrong)
{
        struct choice choice = {.n_words = 0};
        char advice[200], text[300];

        for (unsigned bit = 1; words->name(bit); bit <<= 1)
                choice_add(&choice, words->name(bit));
        choice_advise(&choice, wrong, words->plural, advice, sizeof(advice));
        if (strlen(wrong) <= REPEATED_MAX)
                (void)snprintf(text, sizeof(text), "%s: there is no \"%s\"; %s", words->option,
                               wrong, advice);
        else
                (void)snprintf(text, sizeof(text), "%s: %s", words->option, advice);
        return complaint_usage(text);
}

/* Takes the words of a list, between spaces or commas, and sums their bits. */
static int take_words(const struct words *words, const char *list, unsigned *ret_sum)
{
        _defer_(free) char *copy = strdup(list);
        char *rest = copy, *word;

        if (!copy)
                return complaint_file(-ENOMEM, words->option);
        *ret_sum = 0;
        while ((word = strsep(&rest, " ,"))) {
                unsigned bit = 1;

                while (words->name(bit) && strcmp(words->name(bit), word) != 0)
                        bit <<= 1;
                if (word[0] && !words->name(bit))
                        return usage_error_word(words, word);
                *ret_sum |= word[0] ? bit : 0;
        }
        return 0;
}

static const char *reach_name(unsigned bit)
{
        return bit == PAYLOAD_REACH_BLE ? "ble" : bit == PAYLOAD_REACH_STREAM ? "stream" : NULL;
}

static int usage_error_pattern(const char *pattern, size_t n)
{
        char text[200];

        if (n > REPEATED_MAX)
                return complaint_usage(
                        "--products takes patterns of MAKER/MODEL; for all models of a "
                        "maker write MAKER/*");
        (void)snprintf(text, sizeof(text),
                       "--products: %.*s matches no MAKER/MODEL; for all models of a maker write "
                       "%.*s/*",
                       (int)n, pattern, (int)n, pattern);
        return complaint_usage(text);
}

/* Patterns of MAKER/MODEL between spaces; a comma separates nothing, and a name's is written ?. */
static int check_products(const char *products)
{
        if (!utf8_printable((const uint8_t *)products, strlen(products)) || strchr(products, ';'))
                return complaint_usage("--products takes patterns of MAKER/MODEL, printable and "
                                       "without a semicolon");
        if (strchr(products, ','))
                return complaint_usage(
                        "--products: spaces separate the patterns, not commas; a comma "
                        "in a name is written as ?");
        if (!products[strspn(products, " ")])
                return complaint_usage(
                        "--products takes a pattern of MAKER/MODEL; without the option "
                        "the issuer signs for all");
        for (const char *at = products + strspn(products, " "); *at; at += strspn(at, " ")) {
                size_t n = strcspn(at, " ");

                if (!memchr(at, '/', n) && !memchr(at, '*', n))
                        return usage_error_pattern(at, n);
                at += n;
        }
        return 0;
}

/* --- issuer --- */

/* Writes both files, or neither. */
static int write_issuer(const struct key *key, unsigned capabilities, const char *public,
                        const char *private)
{
        int r = key_write(key, private);

        if (r < 0)
                return complaint_file(r, private);
        r = key_write_issuer(key, public, capabilities, arg_products);
        if (r < 0) {
                (void)unlink(private);
                return complaint_file(r, public);
        }
        printf("%s\n%s\n", private, public);
        return EXIT_SUCCESS;
}

static int verb_issuer(char **arguments)
{
        _defer_(free) char *private = NULL;
        _defer_(free) char *public = NULL;
        const struct words words = {"--capabilities", "capabilities", capability_name};
        const char *name = arguments[0];
        unsigned capabilities;
        struct key key;
        int r;

        r = take_words(&words, arg_capabilities, &capabilities);
        if (r == 0)
                r = check_products(arg_products);
        if (r != 0)
                return r;
        if (!utf8_printable((const uint8_t *)arg_directory, strlen(arg_directory)))
                return complaint_usage("--directory takes a path of printable bytes");
        if (strchr(name, '/') || name[0] == '.' || key_generate(&key, name) < 0)
                return complaint_usage(
                        "NAME must be 1 to 32 printable bytes without a slash, without a space at "
                        "either end, and without a semicolon at the beginning or after a space");
        if (asprintf(&private, "%s/%s.key", arg_directory, name) < 0)
        private = NULL;
        if (asprintf(&public, "%s/%s.issuer", arg_directory, name) < 0)
        public = NULL;
        r = private && public ? write_issuer(&key, capabilities, public, private)
                              : complaint_file(-ENOMEM, name);
        key_done(&key);
        return r;
}

/* --- device --- */

/* NAME and NAME.json both make NAME.json and NAME.device. */
static char *card_path(const char *name, const char *suffix)
{
        size_t n = strlen(name);
        char *path = NULL;

        if (n > 5 && strcmp(name + n - 5, ".json") == 0)
                n -= 5;
        return asprintf(&path, "%.*s%s", (int)n, name, suffix) < 0 ? NULL : path;
}

/* An option that was not given leaves the label empty. */
static bool take_option(const char *text, char label[PAYLOAD_LABEL_MAX + 1])
{
        return !text || take_label(text, strlen(text), label);
}

/* --product MAKER/MODEL is short for --maker and --model. */
static bool take_product(struct card *card)
{
        const char *slash = arg_product ? strchr(arg_product, '/') : NULL;

        if (!arg_product)
                return true;
        return slash && !strchr(slash + 1, '/') &&
               take_label(arg_product, (size_t)(slash - arg_product), card->maker) &&
               take_label(slash + 1, strlen(slash + 1), card->model);
}

/* CARD is a path whose last part names the device. */
static bool is_card_name(const char *path)
{
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

        return name[0] && name[0] != '.' && utf8_printable((const uint8_t *)path, strlen(path));
}

static int card_from_options(struct card *card)
{
        const struct words words = {"--reach", "ways", reach_name};
        char software[PAYLOAD_LABEL_MAX + 1];
        int r;

        memset(card, 0, sizeof(*card));
        if (arg_product && (arg_maker || arg_model))
                return complaint_usage("--product replaces --maker and --model; leave these out");
        if (!take_product(card))
                return complaint_usage(
                        "--product takes MAKER/MODEL, each of 1 to 32 printable bytes");
        if (!take_option(arg_serial, card->serial) || !take_option(arg_maker, card->maker) ||
            !take_option(arg_model, card->model) || !take_option(arg_software, software))
                return complaint_usage(
                        "serial, maker, model and software must be 1 to 32 printable bytes");
        if (strchr(card->serial, '/') || strchr(card->maker, '/'))
                return complaint_usage("serial and maker must not contain a slash");
        if (!arg_maker != !arg_model)
                return complaint_usage("--maker and --model belong together");
        r = take_words(&words, arg_reach, &card->reach);
        if (r == 0 && !card->reach)
                return complaint_usage("--reach takes ble, stream or both");
        return r;
}

/* Writes both files, or neither. */
static int write_device(struct card *card, const char *public, const char *private)
{
        uint8_t private_key[PAYLOAD_KEY_BYTES];
        int r;

        card_generate(card, private_key);
        r = card_write(card, public);
        if (r < 0)
                return complaint_file(r, public);
        r = card_write_device(card, private_key, arg_software, private);
        sodium_memzero(private_key, sizeof(private_key));
        if (r < 0) {
                (void)unlink(public);
                return complaint_file(r, private);
        }
        printf("%s\n%s\n", public, private);
        return EXIT_SUCCESS;
}

static int verb_device(char **arguments)
{
        _defer_(free) char *public = card_path(arguments[0], ".json");
        _defer_(free) char *private = card_path(arguments[0], ".device");
        struct card card;
        int r;

        if (!is_card_name(arguments[0]))
                return complaint_usage("CARD must be a file name of printable bytes");
        r = card_from_options(&card);
        if (r != 0)
                return r;
        r = public && private ? write_device(&card, public, private)
                              : complaint_file(-ENOMEM, arguments[0]);
        card_done(&card);
        return r;
}

/* --- make, show, qr --- */

static int verb_make(char **arguments)
{
        const struct making making = {
                .source = arguments[0],
                .card = arg_card,
                .issuer = arg_issuer,
                .output = arg_output,
                .counts = arg_counts,
                .counter = arg_counter,
                .binary = arg_binary,
                .form = arg_form,
        };

        if (!arg_card || !arg_issuer == !arg_unsigned)
                return complaint_usage("make takes --card, and --issuer or --unsigned");
        return making_run(&making);
}

static void on_issuer_error(void *userdata, const char *path, unsigned line, const char *text)
{
        (void)userdata;
        if (line > 0)
                log_warning("%s:%u: %s; not trusted", path, line, text);
        else
                log_warning("%s: %s; not trusted", path, text);
}

/* Whether the code can be made of its source again; what prevents that is said. 0 or EXIT_FAILURE.
 */
static int check_source(const struct payload *payload, const char *text, size_t n)
{
        static struct errors errors;
        int r = listing_check(payload, text, n, &errors);

        if (r == 0)
                return 0;
        log_error("no source says exactly what this code holds%s%s",
                  r == LISTING_E_INVALID ? ": " : "",
                  r == LISTING_E_INVALID ? errors.list[0].text : "");
        return EXIT_FAILURE;
}

/* Writes at once: a stream that fails between two of its blocks does not keep the reason. */
static int write_show(const struct show *show)
{
        char *text = NULL;
        size_t n = 0;
        FILE *memory = open_memstream(&text, &n);
        int r;

        if (!memory)
                return -errno;
        if (arg_source)
                r = listing_write(&show->code.payload, memory);
        else
                r = (arg_json ? show_write_json : show_write_text)(show, memory);
        if (fclose(memory) != 0 && r == 0)
                r = -errno;
        if (r == 0 && arg_source)
                r = check_source(&show->code.payload, text, n);
        if (r == 0)
                r = argument_write(NULL, text, n);
        file_free(text, n);
        return r;
}

static int verb_show(char **arguments)
{
        const struct issuers_handler handler = {on_issuer_error, NULL};
        struct issuers issuers = {.list = NULL};
        struct show show = {.secret = arg_secret};
        enum reason reason;
        char *bytes = NULL;
        size_t n = 0;
        int r;

        if (arg_source && (arg_json || arg_secret))
                return complaint_usage("--source goes with neither --json nor --secret");
        r = argument_read_code(arguments[0], &bytes, &n);
        if (r < 0)
                return complaint_code(r, arguments[0]);
        r = issuers_load(&issuers, arg_issuers ? arg_issuers : ISSUERS_DIRECTORY, &handler);
        if (r < 0 && arg_issuers)
                (void)complaint_file(r, arg_issuers);
        reason = show_open(&show, (const uint8_t *)bytes, n, &issuers);
        file_free(bytes, n);
        issuers_done(&issuers);
        if (reason)
                r = complaint_refusal(reason, arguments[0], show.code.detail);
        else if (r < 0 && arg_issuers)
                r = EXIT_FAILURE;
        else
                r = write_show(&show);
        if (r == 0 && show_is_wrong(&show))
                r = complaint_refusal(show.code.signature, arguments[0], "");
        show_done(&show);
        return r < 0 ? complaint_file(r, "stdout") : r;
}

/* Opens the code in an argument for what does not ask who has signed it. 0, or what the complaint
 * returned. */
static int open_code(const char *argument, struct code *code)
{
        const struct issuers nobody = {.list = NULL};
        enum reason reason;
        char *bytes = NULL;
        size_t n = 0;
        int r;

        r = argument_read_code(argument, &bytes, &n);
        if (r < 0)
                return complaint_code(r, argument);
        reason = code_unpack(code, (const uint8_t *)bytes, n, &nobody);
        file_free(bytes, n);
        return reason ? complaint_refusal(reason, argument, code->detail) : 0;
}

static int verb_qr(char **arguments)
{
        static struct code code;
        const struct picture picture = {
                .png = arg_png,
                .svg = arg_svg,
                .terminal = arg_terminal,
                .binary = arg_binary,
                .level = arg_level,
                .scale = arg_scale,
        };
        int r;

        if (argument_is_standard(arg_png) + argument_is_standard(arg_svg) + arg_terminal > 1)
                return complaint_usage("only one picture can go to stdout");
        r = open_code(arguments[0], &code);
        if (r != 0)
                return r;
        r = picture_draw(&picture, &code);
        code_done(&code);
        return r;
}

/* --- ndef, write-tag --- */

static int with_sticker(const char *argument,
                        int (*run)(const struct sticker *s, const struct code *code))
{
        static struct code code;
        const struct sticker sticker = {
                .form = arg_record,
                .base = arg_base,
                .memory = arg_memory,
                .output = arg_output,
                .program = arg_writer,
                .reader = arg_reader,
                .seconds = arg_seconds,
        };
        int r = open_code(argument, &code);

        if (r != 0)
                return r;
        r = run(&sticker, &code);
        code_done(&code);
        return r;
}

static int verb_ndef(char **arguments)
{
        return with_sticker(arguments[0], sticker_make);
}

static int verb_write_tag(char **arguments)
{
        return with_sticker(arguments[0], sticker_write);
}

/* --- the command line --- */

static const char *parse_counter(const char *argument)
{
        arg_counts = options_number(argument, 0, UINT32_MAX, &arg_counter);
        return arg_counts ? NULL : "--counter takes a number up to 4294967295";
}

static const char *parse_form(const char *argument)
{
        arg_form = strcmp(argument, "paste") == 0 ? TEXT_FORM_PASTE : TEXT_FORM_QR;
        return NULL;
}

static const char *parse_record(const char *argument)
{
        arg_record = strcmp(argument, "mime") == 0   ? NDEF_FORM_MIME
                     : strcmp(argument, "text") == 0 ? NDEF_FORM_TEXT
                                                     : NDEF_FORM_URI;
        return NULL;
}

/* clang-format off */
static const struct options_verb verbs[] = {
        { .name = "issuer", .arguments = "NAME",        .min = 1, .max = 1, .run = verb_issuer,
          .help = "make an issuer's key pair: NAME.key and\nNAME.issuer" },
        { .name = "device", .arguments = "CARD",        .min = 1, .max = 1, .run = verb_device,
          .help = "make a device's keys: CARD.json and CARD.device" },
        { .name = "make",   .arguments = "SOURCE.yaml", .min = 1, .max = 1, .run = verb_make,
          .help = "compile and sign a code" },
        { .name = "show",   .arguments = "CODE|FILE|-", .min = 1, .max = 1, .run = verb_show,
          .help = "show what a code holds, and which symbols and tags\ncan hold it" },
        { .name = "qr",     .arguments = "CODE|FILE|-", .min = 1, .max = 1, .run = verb_qr,
          .help = "render a code as a QR symbol" },
        { .name = "ndef",   .arguments = "CODE|FILE|-", .min = 1, .max = 1, .run = verb_ndef,
          .help = "make the NDEF message of an NFC tag, and say which\ntags can hold it" },
        { .name = "write-tag", .arguments = "CODE|FILE|-", .min = 1, .max = 1, .run = verb_write_tag,
          .help = "write a code to an NFC tag and read it back" },
};

static const struct options_row rows[] = {
        { .name = "directory",    .argument = "DIR",    .verbs = "issuer", .text = &arg_directory,
          .help = "where the files go (.)" },
        { .name = "capabilities", .argument = "LIST",   .verbs = "issuer", .text = &arg_capabilities,
          .help = "ceiling of the issuer's codes (all)" },
        { .name = "products",     .argument = "LIST",   .verbs = "issuer", .text = &arg_products,
          .help = "patterns of MAKER/MODEL it signs for (*)" },
        { .name = "serial",       .argument = "SERIAL", .verbs = "device", .text = &arg_serial,
          .help = "serial number" },
        { .name = "product",      .argument = "M/M",    .verbs = "device", .text = &arg_product,
          .help = "maker and model, MAKER/MODEL" },
        { .name = "maker",        .argument = "NAME",   .verbs = "device", .text = &arg_maker,
          .help = "maker, as in the source" },
        { .name = "model",        .argument = "NAME",   .verbs = "device", .text = &arg_model,
          .help = "model, as in the source" },
        { .name = "software",     .argument = "TEXT",   .verbs = "device", .text = &arg_software,
          .help = "software version (1.0)" },
        { .name = "reach",        .argument = "LIST",   .verbs = "device", .text = &arg_reach,
          .help = "ble, stream (ble)" },
        { .name = "card",         .argument = "FILE",   .verbs = "make",   .text = &arg_card,
          .help = "the device's card" },
        { .name = "issuer",       .argument = "FILE",   .verbs = "make",   .text = &arg_issuer,
          .help = "key to sign with, NAME.key" },
        { .name = "output",       .argument = "FILE",   .verbs = "make, ndef", .text = &arg_output,
          .help = "where the code goes (stdout)", .letter = 'o' },
        { .name = "counter",      .argument = "NUMBER", .verbs = "make",   .parse = parse_counter,
          .help = "instead of the source's" },
        { .name = "unsigned",                           .verbs = "make",   .flag = &arg_unsigned,
          .help = "do not sign; hubs refuse it" },
        { .name = "form",         .argument = "FORM",   .verbs = "make",   .parse = parse_form,
          .words = "paste, qr",
          .help = "paste: enr1. text for people (default);\nqr: the ENR1: text of symbols" },
        { .name = "binary",                             .verbs = "make, qr", .flag = &arg_binary,
          .help = "the binary form, not the text" },
        { .name = "json",                               .verbs = "show",   .flag = &arg_json,
          .help = "as JSON" },
        { .name = "issuers",      .argument = "DIR",    .verbs = "show",   .text = &arg_issuers,
          .help = "trusted issuers (" ISSUERS_DIRECTORY ")" },
        { .name = "source",                             .verbs = "show",   .flag = &arg_source,
          .help = "as the source of which make makes it again" },
        { .name = "secret",                             .verbs = "show",   .flag = &arg_secret,
          .help = "show the one-time secret, too" },
        { .name = "png",          .argument = "FILE",   .verbs = "qr",     .text = &arg_png,
          .help = "write a PNG picture" },
        { .name = "svg",          .argument = "FILE",   .verbs = "qr",     .text = &arg_svg,
          .help = "write an SVG picture" },
        { .name = "terminal",                           .verbs = "qr",     .flag = &arg_terminal,
          .help = "draw on the terminal (default)" },
        { .name = "level",        .argument = "LEVEL",  .verbs = "qr",     .text = &arg_level,
          .words = "L, M, Q, H",
          .help = "error correction, L, M, Q or H (M)" },
        { .name = "scale",        .argument = "PIXELS", .verbs = "qr",     .number = &arg_scale,
          .help = "size of a module, 1 to 64 (8)", .max = QR_SCALE_MAX },
        { .name = "memory",                             .verbs = "ndef",   .flag = &arg_memory,
          .help = "the memory of a Type 2 tag from page 4 on" },
        { .name = "record",       .argument = "FORM",   .verbs = "ndef, write-tag", .parse = parse_record,
          .words = "mime, text, uri",
          .help = "mime: the binary form (default);\ntext: ENR1:; uri: enr1. behind --base and a #" },
        { .name = "base",         .argument = "URI",    .verbs = "ndef, write-tag", .text = &arg_base,
          .help = "the web address that phones open" },
        { .name = "reader",       .argument = "READER", .verbs = "write-tag", .text = &arg_reader,
          .help = "auto, or as libnfc writes it,\npn532_uart:/dev/ttyUSB0 (auto)" },
        { .name = "seconds",      .argument = "N",      .verbs = "write-tag", .number = &arg_seconds, .max = 3600,
          .help = "wait for a tag for at most N seconds (30)" },
        { .name = "writer",       .argument = "PROGRAM", .verbs = "write-tag", .text = &arg_writer,
          .help = "(" TAG_PROGRAM ")" },
};
/* clang-format on */

static const struct options options = {
        .program = "enroll-code",
        .usage = "enroll-code VERB [OPTION...] ARGUMENT",
        .about = "Makes and shows enrollment codes.",
        .ending = "Exit status: 0 done, 1 failure, 2 usage. See enroll-code(1).",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
        .verbs = verbs,
        .n_verbs = ELEMENTSOF(verbs),
};

static int run(int argc, char **argv)
{
        struct options_call call;
        int r = options_parse(&options, argc, argv, &call);

        return r != 0 ? options_exit(&options, r, call.wrong) : call.verb->run(call.arguments);
}

int main(int argc, char **argv)
{
        int r, written;

        (void)setlocale(LC_CTYPE, ""); /* what a terminal can show */
        log_open("enroll-code", LOG_INFO);
        if (sodium_init() < 0) {
                log_error("cannot initialize libsodium");
                return EXIT_FAILURE;
        }
        r = run(argc, argv);
        written = r == EXIT_SUCCESS ? file_flush(stdout) : 0;
        return written < 0 ? complaint_file(written, "stdout") : r;
}
