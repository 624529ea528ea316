/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/census.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

struct census {
        struct mqtt_client *client;
        const struct state *state;
        const struct census_handler *handler;
        void *userdata;
        sd_event_source *turn;
        bool is_asking;
        size_t n_arrived, n_devices; /* n_devices: when it asked */
};

static void census_report(struct census *c)
{
        size_t n_now = state_count(c->state); /* one may have been removed meanwhile */

        census_end(c);
        mqtt_client_leave_kept(c->client, TOPIC_AVAILABILITY);
        c->handler->on_counted(c->userdata, c->n_arrived,
                               n_now < c->n_devices ? n_now : c->n_devices);
}

static void census_ask(struct census *c)
{
        int r;

        c->n_devices = state_count(c->state);
        if (c->n_devices < CENSUS_DEVICES_MIN)
                return;
        r = mqtt_client_ask_kept(c->client, TOPIC_AVAILABILITY);
        if (r < 0) {
                (void)log_errno(r, "MQTT: what the broker hands out cannot be counted");
                return;
        }
        c->is_asking = true;
        c->n_arrived = 0;
        loop_rearm_timer(c->turn, CENSUS_QUIET_MSEC);
}

static int census_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct census *c = userdata;

        (void)usec;
        if (c->is_asking)
                census_report(c);
        else if (mqtt_client_is_idle(c->client))
                census_ask(c);
        else
                loop_rearm_timer(source, CENSUS_PAUSE_MSEC);
        return 0;
}

void census_begin(struct census *census)
{
        census->is_asking = false;
        loop_rearm_timer(census->turn, CENSUS_PAUSE_MSEC);
}

void census_end(struct census *census)
{
        census->is_asking = false;
        loop_disarm(census->turn);
}

void census_take(struct census *census)
{
        if (!census->is_asking)
                return;
        census->n_arrived++;
        if (census->n_arrived == census->n_devices)
                census_report(census);
        else
                loop_rearm_timer(census->turn, CENSUS_QUIET_MSEC);
}

int census_new(sd_event *event, struct mqtt_client *client, const struct state *state,
               const struct census_handler *handler, void *userdata, struct census **ret_census)
{
        _defer_(census_free) struct census *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->client = client;
        c->state = state;
        c->handler = handler;
        c->userdata = userdata;
        r = loop_add_timer(event, &c->turn, census_on_turn, c);
        if (r < 0)
                return r;
        *ret_census = take(c);
        return 0;
}

struct census *census_free(struct census *census)
{
        if (!census)
                return NULL;
        loop_drop(&census->turn);
        free(census);
        return NULL;
}
