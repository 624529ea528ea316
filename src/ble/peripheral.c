/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/peripheral.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ble/adapter.h"
#include "ble/advertiser.h"
#include "ble/bearers.h"
#include "ble/channel.h"
#include "ble/coc.h"
#include "ble/doorway.h"
#include "ble/gatt.h"
#include "ble/stepper.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define LEAVE_MS  5000  /* how long the end of a connection is waited for */
#define SILENT_MS 10000 /* how long a central may be connected without a link */

struct peripheral {
        struct bluez *bluez;
        struct adapters *adapters; /* the first usable one is used */
        struct bluez_watch *watch;
        bool ready; /* whether there is one */
        struct gatt *gatt;
        struct advertiser *advertiser;
        struct doorway *doorway;
        bool offers_channel;
        bool wanted; /* whether to advertise */
        uint8_t data[BLE_DATA_BYTES];
        struct stepper stepper;

        /* The link of the central that has one, over either bearer or both. */
        struct bearers *bearers;
        char peer[BLUEZ_PATH_MAX];
        bool connected; /* whether the peer still is, as far as we know */
        bool delivered; /* whether the handler has the link */
        sd_event_source *deliver;

        /*
         * Its writes are received as method calls: with AcquireWrite, which BlueZ calls only after
         * the first packet has arrived, the bytes of the next one may be delivered in its place. A
         * call also names the writer, so that no other central can write into a link.
         */
        bool subscribed; /* since the link began, whether or not GATT is still listened to */
        struct channel *channel;
        int feed_fd;

        bool admitted; /* the one L2CAP channel of this link has been let in */

        char leaving[BLUEZ_PATH_MAX]; /* the central being disconnected, or "" */
        sd_event_source *leave;
        char silent[BLUEZ_PATH_MAX]; /* one that is connected and has no link, or "" */
        sd_event_source *silence;

        const struct peripheral_handler *handler;
        void *userdata;
};

/* --- the central that uses the service --- */

/* Two ends of a packet socket. */
static int packet_pair(int ret_fds[2])
{
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        ret_fds[0] = fds[0];
        ret_fds[1] = fds[1];
        return 0;
}

static bool peripheral_is_taken(void *userdata)
{
        const struct peripheral *p = userdata;

        return p->subscribed;
}

static void peripheral_left(struct peripheral *p)
{
        p->leaving[0] = '\0';
        loop_disarm(p->leave);
        stepper_soon(&p->stepper);
}

static int peripheral_on_leave(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        peripheral_left(userdata);
        return 0;
}

/*
 * BlueZ takes two seconds to disconnect. Until then nothing is advertised: a hub that finds the
 * device immediately would get the connection that is about to end.
 */
static void peripheral_leave(struct peripheral *p, const char *device)
{
        if (bluez_call(p->bluez, NULL, device, BLUEZ_DEVICE, "Disconnect", NULL, NULL, NULL) < 0)
                return;
        (void)snprintf(p->leaving, sizeof(p->leaving), "%s", device);
        loop_rearm_timer(p->leave, LEAVE_MS);
}

/* What is paired with this computer is no hub, and may be connected for whatever it likes. */
static bool peripheral_is_silent(const struct peripheral *p, const struct bluez_object *device)
{
        return device->connected && !device->paired && strcmp(device->path, p->leaving) != 0 &&
               bluez_path_below(device->path, gatt_adapter(p->gatt));
}

static void peripheral_end_silence(struct peripheral *p)
{
        p->silent[0] = '\0';
        loop_disarm(p->silence);
}

/* Times one central after the other. */
static void peripheral_watch_silence(struct peripheral *p)
{
        const struct bluez_object *device = NULL;

        if (!p->wanted || p->bearers || p->silent[0])
                return;
        do
                device = bluez_next(p->bluez, BLUEZ_IS_DEVICE, device);
        while (device && !peripheral_is_silent(p, device));
        if (!device)
                return;
        (void)snprintf(p->silent, sizeof(p->silent), "%s", device->path);
        loop_rearm_timer(p->silence, SILENT_MS);
}

static int peripheral_on_silence(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct peripheral *p = userdata;

        (void)source;
        (void)usec;
        peripheral_leave(p, p->silent);
        p->silent[0] = '\0';
        peripheral_watch_silence(p);
        stepper_soon(&p->stepper);
        return 0;
}

/* --- its link --- */

static void peripheral_on_link_freed(void *owner)
{
        struct peripheral *p = owner;

        p->bearers = NULL;
        p->delivered = p->subscribed = p->admitted = false;
        loop_disarm(p->deliver);
        if (p->connected)
                peripheral_leave(p, p->peer);
        p->peer[0] = '\0';
}

static const struct bearers_owner peripheral_bearers_owner = {
        .on_free = peripheral_on_link_freed,
};

/* Takes a bearer of this central for the link, the first of which begins it. */
static int peripheral_take_bearer(struct peripheral *p, const char *device, struct link *link_take)
{
        int r;

        if (!p->bearers) {
                r = bearers_new(bluez_event(p->bluez), &peripheral_bearers_owner, p, &p->bearers);
                if (r < 0) {
                        (void)link_free(link_take);
                        return r;
                }
                (void)snprintf(p->peer, sizeof(p->peer), "%s", device);
                p->connected = true;
                peripheral_stop(p);
                loop_rearm(p->deliver);
        }
        bearers_add(p->bearers, link_take);
        return 0;
}

/* Whether the link, if there is one, is another central's. */
static bool peripheral_is_others(const struct peripheral *p, const char *device)
{
        return p->bearers && strcmp(device, p->peer) != 0;
}

static int peripheral_on_deliver(sd_event_source *source, void *userdata)
{
        struct peripheral *p = userdata;

        (void)source;
        p->delivered = true;
        p->handler->on_link(p->userdata, bearers_link(p->bearers));
        return 0;
}

/* --- over an L2CAP channel --- */

/* The connected central at this end of a channel, or NULL if bluetoothd knows of none. */
static const struct bluez_object *peripheral_find(const struct peripheral *p,
                                                  const struct l2cap_end *end)
{
        const struct bluez_object *device = NULL;
        struct l2cap_end known;

        while ((device = bluez_next(p->bluez, BLUEZ_IS_DEVICE, device)))
                if (device->connected && bluez_path_below(device->path, gatt_adapter(p->gatt)) &&
                    l2cap_end_of(device, &known) && l2cap_end_equal(&known, end))
                        return device;
        return NULL;
}

static void peripheral_admit(struct peripheral *p, const char *device)
{
        struct link *link;
        int r;

        r = coc_new(bluez_event(p->bluez), doorway_admit(p->doorway), &link);
        if (r >= 0)
                r = peripheral_take_bearer(p, device, link);
        if (r < 0)
                (void)log_errno(r, "Cannot use the L2CAP channel of %s", device);
        else
                p->admitted = true;
}

/*
 * Nobody gets in while another has the link, and nobody twice. Who comes before there is a link
 * begins it with a message, as a hub may yet close the channel and subscribe instead. The kernel
 * may have the channel before bluetoothd tells whose connection that is.
 */
static void peripheral_meet(struct peripheral *p)
{
        const struct l2cap_end *end = doorway_visitor(p->doorway);
        const struct bluez_object *device = end ? peripheral_find(p, end) : NULL;

        if (p->bearers && (!device || p->admitted || peripheral_is_others(p, device->path)))
                doorway_turn_away(p->doorway);
        else if (device && (p->bearers || doorway_visitor_speaks(p->doorway)))
                peripheral_admit(p, device->path);
}

static void peripheral_on_visitor(void *userdata)
{
        peripheral_meet(userdata);
}

static const struct doorway_handler peripheral_doorway_handler = {
        .on_visitor = peripheral_on_visitor,
};

void peripheral_offer_channel(struct peripheral *peripheral)
{
        peripheral->offers_channel = true;
        stepper_soon(&peripheral->stepper);
}

/* --- over GATT --- */

/* The link may go on, over the other bearer. */
static void peripheral_on_channel_freed(void *owner)
{
        struct peripheral *p = owner;

        p->channel = NULL;
        p->feed_fd = fd_close(p->feed_fd);
}

/*
 * The link begins here and not with the first packet, because so does the time that its owner gives
 * a central to say something.
 *
 * BlueZ sends a notification as a Multiple Handle Value Notification to a central that supports
 * these, as another BlueZ does, and does not leave room for the length then: what fills the ATT_MTU
 * is lost, or written behind its buffer. An ATT_MTU that grows later only leaves room unused.
 */
static int peripheral_on_subscribe(void *userdata, const char *device, unsigned mtu, int fd_take)
{
        struct peripheral *p = userdata;
        size_t size = fragment_packet_size(mtu, FRAGMENT_ATT_MULTIPLE_BYTES);
        int fds[2] = {-1, -1}, r = GATT_E_TAKEN;

        if (!peripheral_is_others(p, device))
                r = packet_pair(fds);
        if (r != 0) {
                (void)fd_close(fd_take);
                return r;
        }
        r = channel_new(bluez_event(p->bluez), fds[0], fd_take, size, peripheral_on_channel_freed,
                        p, &p->channel);
        if (r < 0) {
                (void)fd_close(fds[1]);
                return r;
        }
        p->feed_fd = fds[1];
        r = peripheral_take_bearer(p, device, channel_link(p->channel));
        if (r < 0)
                return r;
        p->subscribed = true;
        peripheral_meet(p);
        return 0;
}

/* What comes over GATT while the link runs over the other bearer goes nowhere. */
static int peripheral_on_packet(void *userdata, const struct gatt_packet *packet)
{
        struct peripheral *p = userdata;

        if (!p->subscribed)
                return GATT_E_UNSUBSCRIBED;
        if (strcmp(packet->device, p->peer) != 0)
                return GATT_E_TAKEN;
        if (!p->channel)
                return 0;
        /* A dropped packet breaks the link, and so does an empty one, which looks like the end. */
        if (packet->n_bytes == 0 ||
            send(p->feed_fd, packet->bytes, packet->n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                channel_lose(p->channel, REASON_LINK_LOST);
        return 0;
}

/* --- keeping application and advertisement up to date --- */

/* The channel only where there is GATT, for which a hub may have to leave it. */
static void peripheral_open_doorway(struct peripheral *p, bool serving)
{
        const struct bluez_object *adapter = NULL;
        struct l2cap_end own;

        if (serving && p->offers_channel)
                adapter = bluez_find(p->bluez, gatt_adapter(p->gatt), BLUEZ_IS_ADAPTER);
        doorway_use(p->doorway, adapter && l2cap_end_of(adapter, &own) ? &own : NULL);
}

/* Service and channel first, so that a hub that hears the advertisement finds them. */
static void peripheral_step(void *userdata)
{
        struct peripheral *p = userdata;
        bool serving = p->ready && gatt_is_registered(p->gatt);

        peripheral_open_doorway(p, serving);
        advertiser_use(p->advertiser, serving ? gatt_adapter(p->gatt) : NULL);
        advertiser_set(p->advertiser, p->wanted && !p->leaving[0] ? p->data : NULL);
}

static void peripheral_on_gatt(void *userdata, enum reason why)
{
        struct peripheral *p = userdata;

        stepper_soon(&p->stepper);
        if (p->ready)
                p->handler->on_state(p->userdata, why);
}

static const struct gatt_handler peripheral_gatt_handler = {
        .on_state = peripheral_on_gatt,
        .on_subscribe = peripheral_on_subscribe,
        .on_packet = peripheral_on_packet,
        .is_taken = peripheral_is_taken,
};

static void peripheral_on_advertising_refused(void *userdata, enum reason why)
{
        struct peripheral *p = userdata;

        p->handler->on_state(p->userdata, why);
}

void peripheral_advertise(struct peripheral *peripheral, const uint8_t data[BLE_DATA_BYTES])
{
        memcpy(peripheral->data, data, BLE_DATA_BYTES);
        peripheral->wanted = true;
        peripheral_watch_silence(peripheral);
        stepper_soon(&peripheral->stepper);
}

void peripheral_stop(struct peripheral *peripheral)
{
        peripheral->wanted = false;
        peripheral_end_silence(peripheral);
        stepper_soon(&peripheral->stepper);
}

static const struct advertiser_handler peripheral_advertiser_handler = {
        .on_refused = peripheral_on_advertising_refused,
};

/* The first adapter that is usable, else the first. */
static const struct adapter *peripheral_choose(const struct peripheral *p)
{
        struct adapter *first = adapters_next(p->adapters, NULL);

        for (struct adapter *a = first; a; a = adapters_next(p->adapters, a))
                if (adapter_reason(a) == REASON_NONE)
                        return a;
        return first;
}

/* An adapter that is only off keeps the application, but not the advertisement. */
static void peripheral_on_adapters(void *userdata, enum reason why)
{
        struct peripheral *p = userdata;
        const struct adapter *adapter = peripheral_choose(p);

        p->ready = why == REASON_NONE && adapter;
        if (!adapter || strcmp(adapter_path(adapter), gatt_adapter(p->gatt)) != 0)
                gatt_forget(p->gatt);
        if (p->ready)
                gatt_use(p->gatt, adapter_path(adapter));
        stepper_soon(&p->stepper);
        if (!p->ready || gatt_is_registered(p->gatt))
                p->handler->on_state(p->userdata, why);
}

static const struct adapters_handler peripheral_adapters_handler = {
        .on_state = peripheral_on_adapters,
};

/* --- the central that is connected --- */

static void peripheral_on_disconnected(struct peripheral *p, const char *device)
{
        if (p->bearers && strcmp(device, p->peer) == 0) {
                p->connected = false;
                bearers_lose(p->bearers, REASON_LINK_LOST);
        }
        if (p->leaving[0] && strcmp(device, p->leaving) == 0)
                peripheral_left(p);
        if (strcmp(device, p->silent) == 0)
                peripheral_end_silence(p);
        peripheral_watch_silence(p);
}

static void peripheral_on_news(void *userdata, const struct bluez_news *news)
{
        struct peripheral *p = userdata;

        if (news->object->interface != BLUEZ_IS_DEVICE || !(news->has & BLUEZ_HAS_CONNECTED))
                return;
        if (news->object->connected) {
                peripheral_meet(p);
                peripheral_watch_silence(p);
        } else if (!news->whole) {
                peripheral_on_disconnected(p, news->object->path);
        }
}

static void peripheral_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct peripheral *p = userdata;

        if (interface == BLUEZ_IS_DEVICE)
                peripheral_on_disconnected(p, path);
        if (interface != BLUEZ_IS_ADAPTER || strcmp(path, gatt_adapter(p->gatt)) != 0)
                return;
        gatt_forget(p->gatt);
        stepper_soon(&p->stepper);
}

static void peripheral_on_down(void *userdata)
{
        struct peripheral *p = userdata;

        if (p->bearers)
                peripheral_on_disconnected(p, p->peer);
        if (p->leaving[0])
                peripheral_left(p);
        peripheral_end_silence(p);
        gatt_forget(p->gatt);
        stepper_soon(&p->stepper);
}

static const struct bluez_handler peripheral_bluez_handler = {
        .on_news = peripheral_on_news,
        .on_gone = peripheral_on_gone,
        .on_down = peripheral_on_down,
};

static int peripheral_add_sources(struct peripheral *p)
{
        sd_event *event = bluez_event(p->bluez);
        int r;

        r = stepper_init(&p->stepper, event, peripheral_step, p);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &p->leave, peripheral_on_leave, p);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &p->silence, peripheral_on_silence, p);
        if (r < 0)
                return r;
        return loop_add_defer(event, &p->deliver, peripheral_on_deliver, p);
}

int peripheral_new(struct bluez *bluez, const char *adapter, bool power,
                   const struct peripheral_handler *handler, void *userdata,
                   struct peripheral **ret_peripheral)
{
        _defer_(peripheral_free) struct peripheral *p = NULL;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->bluez = bluez;
        p->feed_fd = -1;
        p->handler = handler;
        p->userdata = userdata;

        r = peripheral_add_sources(p);
        if (r < 0)
                return r;
        r = advertiser_new(bluez, &peripheral_advertiser_handler, p, &p->advertiser);
        if (r < 0)
                return r;
        r = gatt_new(bluez, &peripheral_gatt_handler, p, &p->gatt);
        if (r < 0)
                return r;
        r = doorway_new(bluez_event(bluez), &peripheral_doorway_handler, p, &p->doorway);
        if (r < 0)
                return r;
        r = bluez_watch_new(bluez, &peripheral_bluez_handler, p, &p->watch);
        if (r < 0)
                return r;
        r = adapters_new(bluez, adapter, ADAPTER_PERIPHERAL, power, &peripheral_adapters_handler, p,
                         &p->adapters);
        if (r < 0)
                return r;
        *ret_peripheral = take(p);
        return 0;
}

struct peripheral *peripheral_free(struct peripheral *peripheral)
{
        if (!peripheral)
                return NULL;
        assert(!peripheral->delivered);
        if (peripheral->bearers)
                (void)link_free(bearers_link(peripheral->bearers));
        (void)doorway_free(peripheral->doorway);
        (void)advertiser_free(peripheral->advertiser);
        (void)gatt_free(peripheral->gatt);
        (void)adapters_free(peripheral->adapters);
        (void)bluez_watch_free(peripheral->watch);
        stepper_done(&peripheral->stepper);
        loop_drop(&peripheral->leave);
        loop_drop(&peripheral->silence);
        loop_drop(&peripheral->deliver);
        free(peripheral);
        return NULL;
}
