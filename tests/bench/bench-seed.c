/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-seed STATE DEVICES [MESSAGES]: puts virtual devices, numbered from 0, into the store of a
 * hub that does not run, which is made where there is none, and messages into its outbox, which
 * belong to these devices in turn.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/outbox.h"
#include "site/master.h"
#include "store/channel.h"
#include "store/device.h"
#include "store/enrollment.h"
#include "util/hex.h"
#include "virtual.h"

#define HUB "home"

static int seed_device(struct store *store, const uint8_t *master, unsigned number)
{
        struct store_channel channels[VIRTUAL_CHANNELS];
        struct store_device row;
        struct virtual device;
        const struct store_enrollment enrollment = {
                .device = &row,
                .channels = channels,
                .n_channels = VIRTUAL_CHANNELS,
        };

        virtual_make(master, number, &device);
        virtual_row(&device, &row);
        virtual_channels(channels);
        return store_enroll(store, &enrollment);
}

static int seed_message(struct store *store, const uint8_t *master, unsigned device,
                        unsigned number)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1], payload[64];
        struct store_message message;
        struct virtual whose;
        int n, r;

        virtual_make(master, device, &whose);
        n = snprintf(payload, sizeof(payload), "{\"number\":%u}", number);
        r = mqtt_outbox_message(TOPIC_KEYS, HUB,
                                hex_encode(whose.device_id, sizeof(whose.device_id), id),
                                whose.device_id, payload, (size_t)n, &message);
        return r < 0 ? r : store_outbox_add(store, &message);
}

static int seed(struct store *store, const uint8_t *master, unsigned n_devices, unsigned n_messages)
{
        int r = 0;

        for (unsigned i = 0; r == 0 && i < n_devices; i++)
                r = seed_device(store, master, i);
        for (unsigned i = 0; r == 0 && i < n_messages; i++)
                r = seed_message(store, master, i % n_devices, i);
        return r;
}

int main(int argc, char **argv)
{
        _defer_(store_free) struct store *store = NULL;
        _defer_(master_free) struct master *master = NULL;
        unsigned n_devices, n_messages;
        char path[4096];
        int r;

        if (argc < 3 || argc > 4)
                return 2;
        n_devices = (unsigned)strtoul(argv[2], NULL, 10);
        n_messages = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
        if (n_devices == 0)
                return 2;
        (void)snprintf(path, sizeof(path), "%s/hub.key", argv[1]);
        r = master_load(path, true, &master);
        (void)snprintf(path, sizeof(path), "%s/enrolld.db", argv[1]);
        if (r == 0)
                r = store_open(path, &store);
        if (r == 0)
                r = seed(store, master_key(master), n_devices, n_messages);
        if (r != 0)
                (void)fprintf(stderr, "bench-seed: %s: %s\n", path,
                              r < 0 ? strerror(-r) : "the store refuses it");
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
