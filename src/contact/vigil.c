/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/vigil.h"

#include <errno.h>
#include <stdlib.h>

#include "ble/observer.h"
#include "ble/uuid.h"
#include "util/free.h"
#include "util/log.h"

struct vigil {
        const struct finder_means *means;
        const struct vigil_handler *handler;
        void *userdata;
        struct listening *listening; /* NULL: it does not hear the air */
        struct vigil_ear {
                struct vigil *vigil;
                size_t port;
                struct port_ear *ear; /* NULL: it does not hear this port */
        } * ears;                     /* one for each */
        enum vigil_zeal zeal;
};

static void vigil_on_announced(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES])
{
        const struct vigil_ear *ear = userdata;
        struct vigil *v = ear->vigil;

        v->handler->on_announced(v->userdata,
                                 &(const struct vigil_heard){
                                         .data = data,
                                         .place = port_address(v->means->ports[ear->port]),
                                 });
}

static void vigil_on_heard(void *userdata, const struct observer_heard *heard)
{
        const struct bluez_data *data = observer_find_service_data(heard, BLE_SERVICE_UUID);
        struct vigil *v = userdata;

        if (!data || data->n_bytes != MESSAGE_ADV_BYTES)
                return;
        v->handler->on_announced(v->userdata, &(const struct vigil_heard){
                                                      .data = data->bytes,
                                                      .place = heard->adapter,
                                                      .has_rssi = heard->rssi != BLUEZ_RSSI_UNSET,
                                                      .rssi = heard->rssi,
                                              });
}

/* No adapter works any more: only the ports are left. */
static void vigil_on_deaf(void *userdata, enum reason why)
{
        struct vigil *v = userdata;

        (void)why;
        v->listening = listening_free(v->listening);
}

static const struct observer_handler vigil_observer_handler = {
        .on_heard = vigil_on_heard,
        .on_deaf = vigil_on_deaf,
};

static const struct port_handler vigil_port_handler = {.on_announced = vigil_on_announced};

/* The new subscription is there before the old one goes, so that nobody stops in between. */
static void vigil_listen(struct vigil *v)
{
        struct listening *before = take(v->listening);
        int r;

        if (!v->means->adapters)
                return;
        r = (v->zeal == VIGIL_ALONG ? listening_new_along : listening_new)(
                v->means->adapters, &vigil_observer_handler, v, &v->listening);
        if (r < 0)
                (void)log_errno(r, "Cannot listen to Bluetooth");
        (void)listening_free(before);
}

static void vigil_listen_at(struct vigil *v, struct vigil_ear *ear)
{
        static const enum port_pace pace[] = {
                [VIGIL_ALONG] = PORT_NEVER,
                [VIGIL_CALM] = PORT_RARELY,
                [VIGIL_EAGER] = PORT_OFTEN,
        };
        struct port *port = v->means->ports[ear->port];
        struct port_ear *before = take(ear->ear);
        int r;

        r = port_ear_new(port, pace[v->zeal], &vigil_port_handler, ear, &ear->ear);
        if (r < 0)
                (void)log_errno(r, "Cannot listen at %s", port_address(port));
        (void)port_ear_free(before);
}

static void vigil_subscribe(struct vigil *v)
{
        vigil_listen(v);
        for (size_t i = 0; i < v->means->n_ports; i++)
                vigil_listen_at(v, &v->ears[i]);
}

void vigil_set_zeal(struct vigil *vigil, enum vigil_zeal zeal)
{
        bool is_deaf = vigil->means->adapters && !vigil->listening;

        if (vigil->zeal == zeal && !is_deaf)
                return;
        vigil->zeal = zeal;
        vigil_subscribe(vigil);
}

int vigil_new(const struct finder_means *means, const struct vigil_handler *handler, void *userdata,
              struct vigil **ret_vigil)
{
        _defer_(vigil_free) struct vigil *v = calloc(1, sizeof(*v));

        if (!v)
                return -ENOMEM;
        v->means = means;
        v->handler = handler;
        v->userdata = userdata;
        v->ears = calloc(means->n_ports + 1, sizeof(*v->ears));
        if (!v->ears)
                return -ENOMEM;
        for (size_t i = 0; i < means->n_ports; i++)
                v->ears[i] = (struct vigil_ear){.vigil = v, .port = i};
        vigil_subscribe(v);
        *ret_vigil = take(v);
        return 0;
}

struct vigil *vigil_free(struct vigil *vigil)
{
        if (!vigil)
                return NULL;
        (void)listening_free(vigil->listening);
        for (size_t i = 0; vigil->ears && i < vigil->means->n_ports; i++)
                (void)port_ear_free(vigil->ears[i].ear);
        free(vigil->ears);
        free(vigil);
        return NULL;
}
