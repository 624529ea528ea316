/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hub has to reach and enroll devices with: its store and master key, the issuers it
 * trusts, its site, its adapters and its stream ports, and whose turn it is on them.
 */

#include <systemd/sd-bus.h>

#include "api/backend.h"
#include "ble/adapter.h"
#include "code/issuer.h"
#include "enrollment/enrollment.h"
#include "gateway/visit.h"
#include "site/master.h"
#include "site/settings.h"
#include "util/defer.h"

/* Where things are; all but the buses are paths. */
struct places {
        const char *state;       /* directory of the store and the master key */
        const char *issuers;     /* directory of the issuers' files */
        const char *reader;      /* socket of enroll-read */
        const char *fetcher;     /* socket of enroll-fetch */
        const char *tags;        /* socket of enroll-tag */
        const char *bus;         /* D-Bus address for our own interface, NULL: the system bus */
        unsigned restart_status; /* the exit status after which the daemon is started again; 0: none
                                  */
        const char *bluetooth_bus; /* where bluetoothd is, NULL: the system bus */
};

enum {
        MEANS_E_REFUSED = 1, /* the store or the key, until a person has put something right */
};

struct means {
        const struct places *places;
        const struct settings *settings;
        struct master *master;
        struct store *store;
        struct issuers issuers;
        uint64_t issuers_stamp; /* of their directory, when they were read */
        struct site site;

        sd_bus *system_bus;
        struct bluez *bluez; /* NULL, like the next two, where there is no bus or no wish */
        struct adapters *adapters;
        struct central *central;
        struct port *ports[SETTINGS_STREAMS_MAX];
        size_t n_ports;
        struct airtime *airtime;

        struct enrollment_means enrollment; /* the same, as an enrollment takes it */
        struct visit_means visit;           /* and as a visit does */
};

/*
 * Opens what must be there, logging why if it cannot, and starts to watch the adapters, whose state
 * is reported to @handler from the loop. @settings and @places stay in place. 0, MEANS_E_REFUSED or
 * -errno.
 */
int means_new(sd_event *event, const struct settings *settings, const struct places *places,
              const struct adapters_handler *handler, void *userdata, struct means **ret_means);

/* @settings have changed, in place: all that is done from now on is done with them. */
void means_reload(struct means *means);

/* Its part of the status: the adapters, the ports, how many issuers, and what the store holds. */
void means_status(const struct means *means, struct api_status *status);

/* No enrollment, visit or link may be left. Takes NULL, returns NULL. */
struct means *means_free(struct means *means);

/* Reads the issuers' files again, so that a new one needs no restart. */
void means_load_issuers(struct means *means);

/* The same if a file has changed since. Whether one has. */
bool means_refresh_issuers(struct means *means);

DEFINE_DEFER(struct means *, means_free);
