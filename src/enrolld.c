/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon: options, settings, the hub, the loop; nothing else. */

#include "config.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/json.h"
#include "hub/hub.h"
#include "site/conf.h"
#include "util/file.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/options.h"
#include "util/time.h"
#include "wire/crypto.h"
#include "wire/utf8.h"

#define READY_TURNS        200                   /* of the loop, at most */
#define READY_TURN_USEC    (UINT64_C(10) * 1000) /* each, at most */
#define LARGE_BYTES        (128 * 1024) /* is given back when it is freed: a list of all devices */
#define EXIT_CONFIGURATION 78           /* sysexits.h EX_CONFIG: systemd does not start us again */
#define DEFAULT_CONFIG     CONF_DIRECTORY "/enrolld.conf"
#define SERVICE_USER       "enrolld"

static struct places arg_places = {
        .state = STATE_DIRECTORY,
        .issuers = CONF_DIRECTORY "/issuers.d",
        .reader = READER_SOCKET,
        .fetcher = FETCHER_SOCKET,
        .tags = TAGS_SOCKET,
};
static const char *arg_config; /* NULL: the default, which need not be there */
static bool arg_verbose, arg_check;

/* clang-format off */
static const struct options_row rows[] = {
        { .name = "config",        .argument = "FILE",    .text = &arg_config,
          .help = "settings (" DEFAULT_CONFIG ");\ndrop-ins are in conf.d beside it" },
        { .name = "check-config",                         .flag = &arg_check,
          .help = "only check the settings, all of them" },
        { .name = "state",         .argument = "DIR",     .text = &arg_places.state,
          .help = "store and master key (" STATE_DIRECTORY ")" },
        { .name = "issuers",       .argument = "DIR",     .text = &arg_places.issuers,
          .help = "trusted issuers (" CONF_DIRECTORY "/issuers.d)" },
        { .name = "reader",        .argument = "SOCKET",  .text = &arg_places.reader,
          .help = "where enroll-read listens\n(" READER_SOCKET ")" },
        { .name = "fetcher",       .argument = "SOCKET",  .text = &arg_places.fetcher,
          .help = "where enroll-fetch listens\n(" FETCHER_SOCKET ")" },
        { .name = "tags",          .argument = "SOCKET",  .text = &arg_places.tags,
          .help = "where enroll-tag listens\n(" TAGS_SOCKET ")" },
        { .name = "bus",           .argument = "ADDRESS", .text = &arg_places.bus,
          .help = "D-Bus address (the system bus)" },
        { .name = "bluetooth-bus", .argument = "ADDRESS", .text = &arg_places.bluetooth_bus,
          .help = "the bus that bluetoothd is on (the system bus)" },
        { .name = "restart-status", .argument = "N",      .number = &arg_places.restart_status, .max = 255,
          .help = "the exit status after which it is started again;\nwithout it, restarts are refused over MQTT" },
        { .name = "verbose",                              .flag = &arg_verbose,
          .help = "log every step" },
};
/* clang-format on */

static const struct options options = {
        .program = "enrolld",
        .usage = "enrolld [OPTION...]",
        .about = "Takes new devices into a home: reads their codes, enrolls them and is their "
                 "gateway.",
        .ending = "Exit status: 0 stopped, 1 failure, 2 usage, 78 settings, store or key\n"
                  "that cannot be used before somebody has put them right, and that of\n"
                  "--restart-status if a restart was requested.",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
};

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

/* --- the settings --- */

static void say_valid(const char *path, unsigned n_files)
{
        char file[PATH_MAX];

        (void)snprintf(file, sizeof(file), "%s", path);
        utf8_make_printable(file);
        if (n_files == 0)
                (void)printf("There is no %s; the defaults apply, and they are valid.\n", file);
        else
                (void)printf("%s: the settings are valid (%u file%s read).\n", file, n_files,
                             n_files == 1 ? "" : "s");
}

static void on_settings_error(void *userdata, const char *path, unsigned line, const char *text)
{
        (void)userdata;
        if (line > 0)
                log_error("%s:%u: %s.", path, line, text);
        else
                log_error("%s: %s.", path, text);
}

/* Root can read everything. So where it checks the settings, it asks as the user of the service. */
static int can_service_read(void *userdata, const char *path)
{
        const struct passwd *user = geteuid() == 0 ? getpwnam(SERVICE_USER) : NULL;
        int r;

        (void)userdata;
        if (!user)
                return conf_can_read(path);
        if (initgroups(user->pw_name, user->pw_gid) < 0 || setegid(user->pw_gid) < 0 ||
            seteuid(user->pw_uid) < 0)
                return -errno;
        r = conf_can_read(path);
        if (seteuid(0) < 0 || setegid(0) < 0)
                return -errno;
        return r;
}

/* Reads the settings, and with --check-config says that they are good. */
static int settings_read(struct settings *ret_settings)
{
        const struct conf_handler handler = {
                .on_error = on_settings_error,
                .can_read = arg_check ? can_service_read : NULL,
        };
        const char *file = arg_config ? arg_config : DEFAULT_CONFIG;
        unsigned n_files = 0;
        int r;

        r = conf_load(file, arg_config != NULL, &handler, NULL, ret_settings, &n_files);
        if (r == -ENOMEM)
                return log_errno(r, "Cannot read the settings");
        if (r < 0 || !arg_check)
                return r;
        say_valid(file, n_files);
        return file_flush(stdout);
}

/* --- the loop --- */

/* The first signal lets what is under way end; a second one does not wait for that. */
static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        struct hub *const *hub = userdata;
        static bool again;

        (void)info;
        (void)sd_notify(false, "STOPPING=1\nSTATUS=Ending what is under way.");
        if (*hub && !again)
                hub_stop(*hub);
        else
                (void)sd_event_exit(sd_event_source_get_event(source), 0);
        again = true;
        return 0;
}

/*
 * The service manager waits until that is done. Older ones than 253 take this for the state of an
 * ordinary service, and do not wait.
 */
static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        struct hub *const *hub = userdata;
        struct settings next;

        (void)source;
        (void)info;
        (void)sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, time_now_usec());
        log_info("Reading the settings again.");
        hub_reload(*hub, settings_read(&next) < 0 ? NULL : &next);
        (void)sd_notify(false, "READY=1");
        return 0;
}

static int loop_prepare(struct hub **hub, sd_event **ret_event)
{
        sd_event *event = NULL;
        int r;

        r = sd_event_default(&event);
        if (r >= 0)
                r = loop_on_signals(event, on_signal, hub);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGHUP | SD_EVENT_SIGNAL_PROCMASK, on_hangup,
                                        hub);
        if (r >= 0)
                r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return log_errno(r, "Cannot prepare the event loop");
        *ret_event = event;
        return 0;
}

/* A program that waits for READY asks at once, so our name must be on the bus first, if there is
 * one. */
static int loop_until_askable(sd_event *event, const struct hub *hub)
{
        int r = 0;

        for (int i = 0; i < READY_TURNS && r >= 0 && !hub_is_askable(hub); i++) {
                if (sd_event_get_state(event) == SD_EVENT_FINISHED)
                        break;
                r = sd_event_run(event, READY_TURN_USEC);
        }
        return r;
}

enum {
        RUN_E_RESTART = HUB_E_REFUSED + 1, /* to be started again */
};

/* 0 after the loop has ended; RUN_E_RESTART; HUB_E_REFUSED; -errno. */
static int run(struct settings *settings)
{
        _defer_(hub_free) struct hub *hub = NULL;
        sd_event *event = NULL;
        int r;

        r = loop_prepare(&hub, &event);
        if (r < 0)
                return r;
        r = hub_new(event, settings, &arg_places, &hub);
        if (r != 0)
                return r;
        r = loop_until_askable(event, hub);
        if (r < 0)
                return r;
        if (sd_event_get_state(event) == SD_EVENT_FINISHED)
                return 0;
        (void)sd_notify(false, "READY=1");
        r = sd_event_loop(event);
        return r == 0 && hub_restarts(hub) ? RUN_E_RESTART : r;
}

int main(int argc, char **argv)
{
        static struct settings settings;
        struct options_call call;
        int r;

        r = options_parse(&options, argc, argv, &call);
        if (r != 0)
                return options_exit(&options, r, call.wrong);
        json_wipe_freed_memory();
        (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
        log_open("enrolld", arg_verbose ? LOG_DEBUG : LOG_INFO);
        protect();
        r = settings_read(&settings);
        if (r < 0)
                return r == -EINVAL ? EXIT_CONFIGURATION : EXIT_FAILURE;
        if (arg_check)
                return EXIT_SUCCESS;
        if (crypto_init() < 0) {
                log_error("Cannot initialize the cryptographic library.");
                return EXIT_FAILURE;
        }
        r = run(&settings);
        if (r == HUB_E_REFUSED)
                return EXIT_CONFIGURATION;
        if (r == RUN_E_RESTART)
                return (int)arg_places.restart_status;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
