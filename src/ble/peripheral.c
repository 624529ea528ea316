/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/peripheral.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "ble/adapter.h"
#include "ble/advertiser.h"
#include "ble/channel.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define APPLICATION_PATH "/org/enrolld/peripheral"
#define SERVICE_PATH     APPLICATION_PATH "/service"
#define IN_PATH          SERVICE_PATH "/in"
#define OUT_PATH         SERVICE_PATH "/out"

#define RETRY_MS 2000
#define LEAVE_MS 5000 /* how long the end of a connection is waited for */

#define ERROR_NOT_PERMITTED "org.bluez.Error.NotPermitted"

struct peripheral {
        struct bluez *bluez;
        struct adapters *adapters; /* the first of them that is usable is used */
        struct bluez_watch *watch;
        char path[BLUEZ_PATH_MAX]; /* of the adapter; "" without one */
        bool ready;                /* whether the adapter is usable */
        sd_bus_slot *manager, *service, *in, *out;

        enum {
                APPLICATION_ABSENT,
                APPLICATION_UNDER_WAY, /* being registered */
                APPLICATION_PRESENT,
        } application;
        sd_bus_slot *application_call;
        struct advertiser *advertiser;
        bool wanted; /* whether to advertise */
        uint8_t data[BLE_DATA_BYTES];
        sd_event_source *settle, *retry;

        /*
         * What the central writes comes as method calls: AcquireWrite, which BlueZ calls for the
         * first packet only once that has arrived, may hand over the bytes of the next one in its
         * place. It also says who writes, so that nobody else can write into a link.
         */
        char peer[BLUEZ_PATH_MAX];
        bool connected; /* whether the peer still is, as far as we know */
        int notify_fd, feed_fd;
        sd_event_source *notify_hup, *deliver;
        char leaving[BLUEZ_PATH_MAX]; /* who is being disconnected; "" for nobody */
        sd_event_source *leave;
        struct channel *channel;
        bool delivered; /* whether the handler has the link */

        const struct peripheral_handler *handler;
        void *userdata;
};

/* --- the objects that bluetoothd reads and calls --- */

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const char *text = BLE_SERVICE_UUID;

        (void)bus;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        if (strcmp(path, IN_PATH) == 0)
                text = BLE_IN_UUID;
        else if (strcmp(path, OUT_PATH) == 0)
                text = BLE_OUT_UUID;
        return sd_bus_message_append(reply, "s", text);
}

static int get_service(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "o", SERVICE_PATH);
}

static int get_flags(sd_bus *bus, const char *path, const char *interface, const char *property,
                     sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        bool in = strcmp(path, IN_PATH) == 0;

        (void)bus;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "as", 1, in ? "write-without-response" : "notify");
}

static int get_true(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "b", true);
}

static int get_acquired(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const struct peripheral *p = userdata;

        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)ret_error;
        return sd_bus_message_append(reply, "b", p->notify_fd >= 0 || p->channel);
}

/* Reads the options of AcquireNotify and WriteValue: who, and how much he takes. */
static int options_read(sd_bus_message *m, const char **ret_device, uint16_t *ret_mtu)
{
        const char *device = NULL, *name, *type;
        uint16_t mtu = 0;
        char container;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read_basic(m, 's', &name);
                if (r >= 0)
                        r = sd_bus_message_peek_type(m, &container, &type);
                if (r < 0)
                        return r;
                if (strcmp(name, "device") == 0 && strcmp(type, "o") == 0)
                        r = sd_bus_message_read(m, "v", "o", &device);
                else if (strcmp(name, "mtu") == 0 && strcmp(type, "q") == 0)
                        r = sd_bus_message_read(m, "v", "q", &mtu);
                else
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        if (!device || strlen(device) >= BLUEZ_PATH_MAX)
                return -EBADMSG;
        *ret_device = device;
        *ret_mtu = mtu;
        return 0;
}

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

/* Forgets a subscription that no link has come of. */
static void peripheral_unsubscribe(struct peripheral *p)
{
        loop_drop(&p->notify_hup);
        p->notify_fd = fd_close(p->notify_fd);
}

static int peripheral_on_notify_hup(sd_event_source *source, int fd, uint32_t events,
                                    void *userdata)
{
        (void)source;
        (void)fd;
        (void)events;
        peripheral_unsubscribe(userdata);
        return 0;
}

/* Keeps @fd_take until a link is made of it, and notices when the subscriber goes. */
static int peripheral_subscribe(struct peripheral *p, int fd_take)
{
        p->notify_fd = fd_take;
        return sd_event_add_io(bluez_event(p->bluez), &p->notify_hup, p->notify_fd, 0,
                               peripheral_on_notify_hup, p);
}

static int peripheral_on_acquire_notify(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;
        _defer_(fd_close) int theirs = -1;
        const char *device;
        uint16_t mtu;
        int fds[2] = {-1, -1}, r;

        if (!bluez_sent(p->bluez, m))
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED, "Not bluetoothd");
        r = options_read(m, &device, &mtu);
        if (r < 0)
                return r;
        if (p->channel || p->notify_fd >= 0)
                return sd_bus_error_set(ret_error, ERROR_NOT_PERMITTED, "One central at a time");
        r = packet_pair(fds);
        if (r < 0)
                return r;
        theirs = fds[1];
        r = peripheral_subscribe(p, fds[0]);
        if (r >= 0)
                r = sd_bus_reply_method_return(m, "hq", theirs, mtu);
        if (r < 0)
                peripheral_unsubscribe(p);
        return r;
}

static void peripheral_left(struct peripheral *p)
{
        p->leaving[0] = '\0';
        loop_disarm(p->leave);
        loop_rearm(p->settle);
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
 * device at once would be given the connection that is about to end.
 */
static void peripheral_leave(struct peripheral *p)
{
        if (!p->connected ||
            bluez_call(p->bluez, NULL, p->peer, BLUEZ_DEVICE, "Disconnect", NULL, NULL, NULL) < 0)
                return;
        memcpy(p->leaving, p->peer, sizeof(p->leaving));
        loop_rearm_timer(p->leave, LEAVE_MS);
}

static void peripheral_on_link_freed(void *owner)
{
        struct peripheral *p = owner;

        p->channel = NULL;
        p->delivered = false;
        p->feed_fd = fd_close(p->feed_fd);
        loop_disarm(p->deliver);
        peripheral_leave(p);
        p->peer[0] = '\0';
}

/* The first packet of a central makes the link: until then it is nobody's. */
static int peripheral_make_link(struct peripheral *p, const char *device, uint16_t mtu)
{
        int fds[2] = {-1, -1}, r;

        r = packet_pair(fds);
        if (r < 0)
                return r;
        loop_drop(&p->notify_hup);
        r = channel_new(bluez_event(p->bluez), fds[0], fd_take(&p->notify_fd), mtu,
                        peripheral_on_link_freed, p, &p->channel);
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

static int peripheral_take_packet(struct peripheral *p, const char *device, uint16_t mtu,
                                  const void *packet, size_t n_packet)
{
        int r;

        if (!p->channel) {
                r = peripheral_make_link(p, device, mtu);
                if (r < 0)
                        return r;
        }
        /* A packet that is dropped breaks the link, and so does an empty one, which reads as the
         * end. */
        if (n_packet == 0 || send(p->feed_fd, packet, n_packet, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                channel_lose(p->channel, REASON_LINK_LOST);
        return 0;
}

static int peripheral_on_write(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;
        const char *device;
        const void *packet;
        size_t n_packet;
        uint16_t mtu;
        int r;

        if (!bluez_sent(p->bluez, m))
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED, "Not bluetoothd");
        r = sd_bus_message_read_array(m, 'y', &packet, &n_packet);
        if (r < 0)
                return r;
        r = options_read(m, &device, &mtu);
        if (r < 0)
                return r;
        if (p->channel && strcmp(device, p->peer) != 0)
                return sd_bus_error_set(ret_error, ERROR_NOT_PERMITTED, "One central at a time");
        if (!p->channel && p->notify_fd < 0)
                return sd_bus_error_set(ret_error, ERROR_NOT_PERMITTED, "Subscribe first");
        r = peripheral_take_packet(p, device, mtu, packet, n_packet);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

/* clang-format off */
static const sd_bus_vtable service_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Primary", "b", get_true, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable in_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Service", "o", get_service, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Flags", "as", get_flags, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD("WriteValue", "aya{sv}", "", peripheral_on_write, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable out_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Service", "o", get_service, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Flags", "as", get_flags, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("NotifyAcquired", "b", get_acquired, 0, 0),
        SD_BUS_METHOD("AcquireNotify", "a{sv}", "hq", peripheral_on_acquire_notify, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* clang-format on */

/* --- keeping application and advertisement as they are wanted --- */

static int peripheral_on_application(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        p->application_call = sd_bus_slot_unref(p->application_call);
        if (error && !sd_bus_error_has_name(error, "org.bluez.Error.AlreadyExists")) {
                log_warning("Cannot serve on %s: %s", p->path, error->message);
                p->application = APPLICATION_ABSENT;
                loop_rearm_timer(p->retry, RETRY_MS);
                p->handler->on_state(p->userdata, bluez_reason(error, REASON_ADAPTER_BUSY));
                return 0;
        }
        p->application = APPLICATION_PRESENT;
        loop_rearm(p->settle);
        p->handler->on_state(p->userdata, REASON_NONE);
        return 0;
}

static void peripheral_register(struct peripheral *p)
{
        int r;

        p->application = APPLICATION_UNDER_WAY;
        r = bluez_call(p->bluez, &p->application_call, p->path, BLUEZ_GATT_MANAGER,
                       "RegisterApplication", peripheral_on_application, p, "oa{sv}",
                       APPLICATION_PATH, 0);
        if (r < 0) {
                (void)log_errno(r, "Cannot serve on %s", p->path);
                p->application = APPLICATION_ABSENT;
                loop_rearm_timer(p->retry, RETRY_MS);
        }
}

/* Takes the next step: the service first, so that whoever hears the advertisement finds it. */
static void peripheral_settle(struct peripheral *p)
{
        bool serving = p->ready && p->application == APPLICATION_PRESENT;

        if (p->ready && p->application == APPLICATION_ABSENT)
                peripheral_register(p);
        advertiser_use(p->advertiser, serving ? p->path : NULL);
        advertiser_set(p->advertiser, p->wanted && !p->leaving[0] ? p->data : NULL);
}

static int peripheral_on_settle(sd_event_source *source, void *userdata)
{
        (void)source;
        peripheral_settle(userdata);
        return 0;
}

static int peripheral_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        peripheral_settle(userdata);
        return 0;
}

static void peripheral_on_advertising_refused(void *userdata, enum reason why)
{
        struct peripheral *p = userdata;

        p->handler->on_state(p->userdata, why);
}

void peripheral_advertise(struct peripheral *peripheral, const uint8_t data[BLE_DATA_BYTES])
{
        memcpy(peripheral->data, data, BLE_DATA_BYTES);
        peripheral->wanted = true;
        loop_rearm(peripheral->settle);
}

void peripheral_stop(struct peripheral *peripheral)
{
        peripheral->wanted = false;
        loop_rearm(peripheral->settle);
}

/* The application is gone with bluetoothd or with its adapter. */
static void peripheral_forget(struct peripheral *p)
{
        p->path[0] = '\0';
        p->application = APPLICATION_ABSENT;
        p->application_call = sd_bus_slot_unref(p->application_call);
        loop_disarm(p->retry);
}

/* The first adapter that is usable, else the first. */
static const struct adapter *peripheral_choose(const struct peripheral *p)
{
        struct adapter *first = adapters_next(p->adapters, NULL);

        for (struct adapter *a = first; a; a = adapters_next(p->adapters, a))
                if (adapter_reason(a) == REASON_NONE)
                        return a;
        return first;
}

/* An adapter that is merely off keeps the application, but not the advertisement. */
static void peripheral_on_adapters(void *userdata, enum reason why)
{
        struct peripheral *p = userdata;
        const struct adapter *adapter = peripheral_choose(p);

        p->ready = why == REASON_NONE && adapter;
        if (!adapter || strcmp(adapter_path(adapter), p->path) != 0)
                peripheral_forget(p);
        if (p->ready)
                (void)snprintf(p->path, sizeof(p->path), "%s", adapter_path(adapter));
        loop_rearm(p->settle);
        if (!p->ready || p->application == APPLICATION_PRESENT)
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
}

static void peripheral_on_news(void *userdata, const struct bluez_news *news)
{
        if (news->object->interface == BLUEZ_IS_DEVICE && !news->whole &&
            (news->has & BLUEZ_HAS_CONNECTED) && !news->object->connected)
                peripheral_on_disconnected(userdata, news->object->path);
}

static void peripheral_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        if (interface == BLUEZ_IS_DEVICE)
                peripheral_on_disconnected(userdata, path);
}

static void peripheral_on_down(void *userdata)
{
        struct peripheral *p = userdata;

        if (p->channel)
                peripheral_on_disconnected(p, p->peer);
        if (p->leaving[0])
                peripheral_left(p);
}

static const struct bluez_handler peripheral_bluez_handler = {
        .on_news = peripheral_on_news,
        .on_gone = peripheral_on_gone,
        .on_down = peripheral_on_down,
};

static int peripheral_export(struct peripheral *p)
{
        sd_bus *bus = bluez_bus(p->bluez);
        int r;

        r = sd_bus_add_object_manager(bus, &p->manager, APPLICATION_PATH);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus, &p->service, SERVICE_PATH, BLUEZ_SERVICE, service_vtable,
                                     p);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus, &p->in, IN_PATH, BLUEZ_CHARACTERISTIC, in_vtable, p);
        if (r < 0)
                return r;
        return sd_bus_add_object_vtable(bus, &p->out, OUT_PATH, BLUEZ_CHARACTERISTIC, out_vtable,
                                        p);
}

static int peripheral_add_sources(struct peripheral *p)
{
        sd_event *event = bluez_event(p->bluez);
        int r;

        r = loop_add_defer(event, &p->settle, peripheral_on_settle, p);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &p->retry, peripheral_on_retry, p);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &p->leave, peripheral_on_leave, p);
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
        p->notify_fd = p->feed_fd = -1;
        p->handler = handler;
        p->userdata = userdata;

        r = peripheral_add_sources(p);
        if (r < 0)
                return r;
        r = advertiser_new(bluez, peripheral_on_advertising_refused, p, &p->advertiser);
        if (r < 0)
                return r;
        r = peripheral_export(p);
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

/* Leaves bluetoothd as it was found, without waiting. */
static void peripheral_withdraw(struct peripheral *p)
{
        if (p->path[0] && p->application != APPLICATION_ABSENT)
                (void)bluez_call(p->bluez, NULL, p->path, BLUEZ_GATT_MANAGER,
                                 "UnregisterApplication", NULL, NULL, "o", APPLICATION_PATH);
}

struct peripheral *peripheral_free(struct peripheral *peripheral)
{
        if (!peripheral)
                return NULL;
        assert(!peripheral->delivered);
        if (peripheral->channel)
                (void)link_free(channel_link(peripheral->channel));
        (void)advertiser_free(peripheral->advertiser);
        peripheral_withdraw(peripheral);
        peripheral_forget(peripheral);
        peripheral_unsubscribe(peripheral);
        (void)adapters_free(peripheral->adapters);
        (void)bluez_watch_free(peripheral->watch);
        (void)sd_bus_slot_unref(peripheral->manager);
        (void)sd_bus_slot_unref(peripheral->service);
        (void)sd_bus_slot_unref(peripheral->in);
        (void)sd_bus_slot_unref(peripheral->out);
        loop_drop(&peripheral->settle);
        loop_drop(&peripheral->retry);
        loop_drop(&peripheral->leave);
        loop_drop(&peripheral->deliver);
        free(peripheral);
        return NULL;
}
