/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-relay MODE COUNT LISTEN SOURCE...: readings on their way from a descriptor to a subscriber
 * of the broker, as one line of JSON. LISTEN is where the subscriber connects, the path of a socket
 * or a port of the loopback. SOURCE is one of
 *
 *     hub PID STATE PORTS DEVICES     a running enrolld that owns virtual devices, which this
 *                                     program plays
 *     bare                            a bare client, at LISTEN, too, as a process of its own
 *     self                            the subscriber itself
 *
 * MODE is what is measured, and COUNT how often:
 *
 *     flood    readings of each device, a few of them on their way: time, and the relay's CPU time
 *     overrun  readings of each device of a hub, as fast as it takes them, until the last of each
 *              has arrived: how many did
 *     burst    three readings at once, ten times a second: how long each takes
 *     pace     one reading each millisecond: how long each takes
 *     command  a command, of a hub only: how long until the answer
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <systemd/sd-event.h>

#include "bare.h"
#include "client.h"
#include "fleet.h"
#include "site/master.h"

#define WINDOW        256 /* readings on their way in a flood */
#define BURST         3
#define BURST_USEC    100000
#define PACE_USEC     1000
#define RENEW_USEC    1000000 /* between two questions that keep a session open */
#define PATIENCE_USEC 60000000
#define ANSWER_TOPIC  "bench/relay/answer"

struct relay {
        sd_event *event;
        struct client *client;
        size_t count;

        struct fleet *fleet; /* NULL: a bare client */
        unsigned n_devices;
        int fd; /* the bare client's */
        pid_t pid;

        size_t *n_said; /* by each device of a flood */
        bool overruns;
        size_t n_sent, n_arrived, n_last, n_answered; /* n_last: of those that arrived */
        uint64_t *sent_usec, *took_usec;              /* of each reading or command */
        sd_event_source *next;
        uint64_t period_usec, renewed_usec;
        unsigned at_once;
};

__attribute__((noreturn)) static void fail(const char *what)
{
        (void)fprintf(stderr, "bench-relay: %s\n", what);
        exit(EXIT_FAILURE);
}

static uint64_t now_usec(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What the relay has computed so far. */
static double cpu_usec(const struct relay *r)
{
        unsigned long long nsec = 0;
        char path[64];
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)r->pid);
        f = fopen(path, "re");
        if (!f || fscanf(f, "%llu", &nsec) != 1) /* NOLINT(cert-err34-c) the kernel's own number */
                fail(path);
        (void)fclose(f);
        return (double)nsec / 1000;
}

/* Waits until @n has reached @wanted. */
static void wait_until(const struct relay *r, const size_t *n, size_t wanted, const char *what)
{
        uint64_t end = now_usec() + PATIENCE_USEC;

        while (*n < wanted) {
                if (now_usec() > end)
                        fail(what);
                (void)sd_event_run(r->event, PATIENCE_USEC);
        }
}

/* --- what is said --- */

static void prepare(struct relay *r, unsigned device, size_t number)
{
        if (r->fleet)
                fleet_prepare(r->fleet, device, (int64_t)number);
}

/* Without a hub: what it makes of such a reading. False if the bare client takes no more now. */
static bool bare_say(struct relay *r, size_t number)
{
        char payload[96];
        int n;

        n = snprintf(payload, sizeof(payload),
                     "{\"temperature\":%zu,\"last_seen\":\"2026-01-01T00:00:00Z\"}", number);
        if (r->fd < 0) {
                client_publish(r->client, BARE_TOPIC, payload, (size_t)n, NULL);
                return true;
        }
        return send(r->fd, payload, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) == n;
}

/* The next reading of a device in a flood, if there is one. */
static void flood_say(struct relay *r, unsigned device)
{
        if (r->n_said[device] == r->count)
                return;
        r->n_said[device]++;
        prepare(r, device, r->n_said[device]);
        if (r->fleet)
                fleet_send(r->fleet, device);
        else if (!bare_say(r, r->n_said[device]))
                fail("the bare client is too slow");
}

/* --- what arrives --- */

/* A device's number is the end of its name. */
static void on_reading(struct relay *r, const char *topic, const char *payload)
{
        const char *at = strstr(payload, "\"temperature\":");
        size_t number = at ? strtoul(at + strlen("\"temperature\":"), NULL, 10) : 0;

        if (number == 0 || number > r->count) /* of before, or the answer to a question */
                return;
        r->n_arrived++;
        r->n_last += number == r->count;
        if (r->overruns)
                return;
        if (r->took_usec)
                r->took_usec[number - 1] = now_usec() - r->sent_usec[number - 1];
        else
                flood_say(r, r->fleet ? (unsigned)strtoul(strrchr(topic, '-') + 1, NULL, 10) : 0);
}

static void relay_on_message(void *userdata, const char *topic, const char *payload,
                             size_t n_payload)
{
        struct relay *r = userdata;

        (void)n_payload;
        if (strcmp(topic, ANSWER_TOPIC) != 0) {
                on_reading(r, topic, payload);
                return;
        }
        if (!strstr(payload, "\"ok\""))
                fail(payload);
        r->n_answered++;
}

static const struct client_handler relay_client_handler = {.on_message = relay_on_message};

/* --- what is asked --- */

static void ask(struct relay *r, unsigned device, const char *verb, long level)
{
        char topic[128], payload[64];
        int n;

        (void)snprintf(topic, sizeof(topic), "enrolld/home/%s/%s", fleet_name(r->fleet, device),
                       verb);
        n = snprintf(payload, sizeof(payload), "{\"level\":%ld}", level);
        client_publish(r->client, topic, payload, (size_t)n, ANSWER_TOPIC);
}

/* The hub opens a session with each device, which answers in it. */
static void open_sessions(struct relay *r)
{
        for (unsigned i = 0; i < r->n_devices; i++)
                ask(r, i, "get", 0);
        wait_until(r, &r->n_answered, r->n_devices, "not every device is asked by its hub");
        if (fleet_n_open(r->fleet) != r->n_devices)
                fail("not every device has a session");
}

/* --- as fast as they arrive --- */

static void flood(struct relay *r)
{
        size_t wanted = r->count * r->n_devices;
        double cpu = cpu_usec(r);
        uint64_t began = now_usec();

        for (unsigned i = 0; i < WINDOW; i++)
                flood_say(r, i % r->n_devices);
        wait_until(r, &r->n_arrived, wanted, "not every reading arrives");
        (void)printf("{\"readings\":%zu,\"seconds\":%.4f,\"cpu_us\":%.3f}\n", wanted,
                     (double)(now_usec() - began) / 1e6, (cpu_usec(r) - cpu) / (double)wanted);
}

/* --- faster than that --- */

static void overrun(struct relay *r)
{
        r->overruns = true;
        for (unsigned i = 0; i < r->n_devices; i++)
                for (size_t number = 1; number <= r->count; number++)
                        prepare(r, i, number);
        for (unsigned i = 0; i < r->n_devices; i++)
                fleet_send(r->fleet, i);
        wait_until(r, &r->n_last, r->n_devices, "the last reading of a device does not arrive");
        (void)printf("{\"readings\":%zu,\"arrived\":%zu,\"last\":%zu}\n", r->count * r->n_devices,
                     r->n_arrived, r->n_last);
}

/* --- at times --- */

static void say(struct relay *r)
{
        for (unsigned i = 0; i < r->at_once; i++)
                prepare(r, 0, r->n_sent + i + 1);
        for (unsigned i = 0; i < r->at_once; i++)
                r->sent_usec[r->n_sent + i] = now_usec();
        if (r->fleet)
                fleet_send(r->fleet, 0);
        for (unsigned i = 0; !r->fleet && i < r->at_once; i++)
                if (!bare_say(r, r->n_sent + i + 1))
                        fail("the bare client is too slow");
        r->n_sent += r->at_once;
}

static int timed_on_next(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct relay *r = userdata;

        say(r);
        if (r->fleet && usec >= r->renewed_usec + RENEW_USEC) {
                r->renewed_usec = usec;
                ask(r, 0, "get", 0);
        }
        if (r->n_sent < r->count)
                (void)sd_event_source_set_time(source, usec + r->period_usec);
        else
                (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return 0;
}

static int compare(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static void print_times(struct relay *r)
{
        qsort(r->took_usec, r->count, sizeof(*r->took_usec), compare);
        (void)printf("{\"count\":%zu,\"p50_us\":%llu,\"p99_us\":%llu}\n", r->count,
                     (unsigned long long)r->took_usec[r->count / 2],
                     (unsigned long long)r->took_usec[r->count * 99 / 100]);
}

static void timed(struct relay *r, unsigned at_once, uint64_t period_usec)
{
        r->at_once = at_once;
        r->period_usec = period_usec;
        r->renewed_usec = now_usec();
        if (sd_event_add_time(r->event, &r->next, CLOCK_MONOTONIC, now_usec() + period_usec, 1,
                              timed_on_next, r) < 0 ||
            sd_event_source_set_enabled(r->next, SD_EVENT_ON) < 0)
                fail("sd_event_add_time");
        wait_until(r, &r->n_arrived, r->count, "not every reading arrives");
        print_times(r);
}

static void command(struct relay *r)
{
        size_t answered = r->n_answered;

        for (size_t i = 0; i < r->count; i++) {
                r->sent_usec[i] = now_usec();
                ask(r, (unsigned)(i % r->n_devices), "set", (long)i);
                wait_until(r, &r->n_answered, ++answered, "a command is not answered");
                r->took_usec[i] = now_usec() - r->sent_usec[i];
        }
        print_times(r);
}

/* --- beginning --- */

/* The words behind the source's kind. */
static void open_hub(struct relay *r, char **words)
{
        struct master *master = NULL;
        char path[256];

        r->pid = (pid_t)strtol(words[0], NULL, 10);
        r->n_devices = (unsigned)strtoul(words[3], NULL, 10);
        (void)snprintf(path, sizeof(path), "%s/hub.key", words[1]);
        if (master_load(path, false, &master) != 0)
                fail(path);
        r->fleet = fleet_new(r->event, master_key(master), words[2], r->n_devices);
        (void)master_free(master);
}

static void run(struct relay *r, const char *mode)
{
        r->n_said = calloc(r->n_devices, sizeof(*r->n_said));
        if (!r->n_said)
                fail("there is not enough memory");
        if (r->fleet)
                open_sessions(r);
        if (strcmp(mode, "flood") == 0) {
                flood(r);
                return;
        }
        if (strcmp(mode, "overrun") == 0 && r->fleet) {
                overrun(r);
                return;
        }
        if (strcmp(mode, "burst") == 0)
                r->count *= BURST;
        r->sent_usec = calloc(r->count, sizeof(*r->sent_usec));
        r->took_usec = calloc(r->count, sizeof(*r->took_usec));
        if (!r->sent_usec || !r->took_usec)
                fail("there is not enough memory");
        if (strcmp(mode, "burst") == 0)
                timed(r, BURST, BURST_USEC);
        else if (strcmp(mode, "pace") == 0)
                timed(r, 1, PACE_USEC);
        else if (strcmp(mode, "command") == 0 && r->fleet)
                command(r);
        else
                fail("there is no such mode");
        free(r->sent_usec);
        free(r->took_usec);
}

int main(int argc, char **argv)
{
        struct relay r = {.fd = -1, .n_devices = 1};
        bool is_hub = argc == 9 && strcmp(argv[4], "hub") == 0;
        bool is_bare = argc == 5 && strcmp(argv[4], "bare") == 0;

        if (!is_hub && !is_bare && (argc != 5 || strcmp(argv[4], "self") != 0))
                return 2;
        r.count = strtoul(argv[2], NULL, 10);
        if (sd_event_new(&r.event) < 0 || r.count == 0)
                return 2;
        if (is_bare)
                r.pid = bare_start(argv[3], &r.fd);
        if (is_hub)
                open_hub(&r, argv + 5);
        r.client = client_new(argv[3], "+/+/+", &relay_client_handler, &r);
        client_attach(r.client, r.event);
        run(&r, argv[1]);
        r.client = client_free(r.client);
        free(r.n_said);
        if (is_bare)
                bare_stop(r.pid, r.fd);
        r.fleet = fleet_free(r.fleet);
        (void)sd_event_source_disable_unref(r.next);
        (void)sd_event_unref(r.event);
        return EXIT_SUCCESS;
}
