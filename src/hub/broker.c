/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/broker.h"

#include <errno.h>
#include <stdlib.h>

#include "hub/backlog.h"
#include "hub/login.h"
#include "util/log.h"

/* --- the connection --- */

static void broker_on_state(void *userdata, enum reason reason)
{
        struct broker *broker = userdata;

        broker->state = reason; /* the client has logged it, and MQTT cannot carry it */
        herald_set_broker(broker->means.herald, reason == REASON_NONE);
        herald_info_changed(broker->means.herald);
        if (reason != REASON_NONE) {
                census_end(broker->census);
                return;
        }
        herald_alert(broker->means.herald, REASON_BROKER_ANONYMOUS,
                     login_is_missing(broker->means.settings));
        bridge_connected(broker->bridge);
        mqtt_outbox_resume(broker->outbox);
        census_begin(broker->census);
}

static void broker_on_kept(void *userdata, enum topic topic, const char *name)
{
        (void)topic;
        (void)name;
        census_take(((struct broker *)userdata)->census);
}

static void broker_on_request(void *userdata, const struct mqtt_request *request)
{
        struct broker *broker = userdata;

        if (request->topic == TOPIC_RECEIPT)
                courier_take_receipt(&broker->courier, request->name, request->payload,
                                     request->n_payload);
        else
                bridge_request(broker->bridge, request);
}

static void broker_on_no_hub(void *userdata, const char *name)
{
        struct broker *broker = userdata;

        bridge_no_hub(broker->bridge, name);
}

static void broker_on_birth(void *userdata, const char *payload, size_t n_payload)
{
        struct broker *broker = userdata;

        bridge_birth(broker->bridge, payload, n_payload);
}

static void broker_on_room(void *userdata)
{
        bridge_room(((struct broker *)userdata)->bridge);
}

static const struct mqtt_handler broker_mqtt_handler = {
        .on_state = broker_on_state,
        .on_request = broker_on_request,
        .on_no_hub = broker_on_no_hub,
        .on_birth = broker_on_birth,
        .on_kept = broker_on_kept,
        .on_room = broker_on_room,
};

/* --- the census --- */

static void broker_on_counted(void *userdata, size_t n_arrived, size_t n_devices)
{
        struct broker *broker = userdata;

        if (n_arrived < n_devices)
                log_warning("MQTT: the broker hands out %zu of %zu devices. %s (%s)", n_arrived,
                            n_devices, reason_remedy(REASON_BROKER_INCOMPLETE),
                            reason_code(REASON_BROKER_INCOMPLETE));
        herald_alert(broker->means.herald, REASON_BROKER_INCOMPLETE, n_arrived < n_devices);
}

static const struct census_handler broker_census_handler = {.on_counted = broker_on_counted};

/* --- the outbox --- */

/* For people: some topics have no name in them. */
static const char *delivery_name(const struct mqtt_delivery *delivery)
{
        return delivery->name[0] ? delivery->name : "a message";
}

static void broker_on_delivered(void *userdata, const struct mqtt_delivery *delivery)
{
        (void)userdata;
        log_debug("Outbox: %s delivered.", delivery_name(delivery));
}

static void broker_on_held(void *userdata, const struct mqtt_delivery *delivery, enum reason reason)
{
        struct broker *broker = userdata;

        log_warning("Outbox: %s waits. %s (%s)", delivery_name(delivery), reason_text(reason),
                    reason_code(reason));
        herald_alert(broker->means.herald, reason, true);
}

/* A problem is over when no message waits because of it. */
static void broker_on_tried(void *userdata)
{
        static const enum reason reasons[] = {REASON_NO_SUBSCRIBER, REASON_BROKER_REFUSED,
                                              REASON_KEY_NOT_ACKNOWLEDGED};
        struct broker *broker = userdata;

        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (!mqtt_outbox_holds(broker->outbox, reasons[i]))
                        herald_alert(broker->means.herald, reasons[i], false);
        herald_info_changed(broker->means.herald);
}

static const struct mqtt_outbox_handler broker_outbox_handler = {
        .on_delivered = broker_on_delivered,
        .on_held = broker_on_held,
        .on_tried = broker_on_tried,
};

/* Whether the recipient of keys is to acknowledge them. */
static void broker_want_receipts(struct broker *broker)
{
        broker->courier.acknowledge = broker->means.settings->keys_acknowledge;
        mqtt_outbox_want_receipts(broker->outbox, broker->means.settings->keys_acknowledge);
}

/* --- beginning and end --- */

static int broker_open(struct broker *broker)
{
        const struct settings *s = broker->means.settings;
        const struct mqtt_options options = login_options(s);
        int r;

        broker->state = REASON_BROKER_UNREACHABLE; /* reported only if it stays so */
        r = mqtt_client_new(broker->means.event, &options, &broker_mqtt_handler, broker,
                            &broker->client);
        if (r < 0)
                return r;
        r = farewell_new(broker->means.event, broker->client, &broker->farewell);
        if (r < 0)
                return r;
        r = backlog_readdress(broker->means.means->store, master_key(broker->means.means->master),
                              s->hub_name);
        if (r < 0)
                (void)log_errno(r, "The messages that wait cannot be readdressed");
        r = mqtt_outbox_new(broker->means.event, broker->means.means->store, broker->client,
                            s->hub_name, NULL, &broker_outbox_handler, broker, &broker->outbox);
        if (r < 0)
                return r;
        broker->courier = (struct courier){
                .store = broker->means.means->store,
                .outbox = broker->outbox,
                .hub = s->hub_name,
                .master = master_key(broker->means.means->master),
        };
        broker_want_receipts(broker);
        return 0;
}

int broker_new(const struct broker_means *means, struct broker **ret_broker)
{
        _defer_(broker_free) struct broker *broker = calloc(1, sizeof(*broker));
        int r;

        if (!broker)
                return -ENOMEM;
        broker->means = *means;
        r = broker_open(broker);
        if (r < 0)
                return r;
        *ret_broker = take(broker);
        return 0;
}

int broker_serve(struct broker *broker, struct bridge *bridge)
{
        const struct broker_means *means = &broker->means;

        broker->bridge = bridge;
        bridge_close_requests(bridge, !login_takes_requests(means->settings));
        return census_new(means->event, broker->client, means->state, &broker_census_handler,
                          broker, &broker->census);
}

/* A password may have changed in its file, so one that was refused is tried again. */
void broker_reload(struct broker *broker, bool is_other)
{
        const struct settings *settings = broker->means.settings;
        int r = 0;

        broker_want_receipts(broker);
        bridge_close_requests(broker->bridge, !login_takes_requests(settings));
        if (is_other || broker->state != REASON_NONE)
                r = mqtt_client_restart(broker->client);
        else
                herald_alert(broker->means.herald, REASON_BROKER_ANONYMOUS,
                             login_is_missing(settings));
        if (r < 0)
                (void)log_errno(r, "Cannot connect to another broker");
}

struct broker *broker_free(struct broker *broker)
{
        if (!broker)
                return NULL;
        broker->census = census_free(broker->census);
        broker->outbox = mqtt_outbox_free(broker->outbox);
        broker->farewell = farewell_free(broker->farewell);
        broker->client = mqtt_client_free(broker->client);
        free(broker);
        return NULL;
}
