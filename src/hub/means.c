/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/means.h"

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "hub/vault.h"
#include "store/outbox.h"
#include "util/dbus.h"
#include "util/file.h"
#include "util/hex.h"
#include "util/log.h"

static void means_on_issuer_refused(void *userdata, const char *path, unsigned line,
                                    const char *text)
{
        (void)userdata;
        if (line > 0)
                log_warning("%s:%u: %s; this issuer is not trusted.", path, line, text);
        else
                log_warning("%s: %s; this issuer is not trusted.", path, text);
}

bool means_refresh_issuers(struct means *means)
{
        if (file_stamp_directory(means->places->issuers) == means->issuers_stamp)
                return false;
        means_load_issuers(means);
        return true;
}

void means_load_issuers(struct means *means)
{
        static const struct issuers_handler handler = {.on_error = means_on_issuer_refused};
        int r;

        means->issuers_stamp = file_stamp_directory(means->places->issuers);
        issuers_done(&means->issuers);
        r = issuers_load(&means->issuers, means->places->issuers, &handler);
        if (r < 0 && r != -ENOENT)
                (void)log_errno(r, "Cannot read %s", means->places->issuers);
}

static enum central_ways ways_of(const struct settings *settings)
{
        return settings->bluetooth_coc ? CENTRAL_GATT_AND_COC : CENTRAL_GATT;
}

/* Without a bus Bluetooth is down, and the rest of the hub works. */
static int means_open_bluetooth(struct means *m, sd_event *event, const struct settings *settings,
                                const struct adapters_handler *handler, void *userdata)
{
        int r;

        if (!settings->bluetooth_enabled)
                return 0;
        r = dbus_open(m->places->bluetooth_bus, &m->system_bus);
        if (r < 0) {
                (void)log_errno(r, "Cannot reach the system bus; Bluetooth is not available");
                return 0;
        }
        r = sd_bus_attach_event(m->system_bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = bluez_new(m->system_bus, &m->bluez);
        if (r == 0)
                r = adapters_new(m->bluez, settings->bluetooth_adapter, ADAPTER_CENTRAL,
                                 settings->bluetooth_power, handler, userdata, &m->adapters);
        if (r == 0)
                r = central_new(m->adapters, ways_of(settings), &central_patience_default,
                                &m->central);
        return r;
}

static int means_open_ports(struct means *m, sd_event *event, const struct settings *settings)
{
        int r;

        for (; m->n_ports < settings->link_streams.n; m->n_ports++) {
                r = port_new(event, m->airtime, settings->link_streams.addresses[m->n_ports],
                             &m->ports[m->n_ports]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* major * 256 + minor of this daemon. */
static uint32_t daemon_version(void)
{
        char *end;
        unsigned long major = strtoul(PACKAGE_VERSION, &end, 10);
        unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

        return (uint32_t)(major * 256 + minor);
}

static void means_gather(struct means *m, sd_event *event)
{
        const struct settings *s = m->settings;

        settings_site(s, &m->site);
        m->enrollment.finder = (struct finder_means){
                .event = event,
                .airtime = m->airtime,
                .adapters = m->adapters,
                .central = m->central,
                .ports = m->ports,
                .n_ports = m->n_ports,
                .no_air = s->bluetooth_enabled ? REASON_BLUETOOTH_DOWN : REASON_BLUETOOTH_DISABLED,
        };
        m->enrollment.plan = (struct plan_means){
                .store = m->store,
                .issuers = &m->issuers,
                .master = master_key(m->master),
                .hub = s->hub_name,
                .site = &m->site,
                .ceiling = s->policy_ceiling,
                .daemon = daemon_version(),
                .fail_safe_sec = s->timeout_fail_safe,
                .acknowledge = s->keys_acknowledge,
        };
        m->enrollment.plan.has_recipient =
                hex_decode(s->keys_recipient, m->enrollment.plan.recipient, 32) == 0;
        m->enrollment.find_sec = s->timeout_find;
        m->visit = (struct visit_means){
                .event = m->enrollment.finder.event,
                .master = master_key(m->master),
                .finder = &m->enrollment.finder,
        };
}

int means_new(sd_event *event, const struct settings *settings, const struct places *places,
              const struct adapters_handler *handler, void *userdata, struct means **ret_means)
{
        _defer_(means_free) struct means *m = NULL;
        int r;

        m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->places = places;
        m->settings = settings;
        r = vault_open(places->state, &m->store, &m->master);
        if (r != 0)
                return r == VAULT_E_REFUSED ? MEANS_E_REFUSED : r; /* it has logged why */
        means_load_issuers(m);
        r = airtime_new(event, settings->limit_links, &m->airtime);
        if (r < 0)
                return log_errno(r, "Cannot share out the connections");
        r = means_open_ports(m, event, settings);
        if (r < 0)
                return log_errno(r, "Cannot prepare the stream ports");
        r = means_open_bluetooth(m, event, settings, handler, userdata);
        if (r < 0)
                return log_errno(r, "Cannot watch Bluetooth");
        means_gather(m, event);
        *ret_means = take(m);
        return 0;
}

void means_reload(struct means *means)
{
        const struct settings *s = means->settings;
        int r = 0;

        airtime_set_default(means->airtime, s->limit_links);
        if (means->adapters)
                r = adapters_configure(means->adapters, s->bluetooth_adapter, s->bluetooth_power);
        if (r < 0)
                (void)log_errno(r, "Cannot use the new adapters");
        if (means->central)
                central_set_ways(means->central, ways_of(s));
        means_gather(means, means->enrollment.finder.event);
}

static void means_count(const struct means *means, struct api_status *status)
{
        uint64_t n_devices = 0, n_outbox = 0, n_unsettled = 0;

        (void)store_device_count(means->store, &n_devices);
        (void)store_outbox_count(means->store, &n_outbox);
        (void)store_unsettled_count(means->store, &n_unsettled);
        status->n_devices = (unsigned)n_devices;
        status->n_outbox = (unsigned)n_outbox;
        status->n_unsettled = (unsigned)n_unsettled;
        status->n_issuers = (unsigned)means->issuers.n_list;
        status->n_issuers_refused = (unsigned)means->issuers.n_refused;
}

/* Those that are configured; where one is missing, what there is instead, too. */
static void means_list_adapters(struct adapters *adapters, struct api_status *status)
{
        const char *missing = NULL;

        for (struct adapter *a = NULL;
             status->n_adapters < API_ADAPTERS_MAX && (a = adapters_next(adapters, a));)
                status->adapters[status->n_adapters++] = (struct api_adapter){
                        adapter_name(a),
                        adapter_is_stuck(a) ? REASON_ADAPTER_STUCK : adapter_reason(a),
                        adapter_address(a)[0] ? adapter_address(a) : NULL};
        if (!adapters_next_missing(adapters, NULL))
                return;
        for (struct adapter *a = NULL;
             status->n_others < API_ADAPTERS_MAX && (a = adapters_next_present(adapters, a));)
                if (!adapter_is_configured(a))
                        status->others[status->n_others++] = (struct api_adapter){
                                adapter_name(a), adapter_reason(a),
                                adapter_address(a)[0] ? adapter_address(a) : NULL};
        while (status->n_adapters < API_ADAPTERS_MAX &&
               (missing = adapters_next_missing(adapters, missing)))
                status->adapters[status->n_adapters++] =
                        (struct api_adapter){missing, REASON_ADAPTER_MISSING, NULL};
}

static void means_list_ports(const struct means *means, struct api_status *status)
{
        uint64_t node;

        for (size_t i = 0; i < means->n_ports && i < API_PORTS_MAX; i++)
                status->ports[status->n_ports++] = (struct api_port){
                        port_address(means->ports[i]), port_look(means->ports[i], &node) == 0
                                                               ? REASON_NONE
                                                               : REASON_PORT_UNAVAILABLE};
}

void means_status(const struct means *means, struct api_status *status)
{
        if (means->adapters)
                means_list_adapters(means->adapters, status);
        means_list_ports(means, status);
        means_count(means, status);
}

struct means *means_free(struct means *means)
{
        if (!means)
                return NULL;
        means->central = central_free(means->central);
        means->adapters = adapters_free(means->adapters);
        means->bluez = bluez_free(means->bluez);
        (void)sd_bus_flush_close_unref(means->system_bus);
        while (means->n_ports > 0)
                (void)port_free(means->ports[--means->n_ports]);
        means->airtime = airtime_free(means->airtime);
        issuers_done(&means->issuers);
        means->store = store_free(means->store);
        means->master = master_free(means->master);
        free(means);
        return NULL;
}
