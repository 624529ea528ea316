/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/central.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/channel.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define RETRIES  2   /* of attempts that failed, and as many of attempts that were not answered */
#define RETRY_MS 250 /* between an attempt and the next */
#define BUSY_MS  500 /* between attempts while BlueZ is still busy with the device */

const struct central_patience central_patience_default = {
        .connect_ms = 4000,
        .services_ms = 10000,
        .grace_ms = 2000,
        .acquire_ms = 5000,
};

enum dial_state {
        DIAL_WAITING,     /* an earlier connection to the device is still being ended */
        DIAL_CONNECTING,  /* Connect is under way, or will be tried again */
        DIAL_RESOLVING,   /* connected; services are being resolved */
        DIAL_SUBSCRIBING, /* AcquireNotify is under way */
        DIAL_OPENING,     /* AcquireWrite is under way */
        DIAL_READY,       /* the handler will be given the link */
        DIAL_FAILED,      /* the handler will be told why */
        DIAL_LINKED,      /* it now lives for its link */
        DIAL_HANGING_UP,  /* Disconnect is under way; nobody owns it any more */
};

struct dial {
        struct central *central;
        struct dial *next;
        char device[BLUEZ_PATH_MAX], adapter[BLUEZ_PATH_MAX];
        char in[BLUEZ_PATH_MAX], out[BLUEZ_PATH_MAX]; /* characteristics; "" until known */
        enum dial_state state;
        enum reason why;
        unsigned n_failed, n_unanswered; /* attempts to connect */
        bool dialled;                    /* Connect has been sent: there is something to hang up */
        bool resolved;                   /* BlueZ says that the services are */

        struct bluez_watch *watch;
        sd_bus_slot *connect_call, *call;
        sd_event_source *stage, *pause, *tell;
        int in_fd, out_fd;
        uint16_t mtu;
        struct channel *channel;

        const struct dial_handler *handler;
        void *userdata;
};

struct central {
        struct bluez *bluez;
        struct central_patience patience;
        struct dial *dials;
};

/* Ends the attempt; the handler is called in a later turn of the loop. */
static void dial_end(struct dial *d, enum dial_state state, enum reason why)
{
        if (d->state >= DIAL_READY)
                return;
        d->state = state;
        d->why = why;
        d->connect_call = sd_bus_slot_unref(d->connect_call);
        d->call = sd_bus_slot_unref(d->call);
        loop_disarm(d->stage);
        loop_disarm(d->pause);
        loop_rearm(d->tell);
}

static void dial_fail(struct dial *d, enum reason why)
{
        dial_end(d, DIAL_FAILED, why);
}

/* Takes the descriptor out of an answer "hq" to AcquireNotify or AcquireWrite. */
static int acquired_read(sd_bus_message *m, int *ret_fd, uint16_t *ret_mtu)
{
        uint16_t mtu;
        int fd, r;

        r = sd_bus_message_read(m, "hq", &fd, &mtu);
        if (r < 0)
                return r;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        *ret_mtu = mtu;
        return 0;
}

/* What came of AcquireNotify or AcquireWrite; true if it went well. */
static bool dial_take_acquired(struct dial *d, sd_bus_message *m, int *ret_fd)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);

        d->call = sd_bus_slot_unref(d->call);
        if (error) {
                log_warning("%s: cannot use the enrollment service: %s", d->device, error->message);
                dial_fail(d, bluez_reason(error, REASON_SERVICE_MISSING));
                return false;
        }
        if (acquired_read(m, ret_fd, &d->mtu) < 0) {
                dial_fail(d, REASON_INTERNAL);
                return false;
        }
        return true;
}

static int dial_on_opened(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct dial *d = userdata;

        (void)ret_error;
        if (dial_take_acquired(d, m, &d->out_fd))
                dial_end(d, DIAL_READY, REASON_NONE);
        return 0;
}

static void dial_acquire(struct dial *d, enum dial_state state, const char *characteristic,
                         const char *member, sd_bus_message_handler_t on_reply)
{
        d->state = state;
        loop_rearm_timer(d->stage, d->central->patience.acquire_ms);
        if (bluez_call(d->central->bluez, &d->call, characteristic, BLUEZ_CHARACTERISTIC, member,
                       on_reply, d, "a{sv}", 0) < 0)
                dial_fail(d, REASON_BLUETOOTH_DOWN);
}

static int dial_on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct dial *d = userdata;

        (void)ret_error;
        if (dial_take_acquired(d, m, &d->in_fd))
                dial_acquire(d, DIAL_OPENING, d->in, "AcquireWrite", dial_on_opened);
        return 0;
}

/*
 * BlueZ may say that services are resolved before it has exported them, so when they are missing
 * they are asked for once more and given a moment.
 */
static void dial_check_services(struct dial *d)
{
        if (d->state != DIAL_RESOLVING || !d->resolved)
                return;
        if (d->in[0] && d->out[0]) {
                loop_disarm(d->pause);
                dial_acquire(d, DIAL_SUBSCRIBING, d->out, "AcquireNotify", dial_on_subscribed);
        }
}

static void dial_on_resolved(struct dial *d)
{
        dial_check_services(d);
        if (d->state != DIAL_RESOLVING)
                return;
        loop_rearm_timer(d->pause, d->central->patience.grace_ms);
        if (bluez_watch_list(d->watch) < 0)
                dial_fail(d, REASON_BLUETOOTH_DOWN);
}

static void dial_on_connected(struct dial *d)
{
        if (d->state != DIAL_CONNECTING)
                return;
        d->state = DIAL_RESOLVING;
        loop_disarm(d->pause);
        loop_rearm_timer(d->stage, d->central->patience.services_ms);
        if (d->resolved)
                dial_on_resolved(d);
}

/*
 * True if BlueZ, or the kernel below it, has not done with an earlier attempt or connection. From
 * BlueZ 5.62 on the text is what says so if the kernel was asked.
 */
static bool connect_busy(const sd_bus_error *error)
{
        static const char *const texts[] = {"already in progress", "already-connected",
                                            "le-connection-busy"};

        if (sd_bus_error_has_name(error, "org.bluez.Error.InProgress"))
                return true;
        for (size_t i = 0; error->message && i < ELEMENTSOF(texts); i++)
                if (strstr(error->message, texts[i]))
                        return true;
        return false;
}

/* Tries again in a moment; false when @count says that it has been done often enough. */
static bool dial_retry(struct dial *d, unsigned *count)
{
        if (*count == RETRIES)
                return false;
        (*count)++;
        d->state = DIAL_CONNECTING;
        d->resolved = false;
        d->in[0] = d->out[0] = '\0';
        d->connect_call = sd_bus_slot_unref(d->connect_call);
        loop_rearm_timer(d->pause, RETRY_MS);
        loop_rearm_timer(d->stage, d->central->patience.connect_ms);
        return true;
}

/*
 * What failed in the radio, or because the end of an earlier connection came in between, passes.
 * The texts for that differ from one BlueZ to the next, so every such failure is tried again.
 */
static void dial_on_refused(struct dial *d, const sd_bus_error *error)
{
        if (d->state == DIAL_CONNECTING && connect_busy(error)) {
                loop_rearm_timer(d->pause, BUSY_MS);
                return;
        }
        if (sd_bus_error_has_name(error, "org.bluez.Error.Failed") && dial_retry(d, &d->n_failed))
                return;
        log_warning("%s: cannot connect: %s", d->device, error->message);
        dial_fail(d, bluez_reason(error, REASON_CONNECT_FAILED));
}

static int dial_on_connect(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct dial *d = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        d->connect_call = sd_bus_slot_unref(d->connect_call);
        if (d->state > DIAL_RESOLVING)
                return 0;
        if (error && !sd_bus_error_has_name(error, "org.bluez.Error.AlreadyConnected"))
                dial_on_refused(d, error);
        else
                dial_on_connected(d);
        return 0;
}

static void dial_connect(struct dial *d)
{
        d->dialled = true;
        if (bluez_call(d->central->bluez, &d->connect_call, d->device, BLUEZ_DEVICE, "Connect",
                       dial_on_connect, d, NULL) < 0)
                dial_fail(d, REASON_BLUETOOTH_DOWN);
}

static void dial_begin(struct dial *d)
{
        d->state = DIAL_CONNECTING;
        loop_rearm_timer(d->stage, d->central->patience.connect_ms);
        dial_connect(d);
}

static int dial_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct dial *d = userdata;

        (void)source;
        (void)usec;
        if (d->state == DIAL_RESOLVING)
                dial_fail(d, REASON_SERVICE_MISSING);
        else
                dial_connect(d);
        return 0;
}

/*
 * An attempt that failed in the radio (0x3e) may be answered late, as Linux 6.1 takes ten seconds
 * to notice, or never. Called off, it can be made again; what comes of it then is counted by
 * itself, so that the late failure of this one does not end the dial.
 */
static bool dial_redial(struct dial *d)
{
        if (d->state != DIAL_CONNECTING || !dial_retry(d, &d->n_unanswered))
                return false;
        (void)bluez_call(d->central->bluez, NULL, d->device, BLUEZ_DEVICE, "Disconnect", NULL, NULL,
                         NULL);
        return true;
}

static int dial_on_stage(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct dial *d = userdata;

        (void)source;
        (void)usec;
        if (dial_redial(d))
                return 0;
        if (d->state <= DIAL_CONNECTING)
                dial_fail(d, REASON_CONNECT_FAILED);
        else if (d->state == DIAL_RESOLVING)
                dial_fail(d, REASON_SERVICE_MISSING);
        else
                dial_fail(d, REASON_LINK_TIMEOUT);
        return 0;
}

/* Frees what only an attempt or a link needs. */
static void dial_release(struct dial *d)
{
        d->watch = bluez_watch_free(d->watch);
        d->connect_call = sd_bus_slot_unref(d->connect_call);
        d->call = sd_bus_slot_unref(d->call);
        loop_drop(&d->stage);
        loop_drop(&d->pause);
        loop_drop(&d->tell);
        d->in_fd = fd_close(d->in_fd);
        d->out_fd = fd_close(d->out_fd);
}

static void dial_destroy(struct dial *d)
{
        dial_release(d);
        for (struct dial **at = &d->central->dials; *at; at = &(*at)->next)
                if (*at == d) {
                        *at = d->next;
                        break;
                }
        free(d);
}

static struct dial *central_find(struct central *c, const char *device, enum dial_state from,
                                 enum dial_state to)
{
        for (struct dial *d = c->dials; d; d = d->next)
                if (d->state >= from && d->state <= to && strcmp(d->device, device) == 0)
                        return d;
        return NULL;
}

static void dial_forget_device(const struct dial *d)
{
        (void)bluez_call(d->central->bluez, NULL, d->adapter, BLUEZ_ADAPTER, "RemoveDevice", NULL,
                         NULL, "o", d->device);
}

/* Whoever waits for the device goes on with it as BlueZ knows it; else BlueZ forgets it. */
static int dial_on_hung_up(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct dial *d = userdata;
        struct dial *next = central_find(d->central, d->device, DIAL_WAITING, DIAL_WAITING);

        (void)m;
        (void)ret_error;
        if (next)
                dial_begin(next);
        else
                dial_forget_device(d);
        dial_destroy(d);
        return 0;
}

static void dial_hang_up(struct dial *d)
{
        dial_release(d);
        d->state = DIAL_HANGING_UP;
        if (!d->dialled || bluez_call(d->central->bluez, &d->call, d->device, BLUEZ_DEVICE,
                                      "Disconnect", dial_on_hung_up, d, NULL) < 0)
                dial_destroy(d);
}

static void dial_on_link_freed(void *owner)
{
        dial_hang_up(owner);
}

static int dial_make_link(struct dial *d)
{
        return channel_new(bluez_event(d->central->bluez), fd_take(&d->in_fd), fd_take(&d->out_fd),
                           d->mtu, dial_on_link_freed, d, &d->channel);
}

/* Tells the handler how it ended; nothing more is heard of the dial. */
static void dial_tell(struct dial *d)
{
        const struct dial_handler *handler = d->handler;
        void *userdata = d->userdata;
        enum reason why = d->why;

        if (why == REASON_NONE && dial_make_link(d) < 0)
                why = REASON_INTERNAL;
        if (why == REASON_NONE) {
                d->state = DIAL_LINKED;
                handler->on_link(userdata, channel_link(d->channel));
        } else {
                dial_hang_up(d);
                handler->on_failed(userdata, why);
        }
}

static int dial_on_tell(sd_event_source *source, void *userdata)
{
        (void)source;
        dial_tell(userdata);
        return 0;
}

/* The connection broke, or the device's object is gone. */
static void dial_on_broken(struct dial *d)
{
        if (d->state == DIAL_LINKED)
                channel_lose(d->channel, REASON_LINK_LOST);
        else if (d->state >= DIAL_RESOLVING)
                dial_fail(d, REASON_LINK_LOST);
        else
                dial_fail(d, REASON_CONNECT_FAILED);
}

static void dial_on_device(struct dial *d, const struct bluez_news *news)
{
        if (strcmp(news->path, d->device) != 0)
                return;
        if (news->has & BLUEZ_HAS_RESOLVED)
                d->resolved = news->resolved;
        if ((news->has & BLUEZ_HAS_CONNECTED) && news->connected)
                dial_on_connected(d);
        if ((news->has & BLUEZ_HAS_CONNECTED) && !news->connected && d->state >= DIAL_RESOLVING) {
                if (d->state != DIAL_RESOLVING || !dial_retry(d, &d->n_failed))
                        dial_on_broken(d);
                return;
        }
        if ((news->has & BLUEZ_HAS_RESOLVED) && news->resolved && d->state == DIAL_RESOLVING &&
            !news->whole)
                dial_on_resolved(d);
        else
                dial_check_services(d);
}

static void dial_on_characteristic(struct dial *d, const struct bluez_news *news)
{
        char *path = news->which == BLUEZ_IN ? d->in : d->out;

        if (news->which == BLUEZ_OTHER || !bluez_path_below(news->path, d->device) ||
            strlen(news->path) >= BLUEZ_PATH_MAX)
                return;
        (void)snprintf(path, BLUEZ_PATH_MAX, "%s", news->path);
        dial_check_services(d);
}

static void dial_on_news(void *userdata, const struct bluez_news *news)
{
        struct dial *d = userdata;

        if (d->state == DIAL_WAITING)
                return;
        if (news->interface == BLUEZ_IS_DEVICE)
                dial_on_device(d, news);
        else if (news->interface == BLUEZ_IS_CHARACTERISTIC)
                dial_on_characteristic(d, news);
        else if (strcmp(news->path, d->adapter) == 0 && (news->has & BLUEZ_HAS_POWERED) &&
                 !news->powered)
                dial_fail(d, REASON_ADAPTER_OFF);
}

static void dial_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct dial *d = userdata;

        if (interface == BLUEZ_IS_ADAPTER && strcmp(path, d->adapter) == 0)
                dial_fail(d, REASON_ADAPTER_MISSING);
        else if (interface == BLUEZ_IS_CHARACTERISTIC && strcmp(path, d->in) == 0)
                d->in[0] = '\0';
        else if (interface == BLUEZ_IS_CHARACTERISTIC && strcmp(path, d->out) == 0)
                d->out[0] = '\0';
        else if (interface == BLUEZ_IS_DEVICE && strcmp(path, d->device) == 0)
                dial_on_broken(d);
}

static void dial_on_down(void *userdata)
{
        struct dial *d = userdata;

        if (d->state == DIAL_LINKED)
                channel_lose(d->channel, REASON_LINK_LOST);
        else
                dial_fail(d, REASON_BLUETOOTH_DOWN);
}

static const struct bluez_handler dial_bluez_handler = {
        .on_news = dial_on_news,
        .on_gone = dial_on_gone,
        .on_down = dial_on_down,
};

static int dial_start(struct dial *d)
{
        sd_event *event = bluez_event(d->central->bluez);
        int r;

        r = loop_add_timer(event, &d->stage, dial_on_stage, d);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &d->pause, dial_on_pause, d);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &d->tell, dial_on_tell, d);
        if (r < 0)
                return r;
        r = bluez_watch_new(d->central->bluez, &dial_bluez_handler, d, &d->watch);
        if (r < 0)
                return r;

        if (central_find(d->central, d->device, DIAL_HANGING_UP, DIAL_HANGING_UP))
                loop_rearm_timer(d->stage, d->central->patience.connect_ms);
        else
                dial_begin(d);
        return 0;
}

/* Sets the path of the adapter that the device belongs to, which precedes "/dev_...". */
static int dial_set_paths(struct dial *d, const char *device)
{
        const char *end = strrchr(device, '/');

        if (!end || end == device || strlen(device) >= sizeof(d->device))
                return -EINVAL;
        (void)snprintf(d->device, sizeof(d->device), "%s", device);
        (void)snprintf(d->adapter, sizeof(d->adapter), "%.*s", (int)(end - device), device);
        return 0;
}

int central_dial(struct central *central, const char *device, const struct dial_handler *handler,
                 void *userdata, struct dial **ret_dial)
{
        struct dial *d;
        int r;

        if (central_find(central, device, DIAL_WAITING, DIAL_LINKED))
                return -EBUSY;
        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->central = central;
        d->handler = handler;
        d->userdata = userdata;
        d->in_fd = d->out_fd = -1;
        d->next = central->dials;
        central->dials = d;

        r = dial_set_paths(d, device);
        if (r >= 0)
                r = dial_start(d);
        if (r < 0) {
                dial_destroy(d);
                return r;
        }
        *ret_dial = d;
        return 0;
}

struct dial *dial_free(struct dial *dial)
{
        if (dial)
                dial_hang_up(dial);
        return NULL;
}

int central_new(struct bluez *bluez, const struct central_patience *patience,
                struct central **ret_central)
{
        struct central *c = calloc(1, sizeof(*c));

        if (!c)
                return -ENOMEM;
        c->bluez = bluez;
        c->patience = *patience;
        *ret_central = c;
        return 0;
}

struct central *central_free(struct central *central)
{
        if (!central)
                return NULL;
        while (central->dials) {
                assert(central->dials->state == DIAL_HANGING_UP);
                dial_forget_device(central->dials);
                dial_destroy(central->dials);
        }
        free(central);
        return NULL;
}
