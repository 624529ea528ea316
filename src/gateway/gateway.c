/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/gateway.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/time.h"

/* One device that is being visited. */
struct guest {
        struct gateway *gateway;
        struct guest *next;
        struct visit *visit;
        struct errand *waiting; /* for a visit after this one */
        unsigned n_calls;       /* that have been made for what waits */
        bool is_scheduled;      /* nothing has waited when the visit began */
};

struct gateway {
        const struct visit_means *means;
        const struct gateway_handler *handler;
        void *userdata;
        struct guest *guests;
};

static struct guest *gateway_find(const struct gateway *g,
                                  const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct guest *s = g->guests;

        while (s &&
               memcmp(visit_device(s->visit)->device_id, device_id, STORE_DEVICE_ID_BYTES) != 0)
                s = s->next;
        return s;
}

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

/* --- errands --- */

/* Adds what waits for a visit after this one. */
static void guest_wait(struct guest *s, struct errand *errands)
{
        struct errand **at = &s->waiting;

        while (*at)
                at = &(*at)->next;
        *at = errands;
}

/* Their handlers may ask for something else meanwhile. */
static void errands_fail(struct errand *errands_take, enum reason why, const char *text)
{
        while (errands_take) {
                struct errand *next = errands_take->next;

                errand_fail(errands_take, why, text);
                errands_take = next;
        }
}

/* How long the one with most time has left, in full s; 0 if none has. */
static unsigned errands_seconds(const struct errand *errands)
{
        uint64_t now = time_now_usec(), last = now;

        for (; errands; errands = errands->next)
                if (errands->until > last)
                        last = errands->until;
        return (unsigned)((last - now) / 1000000);
}

/* How long to look for their device: who looks knows best why it was not found, and says so first.
 */
static unsigned errands_looking(const struct errand *errands)
{
        unsigned seconds = errands_seconds(errands);

        return seconds > 1 ? seconds - 1 : 1;
}

/* How important it is that they are done. */
static enum airtime_rank errands_rank(const struct errand *errands)
{
        while (errands && errands->is_patient)
                errands = errands->next;
        return errands ? AIRTIME_COMMAND : AIRTIME_VISIT;
}

/* Whether calling on the device once more may help; one that was not found has had all its time. */
static bool guest_may_call(const struct guest *s, enum reason why)
{
        switch (why) {
        case REASON_NONE:
        case REASON_CONNECT_FAILED:
        case REASON_SERVICE_MISSING:
        case REASON_LINK_LOST:
        case REASON_LINK_TIMEOUT:
        case REASON_ADAPTER_BUSY:
        case REASON_DEVICE_BUSY:
                return s->n_calls < GATEWAY_CALLS_MAX && errands_seconds(s->waiting) > 0;
        default:
                return false;
        }
}

static const struct visit_handler gateway_visit_handler;

/* Calls on the device of @wish for what waits. 0 or -errno. */
static int guest_call(struct guest *s, const struct visit_wish *wish)
{
        int r;

        r = visit_new_calling(s->gateway->means, wish, errands_looking(s->waiting),
                              errands_rank(s->waiting), &gateway_visit_handler, s, &s->visit);
        if (r < 0)
                return r;
        s->n_calls++;
        s->is_scheduled = false;
        while (s->waiting) {
                struct errand *next = s->waiting->next;

                (void)visit_ask(s->visit, s->waiting);
                s->waiting = next;
        }
        return 0;
}

/* --- visits --- */

static void gateway_on_done(void *userdata, const struct store_device *device)
{
        const struct gateway *g = ((struct guest *)userdata)->gateway;

        if (g->handler->on_done)
                g->handler->on_done(g->userdata, device);
}

static bool gateway_on_data(void *userdata, const struct store_device *device,
                            const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES], uint32_t number)
{
        const struct gateway *g = ((struct guest *)userdata)->gateway;

        return !g->handler->on_data || g->handler->on_data(g->userdata, device, boot_id, number);
}

static void gateway_on_leaving(void *userdata, const struct store_device *device, bool leaving)
{
        const struct gateway *g = ((struct guest *)userdata)->gateway;

        if (g->handler->on_leaving)
                g->handler->on_leaving(g->userdata, device, leaving);
}

static void gateway_on_met(void *userdata, const struct store_device *device, const char *place)
{
        const struct gateway *g = ((struct guest *)userdata)->gateway;

        if (g->handler->on_met)
                g->handler->on_met(g->userdata, device, place);
}

static void gateway_on_readings(void *userdata, const struct store_device *device,
                                const struct reading *readings, size_t n_readings)
{
        struct guest *s = userdata;

        s->gateway->handler->on_readings(s->gateway->userdata, device, readings, n_readings);
}

/* The guest goes; @text is one line for people about @why. */
static void guest_part(struct guest *s, enum reason why, const char *text)
{
        const struct gateway *g = s->gateway;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        const struct gateway_parting parting = {
                .device_id = device_id,
                .why = why,
                .has_met = visit_has_met(s->visit),
                .has_heard = visit_has_heard(s->visit),
        };
        struct errand *left = take(s->waiting);

        memcpy(device_id, visit_device(s->visit)->device_id, sizeof(device_id));
        guest_remove(s);
        errands_fail(left, why == REASON_NONE ? REASON_LINK_LOST : why,
                     why == REASON_NONE ? NULL : text);
        if (g->handler->on_parted)
                g->handler->on_parted(g->userdata, &parting);
}

/*
 * A visit that has ended is followed by another one, while somebody waits for that: what has come
 * up during a scheduled one has not been called for yet.
 */
static void gateway_on_ended(void *userdata, enum reason why, const char *text)
{
        struct guest *s = userdata;
        struct visit *ended = s->visit;
        const struct visit_wish wish = visit_wish(ended);

        guest_wait(s, visit_take_errands(ended));
        if (why == REASON_NONE)
                s->n_calls = 0;
        if (s->waiting && (s->is_scheduled || guest_may_call(s, why)) &&
            guest_call(s, &wish) == 0) {
                (void)visit_free(ended);
                return;
        }
        guest_part(s, why, text);
}

static const struct visit_handler gateway_visit_handler = {
        .on_readings = gateway_on_readings,
        .on_ended = gateway_on_ended,
        .on_met = gateway_on_met,
        .on_done = gateway_on_done,
        .on_data = gateway_on_data,
        .on_leaving = gateway_on_leaving,
};

static int guest_new(struct gateway *g, struct guest **ret_guest)
{
        struct guest *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        s->gateway = g;
        s->next = g->guests;
        *ret_guest = s;
        return 0;
}

/* --- beginning and end --- */

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
        while (gateway->guests) {
                struct guest *s = gateway->guests;
                struct errand *left;

                guest_wait(s, visit_take_errands(s->visit));
                left = take(s->waiting);
                guest_remove(s);
                errands_fail(left, REASON_STOPPING, NULL);
        }
        free(gateway);
        return NULL;
}

int gateway_adopt(struct gateway *gateway, const struct visit_wish *wish,
                  struct meeting *meeting_take)
{
        const char *place = meeting_place(meeting_take);
        struct guest *s;
        int r;

        r = guest_new(gateway, &s);
        if (r < 0) {
                (void)meeting_free(meeting_take);
                return r;
        }
        r = visit_new(gateway->means, wish, meeting_take, &gateway_visit_handler, s, &s->visit);
        if (r < 0) {
                free(s);
                return r;
        }
        gateway->guests = s;
        gateway_on_met(s, wish->device, place);
        return 0;
}

static int gateway_call(struct gateway *g, const struct visit_wish *wish, struct errand *errand)
{
        struct guest *s;
        int r;

        r = guest_new(g, &s);
        if (r < 0)
                return r;
        errand->next = NULL;
        s->waiting = errand;
        r = guest_call(s, wish);
        if (r < 0) {
                free(s);
                return r;
        }
        g->guests = s;
        return 0;
}

void gateway_ask(struct gateway *gateway, const struct visit_wish *wish, struct errand *errand_take)
{
        struct guest *s = gateway_find(gateway, wish->device->device_id);

        if (!s) {
                if (gateway_call(gateway, wish, errand_take) < 0)
                        errand_fail(errand_take, REASON_INTERNAL, NULL);
                return;
        }
        if (visit_ask(s->visit, errand_take))
                return;
        errand_take->next = NULL;
        guest_wait(s, errand_take);
}

int gateway_visit(struct gateway *gateway, const struct visit_wish *wish)
{
        struct guest *s = gateway_find(gateway, wish->device->device_id);
        int r;

        if (s) {
                visit_poll(s->visit);
                return 0;
        }
        r = guest_new(gateway, &s);
        if (r < 0)
                return r;
        s->is_scheduled = true;
        r = visit_new_calling(gateway->means, wish, VISIT_FIND_SECONDS, AIRTIME_VISIT,
                              &gateway_visit_handler, s, &s->visit);
        if (r < 0) {
                free(s);
                return r;
        }
        gateway->guests = s;
        return 0;
}

void gateway_hurry(struct gateway *gateway, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct guest *s = gateway_find(gateway, device_id);

        if (s)
                visit_hurry(s->visit);
}

void gateway_yield(struct gateway *gateway, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                   enum reason why)
{
        struct guest *s = gateway_find(gateway, device_id);
        struct errand *left;

        if (!s)
                return;
        guest_wait(s, visit_take_errands(s->visit));
        left = take(s->waiting);
        visit_end(s->visit);
        errands_fail(left, why, NULL);
}
