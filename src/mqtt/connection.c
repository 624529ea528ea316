/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include <mqtt_protocol.h>

#include "mqtt/dial.h"
#include "mqtt/topic.h"
#include "util/address.h"
#include "util/log.h"
#include "util/loop.h"

#define MISC_MSEC        15000 /* how often libmosquitto looks at the keepalive */
#define CONNECT_MSEC     10000 /* from the first SYN to the CONNACK */
#define RETRY_MIN_MSEC   1000
#define RETRY_MAX_MSEC   60000
#define PENDING_OVERHEAD 512 /* bytes that libmosquitto needs for a message, about */
#define WHY_SIZE         128

/* A message that the broker has not acknowledged. */
struct pending {
        struct pending *next; /* sent after it */
        int mid;
        size_t n_bytes;
        struct mqtt_done done; /* .on_done may be NULL */
};

struct mqtt_connection {
        sd_event *event;
        struct mqtt_options options;
        const struct mqtt_connection_handler *handler;
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
static uint64_t connection_jittered(uint64_t msec)
{
        uint32_t lot = 0;

        (void)getrandom(&lot, sizeof(lot), GRND_NONBLOCK);
        return msec / 2 + lot % (msec / 2 + 1);
}

/* Makes the event loop wait for what libmosquitto wants. */
static int connection_watch(struct mqtt_connection *c)
{
        uint32_t events = EPOLLIN;

        if (!c->io)
                return 0;
        if (mosquitto_want_write(c->mosquitto))
                events |= EPOLLOUT;
        return sd_event_source_set_io_events(c->io, events);
}

/* Why there is no connection, as the end of a line. */
static const char *connection_detail(const struct mqtt_connection *c)
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

static void connection_set_state(struct mqtt_connection *c, enum reason reason)
{
        if (c->said && c->reason == reason)
                return;
        c->said = true;
        c->reason = reason;
        if (reason == REASON_NONE)
                log_info("MQTT broker %s: connected.", c->options.broker);
        else
                log_warning("MQTT broker %s: %s. %s %s (%s)", c->options.broker,
                            connection_detail(c), reason_text(reason), reason_remedy(reason),
                            reason_code(reason));
        c->handler->on_state(c->userdata, reason);
}

/* Reports that there is room again, unless the connection is lost. */
static void connection_relax(struct mqtt_connection *c)
{
        if (!c->busy || c->n_pending_bytes > MQTT_BUSY_BYTES / 2)
                return;
        c->busy = false;
        if (c->connected)
                c->handler->on_room(c->userdata);
}

/* Takes the message out of those that are pending, and reports its outcome. */
static void connection_settle(struct mqtt_connection *c, struct pending **at, int result)
{
        struct pending *p = *at;

        *at = p->next;
        if (c->pending_end == &p->next)
                c->pending_end = at;
        c->n_pending_bytes -= p->n_bytes;
        if (p->done.on_done)
                p->done.on_done(p->done.userdata, result);
        free(p);
        connection_relax(c);
}

/* Reports to the owner of each pending message that its outcome is unknown. */
static void connection_abandon_pending(struct mqtt_connection *c)
{
        while (c->pending)
                connection_settle(c, &c->pending, -ENOTCONN);
}

static int connection_on_patience(sd_event_source *source, uint64_t usec, void *userdata);

/*
 * Until the broker acknowledges a message libmosquitto keeps it. One that asks and asks and never
 * acknowledges the answers is parted with, in a later turn of the loop.
 */
static void connection_overflow(struct mqtt_connection *c)
{
        if (c->patience)
                return;
        (void)snprintf(c->why, sizeof(c->why), "it does not acknowledge what it is sent");
        (void)loop_arm_timer(c->event, &c->patience, 0, connection_on_patience, c);
}

/* A large message alone must not look like a broker that acknowledges nothing. */
static size_t connection_weight(size_t n_payload)
{
        size_t n = n_payload + PENDING_OVERHEAD;

        return n < MQTT_WEIGHT_MAX ? n : MQTT_WEIGHT_MAX;
}

static int connection_keep(struct mqtt_connection *c, int mid, size_t n_payload,
                           const struct mqtt_done *done)
{
        struct pending *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        p->mid = mid;
        p->n_bytes = connection_weight(n_payload);
        if (done)
                p->done = *done;
        *c->pending_end = p;
        c->pending_end = &p->next;
        c->n_pending_bytes += p->n_bytes;
        c->busy = c->busy || c->n_pending_bytes >= MQTT_BUSY_BYTES;
        return 0;
}

int mqtt_connection_send(struct mqtt_connection *connection, const char *topic, const void *payload,
                         size_t n_payload, bool retain, const mosquitto_property *properties,
                         const struct mqtt_done *done)
{
        int mid, code, r;

        if (!connection->connected)
                return -ENOTCONN;
        if (n_payload > MQTT_MAX_PAYLOAD)
                return -EMSGSIZE;
        if (connection->n_pending_bytes + connection_weight(n_payload) > MQTT_PENDING_MAX) {
                connection_overflow(connection);
                return -ENOTCONN;
        }
        code = mosquitto_publish_v5(connection->mosquitto, &mid, topic, (int)n_payload, payload,
                                    TOPIC_QOS, retain, properties);
        if (code != MOSQ_ERR_SUCCESS)
                return mqtt_errno(code);
        r = connection_keep(connection, mid, n_payload, done);
        if (r < 0)
                return r;
        /* Inside a callback libmosquitto only queues; it then watches the socket itself. */
        return connection->inside ? 0 : connection_watch(connection);
}

int mqtt_connection_subscribe(struct mqtt_connection *connection, const char *filter, int options)
{
        int r;

        if (!connection->connected)
                return -ENOTCONN;
        r = mqtt_errno(mosquitto_subscribe_v5(connection->mosquitto, NULL, filter, TOPIC_QOS,
                                              options, NULL));
        if (r < 0)
                return r;
        return connection->inside ? 0 : connection_watch(connection);
}

void mqtt_connection_unsubscribe(struct mqtt_connection *connection, const char *filter)
{
        if (!connection->connected)
                return;
        (void)mosquitto_unsubscribe_v5(connection->mosquitto, NULL, filter, NULL);
        if (!connection->inside)
                (void)connection_watch(connection);
}

void mqtt_connection_forget(struct mqtt_connection *connection, const void *userdata)
{
        for (struct pending *p = connection->pending; p; p = p->next)
                if (p->done.userdata == userdata)
                        p->done = (struct mqtt_done){.on_done = NULL};
}

/* --- what libmosquitto reports --- */

static void connection_on_publish(struct mosquitto *m, void *userdata, int mid, int reason_code,
                                  const mosquitto_property *properties)
{
        struct mqtt_connection *c = userdata;
        struct pending **at = &c->pending;

        (void)m;
        (void)properties;
        while (*at && (*at)->mid != mid)
                at = &(*at)->next;
        if (*at)
                connection_settle(c, at, reason_code);
}

static void connection_on_message(struct mosquitto *m, void *userdata,
                                  const struct mosquitto_message *message,
                                  const mosquitto_property *properties)
{
        struct mqtt_connection *c = userdata;

        (void)m;
        c->handler->on_message(c->userdata, message, properties);
}

static void connection_on_subscribe(struct mosquitto *m, void *userdata, int mid, int n_granted,
                                    const int *granted, const mosquitto_property *properties)
{
        struct mqtt_connection *c = userdata;

        (void)m;
        (void)mid;
        (void)properties;
        for (int i = 0; i < n_granted; i++)
                if (granted[i] >= MQTT_REFUSED)
                        c->handler->on_not_subscribed(c->userdata, granted[i]);
}

static void connection_on_connect(struct mosquitto *m, void *userdata, int code, int flags,
                                  const mosquitto_property *properties)
{
        struct mqtt_connection *c = userdata;

        (void)m;
        (void)flags;
        (void)properties;
        c->connack = code;
}

/* libmosquitto is about to close the socket, or just has: nothing may wait for it any more. */
static void connection_on_disconnect(struct mosquitto *m, void *userdata, int code,
                                     const mosquitto_property *properties)
{
        struct mqtt_connection *c = userdata;

        (void)m;
        (void)properties;
        loop_drop(&c->io);
        c->lost = true;
        c->error = code;
}

/* --- how an attempt ends --- */

/* The broker has accepted the connection. */
static void connection_greet(struct mqtt_connection *c)
{
        c->connected = true;
        (void)snprintf(c->why, sizeof(c->why), "the connection was lost");
        c->retry_msec = c->options.retry_min_msec;
        c->attempt = 0;
        loop_drop(&c->patience);
        c->handler->on_accepted(c->userdata);
        connection_set_state(c, REASON_NONE);
}

/* Whether the host has another address that has not been tried in this round. */
static bool connection_has_other_address(const struct mqtt_connection *c)
{
        return c->connack < 0 && c->n_addresses > 0 && c->attempt % c->n_addresses != 0;
}

static uint64_t connection_next_wait(struct mqtt_connection *c)
{
        uint64_t msec = c->retry_msec;

        if (connection_has_other_address(c))
                return 0;
        c->retry_msec = msec * 2 < c->options.retry_max_msec ? msec * 2 : c->options.retry_max_msec;
        return connection_jittered(msec);
}

/* Why there is no connection: of what a broker answers to CONNECT, these are about the login. */
static enum reason connection_absence(const struct mqtt_connection *c)
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
static void connection_close(struct mqtt_connection *c)
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
static void connection_end(struct mqtt_connection *c)
{
        bool round_over = !connection_has_other_address(c);

        connection_close(c);
        loop_rearm_timer(c->retry, connection_next_wait(c));
        connection_abandon_pending(c);
        if (round_over)
                connection_set_state(c, connection_absence(c));
}

/* Handles what a call of libmosquitto caused, after it has returned. */
static void connection_turn(struct mqtt_connection *c)
{
        int r;

        c->inside = false;
        if (c->lost) {
                connection_end(c);
                return;
        }
        r = connection_watch(c);
        if (r < 0)
                (void)log_errno(r, "Cannot watch the connection to the MQTT broker");
        if (c->connack == 0 && !c->connected)
                connection_greet(c);
}

/*
 * libmosquitto does not report every failure through its callback: for TLS it only returns an
 * error.
 */
static void connection_heed(struct mqtt_connection *c, int code)
{
        if (code == MOSQ_ERR_SUCCESS || c->lost)
                return;
        c->lost = true;
        c->error = code;
}

static int connection_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct mqtt_connection *c = userdata;

        (void)source;
        (void)fd;
        c->inside = true;
        if (events & EPOLLOUT)
                connection_heed(c, mosquitto_loop_write(c->mosquitto, 1));
        if (!c->lost && (events & ~(uint32_t)EPOLLOUT))
                connection_heed(c, mosquitto_loop_read(c->mosquitto, 1));
        /* While it connects, libmosquitto does not check the socket for an error. */
        if (events & EPOLLERR)
                c->lost = true;
        connection_turn(c);
        return 0;
}

static int connection_on_misc(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct mqtt_connection *c = userdata;

        (void)source;
        (void)usec;
        c->inside = true;
        connection_heed(c, mosquitto_loop_misc(c->mosquitto));
        (void)loop_arm_timer(c->event, &c->misc, MISC_MSEC, connection_on_misc, c);
        connection_turn(c);
        return 0;
}

static int connection_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        connection_end(userdata);
        return 0;
}

/* The broker publishes the will: the hub is offline. */
static void connection_part(struct mqtt_connection *c)
{
        if (!c->connected)
                return;
        mosquitto_disconnect_v5_callback_set(c->mosquitto, NULL);
        (void)mosquitto_disconnect_v5(c->mosquitto, MQTT_RC_DISCONNECT_WITH_WILL_MSG, NULL);
}

int mqtt_connection_restart(struct mqtt_connection *connection)
{
        struct mqtt_connection *c = connection;
        int r;

        assert(!c->inside);
        r = address_parse(c->options.broker, ADDRESS_UNIX | ADDRESS_TCP, &c->broker, NULL);
        if (r < 0)
                return r;
        connection_part(c);
        connection_close(c);
        c->retry_msec = c->options.retry_min_msec;
        c->attempt = c->n_addresses = 0;
        loop_rearm_timer(c->retry, 0);
        connection_abandon_pending(c);
        log_info("MQTT broker %s: connecting again.", c->options.broker);
        c->said = false; /* how that ends is said in any case */
        c->reason = REASON_BROKER_UNREACHABLE;
        c->handler->on_state(c->userdata, c->reason);
        return 0;
}

/* --- the attempt --- */

static int connection_open(struct mqtt_connection *c, struct mosquitto *mosquitto_take)
{
        int r;

        c->mosquitto = mosquitto_take;
        mosquitto_connect_v5_callback_set(c->mosquitto, connection_on_connect);
        mosquitto_disconnect_v5_callback_set(c->mosquitto, connection_on_disconnect);
        mosquitto_publish_v5_callback_set(c->mosquitto, connection_on_publish);
        mosquitto_message_v5_callback_set(c->mosquitto, connection_on_message);
        mosquitto_subscribe_v5_callback_set(c->mosquitto, connection_on_subscribe);
        r = sd_event_add_io(c->event, &c->io, mosquitto_socket(c->mosquitto), EPOLLIN,
                            connection_on_io, c);
        if (r < 0)
                return r;
        r = loop_arm_timer(c->event, &c->misc, MISC_MSEC, connection_on_misc, c);
        return r < 0 ? r : connection_watch(c);
}

static void connection_on_open(void *userdata, struct mosquitto *mosquitto_take)
{
        struct mqtt_connection *c = userdata;
        int r;

        c->n_addresses = mqtt_dial_addresses(c->dial);
        c->dial = mqtt_dial_free(c->dial);
        r = connection_open(c, mosquitto_take);
        if (r < 0) {
                (void)snprintf(c->why, sizeof(c->why), "%s", strerror(-r));
                connection_end(c);
        }
}

static void connection_on_not_open(void *userdata, const char *why)
{
        struct mqtt_connection *c = userdata;

        (void)snprintf(c->why, sizeof(c->why), "%s", why);
        c->n_addresses = mqtt_dial_addresses(c->dial);
        connection_end(c);
}

static const struct mqtt_dial_handler connection_dial_handler = {
        .on_open = connection_on_open,
        .on_failed = connection_on_not_open,
};

static int connection_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct mqtt_connection *c = userdata;
        int r;

        (void)source;
        (void)usec;
        c->connack = -1;
        c->error = MOSQ_ERR_SUCCESS;
        (void)snprintf(c->why, sizeof(c->why), "no answer");
        r = mqtt_dial_new(c->event, &c->options, &c->broker, c->attempt++, &connection_dial_handler,
                          c, &c->dial);
        if (r == 0)
                r = loop_arm_timer(c->event, &c->patience, c->options.connect_msec,
                                   connection_on_patience, c);
        if (r < 0) {
                (void)snprintf(c->why, sizeof(c->why), "%s",
                               r == -EBUSY ? "the name server or the broker is silent"
                                           : strerror(-r));
                connection_end(c);
        }
        return 0;
}

int mqtt_connection_new(sd_event *event, const struct mqtt_options *options,
                        const struct mqtt_connection_handler *handler, void *userdata,
                        struct mqtt_connection **ret_connection)
{
        _defer_(mqtt_connection_free) struct mqtt_connection *c = NULL;
        int r;

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
        r = loop_arm_timer(event, &c->retry, 0, connection_on_retry, c);
        if (r < 0)
                return r;

        *ret_connection = take(c);
        return 0;
}

struct mqtt_connection *mqtt_connection_free(struct mqtt_connection *connection)
{
        struct pending *next;

        if (!connection)
                return NULL;
        assert(!connection->inside);
        loop_drop(&connection->io);
        loop_drop(&connection->misc);
        loop_drop(&connection->patience);
        loop_drop(&connection->retry);
        connection_part(connection);
        connection->dial = mqtt_dial_free(connection->dial);
        mosquitto_destroy(connection->mosquitto);
        for (struct pending *p = connection->pending; p; p = next) {
                next = p->next;
                free(p);
        }
        connection->event = sd_event_unref(connection->event);
        free(connection);
        (void)mosquitto_lib_cleanup();
        return NULL;
}

const struct mqtt_options *mqtt_connection_options(const struct mqtt_connection *connection)
{
        return &connection->options;
}

bool mqtt_connection_is_up(const struct mqtt_connection *connection)
{
        return connection->connected;
}

bool mqtt_connection_is_busy(const struct mqtt_connection *connection)
{
        return connection->busy;
}

bool mqtt_connection_is_idle(const struct mqtt_connection *connection)
{
        return !connection->pending;
}
