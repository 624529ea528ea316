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
#include "ble/channel.h"
#include "ble/gatt.h"
#include "ble/stepper.h"
#include "util/free.h"
#include "util/loop.h"

#define LEAVE_MS  5000  /* how long the end of a connection is waited for */
#define SILENT_MS 10000 /* how long a central may be connected without subscribing */

struct peripheral {
        struct bluez *bluez;
        struct adapters *adapters; /* the first usable one is used */
        struct bluez_watch *watch;
        bool ready; /* whether there is one */
        struct gatt *gatt;
        struct advertiser *advertiser;
        bool wanted; /* whether to advertise */
        uint8_t data[BLE_DATA_BYTES];
        struct stepper stepper;

        /*
         * The central's writes are received as method calls: with AcquireWrite, which BlueZ calls
         * only after the first packet has arrived, the bytes of the next one may be delivered in
         * its place. A call also names the writer, so that no other central can write into a link.
         */
        char peer[BLUEZ_PATH_MAX];
        bool connected; /* whether the peer still is, as far as we know */
        int feed_fd;
        sd_event_source *deliver;
        char leaving[BLUEZ_PATH_MAX]; /* the central being disconnected, or "" */
        sd_event_source *leave;
        char silent[BLUEZ_PATH_MAX]; /* one that is connected and has not subscribed, or "" */
        sd_event_source *silence;
        struct channel *channel;
        bool delivered; /* whether the handler has the link */

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

        return p->channel;
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

        if (!p->wanted || p->channel || p->silent[0])
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

static void peripheral_on_link_freed(void *owner)
{
        struct peripheral *p = owner;

        p->channel = NULL;
        p->delivered = false;
        p->feed_fd = fd_close(p->feed_fd);
        loop_disarm(p->deliver);
        if (p->connected)
                peripheral_leave(p, p->peer);
        p->peer[0] = '\0';
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
        int fds[2] = {-1, -1}, r;

        r = packet_pair(fds);
        if (r < 0) {
                (void)fd_close(fd_take);
                return r;
        }
        r = channel_new(bluez_event(p->bluez), fds[0], fd_take, size, peripheral_on_link_freed, p,
                        &p->channel);
        if (r < 0) {
                (void)fd_close(fds[1]);
                return r;
        }
        p->feed_fd = fds[1];
        (void)snprintf(p->peer, sizeof(p->peer), "%s", device);
        p->connected = true;
        peripheral_stop(p);
        loop_rearm(p->deliver);
        return 0;
}

static int peripheral_on_packet(void *userdata, const struct gatt_packet *packet)
{
        struct peripheral *p = userdata;

        if (!p->channel)
                return GATT_E_UNSUBSCRIBED;
        if (strcmp(packet->device, p->peer) != 0)
                return GATT_E_TAKEN;
        /* A dropped packet breaks the link, and so does an empty one, which looks like the end. */
        if (packet->n_bytes == 0 ||
            send(p->feed_fd, packet->bytes, packet->n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                channel_lose(p->channel, REASON_LINK_LOST);
        return 0;
}

/* --- keeping application and advertisement up to date --- */

/* The service first, so that a hub that hears the advertisement finds it. */
static void peripheral_step(void *userdata)
{
        struct peripheral *p = userdata;
        bool serving = p->ready && gatt_is_registered(p->gatt);

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

static int peripheral_on_deliver(sd_event_source *source, void *userdata)
{
        struct peripheral *p = userdata;

        (void)source;
        p->delivered = true;
        p->handler->on_link(p->userdata, channel_link(p->channel));
        return 0;
}

static void peripheral_on_disconnected(struct peripheral *p, const char *device)
{
        if (p->channel && strcmp(device, p->peer) == 0) {
                p->connected = false;
                channel_lose(p->channel, REASON_LINK_LOST);
        }
        if (p->leaving[0] && strcmp(device, p->leaving) == 0)
                peripheral_left(p);
        if (strcmp(device, p->silent) == 0)
                peripheral_end_silence(p);
        peripheral_watch_silence(p);
}

static void peripheral_on_news(void *userdata, const struct bluez_news *news)
{
        if (news->object->interface != BLUEZ_IS_DEVICE || !(news->has & BLUEZ_HAS_CONNECTED))
                return;
        if (news->object->connected)
                peripheral_watch_silence(userdata);
        else if (!news->whole)
                peripheral_on_disconnected(userdata, news->object->path);
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

        if (p->channel)
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
        if (peripheral->channel)
                (void)link_free(channel_link(peripheral->channel));
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
