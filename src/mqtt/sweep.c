/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "mqtt/dial.h"
#include "mqtt/topic.h"
#include "util/address.h"
#include "util/log.h"
#include "util/loop.h"

/* A topic that the broker has been asked to empty. */
struct removal {
        struct removal *next;
        int mid;
        char topic[];
};

struct sweep {
        sd_event *event;
        struct mqtt_options options;
        struct address broker;
        const char *const *filters;
        size_t n_filters, n_subscribed;
        const struct sweep_handler *handler;
        void *userdata;

        struct mqtt_dial *dial;
        struct mosquitto *mosquitto;
        sd_event_source *io, *patience, *end;
        struct removal *removals;
        int connack; /* -1 while there is none */
        bool asked;  /* the subscriptions have been sent */
        bool is_over;
        int result; /* that on_done() gets */
};

/* libmosquitto may be calling, so on_done() is called from the loop. */
static void sweep_end(struct sweep *s, int result)
{
        if (s->is_over)
                return;
        s->is_over = true;
        s->result = result;
        loop_drop(&s->io);
        loop_drop(&s->patience);
        loop_rearm(s->end);
}

static int sweep_on_end(sd_event_source *source, void *userdata)
{
        struct sweep *s = userdata;

        (void)source;
        s->handler->on_done(s->userdata, s->result);
        return 0;
}

static int sweep_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        sweep_end(userdata, -ETIMEDOUT);
        return 0;
}

/* --- what the broker says --- */

static void sweep_on_connect(struct mosquitto *m, void *userdata, int code, int flags,
                             const mosquitto_property *properties)
{
        struct sweep *s = userdata;

        (void)m;
        (void)flags;
        (void)properties;
        s->connack = code;
        if (code != 0)
                sweep_end(s, -EACCES);
}

static void sweep_on_disconnect(struct mosquitto *m, void *userdata, int code,
                                const mosquitto_property *properties)
{
        struct sweep *s = userdata;

        (void)m;
        (void)code;
        (void)properties;
        loop_drop(&s->io); /* libmosquitto closes it */
        sweep_end(s, s->connack > 0 ? -EACCES : -ENOTCONN);
}

static void sweep_on_message(struct mosquitto *m, void *userdata,
                             const struct mosquitto_message *message,
                             const mosquitto_property *properties)
{
        struct sweep *s = userdata;

        (void)m;
        (void)properties;
        if (message->retain && !s->is_over)
                s->handler->on_kept(s->userdata, message->topic,
                                    message->payload ? message->payload : "",
                                    (size_t)message->payloadlen);
}

/* Each filter is given up again when it has been accepted: the broker's answer to that comes behind
 * what it keeps. */
static void sweep_on_subscribe(struct mosquitto *m, void *userdata, int mid, int n_granted,
                               const int *granted, const mosquitto_property *properties)
{
        struct sweep *s = userdata;

        (void)mid;
        (void)properties;
        if (n_granted < 1 || granted[0] >= MQTT_RC_UNSPECIFIED)
                sweep_end(s, -EACCES);
        else if (++s->n_subscribed == s->n_filters)
                for (size_t i = 0; i < s->n_filters; i++)
                        (void)mosquitto_unsubscribe(m, NULL, s->filters[i]);
}

static void sweep_on_unsubscribe(struct mosquitto *m, void *userdata, int mid,
                                 const mosquitto_property *properties)
{
        struct sweep *s = userdata;
        int r;

        (void)m;
        (void)mid;
        (void)properties;
        if (s->is_over || --s->n_subscribed > 0)
                return;
        r = s->handler->on_seen(s->userdata);
        if (r < 0 || !s->removals)
                sweep_end(s, r);
}

static void sweep_on_publish(struct mosquitto *m, void *userdata, int mid, int code,
                             const mosquitto_property *properties)
{
        struct sweep *s = userdata;
        struct removal **at = &s->removals, *removal;

        (void)m;
        (void)properties;
        while (*at && (*at)->mid != mid)
                at = &(*at)->next;
        removal = *at;
        if (!removal || s->is_over)
                return;
        *at = removal->next;
        s->handler->on_removed(s->userdata, removal->topic, code);
        free(removal);
        if (!s->removals)
                sweep_end(s, 0);
}

int sweep_remove(struct sweep *sweep, const char *topic)
{
        size_t n = strlen(topic) + 1;
        struct removal *removal = malloc(sizeof(*removal) + n);
        int r;

        if (!removal)
                return -ENOMEM;
        memcpy(removal->topic, topic, n);
        r = mqtt_errno(mosquitto_publish_v5(sweep->mosquitto, &removal->mid, topic, 0, NULL,
                                            TOPIC_QOS, true, NULL));
        if (r < 0) {
                free(removal);
                return r;
        }
        removal->next = sweep->removals;
        sweep->removals = removal;
        return 0;
}

/* --- the connection --- */

static int sweep_ask(struct sweep *s)
{
        int r = 0;

        s->asked = true;
        /* With QoS 0 nothing waits for acknowledgements, so that the order is that of sending. */
        for (size_t i = 0; r == 0 && i < s->n_filters; i++)
                r = mqtt_errno(mosquitto_subscribe_v5(s->mosquitto, NULL, s->filters[i], 0,
                                                      MQTT_SUB_OPT_NO_LOCAL, NULL));
        return r;
}

static int sweep_watch(struct sweep *s)
{
        uint32_t events = EPOLLIN;

        if (!s->io)
                return 0;
        if (mosquitto_want_write(s->mosquitto))
                events |= EPOLLOUT;
        return sd_event_source_set_io_events(s->io, events);
}

static int sweep_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct sweep *s = userdata;
        int code = MOSQ_ERR_SUCCESS, r = 0;

        (void)source;
        (void)fd;
        if (events & EPOLLOUT)
                code = mosquitto_loop_write(s->mosquitto, 1);
        if (code == MOSQ_ERR_SUCCESS && !s->is_over && (events & ~(uint32_t)EPOLLOUT))
                code = mosquitto_loop_read(s->mosquitto, 1);
        if (code != MOSQ_ERR_SUCCESS || (events & EPOLLERR))
                sweep_end(s, -ENOTCONN);
        else if (s->connack == 0 && !s->asked && !s->is_over)
                r = sweep_ask(s);
        if (r == 0)
                r = sweep_watch(s);
        if (r < 0)
                sweep_end(s, r);
        return 0;
}

static void sweep_on_open(void *userdata, struct mosquitto *mosquitto_take)
{
        struct sweep *s = userdata;
        int r;

        s->mosquitto = mosquitto_take;
        s->dial = mqtt_dial_free(s->dial);
        mosquitto_connect_v5_callback_set(s->mosquitto, sweep_on_connect);
        mosquitto_disconnect_v5_callback_set(s->mosquitto, sweep_on_disconnect);
        mosquitto_message_v5_callback_set(s->mosquitto, sweep_on_message);
        mosquitto_subscribe_v5_callback_set(s->mosquitto, sweep_on_subscribe);
        mosquitto_unsubscribe_v5_callback_set(s->mosquitto, sweep_on_unsubscribe);
        mosquitto_publish_v5_callback_set(s->mosquitto, sweep_on_publish);
        r = sd_event_add_io(s->event, &s->io, mosquitto_socket(s->mosquitto), EPOLLIN, sweep_on_io,
                            s);
        if (r >= 0)
                r = sweep_watch(s);
        if (r < 0)
                sweep_end(s, r);
}

static void sweep_on_not_open(void *userdata, const char *why)
{
        struct sweep *s = userdata;

        log_warning("MQTT broker %s: %s", s->options.broker, why);
        sweep_end(s, -ENOTCONN);
}

static const struct mqtt_dial_handler sweep_dial_handler = {
        .on_open = sweep_on_open,
        .on_failed = sweep_on_not_open,
};

int sweep_new(sd_event *event, const struct mqtt_options *options, const char *const *filters,
              size_t n_filters, const struct sweep_handler *handler, void *userdata,
              struct sweep **ret_sweep)
{
        _defer_(sweep_free) struct sweep *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        (void)mosquitto_lib_init();
        s->event = sd_event_ref(event);
        s->options = *options;
        s->options.visits = true;
        s->filters = filters;
        s->n_filters = n_filters;
        s->handler = handler;
        s->userdata = userdata;
        s->connack = -1;
        r = address_parse(options->broker, ADDRESS_UNIX | ADDRESS_TCP, &s->broker, NULL);
        if (r >= 0)
                r = loop_add_defer(event, &s->end, sweep_on_end, s);
        if (r >= 0)
                r = loop_arm_timer(event, &s->patience, SWEEP_SECONDS * 1000, sweep_on_patience, s);
        if (r >= 0)
                r = mqtt_dial_new(event, &s->options, &s->broker, 0, &sweep_dial_handler, s,
                                  &s->dial);
        if (r < 0)
                return r;
        *ret_sweep = take(s);
        return 0;
}

struct sweep *sweep_free(struct sweep *sweep)
{
        struct removal *next;

        if (!sweep)
                return NULL;
        loop_drop(&sweep->io);
        loop_drop(&sweep->patience);
        loop_drop(&sweep->end);
        sweep->dial = mqtt_dial_free(sweep->dial);
        if (sweep->mosquitto && sweep->connack == 0) {
                mosquitto_disconnect_v5_callback_set(sweep->mosquitto, NULL);
                (void)mosquitto_disconnect_v5(sweep->mosquitto, 0, NULL);
        }
        mosquitto_destroy(sweep->mosquitto);
        for (struct removal *removal = sweep->removals; removal; removal = next) {
                next = removal->next;
                free(removal);
        }
        sweep->event = sd_event_unref(sweep->event);
        free(sweep);
        (void)mosquitto_lib_cleanup();
        return NULL;
}
