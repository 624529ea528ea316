/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-device: the reference device. libenroll-device behind Bluetooth LE or a stream, with a
 * thermometer for a board and a directory for a memory.
 */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-event.h>

#include "thermometer/host.h"
#include "thermometer/reach.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/options.h"
#include "wire/crypto.h"

static const char *arg_identity;
static const char *arg_state;
static const char *arg_link;
static const char *arg_bus;
static const char *arg_temperature;
static const char *arg_fault_message = "";
static enum host_fault arg_fault;
static unsigned arg_failing_function;
static bool arg_no_coc;
static bool arg_reset;

DEFINE_DEFER(sd_event *, sd_event_unref);

static const char *parse_link(const char *text)
{
        return reach_knows(text) ? NULL
                                 : "--link takes ble:hciN, ble: or unix:PATH, a path of at most "
                                   "107 bytes";
}

static const char *parse_fault(const char *text)
{
        static const struct {
                const char *prefix;
                enum host_fault fault;
        } faults[] = {
                {"power-off-before=", HOST_FAULT_POWER_OFF_BEFORE},
                {"power-off-after=", HOST_FAULT_POWER_OFF_AFTER},
                {"lose=", HOST_FAULT_LOSE},
        };
        static const char function[] = "function=";

        if (strncmp(text, function, strlen(function)) == 0)
                return options_number(text + strlen(function), 1, UINT_MAX, &arg_failing_function)
                               ? NULL
                               : "--fault function= takes the number of a function";
        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                size_t n = strlen(faults[i].prefix);

                if (strncmp(text, faults[i].prefix, n) != 0)
                        continue;
                arg_fault = faults[i].fault;
                arg_fault_message = text + n;
                return NULL;
        }
        return "--fault takes power-off-before=, power-off-after=, lose= or function=";
}

/* clang-format off */
static const struct options_row rows[] = {
        { .name = "identity",    .argument = "FILE",    .text = &arg_identity,
          .help = "the identity the device received in the factory,\nfrom enroll-code device" },
        { .name = "state",       .argument = "DIR",     .text = &arg_state,
          .help = "the memory of the device, for one process at a\ntime; created if it does not exist" },
        { .name = "link",        .argument = "LINK",    .text = &arg_link, .parse = parse_link,
          .help = "ble:hciN or ble: for Bluetooth LE, unix:PATH\nto listen on a socket" },
        { .name = "bus",         .argument = "ADDRESS", .text = &arg_bus,
          .help = "the bus that bluetoothd is on (the system bus)" },
        { .name = "no-coc",                             .flag = &arg_no_coc,
          .help = "over Bluetooth LE, offer GATT only and no L2CAP\nchannel" },
        { .name = "temperature", .argument = "FILE",    .text = &arg_temperature,
          .help = "read degrees Celsius from this file; without it\nthe device generates them" },
        { .name = "reset",                              .flag = &arg_reset,
          .help = "forget the owner, as if a person held the button\nof the device, and exit" },
        { .name = "fault",       .argument = "FAULT",   .parse = parse_fault,
          .help = "for tests; may be given for a message and for\na function:\n"
                  "  power-off-before=MESSAGE\n"
                  "  power-off-after=MESSAGE\n"
                  "  lose=MESSAGE   lose the link instead, once\n"
                  "  function=N     function N fails" },
};
/* clang-format on */

static const struct options options = {
        .program = "enroll-device",
        .usage = "enroll-device --identity FILE --state DIR --link LINK [OPTION...]\n"
                 "       enroll-device --identity FILE --state DIR --reset",
        .about = "The reference device: a thermometer that a hub can enroll. It prints a line for\n"
                 "each event.",
        .ending =
                "MESSAGE is one of " HOST_MESSAGES ".\n"
                "Exit status: 0 ended by a signal or reset, 1 failure, 2 usage, 3 power off by a\n"
                "fault.",
        .rows = rows,
        .n_rows = ELEMENTSOF(rows),
};

/* NULL, or what is wrong. */
static const char *check_options(void)
{
        if (!arg_identity || !arg_state)
                return "--identity and --state are needed";
        if (!arg_link == !arg_reset)
                return "either --link or --reset is needed";
        return NULL;
}

static int run_device(struct thermometer *thermometer)
{
        _defer_(sd_event_unref) sd_event *event = NULL;
        _defer_(host_free) struct host *host = NULL;
        int r;

        r = sd_event_default(&event);
        if (r >= 0)
                r = loop_on_signals(event, NULL, NULL);
        if (r < 0)
                return log_errno(r, "Cannot create an event loop");
        r = host_new(event, thermometer, arg_fault, arg_fault_message, &host);
        if (r == -EINVAL)
                return log_errno(r, "There is no message %s", arg_fault_message);
        if (r < 0)
                return log_errno(r, "Cannot start with the memory in %s", arg_state);
        if (arg_reset)
                return host_reset(host);
        return reach_serve(event, arg_link, arg_bus, !arg_no_coc, host);
}

/* The identity from the factory, or what remains of it while the device is owned. */
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
        struct options_call call;
        const char *wrong;
        int r;

        log_open("enroll-device", LOG_INFO);
        r = options_parse(&options, argc, argv, &call);
        if (r != 0)
                return options_exit(&options, r, call.wrong);
        wrong = check_options();
        if (wrong)
                return options_exit(&options, OPTIONS_E_USAGE, wrong);
        return run() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
