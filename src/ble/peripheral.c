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
#include "ble/channel.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define APPLICATION_PATH   "/org/enrolld/peripheral"
#define SERVICE_PATH       APPLICATION_PATH "/service"
#define IN_PATH            SERVICE_PATH "/in"
#define OUT_PATH           SERVICE_PATH "/out"
#define ADVERTISEMENT_PATH "/org/enrolld/advertisement/%u"

#define RETRY_MS        2000
#define INTERVAL_MIN_MS 20
#define INTERVAL_MAX_MS 100

#define ERROR_NOT_PERMITTED "org.bluez.Error.NotPermitted"

enum registration {
        ABSENT,
        UNDER_WAY, /* being registered or unregistered */
        PRESENT,
};

struct peripheral {
        struct bluez *bluez;
        struct adapter *adapter;
        struct bluez_watch *watch;
        char path[BLUEZ_PATH_MAX]; /* of the adapter; "" without one */
        bool ready;                /* whether the adapter is usable */
        sd_bus_slot *manager, *service, *in, *out;

        enum registration application, advertisement;
        sd_bus_slot *application_call, *advertisement_call, *advertisement_object;
        char advertisement_path[BLUEZ_PATH_MAX];
        unsigned n_advertisements;
        bool wanted, renew; /* whether to advertise, and anew because the data has changed */
        bool plain;         /* this BlueZ takes no intervals */
        uint8_t data[BLE_DATA_BYTES];
        sd_event_source *settle, *retry;

        /*
         * What the central writes comes as method calls: AcquireWrite, which BlueZ calls for the
         * first packet only once that has arrived, may hand over the bytes of the next one in its
         * place. It also says who writes, so that nobody else can write into a link.
         */
        char peer[BLUEZ_PATH_MAX];
        int notify_fd, feed_fd;
        sd_event_source *notify_hup, *deliver;
        struct channel *channel;
        bool delivered; /* whether the owner has the link */

        const struct peripheral_owner *owner;
        void *userdata;
};

/* --- the objects that bluetoothd reads and calls --- */

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const char *text = BLE_SERVICE_UUID;

        (void)bus;
        (void)interface;
        (void)userdata;
        (void)ret_error;
        if (strcmp(path, IN_PATH) == 0)
                text = BLE_IN_UUID;
        else if (strcmp(path, OUT_PATH) == 0)
                text = BLE_OUT_UUID;
        if (strcmp(property, "Type") == 0)
                text = "peripheral";
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

static int get_interval(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        uint32_t ms = strcmp(property, "MinInterval") == 0 ? INTERVAL_MIN_MS : INTERVAL_MAX_MS;

        (void)bus;
        (void)path;
        (void)interface;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "u", ms);
}

static int get_service_data(sd_bus *bus, const char *path, const char *interface,
                            const char *property, sd_bus_message *reply, void *userdata,
                            sd_bus_error *ret_error)
{
        const struct peripheral *p = userdata;
        int r;

        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)ret_error;
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", BLE_SERVICE_UUID);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'v', "ay");
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(reply, 'y', p->data, sizeof(p->data));
        for (int depth = 0; depth < 3 && r >= 0; depth++)
                r = sd_bus_message_close_container(reply);
        return r;
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

static void peripheral_on_link_freed(void *owner)
{
        struct peripheral *p = owner;

        p->channel = NULL;
        p->delivered = false;
        p->feed_fd = fd_close(p->feed_fd);
        loop_disarm(p->deliver);
        if (p->peer[0])
                (void)bluez_call(p->bluez, NULL, p->peer, BLUEZ_DEVICE, "Disconnect", NULL, NULL,
                                 NULL);
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

static int peripheral_on_release(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;

        if (!bluez_sent(p->bluez, m))
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED, "Not bluetoothd");
        if (p->advertisement == PRESENT &&
            strcmp(sd_bus_message_get_path(m), p->advertisement_path) == 0) {
                p->advertisement = ABSENT;
                loop_rearm_timer(p->retry, RETRY_MS);
        }
        return sd_bus_reply_method_return(m, NULL);
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

static const sd_bus_vtable advertisement_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Type", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("ServiceData", "a{sv}", get_service_data, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Discoverable", "b", get_true, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("MinInterval", "u", get_interval, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("MaxInterval", "u", get_interval, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD("Release", "", "", peripheral_on_release, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable plain_advertisement_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Type", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("ServiceData", "a{sv}", get_service_data, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Discoverable", "b", get_true, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD("Release", "", "", peripheral_on_release, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

/* --- keeping application and advertisement as they are wanted --- */

static void peripheral_refused(struct peripheral *p, const char *what, const sd_bus_error *error)
{
        log_warning("%s on %s failed: %s", what, p->path, error->message);
        loop_rearm_timer(p->retry, RETRY_MS);
        p->owner->on_state(p->userdata, bluez_reason(error, REASON_ADAPTER_BUSY));
}

static int peripheral_on_application(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        p->application_call = sd_bus_slot_unref(p->application_call);
        if (error && !sd_bus_error_has_name(error, "org.bluez.Error.AlreadyExists")) {
                p->application = ABSENT;
                peripheral_refused(p, "RegisterApplication", error);
                return 0;
        }
        p->application = PRESENT;
        loop_rearm(p->settle);
        p->owner->on_state(p->userdata, REASON_NONE);
        return 0;
}

static void peripheral_drop_advertisement(struct peripheral *p)
{
        p->advertisement = ABSENT;
        p->advertisement_call = sd_bus_slot_unref(p->advertisement_call);
        p->advertisement_object = sd_bus_slot_unref(p->advertisement_object);
}

static int peripheral_on_unadvertised(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;

        (void)m;
        (void)ret_error;
        peripheral_drop_advertisement(p);
        loop_rearm(p->settle);
        return 0;
}

static int peripheral_on_advertised(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct peripheral *p = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        p->advertisement_call = sd_bus_slot_unref(p->advertisement_call);
        if (!error) {
                p->advertisement = PRESENT;
                loop_rearm(p->settle);
                return 0;
        }
        peripheral_drop_advertisement(p);
        if (p->plain) {
                peripheral_refused(p, "RegisterAdvertisement", error);
                return 0;
        }
        p->plain = true;
        loop_rearm(p->settle);
        return 0;
}

static int peripheral_unregister_advertisement(struct peripheral *p)
{
        p->advertisement = UNDER_WAY;
        return bluez_call(p->bluez, &p->advertisement_call, p->path, BLUEZ_ADVERTISER,
                          "UnregisterAdvertisement", peripheral_on_unadvertised, p, "o",
                          p->advertisement_path);
}

/* Each advertisement gets a path of its own: BlueZ forgets the last one in its own time. */
static int peripheral_register_advertisement(struct peripheral *p)
{
        const sd_bus_vtable *vtable = p->plain ? plain_advertisement_vtable : advertisement_vtable;
        int r;

        peripheral_drop_advertisement(p);
        p->renew = false;
        (void)snprintf(p->advertisement_path, sizeof(p->advertisement_path), ADVERTISEMENT_PATH,
                       p->n_advertisements++);
        r = sd_bus_add_object_vtable(bluez_bus(p->bluez), &p->advertisement_object,
                                     p->advertisement_path, BLUEZ_ADVERTISEMENT, vtable, p);
        if (r < 0)
                return r;
        p->advertisement = UNDER_WAY;
        return bluez_call(p->bluez, &p->advertisement_call, p->path, BLUEZ_ADVERTISER,
                          "RegisterAdvertisement", peripheral_on_advertised, p, "oa{sv}",
                          p->advertisement_path, 0);
}

static int peripheral_register_application(struct peripheral *p)
{
        p->application = UNDER_WAY;
        return bluez_call(p->bluez, &p->application_call, p->path, BLUEZ_GATT_MANAGER,
                          "RegisterApplication", peripheral_on_application, p, "oa{sv}",
                          APPLICATION_PATH, 0);
}

/* Takes the next step towards what is wanted. */
static void peripheral_settle(struct peripheral *p)
{
        int r = 0;

        if (!p->ready)
                return;
        if (p->application == ABSENT)
                r = peripheral_register_application(p);
        else if (p->application == PRESENT && p->advertisement == ABSENT && p->wanted)
                r = peripheral_register_advertisement(p);
        else if (p->advertisement == PRESENT && (!p->wanted || p->renew))
                r = peripheral_unregister_advertisement(p);
        if (r < 0)
                (void)log_errno(r, "Cannot set up advertising on %s", p->path);
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

void peripheral_advertise(struct peripheral *peripheral, const uint8_t data[BLE_DATA_BYTES])
{
        memcpy(peripheral->data, data, BLE_DATA_BYTES);
        peripheral->wanted = peripheral->renew = true;
        loop_rearm(peripheral->settle);
}

void peripheral_stop(struct peripheral *peripheral)
{
        peripheral->wanted = false;
        loop_rearm(peripheral->settle);
}

/* Nothing of ours is registered any more: bluetoothd or its adapter has gone, or is another. */
static void peripheral_forget(struct peripheral *p)
{
        p->path[0] = '\0';
        p->application = ABSENT;
        p->application_call = sd_bus_slot_unref(p->application_call);
        peripheral_drop_advertisement(p);
        loop_disarm(p->retry);
}

/* An adapter that is merely off keeps the application, but not the advertisement. */
static void peripheral_on_adapter(void *userdata, enum reason why)
{
        struct peripheral *p = userdata;
        const char *path = adapter_path(p->adapter);

        p->ready = why == REASON_NONE;
        if (!path || strcmp(path, p->path) != 0 || why == REASON_BLUETOOTH_DOWN)
                peripheral_forget(p);
        if (why != REASON_NONE) {
                if (p->path[0])
                        (void)bluez_call(p->bluez, NULL, p->path, BLUEZ_ADVERTISER,
                                         "UnregisterAdvertisement", NULL, NULL, "o",
                                         p->advertisement_path);
                peripheral_drop_advertisement(p);
                p->owner->on_state(p->userdata, why);
                return;
        }
        (void)snprintf(p->path, sizeof(p->path), "%s", path);
        loop_rearm(p->settle);
        if (p->application == PRESENT)
                p->owner->on_state(p->userdata, REASON_NONE);
}

/* --- the central that is connected --- */

static int peripheral_on_deliver(sd_event_source *source, void *userdata)
{
        struct peripheral *p = userdata;

        (void)source;
        p->delivered = true;
        p->owner->on_link(p->userdata, channel_link(p->channel));
        return 0;
}

/*
 * The kernel stops advertising for a connection and does not always start again after it, so the
 * end of any connection is a reason to register anew.
 */
static void peripheral_on_disconnected(struct peripheral *p, const char *device)
{
        if (p->channel && strcmp(device, p->peer) == 0)
                channel_lose(p->channel, REASON_LINK_LOST);
        if (p->ready && p->wanted && bluez_path_below(device, p->path)) {
                p->renew = true;
                loop_rearm(p->settle);
        }
}

static void peripheral_on_news(void *userdata, const struct bluez_news *news)
{
        if (news->interface == BLUEZ_IS_DEVICE && !news->whole &&
            (news->has & BLUEZ_HAS_CONNECTED) && !news->connected)
                peripheral_on_disconnected(userdata, news->path);
}

static void peripheral_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct peripheral *p = userdata;

        if (p->channel && interface == BLUEZ_IS_DEVICE && strcmp(path, p->peer) == 0)
                channel_lose(p->channel, REASON_LINK_LOST);
}

static void peripheral_on_down(void *userdata)
{
        struct peripheral *p = userdata;

        if (p->channel)
                channel_lose(p->channel, REASON_LINK_LOST);
}

static const struct bluez_watcher peripheral_watcher = {
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
        return loop_add_defer(event, &p->deliver, peripheral_on_deliver, p);
}

int peripheral_new(struct bluez *bluez, const char *adapter, bool power,
                   const struct peripheral_owner *owner, void *userdata,
                   struct peripheral **ret_peripheral)
{
        _defer_(peripheral_free) struct peripheral *p = NULL;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->bluez = bluez;
        p->notify_fd = p->feed_fd = -1;
        p->owner = owner;
        p->userdata = userdata;

        r = peripheral_add_sources(p);
        if (r < 0)
                return r;
        r = peripheral_export(p);
        if (r < 0)
                return r;
        r = bluez_watch_new(bluez, &peripheral_watcher, p, &p->watch);
        if (r < 0)
                return r;
        r = adapter_new(bluez, adapter, ADAPTER_PERIPHERAL, power, peripheral_on_adapter, p,
                        &p->adapter);
        if (r < 0)
                return r;
        *ret_peripheral = take(p);
        return 0;
}

/* Leaves bluetoothd as it was found, without waiting. */
static void peripheral_withdraw(struct peripheral *p)
{
        if (!p->path[0])
                return;
        if (p->advertisement != ABSENT)
                (void)bluez_call(p->bluez, NULL, p->path, BLUEZ_ADVERTISER,
                                 "UnregisterAdvertisement", NULL, NULL, "o", p->advertisement_path);
        if (p->application != ABSENT)
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
        peripheral_withdraw(peripheral);
        peripheral_forget(peripheral);
        peripheral_unsubscribe(peripheral);
        (void)adapter_free(peripheral->adapter);
        (void)bluez_watch_free(peripheral->watch);
        (void)sd_bus_slot_unref(peripheral->manager);
        (void)sd_bus_slot_unref(peripheral->service);
        (void)sd_bus_slot_unref(peripheral->in);
        (void)sd_bus_slot_unref(peripheral->out);
        loop_drop(&peripheral->settle);
        loop_drop(&peripheral->retry);
        loop_drop(&peripheral->deliver);
        free(peripheral);
        return NULL;
}
