/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/rounds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"

struct rounds {
        struct rounds_means means;
        struct watch *watch;
};

/* --- what the watch asks and reports --- */

static bool rounds_is_taken(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct rounds *r = userdata;

        return intake_transaction(r->means.intake, device_id) ||
               settle_is_finishing(r->means.settle, device_id);
}

/* An adapter that bluetoothd does not have any more is missing. */
static enum reason rounds_look_at_adapter(struct adapters *adapters, const char *place)
{
        enum reason why = adapters_reason(adapters);

        if (why != REASON_NONE)
                return why;
        for (struct adapter *a = NULL; (a = adapters_next(adapters, a));)
                if (strcmp(adapter_name(a), place) == 0)
                        return adapter_reason(a);
        return REASON_ADAPTER_MISSING;
}

static enum reason rounds_on_place(void *userdata, const char *place)
{
        const struct means *means = ((const struct rounds *)userdata)->means.means;
        uint64_t node;

        for (size_t i = 0; i < means->n_ports; i++)
                if (strcmp(port_address(means->ports[i]), place) == 0)
                        return port_look(means->ports[i], &node) == 0 ? REASON_NONE
                                                                      : REASON_PORT_UNAVAILABLE;
        return means->adapters ? rounds_look_at_adapter(means->adapters, place)
                               : REASON_BLUETOOTH_DOWN;
}

static void rounds_on_heard(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                            const struct watch_signal *signal)
{
        const struct rounds *r = userdata;

        herald_heard(r->means.herald, device_id, signal->has_rssi ? &signal->rssi : NULL);
}

static void rounds_on_available(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                bool available, enum reason why)
{
        const struct rounds *r = userdata;

        herald_reach(r->means.herald, device_id, available, why);
}

static const struct watch_handler rounds_watch_handler = {
        .is_taken = rounds_is_taken,
        .on_place = rounds_on_place,
        .on_heard = rounds_on_heard,
        .on_available = rounds_on_available,
};

/* --- what the hub reports --- */

static void rounds_on_devices_changed(void *userdata)
{
        const struct rounds *r = userdata;

        watch_refresh(r->watch);
}

struct face rounds_face(struct rounds *rounds)
{
        static const struct face_handler handler = {.on_devices_changed =
                                                            rounds_on_devices_changed};

        return (struct face){&handler, rounds};
}

void rounds_heard(struct rounds *rounds, const struct store_device *device)
{
        herald_heard(rounds->means.herald, device->device_id, NULL);
        watch_report(rounds->watch, device->device_id);
}

void rounds_met(struct rounds *rounds, const struct store_device *device, const char *place)
{
        herald_heard(rounds->means.herald, device->device_id, NULL);
        watch_met(rounds->watch, device->device_id, place);
}

void rounds_readings(struct rounds *rounds, const struct store_device *device,
                     const struct reading *readings, size_t n_readings)
{
        herald_readings(rounds->means.herald, device, readings, n_readings);
        watch_report(rounds->watch, device->device_id);
}

void rounds_parted(struct rounds *rounds, const struct gateway_parting *parting)
{
        herald_missed(rounds->means.herald, parting->device_id);
        watch_parted(rounds->watch, parting);
}

void rounds_look_at_places(struct rounds *rounds)
{
        watch_look_at_places(rounds->watch);
}

void rounds_listen(struct rounds *rounds)
{
        watch_listen(rounds->watch);
}

void rounds_status(const struct rounds *rounds, struct api_status *status)
{
        struct watch_numbers numbers;

        watch_count(rounds->watch, &numbers);
        status->n_sessions = numbers.n_open;
        status->n_visits_waiting = numbers.n_waiting;
        status->longest_wait_sec = numbers.longest_wait_s;
}

/* --- beginning and end --- */

int rounds_new(const struct rounds_means *means, struct rounds **ret_rounds)
{
        _defer_(rounds_free) struct rounds *r = calloc(1, sizeof(*r));
        int code;

        if (!r)
                return -ENOMEM;
        r->means = *means;
        code = watch_new(
                &(const struct watch_means){
                        .event = means->event,
                        .finder = means->means->visit.finder,
                        .store = means->means->store,
                        .gateway = means->gateway,
                        .offline_after_s = means->offline_after_sec,
                },
                &rounds_watch_handler, r, &r->watch);
        if (code < 0)
                return code;
        *ret_rounds = take(r);
        return 0;
}

struct rounds *rounds_free(struct rounds *rounds)
{
        if (!rounds)
                return NULL;
        rounds->watch = watch_free(rounds->watch);
        free(rounds);
        return NULL;
}
