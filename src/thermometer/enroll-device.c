/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-device: the reference device. libenroll-device behind Bluetooth LE or a stream, with a
 * thermometer for a board and a directory for a memory.
 */

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

#include "ble/peripheral.h"
#include "thermometer/host.h"
#include "link/stream.h"
#include "util/dbus.h"
#include "util/log.h"
#include "wire/crypto.h"

#define EXIT_USAGE 2

static const char *arg_identity;
static const char *arg_state;
static const char *arg_link;
static const char *arg_bus;
static const char *arg_temperature;
static const char *arg_fault_message = "";
static enum host_fault arg_fault;
static unsigned arg_failing_function;
static bool arg_reset;

DEFINE_DEFER(sd_event *, sd_event_unref);

static void help(void)
{
        (void)printf(
                "enroll-device --identity FILE --state DIR --link LINK [OPTION...]\n"
                "enroll-device --identity FILE --state DIR --reset\n\n"
                "The reference device: a thermometer that a hub can enroll.\n\n"
                "  --identity FILE     what was put into the device when it was made, from\n"
                "                      enroll-code device\n"
                "  --state DIR         its memory: made if it is not there, one process each\n"
                "  --link LINK         ble:hciN or ble: for Bluetooth LE, unix:PATH to listen\n"
                "                      on a socket\n"
                "  --bus ADDRESS       find bluetoothd on this bus, not on the system's\n"
                "  --temperature FILE  read degrees from this file instead of making them up\n"
                "  --reset             what a person at the device can do: forget the owner\n"
                "  --fault FAULT       for tests; may be given for each kind:\n"
                "                        power-off-before=MESSAGE, power-off-after=MESSAGE\n"
                "                        lose=MESSAGE       the link is lost instead, once\n"
                "                        function=N         function N fails\n"
                "                      MESSAGE is one of\n"
                "                      %s\n"
                "  --help              show this and exit\n"
                "  --version           show the version and exit\n\n"
                "Prints a line for each thing that happens. Exit status: 0 ended by a signal\n"
                "or reset, 1 failed, 2 wrong usage, 3 power off by a fault.\n",
                host_messages());
}

static int fault_parse(const char *text)
{
        static const struct {
                const char *prefix;
                enum host_fault fault;
        } faults[] = {
                {"power-off-before=", HOST_FAULT_POWER_OFF_BEFORE},
                {"power-off-after=", HOST_FAULT_POWER_OFF_AFTER},
                {"lose=", HOST_FAULT_LOSE},
                {"function=", HOST_FAULT_NONE},
        };

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                size_t n = strlen(faults[i].prefix);

                if (strncmp(text, faults[i].prefix, n) != 0)
                        continue;
                if (faults[i].fault == HOST_FAULT_NONE) {
                        arg_failing_function = (unsigned)strtoul(text + n, NULL, 10);
                        return arg_failing_function > 0 ? 0 : -EINVAL;
                }
                arg_fault = faults[i].fault;
                arg_fault_message = text + n;
                return 0;
        }
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
                (void)printf("enroll-device %s\n", PACKAGE_VERSION);
                return 1;
        case 'i':
                arg_identity = optarg;
                return 0;
        case 's':
                arg_state = optarg;
                return 0;
        case 'l':
                arg_link = optarg;
                return 0;
        case 'b':
                arg_bus = optarg;
                return 0;
        case 't':
                arg_temperature = optarg;
                return 0;
        case 'r':
                arg_reset = true;
                return 0;
        case 'f':
                return fault_parse(optarg);
        default:
                return -EINVAL;
        }
}

static int options_parse(int argc, char **argv)
{
        /* clang-format off */
        static const struct option options[] = {
                { "help",        no_argument,       NULL, 'h' },
                { "version",     no_argument,       NULL, 'V' },
                { "identity",    required_argument, NULL, 'i' },
                { "state",       required_argument, NULL, 's' },
                { "link",        required_argument, NULL, 'l' },
                { "bus",         required_argument, NULL, 'b' },
                { "temperature", required_argument, NULL, 't' },
                { "reset",       no_argument,       NULL, 'r' },
                { "fault",       required_argument, NULL, 'f' },
                { NULL,          0,                 NULL, 0   },
        };
        /* clang-format on */
        int option, r = 0;

        while (r == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
                r = option_take(option);
        if (r == 0 && (optind < argc || !arg_identity || !arg_state || !arg_link == !arg_reset))
                r = -EINVAL;
        return r;
}

/* --- the link over a stream --- */

static void on_stream_link(void *userdata, struct link *link)
{
        host_take_link(userdata, link, true);
}

static int run_stream(sd_event *event, struct host *host)
{
        _defer_(stream_listener_free) struct stream_listener *listener = NULL;
        int r;

        r = stream_listener_new(event, arg_link, on_stream_link, host, &listener);
        if (r != 0)
                return r < 0 ? log_errno(r, "Cannot listen on %s", arg_link) : -EIO;
        thermometer_say("listening on %s", arg_link);
        (void)sd_notify(0, "READY=1");
        return sd_event_loop(event);
}

/* --- the link over Bluetooth LE --- */

struct air {
        struct host *host;
        struct peripheral *peripheral;
};

static void air_on_state(void *userdata, enum reason why)
{
        (void)userdata;
        if (why == REASON_NONE)
                thermometer_say("advertising");
        else
                thermometer_say("not advertising: %s", reason_text(why));
}

static void air_on_link(void *userdata, struct link *link)
{
        struct air *air = userdata;

        host_take_link(air->host, link, false);
}

static void air_on_advertisement(void *userdata, const uint8_t *advertisement)
{
        struct air *air = userdata;

        peripheral_advertise(air->peripheral, advertisement);
}

static int bus_open(sd_event *event, sd_bus **ret_bus)
{
        _defer_(sd_bus_flush_close_unref) sd_bus *bus = NULL;
        int r;

        r = dbus_open(arg_bus, &bus);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return log_errno(r, "Cannot connect to the bus");
        *ret_bus = take(bus);
        return 0;
}

static int run_air(sd_event *event, struct host *host)
{
        static const struct peripheral_handler peripheral_handler = {.on_state = air_on_state,
                                                                     .on_link = air_on_link};
        static const struct host_handler host_handler = {.on_advertisement = air_on_advertisement};
        _defer_(sd_bus_flush_close_unref) sd_bus *bus = NULL;
        _defer_(bluez_free) struct bluez *bluez = NULL;
        _defer_(peripheral_free) struct peripheral *peripheral = NULL;
        const char *adapter = arg_link + strlen("ble:");
        struct air air = {.host = host};
        int r;

        r = bus_open(event, &bus);
        if (r < 0)
                return r;
        r = bluez_new(bus, &bluez);
        if (r >= 0)
                r = peripheral_new(bluez, *adapter ? adapter : NULL, true, &peripheral_handler,
                                   &air, &peripheral);
        if (r < 0)
                return log_errno(r, "Cannot use Bluetooth");
        air.peripheral = peripheral;
        host_set_handler(host, &host_handler, &air);
        (void)sd_notify(0, "READY=1");
        r = sd_event_loop(event);
        host_set_handler(host, NULL, NULL);
        host_let_go(host);
        return r;
}

/* --- the process --- */

static int add_signals(sd_event *event)
{
        static const int signals[] = {SIGTERM, SIGINT};
        sigset_t set;
        int r = 0;

        (void)sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaddset(&set, signals[i]);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(signals); i++)
                r = sd_event_add_signal(event, NULL, signals[i], NULL, NULL);
        return r;
}

static int run_device(struct thermometer *thermometer)
{
        _defer_(sd_event_unref) sd_event *event = NULL;
        _defer_(host_free) struct host *host = NULL;
        int r;

        r = sd_event_default(&event);
        if (r >= 0)
                r = add_signals(event);
        if (r < 0)
                return log_errno(r, "Cannot make an event loop");
        r = host_new(event, thermometer, arg_fault, arg_fault_message, &host);
        if (r == -EINVAL)
                return log_errno(r, "There is no message %s", arg_fault_message);
        if (r < 0)
                return log_errno(r, "Cannot start on the memory in %s", arg_state);
        if (arg_reset)
                return host_reset(host);
        return strncmp(arg_link, "ble:", 4) == 0 ? run_air(event, host) : run_stream(event, host);
}

/* What the factory put into the device, or what is left of it while the device is owned. */
static int identity_load(struct identity *identity, struct memory *memory)
{
        char error[IDENTITY_ERROR_BYTES];
        const char *where = arg_state;
        int r;

        r = identity_recall(identity, memory, error);
        if (r == -ENOENT) {
                where = arg_identity;
                r = identity_read(identity, where, error);
        }
        if (r < 0)
                log_error("Cannot use %s: %s", where, error);
        return r;
}

static int run(void)
{
        _defer_(memory_free) struct memory *memory = NULL;
        struct identity identity;
        struct thermometer thermometer = {.identity = &identity,
                                          .identity_path = arg_identity,
                                          .temperature_path = arg_temperature,
                                          .failing_function = arg_failing_function};
        int r;

        if (crypto_init() < 0)
                return log_errno(-ENOSYS, "Cannot use libsodium");
        r = memory_open(arg_state, &memory);
        if (r < 0)
                return log_errno(r, "Cannot use %s", arg_state);
        r = identity_load(&identity, memory);
        if (r < 0)
                return r;
        thermometer.memory = memory;
        r = run_device(&thermometer);
        identity_done(&identity);
        return r;
}

int main(int argc, char **argv)
{
        int r;

        log_open("enroll-device", LOG_INFO);
        r = options_parse(argc, argv);
        if (r > 0)
                return EXIT_SUCCESS;
        if (r < 0) {
                (void)fprintf(stderr, "Try enroll-device --help\n");
                return EXIT_USAGE;
        }
        return run() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
