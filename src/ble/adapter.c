/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/adapter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ble/rfkill.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define OWED_MS 10000 /* after an adapter could not be switched on again */

#define SEPARATORS         ", \t"
#define ADAPTERS_WORDS_MAX 65 /* with the NULL */

/* One adapter that bluetoothd has, in use or not. */
struct adapter {
        struct adapters *set;
        struct adapter *next;
        char path[BLUEZ_PATH_MAX], address[BLUEZ_ADDRESS_SIZE];
        bool powered, blocked;
        bool fitted;  /* as last reported by on_state */
        bool tried;   /* to switch it on, since it appeared or was last blocked */
        bool cycling; /* it is being switched off here, */
        bool owed;    /* it was, and has not been on since */
        bool stuck;
        bool usable; /* as last reported by on_state */
        bool roles_known, central, peripheral;
        sd_bus_slot *power_call;
        struct revival revival;
};

struct adapters {
        struct bluez *bluez;
        struct bluez_watch *watch;
        struct adapter *first; /* in the order of their paths */
        char *wish, *words_of_wish;
        const char *words[ADAPTERS_WORDS_MAX]; /* of a wish that is a list; NULL after the last */
        const char *rfkill;
        enum adapter_role role;
        bool power, listed, down;

        sd_event_source *settle, *owed;
        unsigned n_arrivals;
        bool reported, moved; /* on_state has been called; the set of adapters has changed since */
        enum reason last;
        const struct adapters_handler *handler;
        void *userdata;
        const struct adapters_tenant *tenant;
        void *tenant_userdata;
};

struct bluez *adapters_bluez(const struct adapters *adapters)
{
        return adapters->bluez;
}

const char *adapter_path(const struct adapter *adapter)
{
        return adapter->path;
}

const char *adapter_name(const struct adapter *adapter)
{
        return strrchr(adapter->path, '/') + 1;
}

const char *adapter_address(const struct adapter *adapter)
{
        return adapter->address;
}

void adapters_set_rfkill(struct adapters *adapters, const char *directory)
{
        adapters->rfkill = directory;
}

void adapters_set_tenant(struct adapters *adapters, const struct adapters_tenant *tenant,
                         void *userdata)
{
        adapters->tenant = tenant;
        adapters->tenant_userdata = userdata;
}

void *adapters_tenant(const struct adapters *adapters)
{
        return adapters->tenant_userdata;
}

/* --- which are in use --- */

/* By the name that it has now, or by its address, which it keeps. */
static bool adapter_is(const struct adapter *a, const char *word)
{
        return strcmp(word, adapter_name(a)) == 0 || strcasecmp(word, a->address) == 0;
}

static bool adapter_is_named(const struct adapter *a)
{
        for (const char *const *word = a->set->words; *word; word++)
                if (adapter_is(a, *word))
                        return true;
        return false;
}

static bool adapters_want_best(const struct adapters *s)
{
        return !*s->wish;
}

/* An adapter that is configured by name or address need not announce the role; others must. */
bool adapter_is_configured(const struct adapter *adapter)
{
        const struct adapter *a = adapter;
        const struct adapters *s = a->set;

        if (!adapters_want_best(s) && strcmp(s->wish, "all") != 0)
                return adapter_is_named(a);
        if (!a->roles_known)
                return true;
        return s->role == ADAPTER_CENTRAL ? a->central : a->peripheral;
}

enum reason adapter_reason(const struct adapter *adapter)
{
        if (adapter->powered)
                return REASON_NONE;
        if (adapter->blocked || rfkill_blocks(adapter->set->rfkill, adapter_name(adapter)))
                return REASON_ADAPTER_BLOCKED;
        return adapter->owed ? REASON_ADAPTER_STUCK : REASON_ADAPTER_OFF;
}

/* The first that is on, else the first that is only off, else the first. */
static struct adapter *adapters_best(const struct adapters *s)
{
        struct adapter *off = NULL, *blocked = NULL;

        for (struct adapter *a = s->first; a; a = a->next) {
                enum reason why = adapter_reason(a);

                if (!adapter_is_configured(a))
                        continue;
                if (why == REASON_NONE)
                        return a;
                if (!off && why != REASON_ADAPTER_BLOCKED)
                        off = a;
                else if (!blocked)
                        blocked = a;
        }
        return off ? off : blocked;
}

struct adapter *adapters_next(struct adapters *adapters, struct adapter *after)
{
        struct adapter *a = after ? after->next : adapters->first;

        if (adapters_want_best(adapters))
                return after ? NULL : adapters_best(adapters);
        while (a && !adapter_is_configured(a))
                a = a->next;
        return a;
}

struct adapter *adapters_next_present(struct adapters *adapters, struct adapter *after)
{
        return after ? after->next : adapters->first;
}

const char *adapters_next_missing(const struct adapters *adapters, const char *after)
{
        bool is_after = !after;

        if (!adapters->listed)
                return NULL;
        for (const char *const *word = adapters->words; *word; word++) {
                const struct adapter *a = adapters->first;

                while (a && !adapter_is(a, *word))
                        a = a->next;
                if (is_after && !a)
                        return *word;
                is_after = is_after || *word == after;
        }
        return NULL;
}

enum reason adapters_reason(const struct adapters *adapters)
{
        const struct adapter *best = adapters_best(adapters);

        if (adapters->down || !adapters->listed)
                return REASON_BLUETOOTH_DOWN;
        return best ? adapter_reason(best) : REASON_ADAPTER_MISSING;
}

unsigned adapters_n_arrivals(const struct adapters *adapters)
{
        return adapters->n_arrivals;
}

/* --- keeping track --- */

struct adapter *adapters_find(struct adapters *adapters, const char *path)
{
        for (struct adapter *a = adapters->first; a; a = a->next)
                if (strcmp(a->path, path) == 0)
                        return a;
        return NULL;
}

static struct adapter *adapters_add(struct adapters *s, const char *path)
{
        struct adapter *a = calloc(1, sizeof(*a)), **at = &s->first;

        if (!a)
                return NULL;
        a->set = s;
        (void)snprintf(a->path, sizeof(a->path), "%s", path);
        while (*at && strverscmp((*at)->path, path) < 0)
                at = &(*at)->next;
        a->next = *at;
        *at = a;
        return a;
}

static void adapters_remove(struct adapters *s, const char *path)
{
        for (struct adapter **at = &s->first; *at; at = &(*at)->next)
                if (strcmp((*at)->path, path) == 0) {
                        struct adapter *gone = *at;

                        *at = gone->next;
                        s->moved = s->moved || adapter_is_configured(gone);
                        (void)sd_bus_slot_unref(gone->power_call);
                        free(gone);
                        return;
                }
}

static void adapters_forget_all(struct adapters *s)
{
        while (s->first)
                adapters_remove(s, s->first->path);
}

/* --- switching on, and reporting --- */

static int adapter_on_powered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct adapter *a = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        a->power_call = sd_bus_slot_unref(a->power_call);
        if (error)
                log_warning("Cannot switch on %s: %s", a->path, error->message);
        if (error && bluez_reason(error, REASON_NONE) == REASON_ADAPTER_BLOCKED)
                a->blocked = true;
        if (error && a->owed)
                loop_rearm_timer(a->set->owed, OWED_MS);
        loop_rearm(a->set->settle);
        return 0;
}

static int adapter_set_powered(struct adapter *a, bool on, sd_bus_message_handler_t on_reply)
{
        return bluez_call(a->set->bluez, &a->power_call, a->path, "org.freedesktop.DBus.Properties",
                          "Set", on_reply, a, "ssv", BLUEZ_ADAPTER, "Powered", "b", on);
}

/* Switches the adapter on if that is wanted or owed, and has not been tried. */
static void adapter_switch_on(struct adapter *a)
{
        enum reason why = adapter_reason(a);
        int r;

        if (why == REASON_ADAPTER_BLOCKED)
                a->tried = false;
        if (why == REASON_NONE || why == REASON_ADAPTER_BLOCKED || a->tried || a->power_call ||
            !(a->set->power || a->owed))
                return;
        a->tried = true;
        r = adapter_set_powered(a, true, adapter_on_powered);
        if (r < 0)
                (void)log_errno(r, "Cannot switch on %s", a->path);
}

static int adapter_on_unpowered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct adapter *a = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        a->power_call = sd_bus_slot_unref(a->power_call);
        if (error)
                log_warning("Cannot switch off %s: %s", a->path, error->message);
        a->cycling = a->cycling && !error;
        loop_rearm(a->set->settle);
        return 0;
}

void adapter_cycle(struct adapter *adapter)
{
        int r;

        if (adapter_reason(adapter) != REASON_NONE || adapter->power_call)
                return;
        r = adapter_set_powered(adapter, false, adapter_on_unpowered);
        if (r < 0) {
                (void)log_errno(r, "Cannot switch off %s", adapter->path);
                return;
        }
        adapter->cycling = true;
}

bool adapters_are_cycling(const struct adapters *adapters)
{
        for (const struct adapter *a = adapters->first; a; a = a->next)
                if ((a->cycling || a->owed) && (a->power_call || !a->tried))
                        return true;
        return false;
}

static int adapters_on_owed(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct adapters *s = userdata;

        (void)source;
        (void)usec;
        for (struct adapter *a = s->first; a; a = a->next)
                a->tried = a->tried && !a->owed;
        loop_rearm(s->settle);
        return 0;
}

struct revival *adapter_revival(struct adapter *adapter)
{
        return &adapter->revival;
}

void adapter_set_stuck(struct adapter *adapter, bool stuck)
{
        if (adapter->stuck == stuck)
                return;
        adapter->stuck = stuck;
        adapter->set->moved = true;
        loop_rearm(adapter->set->settle);
}

const char *adapter_recovery_name(enum adapter_recovery recovery)
{
        static const char *const names[] = {
                [ADAPTER_DISCOVERY_RESTARTED] = "discovery_restarted",
                [ADAPTER_POWER_CYCLED] = "power_cycled",
                [ADAPTER_GIVEN_UP] = "given_up",
                [ADAPTER_WORKS] = "works",
        };

        return names[recovery];
}

void adapter_note_recovery(struct adapter *adapter, enum adapter_recovery recovery)
{
        const struct adapters *s = adapter->set;

        if (s->handler->on_recovery)
                s->handler->on_recovery(s->userdata, adapter_name(adapter), recovery);
}

bool adapter_is_stuck(const struct adapter *adapter)
{
        return adapter->stuck;
}

bool adapters_are_stuck(const struct adapters *adapters)
{
        for (const struct adapter *a = adapters->first; a; a = a->next)
                if (a->usable && a->stuck)
                        return true;
        return false;
}

bool adapters_work(const struct adapters *adapters)
{
        for (const struct adapter *a = adapters->first; a; a = a->next)
                if (a->usable && !a->stuck)
                        return true;
        return false;
}

/* Updates which are usable; true if one of them is being switched on. */
static bool adapters_review(struct adapters *s)
{
        bool powering = false;

        for (struct adapter *a = adapters_next(s, NULL); a; a = adapters_next(s, a)) {
                adapter_switch_on(a);
                powering = powering || a->power_call;
        }
        for (struct adapter *a = s->first; a; a = a->next) {
                bool usable = a->powered && adapter_is_configured(a) &&
                              (!adapters_want_best(s) || a == adapters_best(s));

                s->n_arrivals += usable && !a->usable;
                s->moved = s->moved || usable != a->usable || adapter_is_configured(a) != a->fitted;
                a->usable = usable;
                a->fitted = adapter_is_configured(a);
        }
        return powering;
}

/* An adapter that is being switched on is only reported as off when that has failed. */
static void adapters_settle(struct adapters *s)
{
        bool powering = adapters_review(s);
        enum reason now = adapters_reason(s);

        if (!s->listed && !s->down)
                return;
        if (s->tenant)
                s->tenant->on_change(s->tenant_userdata);
        if ((now != REASON_NONE && powering) || (s->reported && s->last == now && !s->moved))
                return;
        s->reported = true;
        s->moved = false;
        s->last = now;
        s->handler->on_state(s->userdata, now);
}

static int adapters_on_settle(sd_event_source *source, void *userdata)
{
        (void)source;
        adapters_settle(userdata);
        return 0;
}

/* --- announcements of bluetoothd: handled in a later turn of the loop --- */

static void adapter_set_power_state(struct adapter *a, bool powered)
{
        a->powered = powered;
        if (powered) {
                a->owed = false;
        } else if (a->cycling) {
                a->owed = true;
                a->cycling = a->tried = false;
        }
}

static void adapters_on_news(void *userdata, const struct bluez_news *news)
{
        const struct bluez_object *object = news->object;
        struct adapters *s = userdata;
        struct adapter *a;

        if (object->interface != BLUEZ_IS_ADAPTER)
                return;
        a = adapters_find(s, object->path);
        if (!a)
                a = adapters_add(s, object->path);
        if (!a)
                return;

        adapter_set_power_state(a, object->powered);
        if (news->has & BLUEZ_HAS_POWERED)
                a->blocked = a->blocked && !object->powered;
        if (news->has & BLUEZ_HAS_POWER_STATE)
                a->blocked = object->blocked;
        a->roles_known = object->has & BLUEZ_HAS_ROLES;
        memcpy(a->address, object->address, sizeof(a->address));
        a->central = object->central;
        a->peripheral = object->peripheral;
        loop_rearm(s->settle);
}

static void adapters_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct adapters *s = userdata;

        if (interface != BLUEZ_IS_ADAPTER)
                return;
        adapters_remove(s, path);
        loop_rearm(s->settle);
}

static void adapters_on_listed(void *userdata)
{
        struct adapters *s = userdata;

        s->listed = true;
        s->down = false;
        loop_rearm(s->settle);
}

static void adapters_on_down(void *userdata)
{
        struct adapters *s = userdata;

        adapters_forget_all(s);
        s->listed = false;
        s->down = true;
        loop_rearm(s->settle);
}

static const struct bluez_handler adapters_bluez_handler = {
        .on_news = adapters_on_news,
        .on_gone = adapters_on_gone,
        .on_listed = adapters_on_listed,
        .on_down = adapters_on_down,
};

/* Takes the wish apart if it is a list. */
int adapters_configure(struct adapters *adapters, const char *wish, bool power)
{
        _defer_(free) char *copy = strdup(wish), *words = strdup(strcmp(wish, "all") ? wish : "");
        struct adapters *s = adapters;
        char *save = NULL;
        size_t n = 0;

        if (!copy || !words)
                return -ENOMEM;
        free(s->wish);
        free(s->words_of_wish);
        s->wish = take(copy);
        s->words_of_wish = take(words);
        s->power = power;
        for (char *word = strtok_r(s->words_of_wish, SEPARATORS, &save);
             word && n < ADAPTERS_WORDS_MAX - 1; word = strtok_r(NULL, SEPARATORS, &save))
                s->words[n++] = word;
        s->words[n] = NULL;
        loop_rearm(s->settle);
        return 0;
}

int adapters_new(struct bluez *bluez, const char *wish, enum adapter_role role, bool power,
                 const struct adapters_handler *handler, void *userdata,
                 struct adapters **ret_adapters)
{
        _defer_(adapters_free) struct adapters *s = NULL;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->bluez = bluez;
        s->role = role;
        s->rfkill = RFKILL_DIRECTORY;
        s->handler = handler;
        s->userdata = userdata;

        r = loop_add_defer(bluez_event(bluez), &s->settle, adapters_on_settle, s);
        if (r < 0)
                return r;
        r = adapters_configure(s, wish ? wish : "", power);
        if (r < 0)
                return r;
        r = loop_add_timer(bluez_event(bluez), &s->owed, adapters_on_owed, s);
        if (r < 0)
                return r;
        r = bluez_watch_new(bluez, &adapters_bluez_handler, s, &s->watch);
        if (r < 0)
                return r;
        *ret_adapters = take(s);
        return 0;
}

struct adapters *adapters_free(struct adapters *adapters)
{
        if (!adapters)
                return NULL;
        if (adapters->tenant)
                adapters->tenant->on_free(adapters->tenant_userdata);
        (void)bluez_watch_free(adapters->watch);
        loop_drop(&adapters->settle);
        loop_drop(&adapters->owed);
        adapters_forget_all(adapters);
        free(adapters->words_of_wish);
        free(adapters->wish);
        free(adapters);
        return NULL;
}
