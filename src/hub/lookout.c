/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/lookout.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ble/adapter.h"
#include "contact/port.h"
#include "hub/clock.h"
#include "util/address.h"
#include "util/defer.h"
#include "util/log.h"
#include "util/loop.h"

#define LOOK_MS   2000
#define LIST_SIZE 400

struct lookout {
        struct job_means means;
        struct intake *intake;
        sd_event_source *timer;
        bool reader_missing, camera_missing;
        char adapters_missing[LIST_SIZE]; /* as last logged */
        struct clock clock;
        enum reason clock_state;
        struct settle *settle;
        struct rounds *rounds;
        struct {
                int state; /* what port_look() said last */
                uint64_t node;
        } ports[SETTINGS_STREAMS_MAX];
};

/* Appends what matches, "; there is /dev/a, /dev/b"; the first pattern that does is enough. */
static void list_present(const char *const *patterns, char ret_text[LIST_SIZE])
{
        size_t n;
        glob_t found;

        (void)snprintf(ret_text, LIST_SIZE, "; there is none");
        for (; *patterns; patterns++) {
                if (glob(*patterns, 0, NULL, &found) != 0)
                        continue;
                n = (size_t)snprintf(ret_text, LIST_SIZE, "; there is");
                for (size_t i = 0; i < found.gl_pathc && n < LIST_SIZE; i++)
                        n += (size_t)snprintf(ret_text + n, LIST_SIZE - n, "%s %s", i ? "," : "",
                                              found.gl_pathv[i]);
                globfree(&found);
                return;
        }
}

static void lookout_at_reader(struct lookout *l)
{
        const char *path = l->means.means->places->reader;
        struct stat st;
        bool missing = stat(path, &st) < 0 || !S_ISSOCK(st.st_mode);

        if (missing && !l->reader_missing)
                log_warning("%s, the socket of the code reader, is not there.", path);
        if (!missing && l->reader_missing)
                log_info("%s, the socket of the code reader, is there.", path);
        intake_set_reader_absent(l->intake, missing);
        l->reader_missing = missing;
}

/* Whether one device of the list is there. */
static bool any_is_there(const char *devices)
{
        char device[SETTINGS_PATH_SIZE];

        while (*devices) {
                size_t n = strcspn(devices, ADDRESS_SEPARATORS);

                (void)snprintf(device, sizeof(device), "%.*s", (int)n, devices);
                if (n > 0 && access(device, F_OK) == 0)
                        return true;
                devices += n;
                devices += strspn(devices, ADDRESS_SEPARATORS);
        }
        return false;
}

static void lookout_at_camera(struct lookout *l)
{
        static const char *const patterns[] = {"/dev/v4l/by-id/*", "/dev/video*", NULL};
        const char *device = l->means.settings->camera_device;
        char present[LIST_SIZE];
        bool missing = strcmp(device, "auto") != 0 && !any_is_there(device);

        if (missing == l->camera_missing)
                return;
        l->camera_missing = missing;
        list_present(patterns, present);
        if (missing)
                log_warning("[camera] device = %s is not there%s.", device, present);
        else
                log_info("[camera] device = %s is there.", device);
        herald_alert(l->means.herald, REASON_CAMERA_MISSING, missing);
        herald_info_changed(l->means.herald);
}

static void lookout_tell_port(const struct port *port, int now)
{
        static const char *const patterns[] = {"/dev/serial/by-id/*", "/dev/tty[UA][SC][BM]*",
                                               NULL};
        const char *address = port_address(port);
        char present[LIST_SIZE] = "";

        if (now == 0) {
                log_info("[link] stream = %s is there.", address);
                return;
        }
        if (strncmp(address, "serial:", 7) == 0)
                list_present(patterns, present);
        if (now < 0)
                log_warning("[link] stream = %s cannot be opened: %s%s.", address, strerror(-now),
                            present);
        else
                log_warning("[link] stream = %s could not be opened when it was needed.", address);
}

/* Whether the port is back: it was missing, or what is there was made since. */
static bool lookout_at_port(struct lookout *l, size_t i, bool *missing, bool *changed)
{
        const struct port *port = l->means.means->ports[i];
        uint64_t node, before = l->ports[i].node;
        int now = port_look(port, &node), was = l->ports[i].state;

        *missing = *missing || now != 0;
        l->ports[i].state = now;
        if (node != 0)
                l->ports[i].node = node;
        if (now != was) {
                lookout_tell_port(port, now);
                *changed = true;
        }
        return now == 0 && (was != 0 || (before != 0 && node != 0 && node != before));
}

static void lookout_at_ports(struct lookout *l)
{
        bool missing = false, changed = false, is_back = false;

        for (size_t i = 0; i < l->means.means->n_ports; i++)
                is_back = lookout_at_port(l, i, &missing, &changed) || is_back;
        if (is_back)
                settle_wake(l->settle);
        rounds_look_at_places(l->rounds);
        herald_alert(l->means.herald, REASON_PORT_UNAVAILABLE, missing);
        if (changed)
                herald_info_changed(l->means.herald);
}

/* "hci7, 00:11:22:33:44:55", and behind it what there is instead; "" if none is missing. */
static void describe_missing_adapters(struct adapters *adapters, char ret_text[LIST_SIZE])
{
        const char *missing = NULL, *before = "; there is";
        size_t n = 0;

        ret_text[0] = '\0';
        while ((missing = adapters_next_missing(adapters, missing)) && n < LIST_SIZE)
                n += (size_t)snprintf(ret_text + n, LIST_SIZE - n, "%s%s", n ? ", " : "", missing);
        if (n == 0)
                return;
        for (struct adapter *a = NULL; n < LIST_SIZE && (a = adapters_next_present(adapters, a));
             before = ",")
                n += (size_t)snprintf(ret_text + n, LIST_SIZE - n, "%s %s (%s)", before,
                                      adapter_name(a), adapter_address(a));
}

void lookout_at_adapters(struct lookout *l)
{
        struct adapters *adapters = l->means.means->adapters;
        char text[LIST_SIZE];

        if (!adapters)
                return;
        describe_missing_adapters(adapters, text);
        if (text[0] && strcmp(text, l->adapters_missing) != 0)
                log_warning("[bluetooth] adapter names what is not there: %s.", text);
        memcpy(l->adapters_missing, text, sizeof(text));
        /* While none works, this is the state of Bluetooth already. */
        if (adapters_reason(adapters) != REASON_ADAPTER_MISSING)
                herald_alert(l->means.herald, REASON_ADAPTER_MISSING, text[0] != '\0');
}

static void lookout_at_clock(struct lookout *l)
{
        struct timespec now, boot;
        uint64_t n_mended;
        int r;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        (void)clock_gettime(CLOCK_BOOTTIME, &boot);
        herald_condition(l->means.herald, "Clock", &l->clock_state,
                         clock_is_plausible(now.tv_sec) ? REASON_NONE : REASON_CLOCK_NOT_SET);
        if (clock_has_jumped(&l->clock, now.tv_sec, boot.tv_sec)) {
                log_info("The clock has been set.");
                herald_clock_set(l->means.herald);
        }
        r = clock_look(&l->clock, l->means.means->store, now.tv_sec, boot.tv_sec, &n_mended);
        if (r < 0)
                log_debug("The times of enrollments cannot be mended: %s", strerror(-r));
        if (n_mended == 0)
                return;
        log_info("The clock is set; times of enrollment corrected: %llu.",
                 (unsigned long long)n_mended);
        herald_devices_changed(l->means.herald);
}

/* Every request reads them again; this is for people who look at the status before they make one.
 */
static void lookout_at_issuers(struct lookout *l)
{
        if (means_refresh_issuers(l->means.means))
                herald_info_changed(l->means.herald);
}

static int lookout_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct lookout *l = userdata;

        (void)usec;
        loop_rearm_timer(source, LOOK_MS);
        lookout_at_reader(l);
        lookout_at_camera(l);
        lookout_at_ports(l);
        lookout_at_adapters(l);
        lookout_at_issuers(l);
        lookout_at_clock(l);
        return 0;
}

int lookout_new(const struct job_means *means, struct intake *intake, struct settle *settle,
                struct rounds *rounds, struct lookout **ret_lookout)
{
        _defer_(lookout_free) struct lookout *l = calloc(1, sizeof(*l));
        int r;

        if (!l)
                return -ENOMEM;
        l->means = *means;
        l->intake = intake;
        l->settle = settle;
        l->rounds = rounds;
        r = loop_add_timer(means->event, &l->timer, lookout_on_timer, l);
        if (r < 0)
                return r;
        (void)lookout_on_timer(l->timer, 0, l);
        *ret_lookout = take(l);
        return 0;
}

struct lookout *lookout_free(struct lookout *lookout)
{
        if (!lookout)
                return NULL;
        loop_drop(&lookout->timer);
        free(lookout);
        return NULL;
}
