/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon: options, settings, the manager, the loop; nothing else. */

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "api/json.h"
#include "hub/manager.h"
#include "util/log.h"
#include "wire/crypto.h"

#define READY_TURNS        200                   /* of the loop, at most */
#define READY_TURN_USEC    (UINT64_C(10) * 1000) /* each, at most */
#define EXIT_CONFIGURATION 78 /* sysexits.h EX_CONFIG: systemd does not start us again */

struct arguments {
        struct places places;
        const char *config;
        bool verbose, check;
};

static void help(void)
{
        (void)printf(
                "Usage: enrolld [OPTION ...]\n"
                "Takes new devices into a home: reads their codes, enrolls them, is their "
                "gateway.\n"
                "\n"
                "  --config FILE    settings, default %s/enrolld.conf; drop-ins in conf.d beside "
                "it\n"
                "  --check-config   only say whether the settings are good\n"
                "  --state DIR      store and master key, default %s\n"
                "  --issuers DIR    trusted issuers, default %s/issuers.d\n"
                "  --reader SOCKET  where enroll-read listens, default %s\n"
                "  --bus ADDRESS    D-Bus address, default the system bus\n"
                "  --bluetooth-bus ADDRESS  where bluetoothd is, default the system bus\n"
                "  --verbose        log every step\n"
                "  --help, --version\n"
                "\n"
                "Exit status: 0 stopped, 1 failure, 2 usage, 78 settings that cannot be used.\n",
                CONF_DIRECTORY, STATE_DIRECTORY, CONF_DIRECTORY, READER_SOCKET);
}

/* 1: go on; else how to exit. */
static int parse_arguments(int argc, char **argv, struct arguments *a)
{
        static const struct option options[] = {
                {"config", required_argument, NULL, 'c'},
                {"check-config", no_argument, NULL, 'k'},
                {"state", required_argument, NULL, 's'},
                {"issuers", required_argument, NULL, 'i'},
                {"reader", required_argument, NULL, 'r'},
                {"bus", required_argument, NULL, 'b'},
                {"bluetooth-bus", required_argument, NULL, 'B'},
                {"verbose", no_argument, NULL, 'v'},
                {"help", no_argument, NULL, 'h'},
                {"version", no_argument, NULL, 'V'},
                {NULL, 0, NULL, 0},
        };
        int c;

        while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
                switch (c) {
                case 'c':
                        a->config = optarg;
                        break;
                case 'k':
                        a->check = true;
                        break;
                case 's':
                        a->places.state = optarg;
                        break;
                case 'i':
                        a->places.issuers = optarg;
                        break;
                case 'r':
                        a->places.reader = optarg;
                        break;
                case 'b':
                        a->places.bus = optarg;
                        break;
                case 'B':
                        a->places.bluetooth_bus = optarg;
                        break;
                case 'v':
                        a->verbose = true;
                        break;
                case 'h':
                        help();
                        return -EXIT_SUCCESS;
                case 'V':
                        (void)printf("enrolld %s\n", PACKAGE_VERSION);
                        return -EXIT_SUCCESS;
                default: /* getopt has said what is wrong */
                        (void)fputs("enrolld: see enrolld --help\n", stderr);
                        return -2;
                }
        if (optind < argc) {
                (void)fprintf(stderr, "enrolld: there is no argument '%s'; see enrolld --help\n",
                              argv[optind]);
                return -2;
        }
        return 1;
}

/* Keys live in this process: no core dump, no tracing by others, files for the owner only. */
static void protect(void)
{
        static const struct rlimit none = {0, 0};

        (void)prctl(PR_SET_DUMPABLE, 0);
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)umask(0077);
        (void)signal(SIGPIPE, SIG_IGN);
}

static int loop_prepare(sd_event **ret_event)
{
        sigset_t signals;
        sd_event *event = NULL;
        int r;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGTERM);
        (void)sigaddset(&signals, SIGINT);
        (void)sigprocmask(SIG_BLOCK, &signals, NULL);

        r = sd_event_default(&event);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return log_errno(r, "Cannot prepare the event loop");
        *ret_event = event;
        return 0;
}

/* Whoever waits for READY asks at once: our name on the bus comes first, where there is a bus. */
static int loop_until_askable(sd_event *event, const struct manager *manager)
{
        int r = 0;

        for (int i = 0; i < READY_TURNS && r >= 0 && !manager_is_askable(manager); i++) {
                if (sd_event_get_state(event) == SD_EVENT_FINISHED)
                        break;
                r = sd_event_run(event, READY_TURN_USEC);
        }
        return r;
}

static int run(const struct arguments *a, const struct settings *settings)
{
        _defer_(manager_free) struct manager *manager = NULL;
        sd_event *event = NULL;
        int r;

        r = loop_prepare(&event);
        if (r < 0)
                return r;
        r = manager_new(event, settings, &a->places, &manager);
        if (r < 0)
                return r;
        r = loop_until_askable(event, manager);
        if (r < 0 || sd_event_get_state(event) == SD_EVENT_FINISHED)
                return r;
        (void)sd_notify(false, "READY=1\nSTATUS=Ready.");
        r = sd_event_loop(event);
        (void)sd_notify(false, "STOPPING=1");
        return r;
}

int main(int argc, char **argv)
{
        struct arguments a = {
                .places = {STATE_DIRECTORY, CONF_DIRECTORY "/issuers.d", READER_SOCKET, NULL, NULL},
                .config = CONF_DIRECTORY "/enrolld.conf",
        };
        static struct settings settings;
        char error[512];
        int r;

        r = parse_arguments(argc, argv, &a);
        if (r <= 0)
                return -r;
        json_wipe_freed_memory();
        log_open("enrolld", a.verbose ? LOG_DEBUG : LOG_INFO);
        protect();
        if (settings_load(&settings, a.config, error, sizeof(error)) != 0) {
                log_error("%s", error);
                return EXIT_CONFIGURATION;
        }
        if (a.check)
                return EXIT_SUCCESS;
        if (crypto_init() < 0) {
                log_error("The cryptographic library does not start.");
                return EXIT_FAILURE;
        }
        r = run(&a, &settings);
        /* Settings that do not hold, or a key that is gone: starting again does not help. */
        if (r == -EINVAL || r == -ENOKEY)
                return EXIT_CONFIGURATION;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
