/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/client.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "mqtt/broker.h"
#include "util/defer.h"
#include "util/file.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/word.h"

#define KEEPALIVE_SEC   60
#define MISC_MSEC       15000 /* how often libmosquitto looks at the keepalive */
#define CONNECT_MSEC    10000 /* from the first SYN to the CONNACK */
#define RETRY_MIN_MSEC  1000
#define RETRY_MAX_MSEC  60000
#define PASSWORD_SIZE   256
#define CLIENT_ID_SIZE  (sizeof("enrolld-") + WORD_MAX)
#define PAYLOAD_ONLINE  "{\"state\":\"online\"}"
#define PAYLOAD_OFFLINE "{\"state\":\"offline\"}"

/* A message whose PUBACK is awaited by somebody. */
struct pending {
        struct pending *next;
        int mid;
        struct mqtt_done done;
};

struct mqtt_client {
        sd_event *event;
        struct mqtt_options options;
        const struct mqtt_handler *handler;
        void *userdata;
        struct broker broker;

        struct mosquitto *mosquitto; /* one per attempt */
        sd_event_source *io;
        sd_event_source *misc;
        sd_event_source *patience; /* with the present attempt */
        sd_event_source *retry;    /* until the next one */

        bool connected; /* between CONNACK and loss */
        bool said;      /* on_state() has been called with .reason */
        enum reason reason;
        bool lost;   /* libmosquitto gave the connection up */
        bool inside; /* libmosquitto is calling */
        int connack; /* the reason code of the CONNACK, -1 while there is none */
        int error;   /* libmosquitto's, why it gave up */
        int failure; /* -errno of an attempt that could not even begin, 0 if it did */
        uint64_t retry_msec;
        size_t attempt, n_addresses;
        struct pending *pending;
};

/* The result of a call of libmosquitto, as -errno. */
static int client_errno(int code)
{
        switch (code) {
        case MOSQ_ERR_SUCCESS:
                return 0;
        case MOSQ_ERR_NOMEM:
                return -ENOMEM;
        case MOSQ_ERR_NO_CONN:
        case MOSQ_ERR_CONN_LOST:
                return -ENOTCONN;
        case MOSQ_ERR_ERRNO:
                return errno > 0 ? -errno : -EIO;
        case MOSQ_ERR_PAYLOAD_SIZE:
        case MOSQ_ERR_OVERSIZE_PACKET:
                return -EMSGSIZE;
        default:
                return -EIO;
        }
}

static const char *or_null(const char *text)
{
        return text && text[0] ? text : NULL;
}

static bool is_given(const char *text)
{
        return or_null(text) != NULL;
}

bool mqtt_options_prove(const struct mqtt_options *options)
{
        return (is_given(options->user) && is_given(options->password_file)) ||
               (is_given(options->ca_file) && is_given(options->cert_file) &&
                is_given(options->key_file));
}

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
        if (c->error == MOSQ_ERR_TLS)
                return "the certificates do not match";
        return c->failure < 0 ? strerror(-c->failure) : "no answer";
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

/* Reports to the owner of each pending message that its outcome is unknown. */
static void client_abandon_pending(struct mqtt_client *c)
{
        while (c->pending) {
                struct pending *p = c->pending;

                c->pending = p->next;
                p->done.on_done(p->done.userdata, -ENOTCONN);
                free(p);
        }
}

static int client_keep_done(struct mqtt_client *c, int mid, const struct mqtt_done *done)
{
        struct pending *p;

        if (!done)
                return 0;
        p = malloc(sizeof(*p));
        if (!p)
                return -ENOMEM;
        *p = (struct pending){.next = c->pending, .mid = mid, .done = *done};
        c->pending = p;
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
        code = mosquitto_publish_v5(c->mosquitto, &mid, topic, (int)n_payload, payload, TOPIC_QOS,
                                    retain, properties);
        if (code != MOSQ_ERR_SUCCESS)
                return client_errno(code);
        r = client_keep_done(c, mid, done);
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
        if (topic_inbound(topic))
                return -EACCES;
        return client_send(client, text, payload, n_payload, topic_retained(topic), NULL, done);
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        struct pending **at = &client->pending, *p;

        while ((p = *at)) {
                if (p->done.userdata == userdata) {
                        *at = p->next;
                        free(p);
                } else {
                        at = &p->next;
                }
        }
}

static int client_send_correlated(struct mqtt_client *c, const struct mqtt_return *to,
                                  const char *topic, const char *payload, size_t n_payload)
{
        mosquitto_property *properties = NULL;
        int r = 0;

        if (to->n_correlation > 0)
                r = client_errno(mosquitto_property_add_binary(
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
        char topic[TOPIC_SIZE];
        int r;

        r = topic_build(TOPIC_RESPONSE, client->options.hub, to->verb, topic);
        if (r < 0)
                return r;
        r = client_send_correlated(client, to, topic, payload, n_payload);
        if (r < 0 || !to->response_topic[0] || strcmp(to->response_topic, topic) == 0)
                return r;
        return client_send_correlated(client, to, to->response_topic, payload, n_payload);
}

static void client_on_publish(struct mosquitto *m, void *userdata, int mid, int reason_code,
                              const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;
        struct pending **at = &c->pending, *p;

        (void)m;
        (void)properties;
        while (*at && (*at)->mid != mid)
                at = &(*at)->next;
        p = *at;
        if (!p)
                return;
        *at = p->next;
        p->done.on_done(p->done.userdata, reason_code);
        free(p);
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
                log_warning("Refusing to answer \"%s\" on the topic it names: %s", verb, topic);
        if (correlation && n_correlation <= sizeof(ret_to->correlation)) {
                memcpy(ret_to->correlation, correlation, n_correlation);
                ret_to->n_correlation = n_correlation;
        }
        free(topic);
        free(correlation);
}

static void client_on_message(struct mosquitto *m, void *userdata,
                              const struct mosquitto_message *message,
                              const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;
        struct mqtt_request request;
        char name[TOPIC_NAME_SIZE];

        (void)m;
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
        client_read_return(c, name, properties, &request.to);
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
                        log_warning(
                                "The MQTT broker does not allow enrolld to receive requests: %s",
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

static int client_subscribe(struct mqtt_client *c)
{
        const int options = MQTT_SUB_OPT_NO_LOCAL | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED |
                            MQTT_SUB_OPT_SEND_RETAIN_NEVER;
        char filter[TOPIC_SIZE];
        int code;

        for (int i = 0; i < TOPIC_MAX; i++) {
                if (topic_filter((enum topic)i, c->options.hub, filter) < 0)
                        continue;
                code = mosquitto_subscribe_v5(c->mosquitto, NULL, filter, TOPIC_QOS, options, NULL);
                if (code != MOSQ_ERR_SUCCESS)
                        return client_errno(code);
        }
        return 0;
}

/* The broker has accepted the connection. */
static void client_greet(struct mqtt_client *c)
{
        int r;

        c->connected = true;
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

/* The connection, or the attempt at one, is over. Not for use inside libmosquitto. */
static void client_end(struct mqtt_client *c)
{
        bool round_over = !client_has_other_address(c);

        loop_drop(&c->io);
        loop_drop(&c->misc);
        loop_drop(&c->patience);
        mosquitto_destroy(c->mosquitto);
        c->mosquitto = NULL;
        c->connected = false;
        c->lost = false;

        loop_rearm_timer(c->retry, client_next_wait(c));
        client_abandon_pending(c);
        if (round_over)
                client_set_state(c, c->connack > 0 ? REASON_BROKER_REFUSED
                                                   : REASON_BROKER_UNREACHABLE);
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

static int client_read_line(int fd, char ret_password[PASSWORD_SIZE])
{
        ssize_t n;

        n = file_read_fd(fd, ret_password, PASSWORD_SIZE - 1);
        if (n < 0)
                return (int)n;
        ret_password[n] = '\0';
        ret_password[strcspn(ret_password, "\r\n")] = '\0';
        return 0;
}

/* The first line of the password file; the caller wipes it. */
static int client_read_password(const char *path, char ret_password[PASSWORD_SIZE])
{
        _defer_(fd_close) int fd = -1;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return client_read_line(fd, ret_password);
}

static int client_set_user(struct mqtt_client *c)
{
        const char *file = or_null(c->options.password_file), *user = or_null(c->options.user);
        char password[PASSWORD_SIZE] = "";
        int r = 0;

        if (!user)
                return 0;
        if (file)
                r = client_read_password(file, password);
        if (r < 0)
                return log_errno(r, "Cannot read the MQTT password file %s", file);
        r = client_errno(mosquitto_username_pw_set(c->mosquitto, user, file ? password : NULL));
        explicit_bzero(password, sizeof(password));
        return r;
}

static int client_set_tls(struct mqtt_client *c)
{
        const char *ca = or_null(c->options.ca_file), *cert = or_null(c->options.cert_file),
                   *key = or_null(c->options.key_file);
        const char *const files[] = {ca, cert, key};
        int code;

        if (!ca)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(files); i++) /* libmosquitto does not say which */
                if (files[i] && access(files[i], R_OK) < 0)
                        return log_errno(-errno, "Cannot read the MQTT certificate file %s",
                                         files[i]);
        code = mosquitto_tls_set(c->mosquitto, ca, NULL, cert, key, NULL);
        if (code == MOSQ_ERR_SUCCESS) /* verify the peer; "tlsv1.2" is the oldest allowed */
                code = mosquitto_tls_opts_set(c->mosquitto, 1, "tlsv1.2", NULL);
        if (code == MOSQ_ERR_SUCCESS)
                return 0;
        return log_errno(client_errno(code), "Cannot use the MQTT certificate files (%s)",
                         mosquitto_strerror(code));
}

static int client_set_will(struct mqtt_client *c)
{
        char topic[TOPIC_SIZE];
        int r;

        r = topic_build(TOPIC_STATE, c->options.hub, NULL, topic);
        if (r < 0)
                return r;
        return client_errno(mosquitto_will_set_v5(c->mosquitto, topic, strlen(PAYLOAD_OFFLINE),
                                                  PAYLOAD_OFFLINE, TOPIC_QOS,
                                                  topic_retained(TOPIC_STATE), NULL));
}

static int client_set_up(struct mqtt_client *c)
{
        char id[CLIENT_ID_SIZE];
        int r;

        (void)snprintf(id, sizeof(id), "enrolld-%s", c->options.hub);
        c->mosquitto = mosquitto_new(id, true, c);
        if (!c->mosquitto)
                return -ENOMEM;
        (void)mosquitto_int_option(c->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        (void)mosquitto_int_option(c->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_connect_v5_callback_set(c->mosquitto, client_on_connect);
        mosquitto_disconnect_v5_callback_set(c->mosquitto, client_on_disconnect);
        mosquitto_publish_v5_callback_set(c->mosquitto, client_on_publish);
        mosquitto_message_v5_callback_set(c->mosquitto, client_on_message);
        mosquitto_subscribe_v5_callback_set(c->mosquitto, client_on_subscribe);
        r = client_set_will(c);
        if (r < 0)
                return r;
        r = client_set_user(c);
        if (r < 0)
                return r;
        return client_set_tls(c);
}

/*
 * Where this attempt goes. With TLS it is the name, because the certificate is for the name; then
 * libmosquitto takes the first address that has a route.
 */
static int client_choose_host(struct mqtt_client *c, char ret_host[BROKER_HOST_SIZE])
{
        c->n_addresses = 1;
        if (c->broker.is_unix || or_null(c->options.ca_file)) {
                (void)snprintf(ret_host, BROKER_HOST_SIZE, "%s", c->broker.host);
                c->attempt++;
                return 0;
        }
        return broker_address(&c->broker, c->attempt++, ret_host, &c->n_addresses);
}

static int client_start(struct mqtt_client *c)
{
        char host[BROKER_HOST_SIZE];
        int r;

        r = client_set_up(c);
        if (r < 0)
                return r;
        r = client_choose_host(c, host);
        if (r < 0)
                return r;
        r = client_errno(
                mosquitto_connect_async(c->mosquitto, host, c->broker.port, KEEPALIVE_SEC));
        if (r < 0)
                return r;
        r = sd_event_add_io(c->event, &c->io, mosquitto_socket(c->mosquitto), EPOLLIN, client_on_io,
                            c);
        if (r < 0)
                return r;
        r = loop_arm_timer(c->event, &c->misc, MISC_MSEC, client_on_misc, c);
        if (r < 0)
                return r;
        r = loop_arm_timer(c->event, &c->patience, c->options.connect_msec, client_on_patience, c);
        if (r < 0)
                return r;
        return client_watch(c);
}

static int client_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct mqtt_client *c = userdata;

        (void)source;
        (void)usec;
        c->connack = -1;
        c->error = MOSQ_ERR_SUCCESS;
        c->failure = client_start(c);
        if (c->failure < 0)
                client_end(c);
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
        if (c->options.retry_min_msec == 0)
                c->options.retry_min_msec = RETRY_MIN_MSEC;
        if (c->options.retry_max_msec == 0)
                c->options.retry_max_msec = RETRY_MAX_MSEC;
        if (c->options.connect_msec == 0)
                c->options.connect_msec = CONNECT_MSEC;
        c->retry_msec = c->options.retry_min_msec;
        c->handler = handler;
        c->userdata = userdata;
        r = broker_parse(options->broker, &c->broker);
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
        if (client->connected) { /* the broker publishes the will: the hub is offline */
                mosquitto_disconnect_v5_callback_set(client->mosquitto, NULL);
                (void)mosquitto_disconnect_v5(client->mosquitto, MQTT_RC_DISCONNECT_WITH_WILL_MSG,
                                              NULL);
        }
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

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return client->connected;
}
