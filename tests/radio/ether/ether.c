/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ether: virtual Bluetooth LE controllers under the kernel's own stack, and an air between them
 * that misbehaves on command.
 */

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <systemd/sd-daemon.h>

#include "order/order.h"
#include "room/pace.h"
#include "room/room.h"
#include "order/server.h"
#include "util/free.h"
#include "util/log.h"
#include "order/value.h"
#include "room/vhci.h"

#define EXIT_USAGE 2
#define SEED_MAX   999999999999999

static const char *arg_socket = "/run/ether/control";
static const char *arg_script;
static const char *arg_record;
static long arg_seed = 1;
static double arg_factor = 1;
static int arg_level = LOG_INFO;

static void help(void)
{
        (void)printf(
                "ether [OPTION...] [NAME...]\n\n"
                "Bluetooth LE controllers without hardware: each NAME appears in the kernel as a\n"
                "controller hciN, by /dev/vhci (modprobe hci_vhci), and bluetoothd takes it for\n"
                "one. They hear each other on an air of their own, that keeps Bluetooth's times\n"
                "and misbehaves when it is ordered to.\n\n"
                "  --socket PATH   where etherctl gives orders; %s by default\n"
                "  --seed N        of all chance: the same seed and orders have the same luck;\n"
                "                  1 by default\n"
                "  --factor F      simulated time passes F times as fast as real time, %g to %g;\n"
                "                  1 by default\n"
                "  --script FILE   orders, a line each, done at the start, before time begins;\n"
                "                  'after 2s ...' does one later\n"
                "  --record DIR    record each controller to DIR/NAME.btsnoop, for btmon -r\n"
                "  --verbose       log more\n"
                "  --help          show this and exit\n"
                "  --version       show the version and exit\n\n"
                "Tells systemd that it is ready when all NAMEs and the script's controllers are\n"
                "plugged in, and logs what a controller was asked for and cannot do.\n"
                "Exit status: 0 ended by a signal or 'quit', 1 failed, 2 wrong usage.\n\n"
                "Orders, for etherctl and scripts:\n\n",
                arg_socket, PACE_FACTOR_MIN, PACE_FACTOR_MAX);
        order_help(stdout);
}

static int option_wrong(const char *option, const char *wanted)
{
        (void)fprintf(stderr, "ether: %s '%s': give %s\n", option, optarg, wanted);
        return -EINVAL;
}

/* One option. 0 go on, >0 done, <0 wrong. */
static int option_take(int option)
{
        switch (option) {
        case 'h':
                help();
                return 1;
        case 'V':
                (void)printf("ether %s\n", PACKAGE_VERSION);
                return 1;
        case 's':
                arg_socket = optarg;
                return *optarg ? 0 : option_wrong("--socket", "a path");
        case 'S':
                return value_integer(optarg, 0, SEED_MAX, &arg_seed)
                               ? 0
                               : option_wrong("--seed", "a whole number, 0 or more");
        case 'f':
                return value_number(optarg, PACE_FACTOR_MIN, PACE_FACTOR_MAX, &arg_factor)
                               ? 0
                               : option_wrong("--factor", "a number from 0.001 to 1000");
        case 'c':
                arg_script = optarg;
                return 0;
        case 'r':
                arg_record = optarg;
                return 0;
        case 'v':
                arg_level = LOG_DEBUG;
                return 0;
        default:
                return -EINVAL;
        }
}

static int options_parse(int argc, char **argv)
{
        /* clang-format off */
        static const struct option options[] = {
                { "help",    no_argument,       NULL, 'h' },
                { "version", no_argument,       NULL, 'V' },
                { "socket",  required_argument, NULL, 's' },
                { "seed",    required_argument, NULL, 'S' },
                { "factor",  required_argument, NULL, 'f' },
                { "script",  required_argument, NULL, 'c' },
                { "record",  required_argument, NULL, 'r' },
                { "verbose", no_argument,       NULL, 'v' },
                { NULL,      0,                 NULL, 0   },
        };
        /* clang-format on */
        int option, r = 0;

        while (r == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
                r = option_take(option);
        return r;
}

/* --- orders --- */

/* Does an order that nobody waits for; what it answers is for the log. 0, or ORDER_REFUSED. */
static int do_order(struct room *room, const char *line, struct refusal *ret_refusal)
{
        _defer_(free) char *text = NULL;
        size_t n_text;
        FILE *answer = open_memstream(&text, &n_text);
        char *more;
        int r;

        if (!answer) {
                *ret_refusal = (struct refusal){"failed", "out of memory"};
                return ORDER_REFUSED;
        }
        r = order_do(room, line, answer, ret_refusal);
        if (fclose(answer) != 0)
                return r;
        for (char *l = strtok_r(text, "\n", &more); l; l = strtok_r(NULL, "\n", &more))
                log_debug("%s", l);
        return r;
}

static int do_or_log(struct room *room, const char *line)
{
        struct refusal refusal;
        int r = do_order(room, line, &refusal);

        if (r != 0)
                log_error("%s: %s: %s", line, refusal.code, refusal.text);
        return r;
}

struct ether {
        sd_event *event;
        struct room *room;
        struct server *server;
};

static int open_host(void *userdata)
{
        (void)userdata;
        return vhci_open(VHCI_DEVICE);
}

static void on_due(void *userdata, const char *line)
{
        struct ether *e = userdata;

        (void)do_or_log(e->room, line);
}

static const struct room_owner room_owner = {.open_host = open_host, .on_due = on_due};

static void on_line(void *userdata, const char *line, FILE *answer)
{
        struct ether *e = userdata;

        room_advance(e->room);
        order_answer(e->room, line, answer);
        room_arm(e->room);
}

static void on_nonsense(void *userdata, FILE *answer)
{
        (void)userdata;
        (void)fprintf(answer, "error too_long an order is a line of text of at most %d bytes\n",
                      SERVER_LINE_MAX);
}

static void on_crowd(void *userdata, FILE *answer)
{
        (void)userdata;
        (void)fprintf(answer, "error crowded %d clients are connected; let one leave\n",
                      SERVER_CLIENTS_MAX);
}

static const struct server_owner server_owner = {
        .on_line = on_line,
        .on_nonsense = on_nonsense,
        .on_crowd = on_crowd,
};

/* --- the start --- */

static int plug_named(struct room *room, char **names)
{
        for (; *names; names++) {
                char line[WORDS_LINE_MAX];

                (void)snprintf(line, sizeof(line), "plug %s", *names);
                if (do_or_log(room, line) != 0)
                        return -EINVAL;
        }
        return 0;
}

static int script_read(struct room *room, FILE *file)
{
        _defer_(free) char *line = NULL;
        size_t size = 0;

        for (unsigned i = 1; getline(&line, &size, file) >= 0; i++) {
                struct refusal refusal;

                line[strcspn(line, "\n")] = 0;
                if (do_order(room, line, &refusal) != 0) {
                        log_error("%s:%u: %s: %s", arg_script, i, refusal.code, refusal.text);
                        return -EINVAL;
                }
        }
        return 0;
}

static int script_do(struct room *room)
{
        FILE *file;
        int r;

        if (!arg_script)
                return 0;
        file = fopen(arg_script, "re");
        if (!file)
                return log_errno(-errno, "Cannot read %s", arg_script);
        r = script_read(room, file);
        (void)fclose(file);
        return r;
}

/* Makes a directory, if it is not there, in one that is. */
static int directory_make(const char *path)
{
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return log_errno(-errno, "Cannot make the directory %s", path);
        return 0;
}

static int record_begin(struct room *room)
{
        int r;

        if (!arg_record)
                return 0;
        r = directory_make(arg_record);
        return r < 0 ? r : room_record(room, arg_record);
}

static int listen_for_orders(struct ether *e)
{
        _defer_(free) char *path = strdup(arg_socket);
        int r;

        if (!path)
                return -ENOMEM;
        r = directory_make(dirname(path));
        if (r < 0)
                return r;
        r = server_new(e->event, arg_socket, &server_owner, e, &e->server);
        if (r < 0)
                return log_errno(r, "Cannot listen on %s, try another --socket", arg_socket);
        log_info("Orders are heard on %s", arg_socket);
        return 0;
}

static int signals_handle(sd_event *event)
{
        static const int signals[] = {SIGTERM, SIGINT};
        sigset_t set;
        int r = 0;

        /* The children that close unplugged controllers need not be collected. */
        if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
                return -errno;
        (void)sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaddset(&set, signals[i]);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(signals); i++)
                r = sd_event_add_signal(event, NULL, signals[i], NULL, NULL);
        return r;
}

static int ether_start(struct ether *e, char **names)
{
        int r = sd_event_default(&e->event);

        if (r >= 0)
                r = signals_handle(e->event);
        if (r >= 0)
                r = room_new(e->event, (uint64_t)arg_seed, arg_factor, &room_owner, e, &e->room);
        if (r < 0)
                return log_errno(r, "Cannot start");
        r = record_begin(e->room);
        if (r >= 0)
                r = plug_named(e->room, names);
        if (r >= 0)
                r = script_do(e->room);
        return r < 0 ? r : listen_for_orders(e);
}

static int run(char **names)
{
        struct ether e = {.event = NULL};
        int r = ether_start(&e, names);

        if (r >= 0)
                r = room_start(e.room);
        if (r >= 0) {
                (void)sd_notify(0, "READY=1");
                r = sd_event_loop(e.event);
                (void)sd_notify(0, "STOPPING=1");
        }
        (void)server_free(e.server);
        (void)room_free(e.room);
        (void)sd_event_unref(e.event);
        vhci_settle();
        return r;
}

int main(int argc, char **argv)
{
        int r = options_parse(argc, argv);

        log_open("ether", arg_level);
        if (r > 0)
                return EXIT_SUCCESS;
        if (r < 0) {
                (void)fprintf(stderr, "Try ether --help\n");
                return EXIT_USAGE;
        }
        return run(argv + optind) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
