/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/manager.h"

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <systemd/sd-daemon.h>

#include "bridge/bridge.h"
#include "bus/bus.h"
#include "api/json.h"
#include "enrollment/enrollment.h"
#include "event/journal.h"
#include "gateway/visit.h"
#include "mqtt/outbox.h"
#include "read/reader.h"
#include "util/free.h"
#include "util/hex.h"
#include "util/log.h"

#define SETTLE_FIRST_USEC (2 * UINT64_C(1000000))   /* after start */
#define SETTLE_MIN_USEC   (60 * UINT64_C(1000000))  /* between two tries to finish one */
#define SETTLE_MAX_USEC   (960 * UINT64_C(1000000)) /* it doubles while nothing comes of it */
#define KEPT_EVENTS_MAX   500                       /* in the outbox, while there is no broker */

struct manager {
        sd_event *event;
        const struct settings *settings;
        const struct places *places;

        struct means *means;
        enum reason adapter_state;

        /* reading codes */
        struct reader *reader;
        struct request waiting; /* for its code to be read */
        enum reason reader_state;

        /* the one enrollment, the one visit */
        struct enrollment *enrollment;
        struct visit *visit;
        sd_event_source *settle;
        uint64_t settle_usec;               /* until the next try */
        char settled_last[STORE_NAME_SIZE]; /* the device that was tried last */
        uint64_t n_enrolled, n_failed;

        /* who is told */
        struct mqtt_client *client;
        struct mqtt_outbox *outbox;
        struct bridge *bridge;
        struct bus *bus;
        enum reason broker_state;
};

/* --- telling --- */

/* While there is no broker the end of an enrollment waits in the outbox; steps are only of interest
 * live. */
static void manager_keep_event(struct manager *m, const struct event *event)
{
        _defer_(json_free) json_t *json = bridge_event_json(event);
        struct store_message message;
        uint64_t n_kept = 0;
        char text[1024];
        size_t n;

        if (!json || (event->status != EVENT_SUCCESSFUL && event->status != EVENT_FAILED) ||
            store_outbox_count(m->means->store, &n_kept) < 0 || n_kept > KEPT_EVENTS_MAX)
                return;
        n = json_dumpb(json, text, sizeof(text), JSON_COMPACT);
        if (n == 0 || n > sizeof(text) ||
            mqtt_outbox_message(TOPIC_EVENT, m->settings->hub_name, NULL, NULL, text, n, &message) <
                    0)
                return;
        (void)store_outbox_add(m->means->store, &message);
}

/*
 * What only an enrollment finds out is a problem of the hub until one gets past it: a code from the
 * camera, the store's room (which is asked for before the preview), the cable.
 */
static void manager_alert_found(struct manager *m, const struct event *event)
{
        static const enum reason store[] = {REASON_STORE_FULL, REASON_STORE_READ_ONLY,
                                            REASON_STORE_FAILED};
        bool failed = event->status == EVENT_FAILED;
        bool good = event->status == EVENT_PREVIEW;

        for (size_t i = 0; i < ELEMENTSOF(store); i++)
                if (good || (failed && event->reason == store[i]))
                        bridge_alert(m->bridge, store[i], failed);
        if ((good && strcmp(event->source, "camera") == 0) ||
            (failed && event->reason == REASON_CAMERA_MISSING))
                bridge_alert(m->bridge, REASON_CAMERA_MISSING, failed);
        if ((event->step == EVENT_STEP_FIND && event->done) ||
            (failed && event->reason == REASON_PORT_UNAVAILABLE))
                bridge_alert(m->bridge, REASON_PORT_UNAVAILABLE, failed);
}

static void manager_tell(struct manager *m, const struct event *event)
{
        manager_alert_found(m, event);
        journal_event(event);
        if (m->bus)
                bus_event(m->bus, event);
        if (mqtt_client_connected(m->client))
                bridge_event(m->bridge, event);
        else
                manager_keep_event(m, event);
}

static void manager_tell_waiting(struct manager *m, enum event_status status, enum reason why,
                                 const char *text)
{
        const struct event event = request_event(&m->waiting, status, why, text);

        manager_tell(m, &event);
}

static void manager_condition(struct manager *m, const char *what, enum reason *state,
                              enum reason now)
{
        enum reason before = *state;

        if (before == now)
                return;
        *state = now;
        journal_condition(what, now);
        if (bridge_alert_known(before))
                bridge_alert(m->bridge, before, false);
        if (bridge_alert_known(now))
                bridge_alert(m->bridge, now, true);
        bridge_info_changed(m->bridge);
}

/* --- a visit: the first readings --- */

static void manager_on_values(void *userdata, const struct store_device *device,
                              const struct visit_value *values, size_t n_values)
{
        struct manager *m = userdata;
        struct bridge_value told[VISIT_VALUES_MAX];

        for (size_t i = 0; i < n_values; i++)
                told[i] = (struct bridge_value){values[i].leaf, &values[i].value};
        bridge_device_values(m->bridge, device->name, told, n_values);
}

static void manager_on_visit_ended(void *userdata)
{
        struct manager *m = userdata;

        m->visit = visit_free(m->visit);
}

static const struct visit_handler manager_visit_handler = {
        .on_values = manager_on_values,
        .on_ended = manager_on_visit_ended,
};

/* --- an enrollment --- */

/* A code that was refused, and what a person did not want any more, are no failures of the hub. */
static bool is_failed_enrollment(const struct event *event)
{
        return event->status == EVENT_FAILED && event->step != EVENT_STEP_NONE &&
               event->reason != REASON_CANCELLED && event->reason != REASON_BUSY &&
               event->reason != REASON_ALREADY_ENROLLED;
}

static void manager_on_event(void *userdata, const struct event *event)
{
        struct manager *m = userdata;

        /* Looking for a device that is not there is no news; that somebody else has it is. */
        if (strcmp(event->source, "resume") == 0 && event->status != EVENT_SUCCESSFUL &&
            event->reason != REASON_DEVICE_OWNED) {
                log_debug("%s: %s", event->device ? event->device : "device", event->text);
                return;
        }
        if (is_failed_enrollment(event))
                m->n_failed++;
        manager_tell(m, event);
}

static void manager_on_owned(void *userdata, struct conversation *conversation_take,
                             const struct store_device *device,
                             const struct store_channel *channels, size_t n_channels)
{
        struct manager *m = userdata;

        m->n_enrolled++;
        m->visit = visit_free(m->visit);
        if (visit_new(m->event, conversation_take, device, channels, n_channels,
                      &manager_visit_handler, m, &m->visit) < 0)
                log_error("%s: cannot take its first readings.", device->name);
        bridge_devices_changed(m->bridge);
        bridge_device_available(m->bridge, device->name, true);
        mqtt_outbox_kick(m->outbox);
}

static void manager_on_dropped(void *userdata, const struct store_device *device)
{
        struct manager *m = userdata;

        log_warning("%s: somebody else has taken the device; it is removed here.", device->name);
        bridge_devices_changed(m->bridge);
}

static void manager_on_ended(void *userdata, enum reason why)
{
        struct manager *m = userdata;

        (void)why;
        m->enrollment = enrollment_free(m->enrollment);
        bridge_info_changed(m->bridge);
}

static const struct enrollment_handler manager_enrollment_handler = {
        .on_event = manager_on_event,
        .on_owned = manager_on_owned,
        .on_dropped = manager_on_dropped,
        .on_ended = manager_on_ended,
};

/* Looks for a device that has not confirmed yet: the next by name after the last one tried, else
 * the first. */
struct unsettled {
        const char *after;
        bool any, next; /* what has been found */
        struct store_device device;
};

static int manager_pick_unsettled(void *userdata, const struct store_device *device)
{
        struct unsettled *u = userdata;

        if (device->kind != STORE_ENROLLED || device->ownership.settled ||
            device->ownership.n_resume == 0)
                return 0;
        u->next = strcmp(device->name, u->after) > 0;
        if (u->next || !u->any)
                u->device = *device;
        u->any = true;
        return u->next;
}

static int manager_settle_next(struct manager *m)
{
        _defer_(free) struct unsettled *u = NULL;
        int r;

        u = calloc(1, sizeof(*u));
        if (!u)
                return -ENOMEM;
        u->after = m->settled_last;
        r = store_each_device(m->means->store, manager_pick_unsettled, u);
        if (r < 0 || !u->any)
                return r;
        (void)snprintf(m->settled_last, sizeof(m->settled_last), "%s", u->device.name);
        means_load_issuers(m->means);
        return enrollment_new_resume(&m->means->enrollment, &u->device, &manager_enrollment_handler,
                                     m, &m->enrollment);
}

static int manager_on_settle(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct manager *m = userdata;
        int r = 0;

        (void)usec;
        if (!m->enrollment && !m->waiting.transaction[0])
                r = manager_settle_next(m);
        if (r < 0)
                (void)log_errno(r, "%s: its enrollment cannot be finished", m->settled_last);
        (void)sd_event_source_set_time_relative(source, m->settle_usec);
        if (m->settle_usec < SETTLE_MAX_USEC)
                m->settle_usec *= 2;
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* A person goes first: what the hub finishes by itself can wait. */
static bool manager_is_busy(struct manager *m)
{
        if (m->waiting.transaction[0])
                return true;
        return m->enrollment && !enrollment_is_resumed(m->enrollment);
}

/* --- requests --- */

/* Begins what every request begins with. */
static enum reason manager_accept(struct manager *m, const struct api_request *request,
                                  char ret_transaction[EVENT_TRANSACTION_CHARS + 1])
{
        if (manager_is_busy(m))
                return REASON_BUSY;
        m->settle_usec = SETTLE_MIN_USEC;
        m->enrollment = enrollment_free(m->enrollment);
        m->visit = visit_free(m->visit);
        request_init(&m->waiting, request->source);
        m->waiting.dry_run = request->dry_run;
        if (request->name)
                request_set_name(&m->waiting, request->name);
        for (size_t i = 0; i < request->n_values; i++)
                if (request_give(&m->waiting, request->values[i].parameter,
                                 request->values[i].value) < 0) {
                        m->waiting.transaction[0] = '\0';
                        return REASON_REQUEST_INVALID;
                }
        memcpy(ret_transaction, m->waiting.transaction, sizeof(m->waiting.transaction));
        means_load_issuers(m->means);
        return REASON_NONE;
}

static void manager_give_up(struct manager *m, enum reason why)
{
        manager_tell_waiting(m, EVENT_FAILED, why, reason_text(why));
        m->waiting.transaction[0] = '\0';
        bridge_info_changed(m->bridge);
}

/* The code is there: the rest is the enrollment's. */
static enum reason manager_enroll_now(struct manager *m, const uint8_t *code, size_t n_code)
{
        int r;

        r = enrollment_new(&m->means->enrollment, &m->waiting, code, n_code,
                           &manager_enrollment_handler, m, &m->enrollment);
        if (r < 0)
                return REASON_INTERNAL;
        m->waiting.transaction[0] = '\0';
        bridge_info_changed(m->bridge);
        return REASON_NONE;
}

static enum reason manager_enroll(void *userdata, const uint8_t *code, size_t n_code,
                                  const struct api_request *request,
                                  char ret_transaction[EVENT_TRANSACTION_CHARS + 1])
{
        struct manager *m = userdata;
        enum reason why;

        why = manager_accept(m, request, ret_transaction);
        if (why != REASON_NONE)
                return why;
        manager_tell_waiting(m, EVENT_STARTED, REASON_NONE, "Checking the code.");
        why = manager_enroll_now(m, code, n_code);
        if (why != REASON_NONE)
                manager_give_up(m, why);
        return REASON_NONE;
}

/* @r: what the reader said when it was asked. */
static enum reason manager_read_started(struct manager *m, int r, const char *text)
{
        manager_condition(m, "Code reader", &m->reader_state,
                          r == REASON_READER_UNAVAILABLE ? REASON_READER_UNAVAILABLE : REASON_NONE);
        if (r != 0) {
                m->waiting.transaction[0] = '\0';
                return r > 0          ? (enum reason)r
                       : r == -EINVAL ? REASON_REQUEST_INVALID
                                      : REASON_INTERNAL;
        }
        manager_tell_waiting(m, EVENT_STARTED, REASON_NONE, text);
        return REASON_NONE;
}

static enum reason manager_enroll_picture(void *userdata, int fd, const struct api_request *request,
                                          char ret_transaction[EVENT_TRANSACTION_CHARS + 1])
{
        struct manager *m = userdata;
        enum reason why;

        why = manager_accept(m, request, ret_transaction);
        if (why != REASON_NONE)
                return why;
        why = manager_read_started(m, reader_image(m->reader, fd), "Reading the picture.");
        if (why == REASON_NONE)
                (void)fd_close(fd);
        return why;
}

static enum reason manager_scan(void *userdata, const struct api_request *request,
                                char ret_transaction[EVENT_TRANSACTION_CHARS + 1])
{
        struct manager *m = userdata;
        unsigned seconds = request->seconds ? request->seconds : m->settings->camera_seconds;
        enum reason why;

        why = manager_accept(m, request, ret_transaction);
        if (why != REASON_NONE)
                return why;
        return manager_read_started(m,
                                    reader_camera(m->reader, m->settings->camera_device, seconds),
                                    "Hold the code in front of the camera.");
}

static enum reason manager_cancel(void *userdata, const char *transaction)
{
        struct manager *m = userdata;

        if (m->waiting.transaction[0] && strcmp(transaction, m->waiting.transaction) == 0) {
                reader_cancel(m->reader);
                manager_give_up(m, REASON_CANCELLED);
                return REASON_NONE;
        }
        if (!m->enrollment || strcmp(transaction, enrollment_transaction(m->enrollment)) != 0)
                return REASON_REQUEST_INVALID;
        return enrollment_cancel(m->enrollment) ? REASON_NONE : REASON_BUSY;
}

static void manager_status(void *userdata, struct api_status *ret_status)
{
        struct manager *m = userdata;
        uint64_t n_devices = 0, n_unsettled = 0, n_outbox = 0;

        (void)store_device_count(m->means->store, &n_devices);
        (void)store_unsettled_count(m->means->store, &n_unsettled);
        (void)store_outbox_count(m->means->store, &n_outbox);
        *ret_status = (struct api_status){
                .version = PACKAGE_VERSION,
                .hub = m->settings->hub_name,
                .broker = m->settings->mqtt_broker,
                .broker_state = m->broker_state,
                .adapter = m->means->adapter ? adapter_path(m->means->adapter) : NULL,
                .adapter_state = m->adapter_state,
                .reader_state = m->reader_state,
                .transaction = m->waiting.transaction[0] ? m->waiting.transaction
                               : m->enrollment           ? enrollment_transaction(m->enrollment)
                                                         : NULL,
                .n_devices = (unsigned)n_devices,
                .n_unsettled = (unsigned)n_unsettled,
                .n_outbox = (unsigned)n_outbox,
                .n_issuers = (unsigned)m->means->issuers.n_list,
                .n_enrolled = m->n_enrolled,
                .n_failed = m->n_failed,
        };
}

static struct store *manager_store(void *userdata)
{
        struct manager *m = userdata;

        return m->means->store;
}

static const struct api_backend manager_backend = {
        .enroll = manager_enroll,
        .enroll_picture = manager_enroll_picture,
        .scan = manager_scan,
        .cancel = manager_cancel,
        .status = manager_status,
        .store = manager_store,
};

/* --- reading --- */

static void manager_on_code(void *userdata, enum symbology symbology, const uint8_t *code,
                            size_t n_code)
{
        struct manager *m = userdata;
        enum reason why;

        (void)symbology;
        why = manager_enroll_now(m, code, n_code);
        if (why != REASON_NONE)
                manager_give_up(m, why);
}

static void manager_on_reading(void *userdata, enum read_progress progress)
{
        struct manager *m = userdata;

        manager_tell_waiting(m, EVENT_READING, REASON_NONE, read_progress_text(progress));
}

static void manager_on_unread(void *userdata, enum reason why)
{
        struct manager *m = userdata;

        if (why == REASON_READER_UNAVAILABLE)
                manager_condition(m, "Code reader", &m->reader_state, why);
        manager_give_up(m, why);
}

static const struct reader_handler manager_reader_handler = {
        .on_code = manager_on_code,
        .on_progress = manager_on_reading,
        .on_failed = manager_on_unread,
};

/* --- conditions --- */

static void manager_on_adapter(void *userdata, enum reason why)
{
        struct manager *m = userdata;

        manager_condition(m, "Bluetooth", &m->adapter_state, why);
}

static void manager_on_broker(void *userdata, enum reason reason)
{
        struct manager *m = userdata;

        m->broker_state = reason; /* the client has told it, and nobody can be told over MQTT */
        (void)sd_notifyf(false, "STATUS=%s",
                         reason == REASON_NONE ? "Ready." : "Ready; waiting for the MQTT broker.");
        if (reason != REASON_NONE)
                return;
        bridge_connected(m->bridge);
        mqtt_outbox_resume(m->outbox);
}

static void manager_on_request(void *userdata, const struct mqtt_request *request)
{
        struct manager *m = userdata;

        if (request->topic == TOPIC_REQUEST)
                bridge_request(m->bridge, request);
        else
                log_warning("%s: this version does not pass commands on to devices.",
                            request->name);
}

static const struct mqtt_handler manager_mqtt_handler = {
        .on_state = manager_on_broker,
        .on_request = manager_on_request,
};

static void manager_on_delivered(void *userdata, const struct mqtt_delivery *delivery)
{
        (void)userdata;
        log_debug("Outbox: %s delivered.", delivery->name);
}

static void manager_on_held(void *userdata, const struct mqtt_delivery *delivery,
                            enum reason reason)
{
        struct manager *m = userdata;

        log_warning("Outbox: %s waits. %s (%s)", delivery->name[0] ? delivery->name : "a message",
                    reason_text(reason), reason_code(reason));
        if (bridge_alert_known(reason))
                bridge_alert(m->bridge, reason, true);
}

static void manager_on_drained(void *userdata)
{
        struct manager *m = userdata;

        bridge_alert(m->bridge, REASON_NO_SUBSCRIBER, false);
        bridge_alert(m->bridge, REASON_BROKER_REFUSED, false);
        bridge_info_changed(m->bridge);
}

static const struct mqtt_outbox_handler manager_outbox_handler = {
        .on_delivered = manager_on_delivered,
        .on_held = manager_on_held,
        .on_drained = manager_on_drained,
};

/* --- making it --- */

static int manager_open_mqtt(struct manager *m)
{
        const struct settings *s = m->settings;
        const struct mqtt_options options = {
                .hub = s->hub_name,
                .broker = s->mqtt_broker,
                .user = s->mqtt_user,
                .password_file = s->mqtt_password_file,
                .ca_file = s->mqtt_ca_file,
                .cert_file = s->mqtt_cert_file,
                .key_file = s->mqtt_key_file,
        };
        int r;

        m->broker_state =
                REASON_BROKER_UNREACHABLE; /* until it is reached; told only if it is not */
        r = mqtt_client_new(m->event, &options, &manager_mqtt_handler, m, &m->client);
        if (r == -EINVAL)
                log_error("[mqtt] broker = %s is neither tcp:HOST:PORT nor unix:/PATH.",
                          s->mqtt_broker);
        if (r == 0)
                r = mqtt_outbox_new(m->event, m->means->store, m->client, s->hub_name, NULL,
                                    &manager_outbox_handler, m, &m->outbox);
        if (r == 0)
                r = bridge_new(m->event, m->client, &manager_backend, m, &m->bridge);
        return r;
}

static int manager_open_interfaces(struct manager *m)
{
        int r;

        r = reader_new(&m->reader, m->event, m->places->reader, &manager_reader_handler, m);
        if (r == 0)
                r = bus_new(m->event, m->places->bus, m->settings->hub_name, &manager_backend, m,
                            &m->bus);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(m->event, &m->settle, CLOCK_MONOTONIC, SETTLE_FIRST_USEC, 0,
                                       manager_on_settle, m);
        return r < 0 ? r : 0;
}

/* Nothing is known of the devices before the hub has talked to them. */
static int manager_not_met(void *userdata, const struct store_device *device)
{
        struct manager *m = userdata;

        bridge_device_available(m->bridge, device->name, false);
        return 0;
}

int manager_new(sd_event *event, const struct settings *settings, const struct places *places,
                struct manager **ret_manager)
{
        _defer_(manager_free) struct manager *m = NULL;
        int r;

        m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->event = sd_event_ref(event);
        m->settle_usec = SETTLE_MIN_USEC;
        m->settings = settings;
        m->places = places;

        m->adapter_state =
                settings->bluetooth_enabled ? REASON_BLUETOOTH_DOWN : REASON_BLUETOOTH_DISABLED;
        r = means_new(event, settings, places, manager_on_adapter, m, &m->means);
        if (r < 0)
                return r;
        r = manager_open_mqtt(m);
        if (r == 0)
                r = manager_open_interfaces(m);
        if (r < 0)
                return log_errno(r, "Cannot start");
        (void)store_each_device(m->means->store, manager_not_met, m);
        *ret_manager = take(m);
        return 0;
}

struct manager *manager_free(struct manager *m)
{
        if (!m)
                return NULL;
        m->settle = sd_event_source_disable_unref(m->settle);
        m->bus = bus_free(m->bus);
        m->reader = reader_free(m->reader);
        m->visit = visit_free(m->visit);
        m->enrollment = enrollment_free(m->enrollment);
        m->bridge = bridge_free(m->bridge);
        m->outbox = mqtt_outbox_free(m->outbox);
        m->client = mqtt_client_free(m->client);
        m->means = means_free(m->means);
        (void)sd_event_unref(m->event);
        free(m);
        return NULL;
}

bool manager_is_askable(const struct manager *m)
{
        return bus_is_up(m->bus);
}
