/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A bluetoothd that misbehaves to order. It lives in the test's own loop,
 * on a connection of its own.
 *
 * One adapter or two, one device found by discovery, its service with two characteristics. The
 * fields say how it behaves; a test sets them before, or in the middle of, what it is about. What
 * there is, is listed when it is asked for and announced when it changes, and not otherwise.
 * Counters say what was asked of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "support/private-bus.h"

#define MOCK_ADAPTER  "/org/bluez/hci0"
#define MOCK_ADAPTER2 "/org/bluez/hci1"
#define MOCK_ADDRESS  "00:00:5E:00:53:00"
#define MOCK_ADDRESS2 "00:00:5E:00:53:01"
#define MOCK_DEVICE   MOCK_ADAPTER "/dev_00_11_22_33_44_55"
#define MOCK_DEVICE2  MOCK_ADAPTER2 "/dev_00_11_22_33_44_55"
#define MOCK_IN       MOCK_DEVICE "/service0010/char0011"
#define MOCK_OUT      MOCK_DEVICE "/service0010/char0013"

/* What is advertised beside our own service data. */
#define MOCK_OTHER_UUID "0000fd6f-0000-1000-8000-00805f9b34fb" /* the bytes 1 and 2 */
#define MOCK_COMPANY    0x02e5                                 /* the bytes 7, 8 and 9 */

/* One of the calls that can be made to fail. */
struct mock_verb {
        unsigned n_calls;
        unsigned n_fail;   /* how many of the next calls fail */
        const char *error; /* with this error and text */
        const char *text;
        bool silent; /* never answers */
};

struct mock_bluez {
        const struct private_bus *private_bus;
        sd_event *event;
        sd_bus *bus; /* NULL while bluetoothd is down */

        /* what there is */
        bool adapter, adapter2, powered, powered2, has_device, has_services;
        const char *power_state; /* NULL: this BlueZ does not tell */
        const char *roles;       /* NULL: central and peripheral */
        bool connected, resolved;
        int16_t rssi; /* 0: not heard now */
        const uint8_t *data;
        size_t n_data;
        const char *data_type; /* "ay", or another to lie about it */
        bool untyped;          /* it does not say of what type the device's address is */

        /* how it behaves */
        bool resolves_early; /* says resolved before there are services */
        bool resolves_never;
        bool drops_at_once; /* the first connections break before the services are resolved */
        struct mock_verb set_powered, set_filter, start, stop, connect, disconnect, remove;
        struct mock_verb acquire_notify, acquire_write, register_application,
                register_advertisement;
        struct mock_verb unregister_advertisement, list;
        unsigned n_drops; /* how many connections drop at once */
        uint16_t mtu;     /* of connections; 0: 247 */

        /* what came of it */
        int notify_fd, write_fd;        /* bluetoothd's ends */
        bool discovering, discovering2; /* on either adapter */
        unsigned n_offs;                /* how often an adapter was switched off */
        sd_bus_message *unanswered;     /* the newest Connect, where that is silent */
        char application_owner[64], application[128], advertisement[128];
};

void mock_start(struct mock_bluez *m, const struct private_bus *private_bus, sd_event *event);
void mock_stop(struct mock_bluez *m);

/* bluetoothd dies; mock_up() starts it again with what the fields say. */
void mock_down(struct mock_bluez *m);
void mock_up(struct mock_bluez *m);

/* Announcements. */
void mock_adapter_added(struct mock_bluez *m);
void mock_adapter_removed(struct mock_bluez *m);
void mock_adapter_powered(struct mock_bluez *m, bool powered);
void mock_adapter2_removed(struct mock_bluez *m);
void mock_adapter2_powered(struct mock_bluez *m, bool powered);
void mock_device_added(struct mock_bluez *m);
void mock_device_at(struct mock_bluez *m, const char *path); /* the same, as another object */
void mock_device_heard(struct mock_bluez *m);   /* service data and signal strength have changed */
void mock_device_unheard(struct mock_bluez *m); /* it is out of range: no signal strength */
void mock_device_removed(struct mock_bluez *m);
void mock_device_connected(struct mock_bluez *m, bool connected);
void mock_device_resolved(struct mock_bluez *m, bool resolved);
void mock_services_added(struct mock_bluez *m);
void mock_device_discovered(struct mock_bluez *m); /* both: its services are there, and resolved */

/* Answers a Connect with this error that was not answered because it was to be silent. */
void mock_connect_refused(struct mock_bluez *m, const char *error);

/* As the peripheral's bluetoothd: a central subscribes, or writes a packet. The answer's error
 * name, or "" for success, is left in @error; a descriptor in *ret_fd. */
void mock_subscribe(struct mock_bluez *m, const char *device, uint16_t mtu, char error[64],
                    int *ret_fd);
void mock_write(struct mock_bluez *m, const char *device, uint16_t mtu, const void *packet,
                size_t n_packet, char error[64]);

/* Reads the advertised bytes from the application's advertisement object; the count of them. */
size_t mock_read_advertisement(struct mock_bluez *m, uint8_t data[32], bool *ret_intervals);
