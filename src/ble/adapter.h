/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Bluetooth adapters in use, or the reason why there are none.
 *
 * Follows every adapter that bluetoothd has and uses those that are configured: by name or
 * address, all of them, or the best one that supports the role. A missing adapter is an ordinary
 * state with a reason; so are its removal and return, and a restart of bluetoothd.
 */

#include <stdbool.h>

#include "ble/bluez.h"
#include "ble/revival.h"
#include "reason/reason.h"
#include "util/defer.h"

struct adapters;
struct adapter;

enum adapter_role {
        ADAPTER_CENTRAL,    /* finds and connects: the hub */
        ADAPTER_PERIPHERAL, /* advertises and serves: the device */
};

enum adapter_recovery {
        ADAPTER_DISCOVERY_RESTARTED,
        ADAPTER_POWER_CYCLED,
        ADAPTER_GIVEN_UP, /* it is tried again from time to time, about which nothing is said */
        ADAPTER_WORKS,
};

struct adapters_handler {
        /*
         * The state is known for the first time or has changed, or other adapters are usable than
         * before. REASON_NONE: at least one is usable; else REASON_BLUETOOTH_DOWN,
         * _ADAPTER_MISSING, _ADAPTER_OFF, _ADAPTER_BLOCKED or _ADAPTER_STUCK. Called as well when
         * what adapters_are_stuck() says has changed. May free the adapters.
         */
        void (*on_state)(void *userdata, enum reason why);
        /*
         * What is done about an adapter, by its name, that does not work, and that it works again
         * after more than a restart of its discovery; each once. NULL: never mind.
         */
        void (*on_recovery)(void *userdata, const char *adapter, enum adapter_recovery recovery);
};

/* "discovery_restarted", "power_cycled", "given_up", "works". */
const char *adapter_recovery_name(enum adapter_recovery recovery);

/*
 * @wish: NULL or "" for the best one available; "all" for every one that supports the role; or
 * names or addresses separated by commas or blanks, "hci0, 00:11:22:33:44:55". The best one is the
 * first that is on, else the first that is only off, else the first. @power: switch on an adapter
 * that is found off, once each time it appears; without it, off stays off.
 */
int adapters_new(struct bluez *bluez, const char *wish, enum adapter_role role, bool power,
                 const struct adapters_handler *handler, void *userdata,
                 struct adapters **ret_adapters);

/*
 * From now on, another wish and power. Links through an adapter that is no longer wished for last.
 * 0, or -ENOMEM, and nothing has changed.
 */
int adapters_configure(struct adapters *adapters, const char *wish, bool power);

/* Every listening, dial and link must have been freed. Takes NULL, returns NULL. */
struct adapters *adapters_free(struct adapters *adapters);

struct bluez *adapters_bluez(const struct adapters *adapters);

/* The current state; rfkill is read again, so it may differ from what on_state last reported. */
enum reason adapters_reason(const struct adapters *adapters);

/* How many times an adapter has become usable: it has grown when one has come, or is back. */
unsigned adapters_n_arrivals(const struct adapters *adapters);

/*
 * The adapters that are configured and exist, usable or not, in the order of their names: the first
 * if @after is NULL, NULL after the last. Valid until the next turn of the loop.
 */
struct adapter *adapters_next(struct adapters *adapters, struct adapter *after);

/* The same for all that bluetoothd has, configured or not. */
struct adapter *adapters_next_present(struct adapters *adapters, struct adapter *after);

/*
 * The names and addresses that are configured and that no adapter has: the first if @after is NULL,
 * NULL after the last, or while bluetoothd is down. They live as long as @adapters.
 */
const char *adapters_next_missing(const struct adapters *adapters, const char *after);

const char *adapter_name(const struct adapter *adapter);    /* "hci0" */
const char *adapter_address(const struct adapter *adapter); /* "00:11:22:33:44:55", or "" */
const char *adapter_path(const struct adapter *adapter);    /* "/org/bluez/hci0" */

/* Whether the wish includes it. */
bool adapter_is_configured(const struct adapter *adapter);

/*
 * REASON_NONE if this one is usable, else REASON_ADAPTER_OFF, _ADAPTER_BLOCKED, or _ADAPTER_STUCK:
 * adapter_cycle() has switched it off, and it does not come on again.
 */
enum reason adapter_reason(const struct adapter *adapter);

/* The adapter at this path, or NULL. Valid until the next turn of the loop. */
struct adapter *adapters_find(struct adapters *adapters, const char *path);

/* What was done about its failures; it lives as long as the adapter. */
struct revival *adapter_revival(struct adapter *adapter);

/*
 * Switches it off and on again. If it does not come on, that is tried every 10 s until it does,
 * unless rfkill blocks it; meanwhile its reason is REASON_ADAPTER_STUCK.
 */
void adapter_cycle(struct adapter *adapter);

/* Whether one is being switched off and on: it is not usable, but may be in a moment. */
bool adapters_are_cycling(const struct adapters *adapters);

/* Whether it is on, and does nothing. This is noted, and changes nothing else. */
void adapter_set_stuck(struct adapter *adapter, bool stuck);
bool adapter_is_stuck(const struct adapter *adapter);

/* Something has been done about it that its user wants to know. */
void adapter_note_recovery(struct adapter *adapter, enum adapter_recovery recovery);

/* Whether a usable one is stuck; and whether one is not. */
bool adapters_are_stuck(const struct adapters *adapters);
bool adapters_work(const struct adapters *adapters);

/* Reads rfkill switches below @directory instead of the kernel's: for tests. */
void adapters_set_rfkill(struct adapters *adapters, const char *directory);

/*
 * What lives and dies with the adapters and follows their changes, before on_state is called: the
 * observers (ble/observer.h). There is one, or none.
 */
struct adapters_tenant {
        void (*on_change)(void *userdata);
        void (*on_free)(void *userdata);
};
void adapters_set_tenant(struct adapters *adapters, const struct adapters_tenant *tenant,
                         void *userdata);
void *adapters_tenant(const struct adapters *adapters);

DEFINE_DEFER(struct adapters *, adapters_free);
