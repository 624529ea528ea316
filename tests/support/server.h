/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The device's end of Bluetooth LE on the mock's bus (mock-bus.h), and what its owner was told: for
 * the tests of ble/peripheral.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ble/peripheral.h"
#include "support/link-fixture.h"
#include "support/mock-bus.h"

#define SERVER_STRANGER MOCK_ADAPTER "/dev_66_77_88_99_AA_BB" /* another central */

/* Two advertisements. */
extern const uint8_t server_first[BLE_DATA_BYTES], server_second[BLE_DATA_BYTES];

struct server {
        struct fixture *f;
        struct peripheral *peripheral;
        struct link_record record; /* of the newest link */
        size_t n_links;
        int notify_fd;  /* the subscriber's end */
        char error[64]; /* the name of what the newest call was refused with, or "" */
};

/* A new peripheral, which knows nothing of bluetoothd yet. */
void server_start(struct server *s, struct fixture *f);

/* A new peripheral that advertises server_first. */
void server_up(struct server *s, struct fixture *f);

/* Frees the link, if there is one, and the peripheral. */
void server_stop(struct server *s);

/* A central subscribes, or writes a packet; what bluetoothd is answered, as in @error. */
const char *server_subscribe(struct server *s, const char *device);
const char *server_write(struct server *s, const char *device, const char *packet);

/* Fails unless this is advertised; @intervals: at intervals of our own. */
void server_expect(struct server *s, const uint8_t data[BLE_DATA_BYTES], bool intervals);

/* Fails if anything is advertised. */
void server_expect_silence(struct server *s);
