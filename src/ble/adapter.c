/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/adapter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/rfkill.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

/* One adapter that bluetoothd has. */
struct unit {
        struct unit *next;
        char path[BLUEZ_PATH_MAX];
        bool powered, blocked;
        bool tried; /* to switch it on, since it appeared or was last blocked */
        bool roles_known, central, peripheral;
};

struct adapter {
        struct bluez *bluez;
        struct bluez_watch *watch;
        struct unit *units; /* in the order of their paths */
        char *name;
        const char *rfkill;
        enum adapter_role role;
        bool power, listed, down;

        sd_bus_slot *power_call;
        char powering[BLUEZ_PATH_MAX];
        sd_event_source *settle;
        bool told;
        enum reason last;
        char last_path[BLUEZ_PATH_MAX];
        adapter_on_state_t on_state;
        void *userdata;
};

static const char *unit_name(const struct unit *u)
{
        return strrchr(u->path, '/') + 1;
}

static bool unit_fits(const struct adapter *a, const struct unit *u)
{
        if (a->name)
                return strcmp(unit_name(u), a->name) == 0;
        if (!u->roles_known)
                return true;
        return a->role == ADAPTER_CENTRAL ? u->central : u->peripheral;
}

static bool unit_blocked(const struct adapter *a, const struct unit *u)
{
        return u->blocked || rfkill_blocks(a->rfkill, unit_name(u));
}

/* The first that is on, else the first that is merely off, else the first. */
static struct unit *adapter_choose(const struct adapter *a)
{
        struct unit *off = NULL, *blocked = NULL;

        for (struct unit *u = a->units; u; u = u->next) {
                if (!unit_fits(a, u))
                        continue;
                if (u->powered)
                        return u;
                if (!off && !unit_blocked(a, u))
                        off = u;
                else if (!blocked)
                        blocked = u;
        }
        return off ? off : blocked;
}

enum reason adapter_reason(const struct adapter *adapter)
{
        const struct unit *u = adapter_choose(adapter);

        if (adapter->down || !adapter->listed)
                return REASON_BLUETOOTH_DOWN;
        if (!u)
                return REASON_ADAPTER_MISSING;
        if (u->powered)
                return REASON_NONE;
        return unit_blocked(adapter, u) ? REASON_ADAPTER_BLOCKED : REASON_ADAPTER_OFF;
}

const char *adapter_path(const struct adapter *adapter)
{
        const struct unit *u = adapter_choose(adapter);

        return u ? u->path : NULL;
}

void adapter_set_rfkill(struct adapter *adapter, const char *directory)
{
        adapter->rfkill = directory;
}

static struct unit *adapter_find(struct adapter *a, const char *path)
{
        for (struct unit *u = a->units; u; u = u->next)
                if (strcmp(u->path, path) == 0)
                        return u;
        return NULL;
}

static struct unit *adapter_add(struct adapter *a, const char *path)
{
        struct unit *u, **at = &a->units;

        if (strlen(path) >= BLUEZ_PATH_MAX)
                return NULL;
        u = calloc(1, sizeof(*u));
        if (!u)
                return NULL;
        (void)snprintf(u->path, sizeof(u->path), "%s", path);
        while (*at && strverscmp((*at)->path, path) < 0)
                at = &(*at)->next;
        u->next = *at;
        *at = u;
        return u;
}

static void adapter_remove(struct adapter *a, const char *path)
{
        for (struct unit **at = &a->units; *at; at = &(*at)->next)
                if (strcmp((*at)->path, path) == 0) {
                        struct unit *gone = *at;

                        *at = gone->next;
                        free(gone);
                        return;
                }
}

static void adapter_forget_all(struct adapter *a)
{
        while (a->units)
                adapter_remove(a, a->units->path);
}

/* Something may have changed: it is acted on in a later turn of the loop. */
static void adapter_changed(struct adapter *a)
{
        loop_rearm(a->settle);
}

static int adapter_on_powered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct adapter *a = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);
        struct unit *u = adapter_find(a, a->powering);

        (void)ret_error;
        a->power_call = sd_bus_slot_unref(a->power_call);
        if (error)
                log_warning("Cannot switch on %s: %s", a->powering, error->message);
        if (error && u && bluez_reason(error, REASON_NONE) == REASON_ADAPTER_BLOCKED)
                u->blocked = true;
        adapter_changed(a);
        return 0;
}

static void adapter_switch_on(struct adapter *a, struct unit *u)
{
        int r;

        u->tried = true;
        memcpy(a->powering, u->path, sizeof(a->powering));
        r = bluez_call(a->bluez, &a->power_call, u->path, "org.freedesktop.DBus.Properties", "Set",
                       adapter_on_powered, a, "ssv", BLUEZ_ADAPTER, "Powered", "b", true);
        if (r < 0)
                (void)log_errno(r, "Cannot switch on %s", u->path);
}

/* Switches the adapter on if that is wanted, and reports where it stands. */
static void adapter_settle(struct adapter *a)
{
        enum reason now = adapter_reason(a);
        struct unit *u = adapter_choose(a);

        if (!a->listed && !a->down)
                return;
        if (now == REASON_ADAPTER_BLOCKED)
                u->tried = false;
        if (now == REASON_ADAPTER_OFF && a->power && !u->tried && !a->power_call)
                adapter_switch_on(a, u);
        if (a->power_call ||
            (a->told && a->last == now && strcmp(a->last_path, u ? u->path : "") == 0))
                return;
        a->told = true;
        a->last = now;
        (void)snprintf(a->last_path, sizeof(a->last_path), "%s", u ? u->path : "");
        a->on_state(a->userdata, now);
}

static int adapter_on_settle(sd_event_source *source, void *userdata)
{
        (void)source;
        adapter_settle(userdata);
        return 0;
}

static void adapter_on_news(void *userdata, const struct bluez_news *news)
{
        struct adapter *a = userdata;
        struct unit *u;

        if (news->interface != BLUEZ_IS_ADAPTER)
                return;
        u = adapter_find(a, news->path);
        if (!u)
                u = adapter_add(a, news->path);
        if (!u)
                return;

        if (news->has & BLUEZ_HAS_POWERED) {
                u->powered = news->powered;
                u->blocked = u->blocked && !news->powered;
        }
        if (news->has & BLUEZ_HAS_POWER_STATE)
                u->blocked = news->blocked;
        if (news->has & BLUEZ_HAS_ROLES) {
                u->roles_known = true;
                u->central = news->central;
                u->peripheral = news->peripheral;
        }
        adapter_changed(a);
}

static void adapter_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct adapter *a = userdata;

        if (interface != BLUEZ_IS_ADAPTER)
                return;
        adapter_remove(a, path);
        adapter_changed(a);
}

static void adapter_on_listed(void *userdata)
{
        struct adapter *a = userdata;

        a->listed = true;
        a->down = false;
        adapter_changed(a);
}

static void adapter_on_down(void *userdata)
{
        struct adapter *a = userdata;

        a->power_call = sd_bus_slot_unref(a->power_call);
        adapter_forget_all(a);
        a->listed = false;
        a->down = true;
        adapter_changed(a);
}

static const struct bluez_handler adapter_bluez_handler = {
        .on_news = adapter_on_news,
        .on_gone = adapter_on_gone,
        .on_listed = adapter_on_listed,
        .on_down = adapter_on_down,
};

int adapter_new(struct bluez *bluez, const char *name, enum adapter_role role, bool power,
                adapter_on_state_t on_state, void *userdata, struct adapter **ret_adapter)
{
        _defer_(adapter_free) struct adapter *a = NULL;
        int r;

        a = calloc(1, sizeof(*a));
        if (!a)
                return -ENOMEM;
        a->bluez = bluez;
        a->role = role;
        a->power = power;
        a->rfkill = RFKILL_DIRECTORY;
        a->on_state = on_state;
        a->userdata = userdata;
        if (name && !(a->name = strdup(name)))
                return -ENOMEM;

        r = loop_add_defer(bluez_event(bluez), &a->settle, adapter_on_settle, a);
        if (r < 0)
                return r;
        r = bluez_watch_new(bluez, &adapter_bluez_handler, a, &a->watch);
        if (r < 0)
                return r;
        if (bluez_is_down(bluez))
                adapter_on_down(a);
        *ret_adapter = take(a);
        return 0;
}

struct adapter *adapter_free(struct adapter *adapter)
{
        if (!adapter)
                return NULL;
        (void)bluez_watch_free(adapter->watch);
        (void)sd_bus_slot_unref(adapter->power_call);
        loop_drop(&adapter->settle);
        adapter_forget_all(adapter);
        free(adapter->name);
        free(adapter);
        return NULL;
}
