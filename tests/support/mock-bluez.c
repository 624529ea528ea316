/* SPDX-License-Identifier: Apache-2.0 */

#include "support/mock-bluez.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ble/bluez.h"
#include "util/defer.h"
#include "util/free.h"

#define OK(call) assert_return_code(call, 0)

/* --- what objects say of themselves --- */

static void open_interface(sd_bus_message *m, const char *name)
{
        OK(sd_bus_message_open_container(m, 'e', "sa{sv}"));
        OK(sd_bus_message_append(m, "s", name));
        OK(sd_bus_message_open_container(m, 'a', "{sv}"));
}

static void close_interface(sd_bus_message *m)
{
        OK(sd_bus_message_close_container(m));
        OK(sd_bus_message_close_container(m));
}

static void append_adapter_properties(const struct mock_bluez *m, sd_bus_message *reply,
                                      bool second)
{
        OK(sd_bus_message_append(reply, "{sv}", "Powered", "b", second ? m->powered2 : m->powered));
        OK(sd_bus_message_append(reply, "{sv}", "Address", "s",
                                 second ? MOCK_ADDRESS2 : MOCK_ADDRESS));
        OK(sd_bus_message_append(reply, "{sv}", "AddressType", "s", "public"));
        if (m->roles)
                OK(sd_bus_message_append(reply, "{sv}", "Roles", "as", 1, m->roles));
        else
                OK(sd_bus_message_append(reply, "{sv}", "Roles", "as", 2, "central", "peripheral"));
        if (m->power_state)
                OK(sd_bus_message_append(reply, "{sv}", "PowerState", "s", m->power_state));
}

static void append_adapter(const struct mock_bluez *m, sd_bus_message *reply, bool second)
{
        OK(sd_bus_message_open_container(reply, 'a', "{sa{sv}}"));
        open_interface(reply, "org.freedesktop.DBus.Introspectable");
        close_interface(reply);
        open_interface(reply, BLUEZ_ADAPTER);
        append_adapter_properties(m, reply, second);
        close_interface(reply);
        OK(sd_bus_message_close_container(reply));
}

/* ServiceData, with other services beside ours, and of a wrong type if the test says so. */
static void append_service_data(const struct mock_bluez *m, sd_bus_message *reply)
{
        OK(sd_bus_message_open_container(reply, 'e', "sv"));
        OK(sd_bus_message_append(reply, "s", "ServiceData"));
        OK(sd_bus_message_open_container(reply, 'v', "a{sv}"));
        OK(sd_bus_message_open_container(reply, 'a', "{sv}"));
        OK(sd_bus_message_append(reply, "{sv}", MOCK_OTHER_UUID, "ay", 2, 1, 2));
        OK(sd_bus_message_open_container(reply, 'e', "sv"));
        OK(sd_bus_message_append(reply, "s", BLE_SERVICE_UUID));
        if (strcmp(m->data_type, "ay") == 0) {
                OK(sd_bus_message_open_container(reply, 'v', "ay"));
                OK(sd_bus_message_append_array(reply, 'y', m->data, m->n_data));
                OK(sd_bus_message_close_container(reply));
        } else {
                OK(sd_bus_message_append(reply, "v", "s", "not bytes at all"));
        }
        for (int depth = 0; depth < 4; depth++)
                OK(sd_bus_message_close_container(reply));
}

static void append_manufacturer_data(sd_bus_message *reply)
{
        static const uint8_t bytes[] = {7, 8, 9};

        OK(sd_bus_message_open_container(reply, 'e', "sv"));
        OK(sd_bus_message_append(reply, "s", "ManufacturerData"));
        OK(sd_bus_message_open_container(reply, 'v', "a{qv}"));
        OK(sd_bus_message_open_container(reply, 'a', "{qv}"));
        OK(sd_bus_message_open_container(reply, 'e', "qv"));
        OK(sd_bus_message_append(reply, "q", MOCK_COMPANY));
        OK(sd_bus_message_open_container(reply, 'v', "ay"));
        OK(sd_bus_message_append_array(reply, 'y', bytes, sizeof(bytes)));
        for (int depth = 0; depth < 5; depth++)
                OK(sd_bus_message_close_container(reply));
}

/* What an advertisement says: strength and data. */
static void append_advertised(const struct mock_bluez *m, sd_bus_message *reply)
{
        if (m->rssi)
                OK(sd_bus_message_append(reply, "{sv}", "RSSI", "n", m->rssi));
        if (!m->data)
                return;
        append_service_data(m, reply);
        append_manufacturer_data(reply);
}

/* Its address is in its path, as BlueZ's is: "/org/bluez/hci0/dev_00_11_22_33_44_55". */
static void append_device_properties(const struct mock_bluez *m, sd_bus_message *reply,
                                     const char *path)
{
        char address[BLUEZ_ADDRESS_SIZE];

        (void)snprintf(address, sizeof(address), "%s", strrchr(path, '/') + strlen("/dev_"));
        for (char *at = address; (at = strchr(at, '_')); at++)
                *at = ':';
        OK(sd_bus_message_append(reply, "{sv}", "Address", "s", address));
        if (!m->untyped)
                OK(sd_bus_message_append(reply, "{sv}", "AddressType", "s", "random"));
        OK(sd_bus_message_append(reply, "{sv}", "Connected", "b", m->connected));
        OK(sd_bus_message_append(reply, "{sv}", "ServicesResolved", "b", m->resolved));
        append_advertised(m, reply);
}

static void append_device(const struct mock_bluez *m, sd_bus_message *reply, const char *path)
{
        OK(sd_bus_message_open_container(reply, 'a', "{sa{sv}}"));
        open_interface(reply, BLUEZ_DEVICE);
        append_device_properties(m, reply, path);
        close_interface(reply);
        OK(sd_bus_message_close_container(reply));
}

static void append_characteristic(sd_bus_message *reply, const char *uuid)
{
        OK(sd_bus_message_open_container(reply, 'a', "{sa{sv}}"));
        open_interface(reply, BLUEZ_CHARACTERISTIC);
        OK(sd_bus_message_append(reply, "{sv}", "UUID", "s", uuid));
        close_interface(reply);
        OK(sd_bus_message_close_container(reply));
}

static void open_object(sd_bus_message *reply, const char *path)
{
        OK(sd_bus_message_open_container(reply, 'e', "oa{sa{sv}}"));
        OK(sd_bus_message_append(reply, "o", path));
}

static void append_objects(const struct mock_bluez *m, sd_bus_message *reply)
{
        OK(sd_bus_message_open_container(reply, 'a', "{oa{sa{sv}}}"));
        if (m->adapter2) {
                open_object(reply, MOCK_ADAPTER2);
                append_adapter(m, reply, true);
                OK(sd_bus_message_close_container(reply));
        }
        if (m->adapter) {
                open_object(reply, MOCK_ADAPTER);
                append_adapter(m, reply, false);
                OK(sd_bus_message_close_container(reply));
        }
        if (m->adapter && m->has_device) {
                open_object(reply, MOCK_DEVICE);
                append_device(m, reply, MOCK_DEVICE);
                OK(sd_bus_message_close_container(reply));
        }
        if (m->adapter && m->has_device && m->has_services) {
                open_object(reply, MOCK_IN);
                append_characteristic(reply, BLE_IN_UUID);
                OK(sd_bus_message_close_container(reply));
                open_object(reply, MOCK_OUT);
                append_characteristic(reply, BLE_OUT_UUID);
                OK(sd_bus_message_close_container(reply));
        }
        OK(sd_bus_message_close_container(reply));
}

/* --- announcements --- */

static sd_bus_message *added_new(const struct mock_bluez *m, const char *path)
{
        sd_bus_message *signal;

        OK(sd_bus_message_new_signal(m->bus, &signal, "/", "org.freedesktop.DBus.ObjectManager",
                                     "InterfacesAdded"));
        OK(sd_bus_message_append(signal, "o", path));
        return signal;
}

static void send_and_drop(const struct mock_bluez *m, sd_bus_message *message)
{
        OK(sd_bus_send(m->bus, message, NULL));
        (void)sd_bus_message_unref(message);
}

static void removed(const struct mock_bluez *m, const char *path, const char *interface)
{
        OK(sd_bus_emit_signal(m->bus, "/", "org.freedesktop.DBus.ObjectManager",
                              "InterfacesRemoved", "oas", path, 1, interface));
}

static void changed_bool(const struct mock_bluez *m, const char *path, const char *interface,
                         const char *property, bool value)
{
        OK(sd_bus_emit_signal(m->bus, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                              "sa{sv}as", interface, 1, property, "b", value, 0));
}

void mock_adapter_added(struct mock_bluez *m)
{
        sd_bus_message *signal = added_new(m, MOCK_ADAPTER);

        m->adapter = true;
        append_adapter(m, signal, false);
        send_and_drop(m, signal);
}

void mock_adapter_removed(struct mock_bluez *m)
{
        m->adapter = m->discovering = m->has_device = false;
        m->connected = m->resolved = m->has_services = false;
        removed(m, MOCK_ADAPTER, BLUEZ_ADAPTER);
}

void mock_adapter_powered(struct mock_bluez *m, bool powered)
{
        m->powered = powered;
        m->discovering = m->discovering && powered;
        changed_bool(m, MOCK_ADAPTER, BLUEZ_ADAPTER, "Powered", powered);
}

void mock_adapter2_removed(struct mock_bluez *m)
{
        m->adapter2 = m->discovering2 = false;
        removed(m, MOCK_ADAPTER2, BLUEZ_ADAPTER);
}

void mock_adapter2_powered(struct mock_bluez *m, bool powered)
{
        m->powered2 = powered;
        m->discovering2 = m->discovering2 && powered;
        changed_bool(m, MOCK_ADAPTER2, BLUEZ_ADAPTER, "Powered", powered);
}

void mock_device_at(struct mock_bluez *m, const char *path)
{
        sd_bus_message *signal = added_new(m, path);

        append_device(m, signal, path);
        send_and_drop(m, signal);
}

void mock_device_added(struct mock_bluez *m)
{
        m->has_device = true;
        mock_device_at(m, MOCK_DEVICE);
}

void mock_device_unheard(struct mock_bluez *m)
{
        m->rssi = 0;
        OK(sd_bus_emit_signal(m->bus, MOCK_DEVICE, "org.freedesktop.DBus.Properties",
                              "PropertiesChanged", "sa{sv}as", BLUEZ_DEVICE, 0, 1, "RSSI"));
}

void mock_device_heard(struct mock_bluez *m)
{
        sd_bus_message *signal;

        OK(sd_bus_message_new_signal(m->bus, &signal, MOCK_DEVICE,
                                     "org.freedesktop.DBus.Properties", "PropertiesChanged"));
        OK(sd_bus_message_append(signal, "s", BLUEZ_DEVICE));
        OK(sd_bus_message_open_container(signal, 'a', "{sv}"));
        append_advertised(m, signal);
        OK(sd_bus_message_close_container(signal));
        OK(sd_bus_message_append(signal, "as", 0));
        send_and_drop(m, signal);
}

static void services_removed(struct mock_bluez *m)
{
        if (!m->has_services)
                return;
        m->has_services = false;
        removed(m, MOCK_IN, BLUEZ_CHARACTERISTIC);
        removed(m, MOCK_OUT, BLUEZ_CHARACTERISTIC);
}

void mock_device_removed(struct mock_bluez *m)
{
        services_removed(m);
        m->has_device = m->connected = m->resolved = false;
        removed(m, MOCK_DEVICE, BLUEZ_DEVICE);
}

void mock_device_connected(struct mock_bluez *m, bool connected)
{
        m->connected = connected;
        changed_bool(m, MOCK_DEVICE, BLUEZ_DEVICE, "Connected", connected);
}

void mock_device_resolved(struct mock_bluez *m, bool resolved)
{
        m->resolved = resolved;
        changed_bool(m, MOCK_DEVICE, BLUEZ_DEVICE, "ServicesResolved", resolved);
}

void mock_services_added(struct mock_bluez *m)
{
        sd_bus_message *in = added_new(m, MOCK_IN), *out = added_new(m, MOCK_OUT);

        m->has_services = true;
        append_characteristic(in, BLE_IN_UUID);
        send_and_drop(m, in);
        append_characteristic(out, BLE_OUT_UUID);
        send_and_drop(m, out);
}

void mock_device_discovered(struct mock_bluez *m)
{
        mock_services_added(m);
        mock_device_resolved(m, true);
}

/* --- calls --- */

/* Counts the call; true if it is to succeed, else it has been answered, or will never be. */
static bool verb_passes(struct mock_verb *verb, sd_bus_message *call)
{
        verb->n_calls++;
        if (verb->silent)
                return false;
        if (verb->n_fail == 0)
                return true;
        verb->n_fail--;
        OK(sd_bus_reply_method_errorf(call, verb->error, "%s",
                                      verb->text ? verb->text : "told to"));
        return false;
}

static void keep_unanswered(struct mock_bluez *m, sd_bus_message *call)
{
        (void)sd_bus_message_unref(m->unanswered);
        m->unanswered = sd_bus_message_ref(call);
}

void mock_connect_refused(struct mock_bluez *m, const char *error)
{
        assert_non_null(m->unanswered);
        OK(sd_bus_reply_method_errorf(m->unanswered, error, "told to, late"));
        keep_unanswered(m, NULL);
}

static void on_connect(struct mock_bluez *m, sd_bus_message *call)
{
        mock_device_connected(m, true);
        if (m->n_drops > 0) {
                m->n_drops--;
                mock_device_connected(m, false);
                OK(sd_bus_reply_method_errorf(call, "org.bluez.Error.Failed",
                                              "le-connection-abort-by-local"));
                return;
        }
        if (m->resolves_early)
                mock_device_resolved(m, true);
        else if (!m->resolves_never)
                mock_device_discovered(m);
        OK(sd_bus_reply_method_return(call, NULL));
}

static void on_acquire(const struct mock_bluez *m, int *ret_ours, sd_bus_message *call)
{
        int fds[2];

        *ret_ours = fd_close(*ret_ours);
        OK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
        *ret_ours = fds[0];
        OK(sd_bus_reply_method_return(call, "hq", fds[1], m->mtu ? m->mtu : 247));
        (void)fd_close(fds[1]);
}

static bool is_second(sd_bus_message *call)
{
        return strcmp(sd_bus_message_get_path(call), MOCK_ADAPTER2) == 0;
}

static void on_discovery(struct mock_bluez *m, sd_bus_message *call, bool start)
{
        if (is_second(call))
                m->discovering2 = start;
        else
                m->discovering = start;
        OK(sd_bus_reply_method_return(call, NULL));
}

static void on_disconnect(struct mock_bluez *m, sd_bus_message *call)
{
        mock_device_resolved(m, false);
        services_removed(m);
        mock_device_connected(m, false);
        OK(sd_bus_reply_method_return(call, NULL));
}

static void on_remove(struct mock_bluez *m, sd_bus_message *call)
{
        mock_device_removed(m);
        OK(sd_bus_reply_method_return(call, NULL));
}

static void on_register(sd_bus_message *call, char *ret_path, size_t size)
{
        const char *path;

        OK(sd_bus_message_read(call, "o", &path));
        (void)snprintf(ret_path, size, "%s", path);
        OK(sd_bus_reply_method_return(call, NULL));
}

static void on_list(struct mock_bluez *m, sd_bus_message *call)
{
        sd_bus_message *reply;

        OK(sd_bus_message_new_method_return(call, &reply));
        append_objects(m, reply);
        send_and_drop(m, reply);
}

static bool is_call(sd_bus_message *call, const char *interface, const char *member)
{
        return sd_bus_message_is_method_call(call, interface, member) > 0;
}

static void on_set_powered(struct mock_bluez *m, sd_bus_message *call)
{
        const char *interface, *property;
        int on;

        OK(sd_bus_message_read(call, "ssv", &interface, &property, "b", &on));
        m->n_offs += !on;
        if (is_second(call))
                mock_adapter2_powered(m, on);
        else
                mock_adapter_powered(m, on);
        OK(sd_bus_reply_method_return(call, NULL));
}

static void adapter_called(struct mock_bluez *m, sd_bus_message *call)
{
        if (is_call(call, BLUEZ_ADAPTER, "SetDiscoveryFilter") && verb_passes(&m->set_filter, call))
                OK(sd_bus_reply_method_return(call, NULL));
        else if (is_call(call, BLUEZ_ADAPTER, "StartDiscovery") && verb_passes(&m->start, call))
                on_discovery(m, call, true);
        else if (is_call(call, BLUEZ_ADAPTER, "StopDiscovery") && verb_passes(&m->stop, call))
                on_discovery(m, call, false);
        else if (is_call(call, BLUEZ_ADAPTER, "RemoveDevice") && verb_passes(&m->remove, call))
                on_remove(m, call);
        else if (is_call(call, "org.freedesktop.DBus.Properties", "Set") &&
                 verb_passes(&m->set_powered, call))
                on_set_powered(m, call);
}

static void manager_called(struct mock_bluez *m, sd_bus_message *call)
{
        if (is_call(call, BLUEZ_GATT_MANAGER, "RegisterApplication") &&
            verb_passes(&m->register_application, call)) {
                (void)snprintf(m->application_owner, sizeof(m->application_owner), "%s",
                               sd_bus_message_get_sender(call));
                on_register(call, m->application, sizeof(m->application));
        } else if (is_call(call, BLUEZ_ADVERTISER, "RegisterAdvertisement") &&
                   verb_passes(&m->register_advertisement, call)) {
                on_register(call, m->advertisement, sizeof(m->advertisement));
        } else if (is_call(call, BLUEZ_ADVERTISER, "UnregisterAdvertisement") &&
                   verb_passes(&m->unregister_advertisement, call)) {
                m->advertisement[0] = '\0';
                OK(sd_bus_reply_method_return(call, NULL));
        }
}

static void device_called(struct mock_bluez *m, sd_bus_message *call)
{
        if (is_call(call, BLUEZ_DEVICE, "Connect")) {
                keep_unanswered(m, m->connect.silent ? call : NULL);
                if (verb_passes(&m->connect, call))
                        on_connect(m, call);
        } else if (is_call(call, BLUEZ_DEVICE, "Disconnect") && verb_passes(&m->disconnect, call))
                on_disconnect(m, call);
        else if (is_call(call, BLUEZ_CHARACTERISTIC, "AcquireNotify") &&
                 verb_passes(&m->acquire_notify, call))
                on_acquire(m, &m->notify_fd, call);
        else if (is_call(call, BLUEZ_CHARACTERISTIC, "AcquireWrite") &&
                 verb_passes(&m->acquire_write, call))
                on_acquire(m, &m->write_fd, call);
}

static int mock_on_message(sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
        struct mock_bluez *m = userdata;

        (void)ret_error;
        if (is_call(call, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")) {
                if (verb_passes(&m->list, call))
                        on_list(m, call);
        } else if (sd_bus_message_is_method_call(call, NULL, NULL) <= 0)
                return 0;
        else {
                adapter_called(m, call);
                manager_called(m, call);
                device_called(m, call);
        }
        return 1;
}

/* --- coming and going --- */

void mock_up(struct mock_bluez *m)
{
        m->bus = private_bus_connect(m->private_bus, m->event);
        OK(sd_bus_add_filter(m->bus, NULL, mock_on_message, m));
        OK(sd_bus_request_name(m->bus, "org.bluez", 0));
}

void mock_down(struct mock_bluez *m)
{
        m->notify_fd = fd_close(m->notify_fd);
        m->write_fd = fd_close(m->write_fd);
        m->connected = m->resolved = m->has_services = m->has_device = false;
        m->discovering = m->discovering2 = false;
        m->application[0] = m->advertisement[0] = '\0';
        keep_unanswered(m, NULL);
        if (m->bus) {
                (void)sd_bus_flush(m->bus);
                m->bus = sd_bus_close_unref(m->bus);
        }
}

void mock_start(struct mock_bluez *m, const struct private_bus *private_bus, sd_event *event)
{
        *m = (struct mock_bluez){
                .private_bus = private_bus,
                .event = event,
                .adapter = true,
                .powered = true,
                .data_type = "ay",
                .notify_fd = -1,
                .write_fd = -1,
        };
}

void mock_stop(struct mock_bluez *m)
{
        mock_down(m);
}

/* --- what a central does through bluetoothd --- */

struct answer {
        bool here;
        char *error;
        int *fd;
};

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct answer *answer = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);
        int fd;

        (void)ret_error;
        answer->here = true;
        (void)snprintf(answer->error, 64, "%s", error ? error->name : "");
        if (!error && answer->fd) {
                OK(sd_bus_message_read(m, "hq", &fd, NULL));
                *answer->fd = dup(fd);
        }
        return 0;
}

static void call_and_wait(struct mock_bluez *m, sd_bus_message *call, char error[64], int *ret_fd)
{
        struct answer answer = {.error = error, .fd = ret_fd};
        sd_bus_slot *slot;

        OK(sd_bus_call_async(m->bus, &slot, call, on_answer, &answer, 0));
        (void)sd_bus_message_unref(call);
        for (unsigned turn = 0; turn < 1000 && !answer.here; turn++)
                OK(sd_event_run(m->event, 10000));
        assert_true(answer.here);
        (void)sd_bus_slot_unref(slot);
}

static sd_bus_message *call_new(struct mock_bluez *m, const char *characteristic,
                                const char *member)
{
        sd_bus_message *call;
        char path[192];

        (void)snprintf(path, sizeof(path), "%s/service/%s", m->application, characteristic);
        OK(sd_bus_message_new_method_call(m->bus, &call, m->application_owner, path,
                                          BLUEZ_CHARACTERISTIC, member));
        return call;
}

void mock_subscribe(struct mock_bluez *m, const char *device, uint16_t mtu, char error[64],
                    int *ret_fd)
{
        sd_bus_message *call = call_new(m, "out", "AcquireNotify");

        OK(sd_bus_message_append(call, "a{sv}", 3, "device", "o", device, "mtu", "q", mtu, "link",
                                 "s", "LE"));
        call_and_wait(m, call, error, ret_fd);
}

void mock_write(struct mock_bluez *m, const char *device, uint16_t mtu, const void *packet,
                size_t n_packet, char error[64])
{
        sd_bus_message *call = call_new(m, "in", "WriteValue");

        OK(sd_bus_message_append_array(call, 'y', packet, n_packet));
        OK(sd_bus_message_append(call, "a{sv}", 2, "device", "o", device, "mtu", "q", mtu));
        call_and_wait(m, call, error, NULL);
}

struct advertised {
        bool here, intervals;
        uint8_t *data;
        size_t n_data;
};

static int on_advertised(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct advertised *a = userdata;
        const char *name, *uuid;
        const void *bytes;

        (void)ret_error;
        a->here = true;
        assert_false(sd_bus_message_is_method_error(m, NULL));
        OK(sd_bus_message_enter_container(m, 'a', "{sv}"));
        while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                OK(sd_bus_message_read(m, "s", &name));
                a->intervals = a->intervals || strcmp(name, "MinInterval") == 0;
                if (strcmp(name, "ServiceData") != 0) {
                        OK(sd_bus_message_skip(m, "v"));
                        OK(sd_bus_message_exit_container(m));
                        continue;
                }
                OK(sd_bus_message_enter_container(m, 'v', "a{sv}"));
                OK(sd_bus_message_enter_container(m, 'a', "{sv}"));
                OK(sd_bus_message_enter_container(m, 'e', "sv"));
                OK(sd_bus_message_read(m, "s", &uuid));
                assert_string_equal(uuid, BLE_SERVICE_UUID);
                OK(sd_bus_message_enter_container(m, 'v', "ay"));
                OK(sd_bus_message_read_array(m, 'y', &bytes, &a->n_data));
                assert_true(a->n_data <= 32);
                memcpy(a->data, bytes, a->n_data);
                for (int depth = 0; depth < 5; depth++)
                        OK(sd_bus_message_exit_container(m));
        }
        return 0;
}

size_t mock_read_advertisement(struct mock_bluez *m, uint8_t data[32], bool *ret_intervals)
{
        struct advertised a = {.data = data};
        sd_bus_slot *slot;

        OK(sd_bus_call_method_async(m->bus, &slot, m->application_owner, m->advertisement,
                                    "org.freedesktop.DBus.Properties", "GetAll", on_advertised, &a,
                                    "s", BLUEZ_ADVERTISEMENT));
        for (unsigned turn = 0; turn < 1000 && !a.here; turn++)
                OK(sd_event_run(m->event, 10000));
        assert_true(a.here);
        (void)sd_bus_slot_unref(slot);
        *ret_intervals = a.intervals;
        return a.n_data;
}
