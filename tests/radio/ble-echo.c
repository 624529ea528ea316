/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Both ends of Bluetooth LE against the bluetoothd of this machine:
 *
 *     ble-echo --device hci1 &                      advertises, sends every message back
 *     ble-echo --hub hci0 [--rounds N] [--times N]  finds it, sends messages of 1 to 2048 bytes
 *
 * The hub prints one line for each stage, with the milliseconds since the start, and one at the
 * end; it exits with 0 if every echo was right. With --times it does all of it as often; with
 * --window it looks for that many seconds, else for 40.
 *
 * It begins a new search every second. An emulated controller (btvirt) reports an advertisement
 * only once, when that or the scan begins, and the kernel drops what it hears before the start of
 * the scan has been answered; a radio would repeat it.
 */

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "ble/adapter.h"
#include "ble/central.h"
#include "ble/heard.h"
#include "ble/observer.h"
#include "ble/peripheral.h"
#include "reason/reason.h"
#include "util/log.h"
#include "util/loop.h"

#define SEARCH_MS 1000

static const size_t sizes[] = {1, 19, 20, 100, 243, 244, 494, 495, 1000, MESSAGE_MAX};

struct echo {
        sd_event *event;
        sd_bus *bus;
        struct bluez *bluez;

        /* hub */
        struct adapters *adapters;
        struct listening *listening;
        struct heard_tally heard;
        sd_event_source *search; /* when to begin a new one */
        struct central *central;
        struct dial *dial;
        unsigned n_rounds, n_times, round, time, window;
        uint64_t start;

        /* device */
        struct peripheral *peripheral;
        uint8_t data[BLE_DATA_BYTES];

        struct link *link;
        size_t n_messages, n_bytes;
};

static uint64_t now_ms(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void fill(uint8_t *message, size_t n_message, unsigned round)
{
        for (size_t i = 0; i < n_message; i++)
                message[i] = (uint8_t)(i * 31 + round);
}

static void stage(const struct echo *e, const char *what)
{
        printf("%6llu ms  %s\n", (unsigned long long)(now_ms() - e->start), what);
        (void)fflush(stdout);
}

static void finish(struct echo *e, int status)
{
        (void)sd_event_exit(e->event, status);
}

static void hub_failed(struct echo *e, const char *what, enum reason why)
{
        printf("FAILED %s: %s\n", what, reason_code(why));
        finish(e, EXIT_FAILURE);
}

/* --- the hub --- */

static void hub_send(struct echo *e)
{
        uint8_t message[MESSAGE_MAX];
        size_t n = sizes[e->round % (sizeof(sizes) / sizeof(sizes[0]))];

        fill(message, n, e->round);
        if (link_send(e->link, message, n) < 0)
                hub_failed(e, "sending", REASON_LINK_LOST);
}

static void hub_start(struct echo *e);

static void hub_next_time(struct echo *e)
{
        stage(e, "all echoed");
        e->link = link_free(e->link);
        if (++e->time < e->n_times) {
                hub_start(e);
                return;
        }
        printf("OK %zu messages, %zu bytes each way\n", e->n_messages, e->n_bytes);
        finish(e, EXIT_SUCCESS);
}

static void hub_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        uint8_t expected[MESSAGE_MAX];
        struct echo *e = userdata;
        size_t n = sizes[e->round % (sizeof(sizes) / sizeof(sizes[0]))];

        fill(expected, n, e->round);
        if (n_message != n || memcmp(message, expected, n) != 0) {
                hub_failed(e, "comparing", REASON_PROTOCOL_VIOLATED);
                return;
        }
        e->n_messages++;
        e->n_bytes += n;
        if (++e->round < e->n_rounds)
                hub_send(e);
        else
                hub_next_time(e);
}

static void hub_on_lost(void *userdata, enum reason why)
{
        hub_failed(userdata, "echoing", why);
}

static void hub_on_link(void *userdata, struct link *link)
{
        static const struct link_handler holder = {.on_message = hub_on_message,
                                                   .on_lost = hub_on_lost};
        struct echo *e = userdata;

        stage(e, "linked");
        e->dial = NULL;
        e->link = link;
        link_set_handler(link, &holder, e);
        hub_send(e);
}

static void hub_on_dial_failed(void *userdata, enum reason why)
{
        struct echo *e = userdata;

        e->dial = NULL;
        hub_failed(e, "connecting", why);
}

static void hub_stop_search(struct echo *e)
{
        e->listening = listening_free(e->listening);
        loop_drop(&e->search);
}

static void hub_on_heard(void *userdata, const struct observer_heard *heard)
{
        static const struct dial_handler owner = {hub_on_link, hub_on_dial_failed};
        const struct bluez_data *data = observer_find_service_data(heard, BLE_SERVICE_UUID);
        struct echo *e = userdata;
        char text[128];
        int r;

        if (!data || data->n_bytes != BLE_DATA_BYTES)
                return;
        heard_tally_note(&e->heard, heard->device, heard->rssi);
        (void)snprintf(text, sizeof(text), "found %s, %d dBm", heard->device, heard->rssi);
        stage(e, text);
        r = central_dial(e->central, heard->device, &owner, e, &e->dial);
        hub_stop_search(e);
        if (r < 0)
                hub_failed(e, "dialling", REASON_INTERNAL);
}

static void hub_on_deaf(void *userdata, enum reason why)
{
        hub_failed(userdata, "listening", why);
}

static void hub_listen(struct echo *e)
{
        static const struct observer_handler owner = {hub_on_heard, hub_on_deaf};

        if (listening_new(e->adapters, &owner, e, &e->listening) < 0)
                hub_failed(e, "listening", REASON_INTERNAL);
}

static int hub_on_search_over(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct echo *e = userdata;
        char text[HEARD_TEXT_SIZE];

        (void)usec;
        e->listening = listening_free(e->listening);
        if (now_ms() - e->start < e->window * UINT64_C(1000)) {
                loop_rearm_timer(source, SEARCH_MS);
                hub_listen(e);
                return 0;
        }
        heard_tally_describe(&e->heard, text, sizeof(text));
        printf("%s\n", text);
        hub_failed(e, "searching", REASON_DEVICE_NOT_FOUND);
        return 0;
}

static void hub_search(struct echo *e)
{
        if (loop_arm_timer(e->event, &e->search, SEARCH_MS, hub_on_search_over, e) < 0)
                hub_failed(e, "searching", REASON_INTERNAL);
        else
                hub_listen(e);
}

static void hub_start(struct echo *e)
{
        e->start = now_ms();
        e->round = 0;
        hub_search(e);
}

static void hub_on_state(void *userdata, enum reason why)
{
        struct echo *e = userdata;

        printf("adapter: %s\n", reason_code(why));
        if (why != REASON_NONE)
                hub_failed(e, "using the adapter", why);
        else if (!e->listening && !e->dial && !e->link)
                hub_start(e);
}

/* --- the device --- */

static void device_advertise(struct echo *e)
{
        e->data[0]++;
        peripheral_advertise(e->peripheral, e->data);
}

static void device_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct echo *e = userdata;

        if (link_send(e->link, message, n_message) < 0)
                printf("device: cannot send %zu bytes\n", n_message);
}

static void device_on_lost(void *userdata, enum reason why)
{
        struct echo *e = userdata;

        printf("device: %s\n", reason_code(why));
        e->link = link_free(e->link);
        device_advertise(e);
}

static void device_on_link(void *userdata, struct link *link)
{
        static const struct link_handler holder = {.on_message = device_on_message,
                                                   .on_lost = device_on_lost};
        struct echo *e = userdata;

        printf("device: linked\n");
        e->link = link;
        link_set_handler(link, &holder, e);
}

static void device_on_state(void *userdata, enum reason why)
{
        (void)userdata;
        printf("device: %s\n", reason_code(why));
}

/* --- both --- */

static int echo_start(struct echo *e, const char *hub, const char *device)
{
        static const struct peripheral_handler owner = {device_on_state, device_on_link};
        static const struct adapters_handler user = {.on_state = hub_on_state};
        int r;

        if (device) {
                r = peripheral_new(e->bluez, device, true, &owner, e, &e->peripheral);
                if (r >= 0)
                        device_advertise(e);
                return r;
        }
        r = adapters_new(e->bluez, hub, ADAPTER_CENTRAL, true, &user, e, &e->adapters);
        if (r < 0)
                return r;
        return central_new(e->adapters, CENTRAL_GATT, &central_patience_default, &e->central);
}

static int echo_run(struct echo *e, const char *hub, const char *device)
{
        int r;

        r = sd_event_default(&e->event);
        if (r >= 0)
                r = sd_event_add_signal(e->event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL,
                                        NULL);
        if (r >= 0)
                r = sd_bus_open_system(&e->bus);
        if (r >= 0)
                r = sd_bus_attach_event(e->bus, e->event, 0);
        if (r >= 0)
                r = bluez_new(e->bus, &e->bluez);
        if (r >= 0)
                r = echo_start(e, hub, device);
        if (r >= 0)
                r = sd_event_loop(e->event);
        return r < 0 ? log_errno(r, "Cannot run") : r;
}

static void echo_done(struct echo *e)
{
        (void)link_free(e->link);
        (void)dial_free(e->dial);
        hub_stop_search(e);
        (void)central_free(e->central);
        (void)adapters_free(e->adapters);
        (void)peripheral_free(e->peripheral);
        (void)bluez_free(e->bluez);
        (void)sd_bus_flush_close_unref(e->bus);
        (void)sd_event_unref(e->event);
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                {"hub", required_argument, NULL, 'h'},    {"device", required_argument, NULL, 'd'},
                {"rounds", required_argument, NULL, 'r'}, {"times", required_argument, NULL, 't'},
                {"window", required_argument, NULL, 'w'}, {NULL, 0, NULL, 0},
        };
        struct echo e = {.n_rounds = 30, .n_times = 1, .window = 40};
        const char *hub = NULL, *device = NULL;
        int option, r;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                if (option == 'h')
                        hub = optarg;
                else if (option == 'd')
                        device = optarg;
                else if (option == 'r')
                        e.n_rounds = (unsigned)strtoul(optarg, NULL, 10);
                else if (option == 't')
                        e.n_times = (unsigned)strtoul(optarg, NULL, 10);
                else if (option == 'w')
                        e.window = (unsigned)strtoul(optarg, NULL, 10);
                else
                        return EXIT_FAILURE;
        if (!hub == !device) {
                (void)fprintf(stderr, "usage: ble-echo --hub hciN | --device hciN\n");
                return EXIT_FAILURE;
        }
        log_open("ble-echo", LOG_DEBUG);
        setvbuf(stdout, NULL, _IOLBF, 0);
        r = echo_run(&e, hub, device);
        echo_done(&e);
        return r < 0 ? EXIT_FAILURE : r;
}
