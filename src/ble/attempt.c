/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ble/answer.h"
#include "ble/observer.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define RETRIES  2   /* of failed attempts, and as many of attempts that were not answered */
#define RETRY_MS 250 /* between an attempt and the next */
#define BUSY_MS  500 /* between attempts while BlueZ is still busy with the device */

enum attempt_state {
        ATTEMPT_HUSHING,     /* a discovery is being stopped */
        ATTEMPT_CONNECTING,  /* Connect is under way, or will be tried again */
        ATTEMPT_RESOLVING,   /* connected; services are being resolved */
        ATTEMPT_SUBSCRIBING, /* AcquireNotify is under way */
        ATTEMPT_OPENING,     /* AcquireWrite is under way */
        ATTEMPT_READY,       /* the handler will be given the sockets */
        ATTEMPT_FAILED,      /* the handler will get the reason */
};

struct attempt {
        struct bluez *bluez;
        struct attempt_target target;
        char in[BLUEZ_PATH_MAX]; /* the characteristic to write to, once it is found */
        enum attempt_state state;
        enum reason why;
        unsigned n_failed, n_unanswered;
        bool held;
        bool shown;     /* another bearer has shown the connection, which is not made again */
        bool dialled;   /* Connect has been sent */
        bool broken;    /* a connection has been lost before it was of use */
        bool indulgent; /* BlueZ says that the services are resolved; they have grace_ms to appear
                         */

        struct bluez_watch *watch;
        struct quiet *quiet;
        sd_bus_slot *connect_call, *call;
        sd_event_source *stage, *pause, *report;
        int in_fd, out_fd;
        uint16_t mtu;

        const struct attempt_handler *handler;
        void *userdata;
};

unsigned attempt_limit_ms(const struct central_patience *patience)
{
        unsigned connecting = (1 + 2 * RETRIES) * (patience->connect_ms + RETRY_MS);
        unsigned resolving = (1 + RETRIES) * (patience->services_ms + patience->grace_ms);

        return DISCOVERIES_QUIET_MS + connecting + resolving + 2 * patience->acquire_ms;
}

bool attempt_has_dialled(const struct attempt *attempt)
{
        return attempt->dialled;
}

bool attempt_is_connected(const struct attempt *attempt)
{
        return attempt->state >= ATTEMPT_RESOLVING && attempt->state < ATTEMPT_READY;
}

bool attempt_has_broken(const struct attempt *attempt)
{
        return attempt->broken;
}

/* It is over; the handler is called in a later turn of the loop. */
static void attempt_end(struct attempt *a, enum attempt_state state, enum reason why)
{
        if (a->state >= ATTEMPT_READY)
                return;
        a->state = state;
        a->why = why;
        a->quiet = quiet_free(a->quiet);
        a->connect_call = sd_bus_slot_unref(a->connect_call);
        a->call = sd_bus_slot_unref(a->call);
        loop_disarm(a->stage);
        loop_disarm(a->pause);
        loop_rearm(a->report);
}

static void attempt_fail(struct attempt *a, enum reason why)
{
        attempt_end(a, ATTEMPT_FAILED, why);
}

/* bluetoothd could not be called, which only happens when it is gone. */
static void attempt_fail_call(struct attempt *a, const char *member, int error)
{
        (void)log_errno(error, "%s: cannot call %s", a->target.device, member);
        attempt_fail(a, error == -EHOSTDOWN ? REASON_BLUETOOTH_DOWN : REASON_INTERNAL);
}

/* Handles the answer to AcquireNotify or AcquireWrite; true on success. */
static bool attempt_take_acquired(struct attempt *a, sd_bus_message *m, int *ret_fd)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);
        int r;

        a->call = sd_bus_slot_unref(a->call);
        if (error) {
                log_warning("%s: cannot use the enrollment service: %s", a->target.device,
                            error->message);
                attempt_fail(a, bluez_reason(error, REASON_SERVICE_MISSING));
                return false;
        }
        r = answer_take_socket(m, ret_fd, &a->mtu);
        if (r < 0) {
                (void)log_errno(r, "%s: cannot take the socket from bluetoothd", a->target.device);
                attempt_fail(a, REASON_INTERNAL);
                return false;
        }
        return true;
}

static int attempt_on_opened(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct attempt *a = userdata;

        (void)ret_error;
        if (attempt_take_acquired(a, m, &a->out_fd))
                attempt_end(a, ATTEMPT_READY, REASON_NONE);
        return 0;
}

static void attempt_acquire(struct attempt *a, enum attempt_state state, const char *characteristic,
                            const char *member, sd_bus_message_handler_t on_reply)
{
        int r;

        a->state = state;
        loop_rearm_timer(a->stage, a->target.patience->acquire_ms);
        r = bluez_call(a->bluez, &a->call, characteristic, BLUEZ_CHARACTERISTIC, member, on_reply,
                       a, "a{sv}", 0);
        if (r < 0)
                attempt_fail_call(a, member, r);
}

static int attempt_on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct attempt *a = userdata;

        (void)ret_error;
        if (attempt_take_acquired(a, m, &a->in_fd))
                attempt_acquire(a, ATTEMPT_OPENING, a->in, "AcquireWrite", attempt_on_opened);
        return 0;
}

/*
 * Continues when the services are there. BlueZ may say that they are resolved before it has
 * exported them; in that case it waits a moment for them.
 */
static void attempt_check_services(struct attempt *a)
{
        const struct bluez_object *device, *in, *out;

        if (a->state != ATTEMPT_RESOLVING || a->held)
                return;
        device = bluez_find(a->bluez, a->target.device, BLUEZ_IS_DEVICE);
        if (!device || !device->resolved)
                return;
        in = bluez_find_characteristic(a->bluez, a->target.device, BLE_IN_UUID);
        out = bluez_find_characteristic(a->bluez, a->target.device, BLE_OUT_UUID);
        if (in && out) {
                memcpy(a->in, in->path, sizeof(a->in));
                loop_disarm(a->pause);
                attempt_acquire(a, ATTEMPT_SUBSCRIBING, out->path, "AcquireNotify",
                                attempt_on_subscribed);
        } else if (!a->indulgent) {
                a->indulgent = true;
                loop_rearm_timer(a->pause, a->target.patience->grace_ms);
        }
}

static void attempt_on_connected(struct attempt *a)
{
        if (a->state != ATTEMPT_CONNECTING)
                return;
        a->state = ATTEMPT_RESOLVING;
        loop_disarm(a->pause);
        loop_rearm_timer(a->stage, a->target.patience->services_ms);
        attempt_check_services(a);
}

/* Another bearer is open, so the device is connected, whatever bluetoothd has yet to say. */
bool attempt_hold(struct attempt *attempt)
{
        if (attempt->state > ATTEMPT_RESOLVING)
                return false;
        attempt->held = attempt->shown = true;
        attempt->indulgent = false;
        attempt->quiet = quiet_free(attempt->quiet);
        loop_disarm(attempt->stage);
        loop_disarm(attempt->pause);
        attempt->state = ATTEMPT_RESOLVING;
        return true;
}

void attempt_go_on(struct attempt *attempt)
{
        attempt->held = false;
        if (attempt->state != ATTEMPT_RESOLVING)
                return;
        loop_rearm_timer(attempt->stage, attempt->target.patience->services_ms);
        attempt_check_services(attempt);
}

/* Tries again in a moment; false if @count shows that it has been done often enough. */
static bool attempt_retry(struct attempt *a, unsigned *count)
{
        if (a->shown || *count == RETRIES)
                return false;
        (*count)++;
        a->state = ATTEMPT_CONNECTING;
        a->indulgent = false;
        a->connect_call = sd_bus_slot_unref(a->connect_call);
        loop_rearm_timer(a->pause, RETRY_MS);
        loop_rearm_timer(a->stage, a->target.patience->connect_ms);
        return true;
}

/*
 * A failure in the radio, or caused by the end of an earlier connection, is temporary. Its text
 * differs between versions of BlueZ, so every such failure is tried again.
 */
static void attempt_on_refused(struct attempt *a, const sd_bus_error *error)
{
        if (a->state == ATTEMPT_CONNECTING && answer_is_busy(error)) {
                loop_rearm_timer(a->pause, BUSY_MS);
                return;
        }
        if (sd_bus_error_has_name(error, "org.bluez.Error.Failed") &&
            attempt_retry(a, &a->n_failed))
                return;
        log_warning("%s: cannot connect: %s", a->target.device, error->message);
        attempt_fail(a, bluez_reason(error, REASON_CONNECT_FAILED));
}

static int attempt_on_connect(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct attempt *a = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        a->connect_call = sd_bus_slot_unref(a->connect_call);
        if (a->state > ATTEMPT_RESOLVING)
                return 0;
        if (error && a->shown) /* it is connected all the same */
                log_debug("%s: %s", a->target.device, error->message);
        else if (error && !sd_bus_error_has_name(error, "org.bluez.Error.AlreadyConnected"))
                attempt_on_refused(a, error);
        else
                attempt_on_connected(a);
        return 0;
}

static void attempt_connect(struct attempt *a)
{
        int r;

        a->dialled = true;
        a->handler->on_connecting(a->userdata);
        r = bluez_call(a->bluez, &a->connect_call, a->target.device, BLUEZ_DEVICE, "Connect",
                       attempt_on_connect, a, NULL);
        if (r < 0)
                attempt_fail_call(a, "Connect", r);
}

static void attempt_on_quiet(void *userdata)
{
        struct attempt *a = userdata;

        if (a->state != ATTEMPT_HUSHING)
                return;
        a->state = ATTEMPT_CONNECTING;
        loop_rearm_timer(a->stage, a->target.patience->connect_ms);
        attempt_connect(a);
}

static int attempt_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct attempt *a = userdata;

        (void)source;
        (void)usec;
        if (a->state == ATTEMPT_RESOLVING)
                attempt_fail(a, REASON_SERVICE_MISSING);
        else
                attempt_connect(a);
        return 0;
}

/*
 * An attempt that failed in the radio (0x3e) may be answered late, as Linux 6.1 takes ten seconds
 * to notice, or never. If it is cancelled, it can be repeated; the new one is counted separately,
 * so that the late failure of this one does not end the dial.
 */
static bool attempt_redial(struct attempt *a)
{
        if (a->state != ATTEMPT_CONNECTING || !attempt_retry(a, &a->n_unanswered))
                return false;
        (void)bluez_call(a->bluez, NULL, a->target.device, BLUEZ_DEVICE, "Disconnect", NULL, NULL,
                         NULL);
        return true;
}

static int attempt_on_stage(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct attempt *a = userdata;

        (void)source;
        (void)usec;
        if (attempt_redial(a))
                return 0;
        if (a->state <= ATTEMPT_CONNECTING)
                attempt_fail(a, REASON_CONNECT_FAILED);
        else if (a->state == ATTEMPT_RESOLVING)
                attempt_fail(a, REASON_SERVICE_MISSING);
        else
                attempt_fail(a, REASON_LINK_TIMEOUT);
        return 0;
}

static int attempt_on_report(sd_event_source *source, void *userdata)
{
        struct attempt *a = userdata;

        (void)source;
        if (a->state == ATTEMPT_READY)
                a->handler->on_open(a->userdata, fd_take(&a->in_fd), fd_take(&a->out_fd), a->mtu);
        else
                a->handler->on_failed(a->userdata, a->why);
        return 0;
}

/* --- what bluetoothd announces --- */

static void attempt_on_broken(struct attempt *a)
{
        attempt_fail(a, a->state >= ATTEMPT_RESOLVING ? REASON_LINK_LOST : REASON_CONNECT_FAILED);
}

static void attempt_on_device(struct attempt *a, const struct bluez_news *news)
{
        bool connected = news->object->connected;

        if ((news->has & BLUEZ_HAS_CONNECTED) && connected)
                attempt_on_connected(a);
        if ((news->has & BLUEZ_HAS_CONNECTED) && !connected && a->state >= ATTEMPT_RESOLVING) {
                a->broken = true;
                if (a->state != ATTEMPT_RESOLVING || !attempt_retry(a, &a->n_failed))
                        attempt_on_broken(a);
                return;
        }
        attempt_check_services(a);
}

static void attempt_on_news(void *userdata, const struct bluez_news *news)
{
        const struct bluez_object *object = news->object;
        struct attempt *a = userdata;

        if (object->interface == BLUEZ_IS_CHARACTERISTIC)
                attempt_check_services(a);
        else if (strcmp(object->path, a->target.device) == 0)
                attempt_on_device(a, news);
        else if (strcmp(object->path, a->target.adapter) == 0 && (news->has & BLUEZ_HAS_POWERED) &&
                 !object->powered)
                attempt_fail(a, REASON_ADAPTER_OFF);
}

static void attempt_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct attempt *a = userdata;

        if (interface == BLUEZ_IS_ADAPTER && strcmp(path, a->target.adapter) == 0)
                attempt_fail(a, REASON_ADAPTER_MISSING);
        else if (interface == BLUEZ_IS_DEVICE && strcmp(path, a->target.device) == 0)
                attempt_on_broken(a);
}

static void attempt_on_down(void *userdata)
{
        attempt_fail(userdata, REASON_BLUETOOTH_DOWN);
}

static const struct bluez_handler attempt_bluez_handler = {
        .on_news = attempt_on_news,
        .on_gone = attempt_on_gone,
        .on_down = attempt_on_down,
};

static int attempt_add_sources(struct attempt *a)
{
        sd_event *event = bluez_event(a->bluez);
        int r;

        r = loop_add_timer(event, &a->stage, attempt_on_stage, a);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &a->pause, attempt_on_pause, a);
        if (r < 0)
                return r;
        return loop_add_defer(event, &a->report, attempt_on_report, a);
}

int attempt_new(struct adapters *adapters, const struct attempt_target *target,
                const struct attempt_handler *handler, void *userdata, struct attempt **ret_attempt)
{
        _defer_(attempt_free) struct attempt *a = NULL;
        int r;

        a = calloc(1, sizeof(*a));
        if (!a)
                return -ENOMEM;
        a->bluez = adapters_bluez(adapters);
        a->target = *target;
        a->in_fd = a->out_fd = -1;
        a->handler = handler;
        a->userdata = userdata;
        r = attempt_add_sources(a);
        if (r < 0)
                return r;
        r = bluez_watch_new(a->bluez, &attempt_bluez_handler, a, &a->watch);
        if (r < 0)
                return r;
        r = observer_hush(adapters, target->adapter, attempt_on_quiet, a, &a->quiet);
        if (r < 0)
                return r;
        *ret_attempt = take(a);
        return 0;
}

struct attempt *attempt_free(struct attempt *attempt)
{
        if (!attempt)
                return NULL;
        (void)bluez_watch_free(attempt->watch);
        (void)quiet_free(attempt->quiet);
        (void)sd_bus_slot_unref(attempt->connect_call);
        (void)sd_bus_slot_unref(attempt->call);
        loop_drop(&attempt->stage);
        loop_drop(&attempt->pause);
        loop_drop(&attempt->report);
        (void)fd_close(attempt->in_fd);
        (void)fd_close(attempt->out_fd);
        free(attempt);
        return NULL;
}
