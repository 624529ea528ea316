/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/gateway.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One device that is being visited. */
struct guest {
        struct gateway *gateway;
        struct guest *next;
        struct visit *visit;
};

struct gateway {
        const struct visit_means *means;
        const struct gateway_handler *handler;
        void *userdata;
        struct guest *guests;
};

static void guest_remove(struct guest *s)
{
        for (struct guest **at = &s->gateway->guests; *at; at = &(*at)->next)
                if (*at == s) {
                        *at = s->next;
                        break;
                }
        (void)visit_free(s->visit);
        free(s);
}

static void gateway_on_readings(void *userdata, const struct store_device *device,
                                const struct reading *readings, size_t n_readings)
{
        struct guest *s = userdata;

        s->gateway->handler->on_readings(s->gateway->userdata, device, readings, n_readings);
}

static void gateway_on_ended(void *userdata)
{
        guest_remove(userdata);
}

static const struct visit_handler gateway_visit_handler = {
        .on_readings = gateway_on_readings,
        .on_ended = gateway_on_ended,
};

int gateway_new(const struct visit_means *means, const struct gateway_handler *handler,
                void *userdata, struct gateway **ret_gateway)
{
        struct gateway *g = calloc(1, sizeof(*g));

        if (!g)
                return -ENOMEM;
        g->means = means;
        g->handler = handler;
        g->userdata = userdata;
        *ret_gateway = g;
        return 0;
}

struct gateway *gateway_free(struct gateway *gateway)
{
        if (!gateway)
                return NULL;
        while (gateway->guests)
                guest_remove(gateway->guests);
        free(gateway);
        return NULL;
}

int gateway_adopt(struct gateway *gateway, const struct visit_wish *wish,
                  struct meeting *meeting_take)
{
        struct guest *s = calloc(1, sizeof(*s));
        int r;

        if (!s) {
                (void)meeting_free(meeting_take);
                return -ENOMEM;
        }
        r = visit_new(gateway->means, wish, meeting_take, &gateway_visit_handler, s, &s->visit);
        if (r < 0) {
                free(s);
                return r;
        }
        s->gateway = gateway;
        s->next = gateway->guests;
        gateway->guests = s;
        return 0;
}

void gateway_yield(struct gateway *gateway, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        for (struct guest *s = gateway->guests; s; s = s->next)
                if (memcmp(visit_device(s->visit)->device_id, device_id, STORE_DEVICE_ID_BYTES) ==
                    0)
                        visit_end(s->visit);
}
