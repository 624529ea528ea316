/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/port.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/stream.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

/* Between two times that it is asked, or opened. */
static const unsigned ask_ms[] = {[PORT_RARELY] = 2000, [PORT_OFTEN] = 500};

struct port_ear {
        struct port *port;
        struct port_ear *next;
        bool called; /* in the present round of callbacks */
        enum port_pace pace;
        const struct port_handler *handler;
        void *userdata;
};

struct port {
        sd_event *event;
        struct airtime *airtime;
        char *address;
        struct port_ear *ears;
        struct link *link;     /* NULL: not open */
        bool was_open, failed; /* failed: at the last attempt to open it */
        uint64_t failed_node;  /* of what was there then, see stream_look(); or 0 */
        sd_event_source *ask;
};

/* Any ear may be freed in a callback, so the walk starts over after each. */
static struct port_ear *port_uncalled(struct port *p)
{
        for (struct port_ear *e = p->ears; e; e = e->next)
                if (!e->called)
                        return e;
        return NULL;
}

/* That of the most eager one who listens. */
static enum port_pace port_pace(const struct port *p)
{
        enum port_pace pace = PORT_NEVER;

        for (const struct port_ear *e = p->ears; e; e = e->next)
                if (e->pace > pace)
                        pace = e->pace;
        return pace;
}

static void port_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        uint8_t data[MESSAGE_ADV_BYTES];
        struct port *p = userdata;
        struct port_ear *e;

        if (n_message != 1 + MESSAGE_ADV_BYTES || message[0] != MESSAGE_ANNOUNCE)
                return; /* what an earlier session left on the line */
        memcpy(data, message + 1, sizeof(data));
        for (e = p->ears; e; e = e->next)
                e->called = false;
        while ((e = port_uncalled(p))) {
                e->called = true;
                e->handler->on_announced(e->userdata, data);
        }
}

static void port_on_lost(void *userdata, enum reason why)
{
        struct port *p = userdata;

        (void)why; /* it is opened again when it is asked the next time */
        p->link = link_free(p->link);
}

static const struct link_handler port_link_handler = {
        .on_message = port_on_message,
        .on_lost = port_on_lost,
};

static void port_open(struct port *p)
{
        int r;

        r = stream_link_open(p->event, p->address, &p->link);
        if (r < 0)
                (void)log_errno(r, "Cannot make a link of %s", p->address);
        p->failed = r != 0;
        p->failed_node = 0;
        if (r != 0) {
                (void)stream_look(p->address, &p->failed_node);
                return;
        }
        p->was_open = true;
        link_set_handler(p->link, &port_link_handler, p);
}

/* Asks, and asks again for as long as somebody listens: the device may start later than we do. */
static int port_on_ask(sd_event_source *source, uint64_t usec, void *userdata)
{
        static const uint8_t probe = MESSAGE_PROBE;
        struct port *p = userdata;

        (void)usec;
        loop_rearm_timer(source, ask_ms[port_pace(p)]);
        if (airtime_is_used(p->airtime, p->address))
                return 0;
        if (!p->link)
                port_open(p);
        if (p->link)
                (void)link_send(p->link, &probe, 1);
        return 0;
}

int port_new(sd_event *event, struct airtime *airtime, const char *address, struct port **ret_port)
{
        _defer_(port_free) struct port *p = calloc(1, sizeof(*p));
        int r;

        if (!p)
                return -ENOMEM;
        p->event = event;
        p->airtime = airtime;
        p->address = strdup(address);
        if (!p->address)
                return -ENOMEM;
        r = airtime_set_slots(airtime, address, 1);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &p->ask, port_on_ask, p);
        if (r < 0)
                return r;
        *ret_port = take(p);
        return 0;
}

struct port *port_free(struct port *port)
{
        if (!port)
                return NULL;
        assert(!port->ears);
        loop_drop(&port->ask);
        (void)link_free(port->link);
        free(port->address);
        free(port);
        return NULL;
}

const char *port_address(const struct port *port)
{
        return port->address;
}

bool port_was_open(const struct port *port)
{
        return port->was_open;
}

int port_look(const struct port *port, uint64_t *ret_node)
{
        int r;

        *ret_node = 0;
        r = stream_look(port->address, ret_node);
        if (port->link || airtime_is_used(port->airtime, port->address))
                return 0;
        if (r < 0)
                return r;
        return port->failed && *ret_node == port->failed_node ? REASON_PORT_UNAVAILABLE : 0;
}

int port_ear_new(struct port *port, enum port_pace pace, const struct port_handler *handler,
                 void *userdata, struct port_ear **ret_ear)
{
        struct port_ear *e = calloc(1, sizeof(*e));

        if (!e)
                return -ENOMEM;
        if (pace == PORT_OFTEN && port_pace(port) < PORT_OFTEN) {
                /* The cable may be at another device by now. */
                port->was_open = false;
                port->link = link_free(port->link);
        }
        if (pace > PORT_NEVER)
                loop_rearm_timer(port->ask, 0);
        e->pace = pace;
        e->port = port;
        e->called = true; /* not what is being said at this moment */
        e->handler = handler;
        e->userdata = userdata;
        e->next = port->ears;
        port->ears = e;
        *ret_ear = e;
        return 0;
}

struct port_ear *port_ear_free(struct port_ear *ear)
{
        struct port *p;

        if (!ear)
                return NULL;
        p = ear->port;
        for (struct port_ear **at = &p->ears; *at; at = &(*at)->next)
                if (*at == ear) {
                        *at = ear->next;
                        break;
                }
        free(ear);
        if (port_pace(p) == PORT_NEVER) {
                loop_disarm(p->ask);
                p->link = link_free(p->link);
        }
        return NULL;
}

struct link *port_take(struct port *port)
{
        return take(port->link);
}
