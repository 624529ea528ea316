/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-code: makes issuers, devices and codes, and shows codes. For makers and installers; needs
 * no daemon.
 */

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "code/code.h"
#include "config.h"
#include "tool/card.h"
#include "tool/file.h"
#include "tool/key.h"
#include "tool/qr.h"
#include "tool/show.h"
#include "tool/source.h"
#include "util/free.h"
#include "util/log.h"
#include "wire/utf8.h"

#define EXIT_USAGE 2

#define ISSUERS_DIRECTORY "/etc/enrolld/issuers.d"

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
static const char *arg_counter;
static const char *arg_issuers;
static const char *arg_png;
static const char *arg_svg;
static const char *arg_level = "M";
static const char *arg_scale = "8";
static bool arg_binary, arg_unsigned, arg_json, arg_secret, arg_terminal;

/* --- helpers --- */

static int usage_error(const char *text)
{
        log_error("%s; see enroll-code --help", text);
        return EXIT_USAGE;
}

static int failed(int r, const char *path)
{
        log_error("%s: %s", path, strerror(-r));
        return EXIT_FAILURE;
}

static bool take_number(const char *text, unsigned long max, unsigned long *ret_number)
{
        char *end;

        errno = 0;
        *ret_number = strtoul(text, &end, 10);
        return errno == 0 && end != text && *end == '\0' && text[0] != '-' && *ret_number <= max;
}

static bool take_label(const char *text, size_t n_text, char label[PAYLOAD_LABEL_MAX + 1])
{
        struct cbor_span span = {(const uint8_t *)text, n_text};

        if (!payload_is_label(span))
                return false;
        memcpy(label, text, n_text);
        label[n_text] = '\0';
        return true;
}

/* Words between spaces or commas, each looked up with @find; the sum of what it returns, 0 if one
 * is unknown. */
static unsigned take_words(const char *text, unsigned (*find)(const char *word, size_t n_word))
{
        unsigned sum = 0;

        for (text += strspn(text, " ,"); *text; text += strspn(text, " ,")) {
                size_t n = strcspn(text, " ,");
                unsigned value = find(text, n);

                if (value == 0)
                        return 0;
                sum |= value;
                text += n;
        }
        return sum;
}

static unsigned find_reach(const char *word, size_t n_word)
{
        if (n_word == 3 && memcmp(word, "ble", 3) == 0)
                return PAYLOAD_REACH_BLE;
        if (n_word == 6 && memcmp(word, "stream", 6) == 0)
                return PAYLOAD_REACH_STREAM;
        return 0;
}

/* A code as it is given: the text itself, "-" for stdin, or a file of either form. */
static int read_code(const char *argument, char **ret_bytes, size_t *ret_n_bytes)
{
        size_t n = strlen(argument);

        if (text_form_of((const uint8_t *)argument, n) == TEXT_FORM_OTHER ||
            access(argument, F_OK) == 0)
                return file_read(argument, ret_bytes, ret_n_bytes);
        *ret_bytes = strdup(argument);
        *ret_n_bytes = n;
        return *ret_bytes ? 0 : -ENOMEM;
}

static int refuse(enum reason reason, const char *argument, const char *detail)
{
        bool is_file = access(argument, F_OK) == 0;

        log_error("%s: %s%s%s%s", is_file ? argument : "the code", reason_text(reason),
                  detail[0] ? " (" : "", detail, detail[0] ? ")" : "");
        return EXIT_FAILURE;
}

/* --- issuer --- */

/* Writes both files, or neither. */
static int write_issuer(const struct key *key, unsigned capabilities, const char *public,
                        const char *private)
{
        int r = key_write(key, private);

        if (r < 0)
                return failed(r, private);
        r = key_write_issuer(key, public, capabilities, arg_products);
        if (r < 0) {
                (void)unlink(private);
                return failed(r, public);
        }
        printf("%s\n%s\n", private, public);
        return EXIT_SUCCESS;
}

static int verb_issuer(char **arguments)
{
        _defer_(free) char *private = NULL;
        _defer_(free) char *public = NULL;
        unsigned capabilities = take_words(arg_capabilities, capability_from_name);
        const char *name = arguments[0];
        struct key key;
        int r;

        if (arg_capabilities[0] && !capabilities)
                return usage_error("a capability is channel.publish, channel.command or "
                                   "key.forward");
        if (strchr(name, '/') || name[0] == '.' || key_generate(&key, name) < 0)
                return usage_error("NAME is 1 to 32 printable bytes, without a slash");
        if (asprintf(&private, "%s/%s.key", arg_directory, name) < 0)
        private = NULL;
        if (asprintf(&public, "%s/%s.issuer", arg_directory, name) < 0)
        public = NULL;
        r = private && public ? write_issuer(&key, capabilities, public, private)
                              : failed(-ENOMEM, name);
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
        return slash && !strchr(slash + 1, '/') && !arg_maker && !arg_model &&
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
        char software[PAYLOAD_LABEL_MAX + 1];

        memset(card, 0, sizeof(*card));
        if (!take_product(card))
                return usage_error("--product takes MAKER/MODEL");
        if (!take_option(arg_serial, card->serial) || !take_option(arg_maker, card->maker) ||
            !take_option(arg_model, card->model) || !take_option(arg_software, software))
                return usage_error(
                        "serial, maker, model and software have 1 to 32 printable bytes");
        if (strchr(card->serial, '/') || strchr(card->maker, '/'))
                return usage_error("serial and maker have no slash");
        if (!arg_maker != !arg_model)
                return usage_error("--maker and --model belong together");
        card->reach = take_words(arg_reach, find_reach);
        if (!card->reach)
                return usage_error("--reach takes ble, stream or both");
        return 0;
}

/* Writes both files, or neither. */
static int write_device(struct card *card, const char *public, const char *private)
{
        uint8_t private_key[PAYLOAD_KEY_BYTES];
        int r;

        card_generate(card, private_key);
        r = card_write(card, public);
        if (r < 0)
                return failed(r, public);
        r = card_write_device(card, private_key, arg_software, private);
        sodium_memzero(private_key, sizeof(private_key));
        if (r < 0) {
                (void)unlink(public);
                return failed(r, private);
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
                return usage_error("CARD is a file's name of printable bytes");
        r = card_from_options(&card);
        if (r != 0)
                return r;
        r = public && private ? write_device(&card, public, private)
                              : failed(-ENOMEM, arguments[0]);
        card_done(&card);
        return r;
}

/* --- make --- */

static int load_source(const char *path, struct source *source)
{
        char *text = NULL;
        size_t n = 0;
        int r = file_read(path, &text, &n);

        if (r < 0)
                return failed(r, path);
        r = source_compile(source, text, n);
        file_free(text, n);
        if (r < 0) {
                log_error("%s:%s", path, source->error);
                return EXIT_FAILURE;
        }
        return 0;
}

static int load_card(const char *path, struct card *card)
{
        char *text = NULL, error[160];
        size_t n = 0;
        int r = file_read(path, &text, &n);

        if (r < 0)
                return failed(r, path);
        r = card_parse(card, text, n, error);
        file_free(text, n);
        if (r < 0) {
                log_error("%s: %s", path, error);
                return EXIT_FAILURE;
        }
        return 0;
}

/* Puts the device into the payload; the card must be one of this product. */
static int merge_card(const struct card *card, const struct source *source, struct payload *p)
{
        *p = source->payload;
        if (card->maker[0] &&
            (strcmp(card->maker, p->maker) != 0 || strcmp(card->model, p->model) != 0)) {
                log_error("%s: the card is of %s %s, the source of %s %s", arg_card, card->maker,
                          card->model, p->maker, p->model);
                return EXIT_FAILURE;
        }
        memcpy(p->public_key, card->public_key, sizeof(p->public_key));
        memcpy(p->secret, card->secret, sizeof(p->secret));
        p->reach = card->reach;
        if (source->wants_serial)
                memcpy(p->serial, card->serial, sizeof(p->serial));
        return 0;
}

/* Signs the payload, or only wraps it. */
static int wrap(const uint8_t *payload, size_t n_payload, uint8_t *ret_bytes, size_t *ret_n_bytes)
{
        const uint8_t nobody[ENVELOPE_KID_BYTES] = {0};
        struct key key;
        int r;

        if (arg_unsigned) {
                *ret_n_bytes = envelope_wrap(payload, n_payload, nobody, ret_bytes);
                return 0;
        }
        r = key_read(&key, arg_issuer);
        if (r < 0)
                return failed(r, arg_issuer);
        if (r > 0) {
                log_error("%s:%d: not an issuer's key file", arg_issuer, r);
                return EXIT_FAILURE;
        }
        *ret_n_bytes = envelope_sign(payload, n_payload, key.seed, ret_bytes);
        key_done(&key);
        return 0;
}

static int write_code(const uint8_t *bytes, size_t n_bytes)
{
        char text[TEXT_CHARS_MAX + 2];
        const void *data = bytes;
        size_t n = n_bytes;
        int r;

        if (!arg_binary) {
                text_encode(bytes, n_bytes, text);
                n = strlen(text);
                text[n++] = '\n';
                data = text;
        }
        r = file_write(arg_output, data, n, 0600, false);
        sodium_memzero(text, sizeof(text));
        return r < 0 ? failed(r, arg_output ? arg_output : "stdout") : EXIT_SUCCESS;
}

/* Encodes, reads it back as a hub would, signs and writes. */
static int write_payload(const struct payload *p)
{
        uint8_t encoded[CODE_BYTES_MAX], bytes[ENVELOPE_BYTES(CODE_BYTES_MAX)];
        struct payload_fault fault;
        struct payload parsed;
        struct cbor_writer w;
        char text[160];
        size_t n_bytes;
        int r;

        cbor_writer_init(&w, encoded, sizeof(encoded));
        payload_encode(p, &w);
        if (!cbor_writer_fits(&w) || ENVELOPE_BYTES(w.n_written) > CODE_BYTES_MAX) {
                log_error("the code would have %zu bytes; %d is the most a symbol holds",
                          ENVELOPE_BYTES(w.n_written), CODE_BYTES_MAX);
                return EXIT_FAILURE;
        }
        if (payload_parse((struct cbor_span){encoded, w.n_written}, &parsed, &fault)) {
                payload_fault_text(&fault, text, sizeof(text));
                log_error("%s", text);
                return EXIT_FAILURE;
        }
        payload_done(&parsed);
        r = wrap(encoded, w.n_written, bytes, &n_bytes);
        if (r == 0)
                r = write_code(bytes, n_bytes);
        sodium_memzero(encoded, sizeof(encoded));
        sodium_memzero(bytes, sizeof(bytes));
        return r;
}

static int verb_make(char **arguments)
{
        static struct source source;
        struct payload payload;
        struct card card;
        unsigned long counter = 0;
        int r;

        if (!arg_card || !arg_issuer == !arg_unsigned)
                return usage_error("make takes --card, and --issuer or --unsigned");
        if (arg_counter && !take_number(arg_counter, UINT32_MAX, &counter))
                return usage_error("--counter takes a number up to 4294967295");
        r = load_source(arguments[0], &source);
        if (r == 0)
                r = load_card(arg_card, &card);
        if (r != 0)
                return r;
        r = merge_card(&card, &source, &payload);
        card_done(&card);
        if (r == 0 && arg_counter)
                payload.counter = (uint32_t)counter;
        if (r == 0)
                r = write_payload(&payload);
        payload_done(&payload);
        return r;
}

/* --- show, qr --- */

static void on_issuer_error(void *userdata, const char *path, unsigned line, const char *text)
{
        (void)userdata;
        if (line > 0)
                log_warning("%s:%u: %s; not trusted", path, line, text);
        else
                log_warning("%s: %s; not trusted", path, text);
}

static int verb_show(char **arguments)
{
        const struct issuers_handler handler = {on_issuer_error, NULL};
        struct issuers issuers = {NULL, 0};
        struct show show = {.secret = arg_secret};
        enum reason reason;
        char *bytes = NULL;
        size_t n = 0;
        int r = read_code(arguments[0], &bytes, &n);

        if (r < 0)
                return failed(r, arguments[0]);
        r = issuers_load(&issuers, arg_issuers ? arg_issuers : ISSUERS_DIRECTORY, &handler);
        if (r < 0 && arg_issuers)
                (void)failed(r, arg_issuers);
        reason = show_open(&show, (const uint8_t *)bytes, n, &issuers);
        file_free(bytes, n);
        issuers_done(&issuers);
        if (reason)
                r = refuse(reason, arguments[0], show.code.detail);
        else if (r < 0 && arg_issuers)
                r = EXIT_FAILURE;
        else
                r = (arg_json ? show_write_json : show_write_text)(&show, stdout);
        show_done(&show);
        return r < 0 ? failed(r, "stdout") : r;
}

static bool is_stdout(const char *path)
{
        return path && strcmp(path, "-") == 0;
}

static int write_picture(const char *path, const struct qr *qr, unsigned scale,
                         int (*write)(const struct qr *qr, FILE *file, unsigned scale))
{
        FILE *file;
        int r;

        if (is_stdout(path)) {
                r = write(qr, stdout, scale);
                return r < 0 ? failed(r, "stdout") : EXIT_SUCCESS;
        }
        file = fopen(path, "we");
        if (!file || fchmod(fileno(file), 0600) < 0) {
                r = -errno;
                if (file)
                        (void)fclose(file);
                return failed(r, path);
        }
        r = write(qr, file, scale);
        if (fclose(file) != 0 && r == 0)
                r = -errno;
        return r < 0 ? failed(r, path) : EXIT_SUCCESS;
}

static int write_pictures(const struct qr *qr, unsigned scale)
{
        int r = EXIT_SUCCESS;

        if (arg_png)
                r = write_picture(arg_png, qr, scale, qr_write_png);
        if (r == 0 && arg_svg)
                r = write_picture(arg_svg, qr, scale, qr_write_svg);
        if (r != EXIT_SUCCESS || (!arg_terminal && (arg_png || arg_svg)))
                return r;
        r = qr_write_terminal(qr, stdout);
        return r < 0 ? failed(r, "stdout") : EXIT_SUCCESS;
}

static int make_symbol(struct qr *qr, const struct code *code)
{
        char text[TEXT_CHARS_MAX + 1];
        int r;

        if (arg_binary)
                return qr_make(qr, code->bytes, code->n_bytes, true, arg_level[0]);
        text_encode(code->bytes, code->n_bytes, text);
        r = qr_make(qr, text, strlen(text), false, arg_level[0]);
        sodium_memzero(text, sizeof(text));
        return r;
}

static int verb_qr(char **arguments)
{
        static struct code code;
        static struct qr qr;
        enum reason reason;
        unsigned long scale;
        char *bytes = NULL;
        size_t n = 0;
        int r;

        if (strlen(arg_level) != 1 || !strchr("LMQH", arg_level[0]))
                return usage_error("--level takes L, M, Q or H");
        if (is_stdout(arg_png) + is_stdout(arg_svg) + arg_terminal > 1)
                return usage_error("only one picture goes to stdout");
        if (!take_number(arg_scale, QR_SCALE_MAX, &scale) || scale == 0)
                return usage_error("--scale takes 1 to 64 pixels");
        r = read_code(arguments[0], &bytes, &n);
        if (r < 0)
                return failed(r, arguments[0]);
        reason = code_unpack(&code, (const uint8_t *)bytes, n);
        file_free(bytes, n);
        if (reason)
                return refuse(reason, arguments[0], code.detail);
        r = make_symbol(&qr, &code);
        code_done(&code);
        if (r < 0)
                return failed(r, "no QR symbol");
        r = write_pictures(&qr, (unsigned)scale);
        sodium_memzero(&qr, sizeof(qr));
        return r;
}

/* --- the command line --- */

static const struct verb {
        const char *name;
        int (*run)(char **arguments);
        const char *usage, *summary;
} verbs[] = {
        {"issuer", verb_issuer, "NAME", "Make an issuer's key pair: NAME.key and NAME.issuer"},
        {"device", verb_device, "CARD", "Make a device's keys: CARD.json and CARD.device"},
        {"make", verb_make, "SOURCE.yaml", "Compile and sign a code"},
        {"show", verb_show, "CODE|FILE|-", "Show what a code holds, and what holds the code"},
        {"qr", verb_qr, "CODE|FILE|-", "Render a code as QR symbol"},
};

/* clang-format off */
static const struct option_row {
        const char *name, *verbs; /* the verbs that take it */
        const char **text;        /* where its argument goes, */
        bool *flag;               /* or what it sets */
        const char *argument, *summary;
} rows[] = {
        { "directory",    "issuer",  &arg_directory,    NULL,          "DIR",    "where the files go (.)" },
        { "capabilities", "issuer",  &arg_capabilities, NULL,          "LIST",   "ceiling of the issuer's codes (all)" },
        { "products",     "issuer",  &arg_products,     NULL,          "LIST",   "patterns of MAKER/MODEL it signs for (*)" },
        { "serial",       "device",  &arg_serial,       NULL,          "SERIAL", "serial number" },
        { "product",      "device",  &arg_product,      NULL,          "M/M",    "maker and model, MAKER/MODEL" },
        { "maker",        "device",  &arg_maker,        NULL,          "NAME",   "maker, as in the source" },
        { "model",        "device",  &arg_model,        NULL,          "NAME",   "model, as in the source" },
        { "software",     "device",  &arg_software,     NULL,          "TEXT",   "software version (1.0)" },
        { "reach",        "device",  &arg_reach,        NULL,          "LIST",   "ble, stream (ble)" },
        { "card",         "make",    &arg_card,         NULL,          "FILE",   "the device's card" },
        { "issuer",       "make",    &arg_issuer,       NULL,          "FILE",   "key to sign with, NAME.key" },
        { "output",       "make",    &arg_output,       NULL,          "FILE",   "where the code goes (stdout)" },
        { "counter",      "make",    &arg_counter,      NULL,          "NUMBER", "instead of the source's" },
        { "unsigned",     "make",    NULL,              &arg_unsigned, NULL,     "do not sign; hubs refuse it" },
        { "binary",       "make qr", NULL,              &arg_binary,   NULL,     "the binary form, not the text" },
        { "json",         "show",    NULL,              &arg_json,     NULL,     "as JSON" },
        { "issuers",      "show",    &arg_issuers,      NULL,          "DIR",    "trusted issuers (" ISSUERS_DIRECTORY ")" },
        { "secret",       "show",    NULL,              &arg_secret,   NULL,     "the one-time secret, too" },
        { "png",          "qr",      &arg_png,          NULL,          "FILE",   "write a PNG picture" },
        { "svg",          "qr",      &arg_svg,          NULL,          "FILE",   "write an SVG picture" },
        { "terminal",     "qr",      NULL,              &arg_terminal, NULL,     "draw on the terminal (default)" },
        { "level",        "qr",      &arg_level,        NULL,          "LEVEL",  "error correction, L, M, Q or H (M)" },
        { "scale",        "qr",      &arg_scale,        NULL,          "PIXELS", "size of a module (8)" },
};
/* clang-format on */

#define N_ROWS       ELEMENTSOF(rows)
#define OPTION_FIRST 256 /* val of rows[0]; above every character */

static void print_help(void)
{
        printf("Usage: enroll-code VERB [OPTION...] ARGUMENT\n\n"
               "Make and show enrollment codes.\n");
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                printf("\n  %s %s\n      %s\n", verbs[i].name, verbs[i].usage, verbs[i].summary);
                for (size_t j = 0; j < N_ROWS; j++)
                        if (strstr(rows[j].verbs, verbs[i].name))
                                printf("      --%s%s%-*s %s\n", rows[j].name,
                                       rows[j].argument ? " " : "",
                                       20 - (int)strlen(rows[j].name) - !!rows[j].argument,
                                       rows[j].argument ? rows[j].argument : "", rows[j].summary);
        }
        printf("\n  -o is short for --output.  --help and --version as always.\n"
               "  Exit status: 0 done, 1 failed, 2 wrong usage.  See enroll-code(1).\n");
}

static const struct verb *find_verb(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return &verbs[i];
        return NULL;
}

/* -1: go on; else the exit status. */
static int parse_options(int argc, char **argv, const char **ret_used)
{
        struct option options[N_ROWS + 3] = {
                {"help", no_argument, NULL, 'h'},
                {"version", no_argument, NULL, 'V'},
        };

        for (size_t i = 0; i < N_ROWS; i++)
                options[i + 2] = (struct option){rows[i].name,
                                                 rows[i].text ? required_argument : no_argument,
                                                 NULL, OPTION_FIRST + (int)i};
        for (;;) {
                int c = getopt_long(argc, argv, "ho:V", options, NULL);

                if (c == -1)
                        return -1;
                switch (c) {
                case 'h':
                        print_help();
                        return EXIT_SUCCESS;
                case 'V':
                        printf("enroll-code %s\n", PACKAGE_VERSION);
                        return EXIT_SUCCESS;
                case 'o':
                        arg_output = optarg;
                        ret_used[0] = "make";
                        break;
                case '?':
                        return EXIT_USAGE;
                default:
                        if (rows[c - OPTION_FIRST].text)
                                *rows[c - OPTION_FIRST].text = optarg;
                        else
                                *rows[c - OPTION_FIRST].flag = true;
                        ret_used[1 + c - OPTION_FIRST] = rows[c - OPTION_FIRST].verbs;
                }
        }
}

static int run(int argc, char **argv)
{
        const char *used[N_ROWS + 1] = {NULL};
        const struct verb *verb;
        int r = parse_options(argc, argv, used);

        if (r >= 0)
                return r;
        if (argc - optind < 1)
                return usage_error("a verb is missing");
        verb = find_verb(argv[optind]);
        if (!verb)
                return usage_error("there is no such verb");
        if (argc - optind != 2)
                return usage_error("every verb takes one argument");
        for (size_t i = 0; i < ELEMENTSOF(used); i++)
                if (used[i] && !strstr(used[i], verb->name))
                        return usage_error("an option does not belong to this verb");
        return verb->run(argv + optind + 1);
}

int main(int argc, char **argv)
{
        int r, written;

        log_open("enroll-code", LOG_INFO);
        if (sodium_init() < 0) {
                log_error("libsodium does not work here");
                return EXIT_FAILURE;
        }
        r = run(argc, argv);
        written = r == EXIT_SUCCESS ? file_flush(stdout) : 0;
        return written < 0 ? failed(written, "stdout") : r;
}
