/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mqtt_protocol.h>

#include "mqtt/broker.h"
#include "mqtt/topic.h"
#include "util/file.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/word.h"

#define KEEPALIVE_SEC  60
#define PASSWORD_SIZE  256
#define CLIENT_ID_SIZE (sizeof("enrolld--sweep") + WORD_MAX)
#define RECEIVE_MAX    32 /* requests that the broker may send ahead */
#define WHY_SIZE       128

struct mqtt_dial {
        /* the loop's */
        const struct mqtt_dial_handler *handler;
        void *userdata;
        sd_event_source *io;
        int fd; /* an event that says that the thread is done */

        /* the thread's until it is done, and then the loop's */
        struct address broker;
        bool by_name;
        size_t i, n_addresses;
        struct mosquitto *mosquitto;
        mosquitto_property *properties;
        bool is_open;
        char why[WHY_SIZE];

        /* under the lock */
        bool is_done, is_left;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned n_left; /* threads whose dial was freed, under the lock */

int mqtt_errno(int code)
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

static void dial_destroy(struct mqtt_dial *d)
{
        mosquitto_destroy(d->mosquitto);
        mosquitto_property_free_all(&d->properties);
        (void)fd_close(d->fd);
        free(d);
}

/* --- the thread --- */

static const char *dial_why(int code)
{
        if (code == MOSQ_ERR_EAI)
                return "the name cannot be resolved";
        return code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
}

static void dial_open(struct mqtt_dial *d)
{
        char address[BROKER_ADDRESS_SIZE];
        const char *host = d->broker.place;
        int code = MOSQ_ERR_EAI;

        if (d->by_name)
                d->n_addresses = 1;
        else if (broker_address(d->broker.place, d->i, address, &d->n_addresses) == 0)
                host = address;
        if (d->n_addresses > 0)
                code = mosquitto_connect_bind_v5(d->mosquitto, host, (int)d->broker.port,
                                                 KEEPALIVE_SEC, NULL, d->properties);
        d->is_open = code == MOSQ_ERR_SUCCESS;
        if (!d->is_open)
                (void)snprintf(d->why, sizeof(d->why), "%s", dial_why(code));
}

static void *dial_run(void *userdata)
{
        static const uint64_t one = 1;
        struct mqtt_dial *d = userdata;
        bool is_left;

        dial_open(d);
        (void)pthread_mutex_lock(&lock);
        d->is_done = true;
        is_left = d->is_left;
        if (is_left)
                n_left--;
        else if (write(d->fd, &one, sizeof(one)) != sizeof(one))
                log_error("MQTT: the loop cannot be woken up");
        (void)pthread_mutex_unlock(&lock);
        if (is_left)
                dial_destroy(d);
        return NULL;
}

static int dial_begin(struct mqtt_dial *d)
{
        pthread_attr_t attributes;
        pthread_t thread;
        int r;

        r = pthread_attr_init(&attributes);
        if (r != 0)
                return -r;
        (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        r = pthread_create(&thread, &attributes, dial_run, d);
        (void)pthread_attr_destroy(&attributes);
        return -r;
}

/* --- what the client says of itself --- */

/* The first line of the password file; the caller wipes it. */
static int dial_read_password(const char *path, char ret_password[PASSWORD_SIZE])
{
        _defer_(fd_close) int fd = -1;
        ssize_t n;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        n = file_read_fd(fd, ret_password, PASSWORD_SIZE - 1);
        if (n < 0)
                return (int)n;
        ret_password[n] = '\0';
        ret_password[strcspn(ret_password, "\r\n")] = '\0';
        return 0;
}

static int dial_set_user(struct mqtt_dial *d, const struct mqtt_options *options)
{
        const char *file = mqtt_option(options->password_file), *user = mqtt_option(options->user);
        char password[PASSWORD_SIZE] = "";
        int r = 0;

        if (!user)
                return 0;
        if (file)
                r = dial_read_password(file, password);
        if (r < 0)
                return log_errno(r, "Cannot read the MQTT password file %s", file);
        r = mqtt_errno(mosquitto_username_pw_set(d->mosquitto, user, file ? password : NULL));
        explicit_bzero(password, sizeof(password));
        return r;
}

static int dial_set_tls(struct mqtt_dial *d, const struct mqtt_options *options)
{
        const char *ca = mqtt_option(options->ca_file), *cert = mqtt_option(options->cert_file),
                   *key = mqtt_option(options->key_file);
        const char *const files[] = {ca, cert, key};
        int code;

        if (!ca)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(files); i++) /* libmosquitto does not say which */
                if (files[i] && access(files[i], R_OK) < 0)
                        return log_errno(-errno, "Cannot read the MQTT certificate file %s",
                                         files[i]);
        code = mosquitto_tls_set(d->mosquitto, ca, NULL, cert, key, NULL);
        if (code == MOSQ_ERR_SUCCESS) /* verify the peer; "tlsv1.2" is the oldest allowed */
                code = mosquitto_tls_opts_set(d->mosquitto, 1, "tlsv1.2", NULL);
        if (code == MOSQ_ERR_SUCCESS)
                return 0;
        return log_errno(mqtt_errno(code), "Cannot use the MQTT certificate files (%s)",
                         mosquitto_strerror(code));
}

static int dial_set_will(struct mqtt_dial *d, const struct mqtt_options *options)
{
        char topic[TOPIC_SIZE];
        int r;

        r = topic_build(TOPIC_STATE, options->hub, NULL, topic);
        if (r < 0)
                return r;
        return mqtt_errno(mosquitto_will_set_v5(d->mosquitto, topic, strlen(MQTT_PAYLOAD_OFFLINE),
                                                MQTT_PAYLOAD_OFFLINE, TOPIC_QOS,
                                                topic_retained(TOPIC_STATE), NULL));
}

/* How much the broker may send (MQTT 5, 3.1.2.11.3 and .4). */
static int dial_set_limits(struct mqtt_dial *d)
{
        int r;

        r = mqtt_errno(mosquitto_property_add_int16(&d->properties, MQTT_PROP_RECEIVE_MAXIMUM,
                                                    RECEIVE_MAX));
        if (r < 0)
                return r;
        return mqtt_errno(mosquitto_property_add_int32(
                &d->properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, MQTT_PACKET_MAX));
}

static int dial_set_up(struct mqtt_dial *d, const struct mqtt_options *options)
{
        char id[CLIENT_ID_SIZE];
        int r;

        (void)snprintf(id, sizeof(id), "enrolld-%s%s", options->hub,
                       options->visits ? "-sweep" : "");
        d->mosquitto = mosquitto_new(id, true, d->userdata);
        if (!d->mosquitto)
                return -ENOMEM;
        (void)mosquitto_int_option(d->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        (void)mosquitto_int_option(d->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
        r = dial_set_limits(d);
        if (r == 0 && !options->visits)
                r = dial_set_will(d, options);
        if (r == 0)
                r = dial_set_user(d, options);
        if (r == 0)
                r = dial_set_tls(d, options);
        return r;
}

/* --- the loop --- */

static int dial_on_done(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct mqtt_dial *d = userdata;

        (void)source;
        (void)fd;
        (void)events;
        loop_drop(&d->io);
        (void)pthread_mutex_lock(&lock); /* what the thread has written is ours now */
        (void)pthread_mutex_unlock(&lock);
        if (d->is_open)
                d->handler->on_open(d->userdata, take(d->mosquitto));
        else
                d->handler->on_failed(d->userdata, d->why);
        return 0;
}

static bool too_many_left(void)
{
        bool too_many;

        (void)pthread_mutex_lock(&lock);
        too_many = n_left >= MQTT_DIALS_LEFT;
        (void)pthread_mutex_unlock(&lock);
        return too_many;
}

int mqtt_dial_new(sd_event *event, const struct mqtt_options *options, const struct address *broker,
                  size_t i, const struct mqtt_dial_handler *handler, void *userdata,
                  struct mqtt_dial **ret_dial)
{
        _defer_(mqtt_dial_free) struct mqtt_dial *d = NULL;
        int r;

        if (too_many_left())
                return -EBUSY;
        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->is_done = true; /* there is no thread yet */
        d->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (d->fd < 0)
                return -errno;
        d->handler = handler;
        d->userdata = userdata;
        d->broker = *broker;
        d->by_name = broker->kind == ADDRESS_UNIX || mqtt_option(options->ca_file);
        d->i = i;
        r = dial_set_up(d, options);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &d->io, d->fd, EPOLLIN, dial_on_done, d);
        if (r < 0)
                return r;
        d->is_done = false;
        r = dial_begin(d);
        if (r < 0) {
                d->is_done = true;
                return r;
        }
        *ret_dial = take(d);
        return 0;
}

struct mqtt_dial *mqtt_dial_free(struct mqtt_dial *dial)
{
        bool is_done;

        if (!dial)
                return NULL;
        loop_drop(&dial->io);
        (void)pthread_mutex_lock(&lock);
        is_done = dial->is_done;
        dial->is_left = !is_done;
        if (!is_done)
                n_left++;
        (void)pthread_mutex_unlock(&lock);
        if (is_done)
                dial_destroy(dial);
        return NULL;
}

size_t mqtt_dial_addresses(const struct mqtt_dial *dial)
{
        return dial->n_addresses;
}
