/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "mqtt/broker.h"
#include "mqtt/dial.h"
#include "util/address.h"
#include "util/defer.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/word.h"

#define MISC_MSEC        15000 /* how often libmosquitto looks at the keepalive */
#define CONNECT_MSEC     10000 /* from the first SYN to the CONNACK */
#define RETRY_MIN_MSEC   1000
#define RETRY_MAX_MSEC   60000
#define PENDING_OVERHEAD 512 /* bytes that libmosquitto needs for a message, about */
#define WHY_SIZE         128
#define PAYLOAD_ONLINE   "{\"state\":\"online\"}"

_Static_assert(MQTT_REQUEST_MAX < MQTT_PACKET_MAX, "the largest request fits into a packet");

/* A message that the broker has not acknowledged. */
struct pending {
        struct pending *next; /* sent after it */
        int mid;
        size_t n_bytes;
        struct mqtt_done done; /* .on_done may be NULL */
};

struct mqtt_client {
        sd_event *event;
        struct mqtt_options options;
        const struct mqtt_handler *handler;
        void *userdata;
        struct address broker;

        struct mqtt_dial *dial;      /* while it opens a connection */
        struct mosquitto *mosquitto; /* one per attempt */
        sd_event_source *io;
        sd_event_source *misc;
        sd_event_source *patience; /* with the present attempt */
        sd_event_source *retry;    /* until the next one */

        bool connected; /* between CONNACK and loss */
        bool said;      /* on_state() has been called with .reason */
        enum reason reason;
        bool lost;          /* libmosquitto gave the connection up */
        bool inside;        /* libmosquitto is calling */
        int connack;        /* the reason code of the CONNACK, -1 while there is none */
        int error;          /* libmosquitto's, why it gave up */
        char why[WHY_SIZE]; /* an attempt came to nothing, for people */
        uint64_t retry_msec;
        size_t attempt, n_addresses;
        struct pending *pending, **pending_end;
        size_t n_pending_bytes;
        bool busy; /* until half of MQTT_BUSY_BYTES are acknowledged */
};

/* A wait of @msec with jitter: half of it is fixed, the rest random, so that many hubs do not
 * reconnect to a restarted broker in the same second. */
static uint64_t client_jittered(uint64_t msec)
{
        uint32_t lot = 0;

        (void)getrandom(&lot, sizeof(lot), GRND_NONBLOCK);
        return msec / 2 + lot % (msec / 2 + 1);
}

/* Makes the event loop wait for what libmosquitto wants. */
static int client_watch(struct mqtt_client *c)
{
        uint32_t events = EPOLLIN;

        if (!c->io)
                return 0;
        if (mosquitto_want_write(c->mosquitto))
                events |= EPOLLOUT;
        return sd_event_source_set_io_events(c->io, events);
}

/* Why there is no connection, as the end of a line. */
static const char *client_detail(const struct mqtt_client *c)
{
        if (c->connack > 0)
                return mosquitto_reason_string(c->connack);
        if (c->error == MQTT_RC_SESSION_TAKEN_OVER)
                return "another client has this hub's name; rename one of the hubs";
        if (c->error >= MQTT_RC_UNSPECIFIED)
                return mosquitto_reason_string(c->error);
        if (c->error == MOSQ_ERR_TLS)
                return "the certificates do not match";
        return c->why;
}

static void client_set_state(struct mqtt_client *c, enum reason reason)
{
        if (c->said && c->reason == reason)
                return;
        c->said = true;
        c->reason = reason;
        if (reason == REASON_NONE)
                log_info("MQTT broker %s: connected.", c->options.broker);
        else
                log_warning("MQTT broker %s: %s. %s %s (%s)", c->options.broker, client_detail(c),
                            reason_text(reason), reason_remedy(reason), reason_code(reason));
        c->handler->on_state(c->userdata, reason);
}

/* Reports that there is room again, unless the connection is lost. */
static void client_relax(struct mqtt_client *c)
{
        if (!c->busy || c->n_pending_bytes > MQTT_BUSY_BYTES / 2)
                return;
        c->busy = false;
        if (c->connected && c->handler->on_room)
                c->handler->on_room(c->userdata);
}

/* Takes the message out of those that are pending, and reports its outcome. */
static void client_settle(struct mqtt_client *c, struct pending **at, int result)
{
        struct pending *p = *at;

        *at = p->next;
        if (c->pending_end == &p->next)
                c->pending_end = at;
        c->n_pending_bytes -= p->n_bytes;
        if (p->done.on_done)
                p->done.on_done(p->done.userdata, result);
        free(p);
        client_relax(c);
}

/* Reports to the owner of each pending message that its outcome is unknown. */
static void client_abandon_pending(struct mqtt_client *c)
{
        while (c->pending)
                client_settle(c, &c->pending, -ENOTCONN);
}

static int client_on_patience(sd_event_source *source, uint64_t usec, void *userdata);

/*
 * Until the broker acknowledges a message libmosquitto keeps it. One that asks and asks and never
 * acknowledges the answers is parted with, in a later turn of the loop.
 */
static void client_overflow(struct mqtt_client *c)
{
        if (c->patience)
                return;
        (void)snprintf(c->why, sizeof(c->why), "it does not acknowledge what it is sent");
        (void)loop_arm_timer(c->event, &c->patience, 0, client_on_patience, c);
}

/* A large message alone must not look like a broker that acknowledges nothing. */
static size_t client_weight(size_t n_payload)
{
        size_t n = n_payload + PENDING_OVERHEAD;

        return n < MQTT_WEIGHT_MAX ? n : MQTT_WEIGHT_MAX;
}

static int client_keep(struct mqtt_client *c, int mid, size_t n_payload,
                       const struct mqtt_done *done)
{
        struct pending *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        p->mid = mid;
        p->n_bytes = client_weight(n_payload);
        if (done)
                p->done = *done;
        *c->pending_end = p;
        c->pending_end = &p->next;
        c->n_pending_bytes += p->n_bytes;
        c->busy = c->busy || c->n_pending_bytes >= MQTT_BUSY_BYTES;
        return 0;
}

static int client_send(struct mqtt_client *c, const char *topic, const void *payload,
                       size_t n_payload, bool retain, const mosquitto_property *properties,
                       const struct mqtt_done *done)
{
        int mid, code, r;

        if (!c->connected)
                return -ENOTCONN;
        if (n_payload > MQTT_MAX_PAYLOAD)
                return -EMSGSIZE;
        if (c->n_pending_bytes + client_weight(n_payload) > MQTT_PENDING_MAX) {
                client_overflow(c);
                return -ENOTCONN;
        }
        code = mosquitto_publish_v5(c->mosquitto, &mid, topic, (int)n_payload, payload, TOPIC_QOS,
                                    retain, properties);
        if (code != MOSQ_ERR_SUCCESS)
                return mqtt_errno(code);
        r = client_keep(c, mid, n_payload, done);
        if (r < 0)
                return r;
        /* Inside a callback libmosquitto only queues; it then watches the socket itself. */
        return c->inside ? 0 : client_watch(c);
}

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        char text[TOPIC_SIZE];
        int r;

        r = topic_build(topic, client->options.hub, name, text);
        if (r < 0)
                return r;
        if (!topic_outbound(topic))
                return -EACCES;
        return client_send(client, text, payload, n_payload, topic_retained(topic), NULL, done);
}

int mqtt_client_publish_kept(struct mqtt_client *client, enum topic topic, const char *name,
                             const void *payload, size_t n_payload)
{
        char text[TOPIC_SIZE];
        int r;

        r = topic_build(topic, client->options.hub, name, text);
        if (r < 0)
                return r;
        if (!topic_outbound(topic) || topic_retained(topic) || !topic_may_retain(topic))
                return -EACCES;
        return client_send(client, text, payload, n_payload, true, NULL, NULL);
}

int mqtt_client_remove(struct mqtt_client *client, const char *text, const struct mqtt_done *done)
{
        char hub[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_hub(text, &topic, hub) || !topic_may_retain(topic))
                return -EINVAL;
        return client_send(client, text, "", 0, true, NULL, done);
}

int mqtt_client_ask_hub(struct mqtt_client *client, const char *hub)
{
        char text[TOPIC_SIZE];
        int r;

        r = topic_build(TOPIC_STATE, hub, NULL, text);
        if (r < 0)
                return r;
        if (!client->connected)
                return -ENOTCONN;
        r = mqtt_errno(mosquitto_subscribe_v5(client->mosquitto, NULL, text, TOPIC_QOS, 0, NULL));
        if (r < 0)
                return r;
        return client->inside ? 0 : client_watch(client);
}

int mqtt_client_ask_kept(struct mqtt_client *client, enum topic topic)
{
        char filter[TOPIC_SIZE];
        int r;

        r = topic_filter_kept(topic, client->options.hub, filter);
        if (r < 0)
                return r;
        if (!client->connected)
                return -ENOTCONN;
        r = mqtt_errno(mosquitto_subscribe_v5(client->mosquitto, NULL, filter, TOPIC_QOS, 0, NULL));
        if (r < 0)
                return r;
        return client->inside ? 0 : client_watch(client);
}

void mqtt_client_leave_kept(struct mqtt_client *client, enum topic topic)
{
        char filter[TOPIC_SIZE];

        if (!client->connected || topic_filter_kept(topic, client->options.hub, filter) < 0)
                return;
        (void)mosquitto_unsubscribe_v5(client->mosquitto, NULL, filter, NULL);
        if (!client->inside)
                (void)client_watch(client);
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        for (struct pending *p = client->pending; p; p = p->next)
                if (p->done.userdata == userdata)
                        p->done = (struct mqtt_done){.on_done = NULL};
}

static int client_send_correlated(struct mqtt_client *c, const struct mqtt_return *to,
                                  const char *topic, const char *payload, size_t n_payload)
{
        mosquitto_property *properties = NULL;
        int r = 0;

        if (to->n_correlation > 0)
                r = mqtt_errno(mosquitto_property_add_binary(
                        &properties, MQTT_PROP_CORRELATION_DATA, to->correlation,
                        (uint16_t)to->n_correlation));
        if (r == 0)
                r = client_send(c, topic, payload, n_payload, false, properties, NULL);
        mosquitto_property_free_all(&properties);
        return r;
}

int mqtt_client_reply(struct mqtt_client *client, const struct mqtt_return *to, const char *payload,
                      size_t n_payload)
{
        char topic[TOPIC_SIZE] = "";
        int r = 0;

        if (to->verb[0]) {
                r = topic_build(TOPIC_RESPONSE, client->options.hub, to->verb, topic);
                if (r < 0)
                        return r;
                r = client_send_correlated(client, to, topic, payload, n_payload);
        }
        if (r < 0 || !to->response_topic[0] || strcmp(to->response_topic, topic) == 0)
                return r;
        return client_send_correlated(client, to, to->response_topic, payload, n_payload);
}

static void client_on_publish(struct mosquitto *m, void *userdata, int mid, int reason_code,
                              const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;
        struct pending **at = &c->pending;

        (void)m;
        (void)properties;
        while (*at && (*at)->mid != mid)
                at = &(*at)->next;
        if (*at)
                client_settle(c, at, reason_code);
}

/* What the requester wants in its answer, without what is not allowed. */
static void client_read_return(struct mqtt_client *c, const char *verb,
                               const mosquitto_property *properties, struct mqtt_return *ret_to)
{
        char *topic = NULL;
        void *correlation = NULL;
        uint16_t n_correlation = 0;

        *ret_to = (struct mqtt_return){.n_correlation = 0};
        (void)snprintf(ret_to->verb, sizeof(ret_to->verb), "%s", verb);
        (void)mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &topic, false);
        (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation,
                                             &n_correlation, false);
        if (topic && strlen(topic) < sizeof(ret_to->response_topic) &&
            topic_may_answer(c->options.hub, topic))
                (void)snprintf(ret_to->response_topic, sizeof(ret_to->response_topic), "%s", topic);
        else if (topic)
                log_warning("Refusing to answer %s on the topic it names: %s",
                            verb[0] ? verb : "a command", topic);
        if (correlation && n_correlation <= sizeof(ret_to->correlation)) {
                memcpy(ret_to->correlation, correlation, n_correlation);
                ret_to->n_correlation = n_correlation;
        }
        free(topic);
        free(correlation);
}

/* The state of another hub, which mqtt_client_ask_hub() asked for. */
static bool client_take_state(struct mqtt_client *c, const struct mosquitto_message *message)
{
        char hub[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_hub(message->topic, &topic, hub) || topic != TOPIC_STATE ||
            strcmp(hub, c->options.hub) == 0)
                return false;
        if ((size_t)message->payloadlen == strlen(MQTT_PAYLOAD_OFFLINE) &&
            memcmp(message->payload, MQTT_PAYLOAD_OFFLINE, strlen(MQTT_PAYLOAD_OFFLINE)) == 0)
                c->handler->on_no_hub(c->userdata, hub);
        return true;
}

/* Home Assistant may retain what it says, and the hub hears it only when it is said. */
static bool client_take_birth(struct mqtt_client *c, const struct mosquitto_message *message)
{
        const char *birth = mqtt_option(c->options.birth);

        if (!birth || strcmp(message->topic, birth) != 0)
                return false;
        c->handler->on_birth(c->userdata, message->payload ? message->payload : "",
                             (size_t)message->payloadlen);
        return true;
}

/* What this hub publishes itself comes back to it while it asks for what is kept. */
static bool client_take_kept(struct mqtt_client *c, const struct mosquitto_message *message)
{
        char name[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_parse(c->options.hub, message->topic, &topic, name) || !topic_outbound(topic) ||
            !topic_retained(topic))
                return false;
        if (message->retain && c->handler->on_kept)
                c->handler->on_kept(c->userdata, topic, name);
        return true;
}

static void client_on_message(struct mosquitto *m, void *userdata,
                              const struct mosquitto_message *message,
                              const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;
        struct mqtt_request request;
        char name[TOPIC_NAME_SIZE];

        (void)m;
        if (client_take_state(c, message) || client_take_birth(c, message) ||
            client_take_kept(c, message))
                return;
        if (topic_parse(c->options.hub, message->topic, &request.topic, name) ||
            !topic_inbound(request.topic)) {
                log_warning("Ignoring an MQTT message that is not a request: %s", message->topic);
                return;
        }
        /* The broker keeps it, so it would be executed again at every start. */
        if (message->retain) {
                log_warning("Refusing a retained MQTT request: %s", message->topic);
                return;
        }
        if (message->payloadlen > MQTT_REQUEST_MAX) {
                log_warning("Refusing an MQTT request of %d bytes: %s", message->payloadlen,
                            message->topic);
                return;
        }
        request.name = name;
        request.payload = message->payload ? message->payload : "";
        request.n_payload = (size_t)message->payloadlen;
        client_read_return(c, request.topic == TOPIC_REQUEST ? name : "", properties, &request.to);
        c->handler->on_request(c->userdata, &request);
}

static void client_on_subscribe(struct mosquitto *m, void *userdata, int mid, int n_granted,
                                const int *granted, const mosquitto_property *properties)
{
        (void)m;
        (void)userdata;
        (void)mid;
        (void)properties;
        for (int i = 0; i < n_granted; i++)
                if (granted[i] >= 128)
                        log_warning("The MQTT broker refuses enrolld a subscription, to requests, "
                                    "to the state of its former name or to what Home Assistant "
                                    "says when it starts: %s",
                                    mosquitto_reason_string(granted[i]));
}

static void client_on_connect(struct mosquitto *m, void *userdata, int code, int flags,
                              const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;

        (void)m;
        (void)flags;
        (void)properties;
        c->connack = code;
}

/* libmosquitto is about to close the socket, or just has: nothing may wait for it any more. */
static void client_on_disconnect(struct mosquitto *m, void *userdata, int code,
                                 const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;

        (void)m;
        (void)properties;
        loop_drop(&c->io);
        c->lost = true;
        c->error = code;
}

static int client_subscribe_to(struct mqtt_client *c, const char *filter)
{
        const int options = MQTT_SUB_OPT_NO_LOCAL | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED |
                            MQTT_SUB_OPT_SEND_RETAIN_NEVER;

        return mqtt_errno(
                mosquitto_subscribe_v5(c->mosquitto, NULL, filter, TOPIC_QOS, options, NULL));
}

static int client_subscribe(struct mqtt_client *c)
{
        const char *birth = mqtt_option(c->options.birth);
        char filter[TOPIC_SIZE];
        int r;

        for (int i = 0; i < TOPIC_MAX; i++) {
                if (topic_filter((enum topic)i, c->options.hub, filter) < 0)
                        continue;
                r = client_subscribe_to(c, filter);
                if (r < 0)
                        return r;
        }
        return birth ? client_subscribe_to(c, birth) : 0;
}

/* The broker has accepted the connection. */
static void client_greet(struct mqtt_client *c)
{
        int r;

        c->connected = true;
        (void)snprintf(c->why, sizeof(c->why), "the connection was lost");
        c->retry_msec = c->options.retry_min_msec;
        c->attempt = 0;
        loop_drop(&c->patience);
        r = mqtt_client_publish(c, TOPIC_STATE, NULL, PAYLOAD_ONLINE, strlen(PAYLOAD_ONLINE), NULL);
        if (r == 0)
                r = client_subscribe(c);
        if (r < 0)
                (void)log_errno(r, "Cannot greet the MQTT broker");
        client_set_state(c, REASON_NONE);
}

/* Whether the host has another address that has not been tried in this round. */
static bool client_has_other_address(const struct mqtt_client *c)
{
        return c->connack < 0 && c->n_addresses > 0 && c->attempt % c->n_addresses != 0;
}

static uint64_t client_next_wait(struct mqtt_client *c)
{
        uint64_t msec = c->retry_msec;

        if (client_has_other_address(c))
                return 0;
        c->retry_msec = msec * 2 < c->options.retry_max_msec ? msec * 2 : c->options.retry_max_msec;
        return client_jittered(msec);
}

/* Why there is no connection: of what a broker answers to CONNECT, these are about the login. */
static enum reason client_absence(const struct mqtt_client *c)
{
        switch (c->connack) {
        case CONNACK_REFUSED_BAD_USERNAME_PASSWORD: /* MQTT 3.1.1 */
        case CONNACK_REFUSED_NOT_AUTHORIZED:
        case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
        case MQTT_RC_NOT_AUTHORIZED:
        case MQTT_RC_BANNED:
        case MQTT_RC_BAD_AUTHENTICATION_METHOD:
                return REASON_BROKER_LOGIN_REFUSED;
        default:
                return REASON_BROKER_UNREACHABLE;
        }
}

/* Nothing is left of the connection, or the attempt at one. Not for use inside libmosquitto. */
static void client_close(struct mqtt_client *c)
{
        loop_drop(&c->io);
        loop_drop(&c->misc);
        loop_drop(&c->patience);
        c->dial = mqtt_dial_free(c->dial);
        mosquitto_destroy(c->mosquitto);
        c->mosquitto = NULL;
        c->connected = false;
        c->lost = false;
}

/* It is over, and tried again. */
static void client_end(struct mqtt_client *c)
{
        bool round_over = !client_has_other_address(c);

        client_close(c);
        loop_rearm_timer(c->retry, client_next_wait(c));
        client_abandon_pending(c);
        if (round_over)
                client_set_state(c, client_absence(c));
}

/* Handles what a call of libmosquitto caused, after it has returned. */
static void client_turn(struct mqtt_client *c)
{
        int r;

        c->inside = false;
        if (c->lost) {
                client_end(c);
                return;
        }
        r = client_watch(c);
        if (r < 0)
                (void)log_errno(r, "Cannot watch the connection to the MQTT broker");
        if (c->connack == 0 && !c->connected)
                client_greet(c);
}

/*
 * libmosquitto does not report every failure through its callback: for TLS it only returns an
 * error.
 */
static void client_heed(struct mqtt_client *c, int code)
{
        if (code == MOSQ_ERR_SUCCESS || c->lost)
                return;
        c->lost = true;
        c->error = code;
}

static int client_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct mqtt_client *c = userdata;

        (void)source;
        (void)fd;
        c->inside = true;
        if (events & EPOLLOUT)
                client_heed(c, mosquitto_loop_write(c->mosquitto, 1));
        if (!c->lost && (events & ~(uint32_t)EPOLLOUT))
                client_heed(c, mosquitto_loop_read(c->mosquitto, 1));
        /* While it connects, libmosquitto does not check the socket for an error. */
        if (events & EPOLLERR)
                c->lost = true;
        client_turn(c);
        return 0;
}

static int client_on_misc(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct mqtt_client *c = userdata;

        (void)source;
        (void)usec;
        c->inside = true;
        client_heed(c, mosquitto_loop_misc(c->mosquitto));
        (void)loop_arm_timer(c->event, &c->misc, MISC_MSEC, client_on_misc, c);
        client_turn(c);
        return 0;
}

static int client_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        client_end(userdata);
        return 0;
}

/* The broker publishes the will: the hub is offline. */
static void client_part(struct mqtt_client *c)
{
        if (!c->connected)
                return;
        mosquitto_disconnect_v5_callback_set(c->mosquitto, NULL);
        (void)mosquitto_disconnect_v5(c->mosquitto, MQTT_RC_DISCONNECT_WITH_WILL_MSG, NULL);
}

int mqtt_client_restart(struct mqtt_client *client)
{
        struct mqtt_client *c = client;
        int r;

        assert(!c->inside);
        r = address_parse(c->options.broker, ADDRESS_UNIX | ADDRESS_TCP, &c->broker, NULL);
        if (r < 0)
                return r;
        client_part(c);
        client_close(c);
        c->retry_msec = c->options.retry_min_msec;
        c->attempt = c->n_addresses = 0;
        loop_rearm_timer(c->retry, 0);
        client_abandon_pending(c);
        log_info("MQTT broker %s: connecting again.", c->options.broker);
        c->said = false; /* how that ends is said in any case */
        c->reason = REASON_BROKER_UNREACHABLE;
        c->handler->on_state(c->userdata, c->reason);
        return 0;
}

/* --- the attempt --- */

static int client_open(struct mqtt_client *c, struct mosquitto *mosquitto_take)
{
        int r;

        c->mosquitto = mosquitto_take;
        mosquitto_connect_v5_callback_set(c->mosquitto, client_on_connect);
        mosquitto_disconnect_v5_callback_set(c->mosquitto, client_on_disconnect);
        mosquitto_publish_v5_callback_set(c->mosquitto, client_on_publish);
        mosquitto_message_v5_callback_set(c->mosquitto, client_on_message);
        mosquitto_subscribe_v5_callback_set(c->mosquitto, client_on_subscribe);
        r = sd_event_add_io(c->event, &c->io, mosquitto_socket(c->mosquitto), EPOLLIN, client_on_io,
                            c);
        if (r < 0)
                return r;
        r = loop_arm_timer(c->event, &c->misc, MISC_MSEC, client_on_misc, c);
        return r < 0 ? r : client_watch(c);
}

static void client_on_open(void *userdata, struct mosquitto *mosquitto_take)
{
        struct mqtt_client *c = userdata;
        int r;

        c->n_addresses = mqtt_dial_addresses(c->dial);
        c->dial = mqtt_dial_free(c->dial);
        r = client_open(c, mosquitto_take);
        if (r < 0) {
                (void)snprintf(c->why, sizeof(c->why), "%s", strerror(-r));
                client_end(c);
        }
}

static void client_on_not_open(void *userdata, const char *why)
{
        struct mqtt_client *c = userdata;

        (void)snprintf(c->why, sizeof(c->why), "%s", why);
        c->n_addresses = mqtt_dial_addresses(c->dial);
        client_end(c);
}

static const struct mqtt_dial_handler client_dial_handler = {
        .on_open = client_on_open,
        .on_failed = client_on_not_open,
};

static int client_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct mqtt_client *c = userdata;
        int r;

        (void)source;
        (void)usec;
        c->connack = -1;
        c->error = MOSQ_ERR_SUCCESS;
        (void)snprintf(c->why, sizeof(c->why), "no answer");
        r = mqtt_dial_new(c->event, &c->options, &c->broker, c->attempt++, &client_dial_handler, c,
                          &c->dial);
        if (r == 0)
                r = loop_arm_timer(c->event, &c->patience, c->options.connect_msec,
                                   client_on_patience, c);
        if (r < 0) {
                (void)snprintf(c->why, sizeof(c->why), "%s",
                               r == -EBUSY ? "the name server or the broker is silent"
                                           : strerror(-r));
                client_end(c);
        }
        return 0;
}

int mqtt_client_new(sd_event *event, const struct mqtt_options *options,
                    const struct mqtt_handler *handler, void *userdata,
                    struct mqtt_client **ret_client)
{
        _defer_(mqtt_client_free) struct mqtt_client *c = NULL;
        int r;

        if (!word_valid(options->hub, strlen(options->hub)))
                return -EINVAL;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        (void)mosquitto_lib_init();
        c->event = sd_event_ref(event);
        c->options = *options;
        c->pending_end = &c->pending;
        if (c->options.retry_min_msec == 0)
                c->options.retry_min_msec = RETRY_MIN_MSEC;
        if (c->options.retry_max_msec == 0)
                c->options.retry_max_msec = RETRY_MAX_MSEC;
        if (c->options.connect_msec == 0)
                c->options.connect_msec = CONNECT_MSEC;
        c->retry_msec = c->options.retry_min_msec;
        c->handler = handler;
        c->userdata = userdata;
        r = address_parse(options->broker, ADDRESS_UNIX | ADDRESS_TCP, &c->broker, NULL);
        if (r < 0)
                return r;
        r = loop_arm_timer(event, &c->retry, 0, client_on_retry, c);
        if (r < 0)
                return r;

        *ret_client = take(c);
        return 0;
}

struct mqtt_client *mqtt_client_free(struct mqtt_client *client)
{
        struct pending *next;

        if (!client)
                return NULL;
        assert(!client->inside);
        loop_drop(&client->io);
        loop_drop(&client->misc);
        loop_drop(&client->patience);
        loop_drop(&client->retry);
        client_part(client);
        client->dial = mqtt_dial_free(client->dial);
        mosquitto_destroy(client->mosquitto);
        for (struct pending *p = client->pending; p; p = next) {
                next = p->next;
                free(p);
        }
        client->event = sd_event_unref(client->event);
        free(client);
        (void)mosquitto_lib_cleanup();
        return NULL;
}

const struct mqtt_options *mqtt_client_options(const struct mqtt_client *client)
{
        return &client->options;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return client->connected;
}

bool mqtt_client_is_busy(const struct mqtt_client *client)
{
        return client->busy;
}

bool mqtt_client_is_idle(const struct mqtt_client *client)
{
        return !client->pending;
}
