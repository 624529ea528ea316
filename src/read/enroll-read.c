/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-read: camera frames and pictures to the bytes of a code.
 *
 * systemd starts one per connection of enroll-read.socket; it serves one request and ends. It holds
 * no keys and needs no network. With --file or --camera it reads one code for a person or a script.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "read/serve.h"
#include "read/watch.h"
#include "util/free.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/options.h"
#include "util/passed.h"

#define MEMORY_BYTES (384ull * 1024 * 1024) /* on top of what the loaded libraries map */
#define EXIT_NOTHING 1

static const char *arg_file;
static const char *arg_camera;
static unsigned arg_seconds = 30;
static bool arg_verbose;
static unsigned arg_symbologies = 1u << SYMBOLOGY_QR;

static const char *parse_symbologies(const char *argument)
{
        if (symbology_parse_list(argument, &arg_symbologies) < 0)
                return "--symbologies takes qr, code128 and ean, separated by commas";
        return NULL;
}

/* clang-format off */
static const struct options_row rows[] = {
        { .name = "file",        .argument = "PICTURE", .text = &arg_file,
          .help = "read a picture file" },
        { .name = "camera",      .argument = "DEVICES", .text = &arg_camera,
          .help = "watch these cameras; auto watches all" },
        { .name = "seconds",     .argument = "N",       .number = &arg_seconds, .max = READ_SECONDS_MAX,
          .help = "watch for at most N seconds (30)" },
        { .name = "symbologies", .argument = "LIST",    .parse = parse_symbologies,
          .help = "look for qr, code128, ean (qr)" },
        { .name = "verbose",     .flag = &arg_verbose,
          .help = "say how often it looked in which way" },
};
/* clang-format on */

static const struct options options = {
        .program = "enroll-read",
        .usage = "enroll-read [OPTION...]",
        .about = "Reads an enrollment code from a camera or a picture. Without --file or --camera\n"
                 "it serves one request on the socket that systemd passes.",
        .ending = "The code is written to standard output: text unchanged, anything else as\n"
                  "hexadecimal digits.\n"
                  "Exit status: 0 read, 1 nothing read (standard error says why), 2 usage.",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
};

/* Bytes of address space in use, 0 if that cannot be known. */
static rlim_t memory_mapped(void)
{
        unsigned long pages = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (!f)
                return 0;
        if (fscanf(f, "%lu", &pages) != 1)
                pages = 0;
        (void)fclose(f);
        return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static int limit(int resource, rlim_t value)
{
        struct rlimit now;

        if (getrlimit(resource, &now) < 0)
                return -errno;
        if (now.rlim_max < value)
                return 0;
        return setrlimit(resource, &(struct rlimit){value, value}) < 0 ? -errno : 0;
}

/*
 * Drops everything that a parser of hostile pictures does not need. The service's unit drops far
 * more; this also works without a unit.
 */
static int lock_down(void)
{
        int r;

        r = limit(RLIMIT_AS, memory_mapped() + MEMORY_BYTES);
        if (r == 0)
                r = limit(RLIMIT_CORE, 0);
        if (r < 0)
                return log_errno(r, "Cannot limit resources");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return log_errno(-errno, "Cannot drop privileges");
        return 0;
}

/* Prints the symbol for a person: text unchanged, anything else as digits. */
static int symbol_print(const struct symbol *symbol)
{
        char text[2 * SYMBOL_BYTES_MAX + 1];

        if (symbol_is_text(symbol))
                (void)printf("%.*s\n", (int)symbol->n_bytes, (const char *)symbol->bytes);
        else
                (void)printf("%s\n", hex_encode(symbol->bytes, symbol->n_bytes, text));
        if (fflush(stdout) != 0)
                return log_errno(-errno, "Cannot write the code");
        if (!symbol_is_text(symbol))
                (void)fprintf(stderr, "%zu bytes of binary code, shown as hexadecimal digits\n",
                              symbol->n_bytes);
        return 0;
}

static void person_on_progress(void *userdata, enum read_progress progress)
{
        (void)userdata;
        (void)fprintf(stderr, "%s\n", read_progress_code(progress));
}

static int file_read_code(struct scanner *scanner, struct symbol *ret_symbol,
                          struct offer *ret_offer)
{
        _defer_(fd_close) int fd = open(arg_file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        int r;

        if (fd < 0)
                return log_errno(-errno, "Cannot open %s", arg_file);
        r = serve_picture(fd, scanner, ret_symbol, ret_offer);
        return r < 0 ? log_errno(r, "Cannot look for a code in %s", arg_file) : r;
}

static int camera_read_code(struct scanner *scanner, struct symbol *ret_symbol,
                            struct offer *ret_offer)
{
        const struct watch watch = {.devices = strcmp(arg_camera, "auto") == 0 ? "" : arg_camera,
                                    .seconds = arg_seconds,
                                    .waiter_fd = -1,
                                    .on_progress = person_on_progress};
        int r;

        r = watch_cameras(&watch, scanner, ret_symbol, ret_offer);
        return r < 0 ? log_errno(r, "Cannot look for a code with the camera") : r;
}

static int read_for_person(void)
{
        _defer_(scanner_free) struct scanner *scanner = NULL;
        _defer_(offer_done) struct offer offer = {.n = 0};
        struct symbol symbol = {0};
        int r;

        r = scanner_new(&scanner, arg_symbologies);
        if (r < 0) {
                (void)log_errno(r, "Cannot create a scanner");
                return EXIT_NOTHING;
        }
        r = arg_file ? file_read_code(scanner, &symbol, &offer)
                     : camera_read_code(scanner, &symbol, &offer);
        if (r > 0)
                (void)fprintf(stderr, "%s: %s %s\n", reason_code((enum reason)r),
                              reason_text((enum reason)r), reason_remedy((enum reason)r));
        if (r != 0)
                return EXIT_NOTHING;
        return symbol_print(&symbol) < 0 ? EXIT_NOTHING : EXIT_SUCCESS;
}

static int serve(void)
{
        int fd = passed_connection(), r;

        if (fd < 0) {
                (void)fprintf(stderr, "No connection was passed; use --file or --camera, or start "
                                      "enroll-read.socket\n");
                return OPTIONS_EXIT_USAGE;
        }
        r = serve_request(fd, arg_symbologies);
        /* It is not an error if the hub cancels. */
        if (r < 0 && r != -ECANCELED && r != -EPIPE && r != -ECONNRESET) {
                (void)log_errno(r, "Cannot serve the request");
                return EXIT_NOTHING;
        }
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        struct options_call call;
        int r;

        log_open("enroll-read", LOG_INFO);
        r = options_parse(&options, argc, argv, &call);
        if (r != 0)
                return options_exit(&options, r, call.wrong);
        if (arg_file && arg_camera)
                return options_exit(&options, OPTIONS_E_USAGE,
                                    "--file and --camera cannot be combined");
        if (arg_verbose)
                log_set_level(LOG_DEBUG);
        if (lock_down() < 0)
                return EXIT_NOTHING;
        return arg_file || arg_camera ? read_for_person() : serve();
}
