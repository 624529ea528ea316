/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-tag: NFC tags to the bytes of a code.
 *
 * systemd starts one per connection of enroll-tag.socket; it waits for tags for as long as the hub
 * keeps the connection. It holds no keys and needs no network. With --read or --write it serves a
 * person or enroll-code once.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tag/ndef.h"
#include "tag/station.h"
#include "tag/tap.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/options.h"
#include "util/passed.h"

#define EXIT_NOTHING 1
#define LOOK_USEC    100000 /* between two looks for a tag */
#define SECONDS_MAX  3600

static const char *arg_device = "auto";
static unsigned arg_seconds = 30;
static bool arg_read, arg_write;

/* clang-format off */
static const struct options_row rows[] = {
        { .name = "read",                          .flag = &arg_read,
          .help = "read one tag, for a person or a script" },
        { .name = "write",                         .flag = &arg_write,
          .help = "write the NDEF message on standard input to a\ntag, and read it back" },
        { .name = "device",  .argument = "READER", .text = &arg_device,
          .help = "auto takes the first reader on USB (auto); or as\nlibnfc writes it, pn532_uart:/dev/ttyS0" },
        { .name = "seconds", .argument = "N",      .number = &arg_seconds, .max = SECONDS_MAX,
          .help = "wait for a tag for at most N seconds (30)" },
};
/* clang-format on */

static const struct options options = {
        .program = "enroll-tag",
        .usage = "enroll-tag [OPTION...]",
        .about = "Reads enrollment codes from NFC tags. Without --read or --write it serves the\n"
                 "connection that systemd passes.",
        .ending = "The code is written to standard output: text unchanged, anything else as\n"
                  "hexadecimal digits.\n"
                  "Exit status: 0 done, 1 not done (standard error says why), 2 usage.",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
};

/* The service's unit drops far more; this also works without a unit. */
static int lock_down(void)
{
        static const struct rlimit none = {0, 0};

        if (setrlimit(RLIMIT_CORE, &none) < 0)
                return log_errno(-errno, "Cannot limit resources");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return log_errno(-errno, "Cannot drop privileges");
        return chip_silence();
}

static int complain(enum reason why)
{
        (void)fprintf(stderr, "%s: %s %s\n", reason_code(why), reason_text(why),
                      reason_remedy(why));
        return EXIT_NOTHING;
}

/* Opens the reader and waits for a tag on it. EXIT_SUCCESS, or EXIT_NOTHING after saying why. */
static int wait_for_tag(struct station *station)
{
        const struct timespec pause = {.tv_nsec = LOOK_USEC * 1000};
        time_t end = time(NULL) + (time_t)arg_seconds;
        int r;

        r = chip_open(strcmp(arg_device, "auto") == 0 ? "" : arg_device, &station->chip);
        if (r < 0)
                return complain(REASON_INTERNAL);
        if (r == CHIP_E_MISSING)
                return complain(REASON_NFC_MISSING);
        (void)fprintf(stderr, "Hold the tag to the reader (%s).\n", chip_name(station->chip));
        while ((r = station_look(station)) == 0) {
                if (time(NULL) >= end) {
                        (void)fprintf(stderr, "There was no tag for %u s.\n", arg_seconds);
                        return EXIT_NOTHING;
                }
                (void)nanosleep(&pause, NULL);
        }
        return r < 0 ? complain(REASON_NFC_MISSING) : EXIT_SUCCESS;
}

static bool is_text(const uint8_t *code, size_t n_code)
{
        for (size_t i = 0; i < n_code; i++)
                if (code[i] < ' ' || code[i] > '~')
                        return false;
        return true;
}

static int print_code(const uint8_t *code, size_t n_code)
{
        char text[2 * TEXT_CHARS_MAX + 1];

        if (is_text(code, n_code))
                (void)printf("%.*s\n", (int)n_code, (const char *)code);
        else
                (void)printf("%s\n", hex_encode(code, n_code, text));
        explicit_bzero(text, sizeof(text));
        if (fflush(stdout) == 0)
                return EXIT_SUCCESS;
        (void)log_errno(-errno, "Cannot write the code");
        return EXIT_NOTHING;
}

static int read_for_person(struct station *station)
{
        uint8_t code[TEXT_CHARS_MAX];
        enum reason why;
        size_t n_code;
        int r;

        r = wait_for_tag(station);
        if (r != EXIT_SUCCESS)
                return r;
        why = station_read(station, code, &n_code);
        r = why == REASON_NONE ? print_code(code, n_code) : complain(why);
        explicit_bzero(code, sizeof(code));
        return r;
}

static bool holds_code(const uint8_t *message, size_t n_message)
{
        uint8_t code[TEXT_CHARS_MAX];
        size_t n_code;
        int r = ndef_find(message, n_message, code, &n_code);

        explicit_bzero(code, sizeof(code));
        return r == 0;
}

/* The message on standard input. EXIT_SUCCESS, or EXIT_NOTHING after saying why. */
static int take_message(uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message)
{
        size_t n = fread(message, 1, TAG_MESSAGE_MAX, stdin);

        if (ferror(stdin)) {
                (void)log_errno(-EIO, "Cannot read the message");
                return EXIT_NOTHING;
        }
        if (n == 0 || fgetc(stdin) != EOF) {
                (void)fprintf(stderr, "A message has 1 to %d bytes.\n", TAG_MESSAGE_MAX);
                return EXIT_NOTHING;
        }
        if (!holds_code(message, n)) {
                (void)fprintf(stderr, "This is not an NDEF message with an enrollment code; "
                                      "enroll-code ndef makes one of a code.\n");
                return EXIT_NOTHING;
        }
        *ret_n_message = n;
        return EXIT_SUCCESS;
}

static int write_for_person(struct station *station)
{
        uint8_t message[TAG_MESSAGE_MAX];
        size_t n_message = 0;
        struct air air;
        int r;

        r = take_message(message, &n_message);
        if (r == EXIT_SUCCESS)
                r = wait_for_tag(station);
        if (r == EXIT_SUCCESS) {
                air = chip_air(station->chip);
                r = tag_write(station->target.kind, &air, message, n_message);
                if (r == 0)
                        (void)fprintf(stderr, "Written and read back: %zu bytes.\n", n_message);
                else
                        r = complain(r < 0             ? REASON_NFC_MISSING
                                     : r == TAG_SILENT ? REASON_TAG_REMOVED
                                                       : tag_reason(r));
        }
        explicit_bzero(message, sizeof(message));
        return r;
}

static int serve(void)
{
        int fd = passed_connection(), r;

        if (fd < 0) {
                (void)fprintf(stderr, "No connection was passed; use --read or --write, or start "
                                      "enroll-tag.socket\n");
                return OPTIONS_EXIT_USAGE;
        }
        r = station_serve(fd);
        /* It is not an error if the hub ends. */
        if (r < 0 && r != -EPIPE && r != -ECONNRESET) {
                (void)log_errno(r, "Cannot serve the hub");
                return EXIT_NOTHING;
        }
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        struct station station = {.chip = NULL};
        struct options_call call;
        int r;

        log_open("enroll-tag", LOG_INFO);
        r = options_parse(&options, argc, argv, &call);
        if (r != 0)
                return options_exit(&options, r, call.wrong);
        if (arg_read && arg_write)
                return options_exit(&options, OPTIONS_E_USAGE,
                                    "--read and --write cannot be combined");
        if (strcmp(arg_device, "auto") != 0 && !address_is_nfc(arg_device, strlen(arg_device)))
                return options_exit(&options, OPTIONS_E_USAGE,
                                    "--device takes auto, or a reader as libnfc writes it");
        if (lock_down() < 0)
                return EXIT_NOTHING;
        if (!arg_read && !arg_write)
                return serve();
        r = arg_read ? read_for_person(&station) : write_for_person(&station);
        station.chip = chip_close(station.chip);
        return r;
}
