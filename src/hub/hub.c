/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/hub.h"

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "ble/interval.h"
#include "bridge/bridge.h"
#include "bus/bus.h"
#include "event/journal.h"
#include "gateway/gateway.h"
#include "hub/awaited.h"
#include "hub/broker.h"
#include "hub/bulletin.h"
#include "hub/controls.h"
#include "hub/desk.h"
#include "hub/eraser.h"
#include "hub/herald.h"
#include "hub/intake.h"
#include "hub/keeper.h"
#include "hub/lookout.h"
#include "hub/nfc.h"
#include "hub/reload.h"
#include "hub/roster.h"
#include "hub/rounds.h"
#include "hub/settle.h"
#include "hub/strays.h"
#include "hub/verbosity.h"
#include "hub/window.h"
#include "util/hex.h"
#include "util/log.h"

struct hub {
        sd_event *event;
        struct settings *settings;
        enum reason settings_state; /* of those that were read last */
        const struct places *places;

        /* with what */
        struct means *means;
        enum reason adapter_state;
        struct interval interval; /* between connection events; all zero: not known */

        /* what is known, and who shows it */
        struct state *state;
        struct conditions conditions;
        struct herald *herald;
        struct broker *broker;
        struct bridge *bridge;
        struct bus *bus;
        struct bulletin *bulletin;

        /* what is done */
        struct librarian *librarian;
        struct awaited *awaited;
        struct intake *intake;
        struct window *window;
        struct controls *controls;
        struct nfc *nfc;
        struct settle *settle;
        struct strays *strays;
        struct gateway *gateway;
        struct rounds *rounds;
        struct roster roster;
        struct keeper *keeper;
        struct lookout *lookout;
        struct eraser *eraser;
        struct desk desk;
        uint64_t n_enrolled; /* since start */
        bool restarts;       /* after it has ended */
};

/* --- devices: from an enrollment to the gateway --- */

static struct api_answer hub_on_replace(void *userdata, const char *who,
                                        uint8_t ret_device_id[STORE_DEVICE_ID_BYTES])
{
        return roster_replace(&((struct hub *)userdata)->roster, who, ret_device_id);
}

static void hub_on_replaced(void *userdata, const struct plan *plan)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1], former_id[2 * STORE_DEVICE_ID_BYTES + 1];
        const struct store_device *former = &plan->replacement.former;
        struct hub *hub = userdata;

        log_info("%s: %s has taken the place of %s", plan->device.name,
                 hex_encode(plan->device.device_id, STORE_DEVICE_ID_BYTES, id),
                 hex_encode(former->device_id, STORE_DEVICE_ID_BYTES, former_id));
        gateway_yield(hub->gateway, former->device_id, REASON_NO_SUCH_DEVICE);
        herald_replace(hub->herald, &plan->device, former);
        settle_refresh(hub->settle);
        eraser_note(hub->eraser);
}

static void hub_on_committed(void *userdata, const struct plan *plan)
{
        struct hub *hub = userdata;

        strays_refresh(hub->strays);
        herald_new_device(hub->herald, &plan->device);
        rounds_heard(hub->rounds, &plan->device);
        librarian_forget(hub->librarian, plan->device.device_id);
        mqtt_outbox_kick(hub->broker->outbox);
}

static void hub_on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        const struct visit_wish wish = {
                .device = &plan->device,
                .channels = plan->half.channels,
                .n_channels = plan->half.n_channels,
        };
        struct hub *hub = userdata;
        int r;

        hub->n_enrolled++;
        r = gateway_adopt(hub->gateway, &wish, meeting_take);
        if (r < 0)
                (void)log_errno(r, "%s: cannot take its first readings", plan->device.name);
        herald_device(hub->herald, &plan->device, true);
        herald_devices_changed(hub->herald);
        settle_refresh(hub->settle);
        eraser_note(hub->eraser);
}

static int64_t hub_on_unfinished(void *userdata, const struct store_device *device)
{
        struct hub *hub = userdata;

        settle_refresh(hub->settle);
        return settle_next(hub->settle, device->device_id);
}

static void hub_on_dropped(void *userdata, const struct store_device *device)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        struct hub *hub = userdata;

        journal_dropped(device->name, hex_encode(device->device_id, sizeof(device->device_id), id));
        herald_forget(hub->herald, device);
        settle_refresh(hub->settle);
        eraser_note(hub->eraser);
}

static void hub_on_ended(void *userdata)
{
        settle_refresh(((struct hub *)userdata)->settle);
}

static void hub_on_claimed(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct hub *hub = userdata;

        gateway_yield(hub->gateway, device_id, REASON_BUSY);
        settle_yield(hub->settle, device_id);
}

static bool hub_is_taken(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct hub *hub = userdata;

        return intake_transaction(hub->intake, device_id) != NULL;
}

/* A device of the catalogue was switched on. */
static enum reason hub_on_there(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct api_request request = {.source = EVENT_SOURCE_CATALOGUE};
        struct librarian_code code;
        struct hub *hub = userdata;
        enum reason why;

        why = librarian_find_device(hub->librarian, device_id, &code);
        if (why == REASON_NONE) {
                request.name = code.name[0] ? code.name : NULL;
                why = intake_enroll(hub->intake, code.bytes, code.n_bytes, &request).reason;
        }
        if (why != REASON_NONE && why != REASON_BUSY)
                log_warning("A device of the catalogue is there, and is not enrolled: %s (%s)",
                            reason_text(why), reason_code(why));
        librarian_wipe(&code);
        return why;
}

static void hub_on_catalogue(void *userdata)
{
        struct hub *hub = userdata;

        awaited_refresh(hub->awaited, librarian_catalogue(hub->librarian));
}

static void hub_on_readings(void *userdata, const struct store_device *device,
                            const struct reading *readings, size_t n_readings)
{
        struct hub *hub = userdata;

        rounds_readings(hub->rounds, device, readings, n_readings);
        keeper_note(hub->keeper);
}

static void hub_on_met(void *userdata, const struct store_device *device, const char *place)
{
        rounds_met(((struct hub *)userdata)->rounds, device, place);
}

static void hub_on_done(void *userdata, const struct store_device *device)
{
        herald_missed(((struct hub *)userdata)->herald, device->device_id);
}

static bool hub_on_data(void *userdata, const struct store_device *device,
                        const uint8_t boot_id[MESSAGE_BOOT_ID_BYTES], uint32_t number)
{
        struct hub *hub = userdata;
        struct numbering *numbering = state_numbering(hub->state, device->device_id);

        return numbering && numbering_take(numbering, boot_id, number);
}

/* Of a stray nobody needs to know it. */
static void hub_on_leaving(void *userdata, const struct store_device *device, bool leaving)
{
        const struct hub *hub = userdata;
        int r = store_leave(hub->means->store, device->device_id, device->ownership.epoch, leaving);

        if (r < 0)
                (void)log_errno(r, "%s: whether it was asked to let itself go cannot be stored",
                                device->name);
}

static void hub_on_parted(void *userdata, const struct gateway_parting *parting)
{
        rounds_parted(((struct hub *)userdata)->rounds, parting);
}

static void hub_on_stopped(void *userdata)
{
        farewell_begin(((struct hub *)userdata)->broker->farewell);
}

static const struct intake_handler hub_intake_handler = {
        .on_stopped = hub_on_stopped,
        .on_replace = hub_on_replace,
        .on_claimed = hub_on_claimed,
        .on_replaced = hub_on_replaced,
        .on_committed = hub_on_committed,
        .on_unfinished = hub_on_unfinished,
        .on_owned = hub_on_owned,
        .on_dropped = hub_on_dropped,
        .on_ended = hub_on_ended,
};

static const struct awaited_handler hub_awaited_handler = {
        .on_there = hub_on_there,
        .is_taken = hub_is_taken,
};

static const struct settle_handler hub_settle_handler = {
        .is_taken = hub_is_taken,
        .on_committed = hub_on_committed,
        .on_owned = hub_on_owned,
        .on_dropped = hub_on_dropped,
};

static const struct strays_handler hub_strays_handler = {.is_taken = hub_is_taken};

static const struct gateway_handler hub_gateway_handler = {
        .on_readings = hub_on_readings,
        .on_met = hub_on_met,
        .on_done = hub_on_done,
        .on_data = hub_on_data,
        .on_leaving = hub_on_leaving,
        .on_parted = hub_on_parted,
};

/* --- what only the hub can answer --- */

static void hub_on_status(void *userdata, struct api_status *status)
{
        const struct hub *hub = userdata;

        status->broker_state = hub->broker->state;
        status->bluetooth_state = hub->adapter_state;
        status->interval_min_ms = hub->interval.min_ms;
        status->interval_max_ms = hub->interval.max_ms;
        status->n_enrolled = hub->n_enrolled;
        librarian_status(hub->librarian, status);
        controls_status(hub->controls, status);
        if (hub->nfc)
                nfc_status(hub->nfc, status);
}

static void hub_on_restart(void *userdata)
{
        struct hub *hub = userdata;

        hub->restarts = true;
        hub_stop(hub);
}

static const struct desk_handler hub_desk_handler = {
        .on_status = hub_on_status,
        .on_restart = hub_on_restart,
};

/* --- adapters --- */

static void hub_on_adapters(void *userdata, enum reason why)
{
        struct hub *hub = userdata;

        /* bluetoothd reads it when it starts, and so do we. */
        if (!interval_read(INTERVAL_CONFIG, &hub->interval))
                hub->interval = (struct interval){0};
        if (why == REASON_NONE && !adapters_work(hub->means->adapters))
                why = REASON_ADAPTER_STUCK;
        herald_condition(hub->herald, "Bluetooth", &hub->adapter_state, why);
        /* Where one of several is stuck; where none works, this is the state of Bluetooth already.
         */
        if (why != REASON_ADAPTER_STUCK && hub->means->adapters)
                herald_alert(hub->herald, REASON_ADAPTER_STUCK,
                             adapters_are_stuck(hub->means->adapters));
        if (hub->means->adapters)
                settle_look_at_adapters(hub->settle);
        if (why == REASON_NONE) {
                rounds_listen(hub->rounds);
                strays_listen(hub->strays);
        }
        rounds_look_at_places(hub->rounds);
        lookout_at_adapters(hub->lookout);
        herald_info_changed(hub->herald); /* which of them are usable */
}

static void hub_on_recovery(void *userdata, const char *adapter, enum adapter_recovery recovery)
{
        herald_recovery(((struct hub *)userdata)->herald, adapter, adapter_recovery_name(recovery));
}

static const struct adapters_handler hub_adapters_handler = {
        .on_state = hub_on_adapters,
        .on_recovery = hub_on_recovery,
};

/* --- making it --- */

static int hub_open_broker(struct hub *hub)
{
        const struct broker_means broker = {
                .event = hub->event,
                .settings = hub->settings,
                .means = hub->means,
                .herald = hub->herald,
                .state = hub->state,
        };

        return broker_new(&broker, &hub->broker);
}

/* Once there is a librarian. */
static struct job_means hub_job_means(const struct hub *hub)
{
        return (struct job_means){
                .event = hub->event,
                .settings = hub->settings,
                .means = hub->means,
                .herald = hub->herald,
                .librarian = hub->librarian,
        };
}

static struct hass_options hub_hass_options(const struct settings *settings)
{
        static const enum notice_form forms[] = {
                [SETTINGS_DISCOVERY_OFF] = NOTICE_OFF,
                [SETTINGS_DISCOVERY_DEVICE] = NOTICE_DEVICE,
                [SETTINGS_DISCOVERY_ENTITY] = NOTICE_ENTITY,
        };

        return (struct hass_options){
                .hub = settings->hub_name,
                .version = PACKAGE_VERSION,
                .form = forms[settings->hass_discovery],
                .prefix = settings->hass_prefix,
                .birth_delay = settings->hass_birth_delay,
        };
}

static int hub_open_faces(struct hub *hub)
{
        const struct hass_options hass = hub_hass_options(hub->settings);
        const struct job_means means = hub_job_means(hub);
        struct api_backend backend = desk_backend(&hub->desk, hub->state, &hub->conditions);
        int r;

        librarian_serve(hub->librarian, &backend);

        r = controls_new(&means, hub->window, &backend, &hub->controls);
        if (r < 0)
                return r;
        r = bridge_new(hub->event, hub->broker->client, &hass, &backend, &hub->bridge);
        if (r < 0)
                return r;
        hub->desk.bridge = hub->bridge;
        herald_add_face(hub->herald, bridge_face(hub->bridge));
        r = broker_serve(hub->broker, hub->bridge);
        if (r < 0)
                return r;
        r = bus_new(hub->event, hub->places->bus, hub->settings->hub_name, &backend, &hub->bus);
        if (r < 0)
                return r;
        herald_add_face(hub->herald, bus_face(hub->bus));
        r = bulletin_new(hub->event, &backend, &hub->bulletin);
        if (r < 0)
                return r;
        herald_add_face(hub->herald, bulletin_face(hub->bulletin));
        return 0;
}

static int hub_open_rounds(struct hub *hub)
{
        const struct rounds_means rounds = {
                .event = hub->event,
                .means = hub->means,
                .herald = hub->herald,
                .gateway = hub->gateway,
                .intake = hub->intake,
                .settle = hub->settle,
                .offline_after_sec = hub->settings->gateway_offline_after,
        };
        int r;

        r = rounds_new(&rounds, &hub->rounds);
        if (r == 0)
                herald_add_face(hub->herald, rounds_face(hub->rounds));
        return r;
}

static int hub_open_strays(struct hub *hub)
{
        const struct strays_means strays = {
                .event = hub->event,
                .means = hub->means,
                .herald = hub->herald,
                .gateway = hub->gateway,
                .eraser = hub->eraser,
        };

        return strays_new(&strays, &hub_strays_handler, hub, &hub->strays);
}

/* Once everything that they work on is there. */
static void hub_open_desk(struct hub *hub)
{
        hub->roster = (struct roster){
                .means = hub->means,
                .hub = hub->settings->hub_name,
                .herald = hub->herald,
                .intake = hub->intake,
                .settle = hub->settle,
                .strays = hub->strays,
                .gateway = hub->gateway,
                .eraser = hub->eraser,
                .outbox = hub->broker->outbox,
        };
        hub->desk = (struct desk){
                .means = hub->means,
                .herald = hub->herald,
                .intake = hub->intake,
                .window = hub->window,
                .settle = hub->settle,
                .strays = hub->strays,
                .rounds = hub->rounds,
                .roster = &hub->roster,
                .courier = &hub->broker->courier,
                .handler = &hub_desk_handler,
                .userdata = hub,
        };
}

static int hub_open_catalogue(struct hub *hub)
{
        const struct librarian_means librarian = {
                .event = hub->event,
                .settings = hub->settings,
                .means = hub->means,
                .herald = hub->herald,
                .eraser = hub->eraser,
                .on_changed = hub_on_catalogue,
                .userdata = hub,
        };
        int r;

        r = librarian_new(&librarian, &hub->librarian);
        if (r == 0)
                r = awaited_new(&hub->means->enrollment.finder, &hub_awaited_handler, hub,
                                &hub->awaited);
        return r;
}

static int hub_open_work(struct hub *hub)
{
        const struct settle_means settle = {hub->event, hub->means, hub->herald};
        struct job_means means;
        int r;

        r = eraser_new(hub->event, hub->means->store, &hub->eraser);
        if (r == 0)
                r = keeper_new(hub->event, hub->means->store, hub->state,
                               hub->settings->gateway_save_every, &hub->keeper);
        if (r == 0)
                r = gateway_new(&hub->means->visit, &hub_gateway_handler, hub, &hub->gateway);
        if (r == 0)
                r = hub_open_catalogue(hub);
        means = hub_job_means(hub);
        if (r == 0)
                r = intake_new(&means, &hub_intake_handler, hub, &hub->intake);
        if (r == 0)
                r = window_new(&means, hub->intake, &hub->window);
        if (r == 0)
                r = settle_new(&settle, &hub_settle_handler, hub, &hub->settle);
        if (r == 0)
                r = hub_open_strays(hub);
        if (r == 0)
                r = hub_open_rounds(hub);
        if (r == 0)
                hub_open_desk(hub);
        return r;
}

static int hub_open_herald(struct hub *hub)
{
        int r;

        r = state_new(&hub->state);
        if (r < 0)
                return r;
        return herald_new(
                &(const struct herald_means){
                        .store = hub->means->store,
                        .hub = hub->settings->hub_name,
                        .state = hub->state,
                        .conditions = &hub->conditions,
                },
                &hub->herald);
}

static int hub_open_lookout(struct hub *hub)
{
        const struct job_means means = hub_job_means(hub);
        int r;

        r = lookout_new(&means, hub->intake, hub->settle, hub->rounds, &hub->lookout);
        if (r == 0)
                r = nfc_new(&means, hub->intake, &hub->nfc);
        return r;
}

/* Nothing but the past is known of the devices before they are heard. */
static int hub_not_met(void *userdata, const struct store_device *device)
{
        struct hub *hub = userdata;

        herald_device(hub->herald, device, false);
        keeper_restore(hub->keeper, device->device_id);
        return 0;
}

int hub_new(sd_event *event, struct settings *settings, const struct places *places,
            struct hub **ret_hub)
{
        _defer_(hub_free) struct hub *hub = calloc(1, sizeof(*hub));
        int r;

        if (!hub)
                return -ENOMEM;
        hub->event = sd_event_ref(event);
        hub->settings = settings;
        hub->places = places;
        hub->adapter_state =
                settings->bluetooth_enabled ? REASON_BLUETOOTH_DOWN : REASON_BLUETOOTH_DISABLED;
        r = means_new(event, settings, places, &hub_adapters_handler, hub, &hub->means);
        if (r != 0)
                return r == MEANS_E_REFUSED ? HUB_E_REFUSED : r;
        verbosity_recall(hub->means->store);
        r = hub_open_herald(hub);
        if (r == 0)
                r = hub_open_broker(hub);
        if (r == 0)
                r = hub_open_work(hub);
        if (r == 0)
                r = hub_open_faces(hub);
        if (r == 0)
                r = hub_open_lookout(hub);
        if (r < 0)
                return log_errno(r, "Cannot start");
        r = store_each_device(hub->means->store, hub_not_met, hub);
        if (r < 0)
                return log_errno(r, "Cannot read the devices from the store");
        herald_devices_changed(hub->herald);
        hub_on_catalogue(hub);
        if (settings->bluetooth_enabled && !hub->means->adapters)
                hub_on_adapters(hub, REASON_BLUETOOTH_DOWN); /* nobody else will report it */
        *ret_hub = take(hub);
        return 0;
}

struct hub *hub_free(struct hub *hub)
{
        if (!hub)
                return NULL;
        hub->nfc = nfc_free(hub->nfc);
        hub->lookout = lookout_free(hub->lookout);
        hub->rounds = rounds_free(hub->rounds);
        hub->settle = settle_free(hub->settle);
        hub->window = window_free(hub->window);
        hub->intake = intake_free(hub->intake);
        hub->awaited = awaited_free(hub->awaited);
        hub->librarian = librarian_free(hub->librarian);
        hub->gateway = gateway_free(hub->gateway);
        hub->strays = strays_free(hub->strays);
        hub->keeper = keeper_free(hub->keeper);
        hub->eraser = eraser_free(hub->eraser);
        hub->bulletin = bulletin_free(hub->bulletin);
        if (hub->bridge)
                bridge_stop(hub->bridge);
        hub->bus = bus_free(hub->bus);
        hub->bridge = bridge_free(hub->bridge);
        hub->broker = broker_free(hub->broker);
        hub->controls = controls_free(hub->controls);
        hub->herald = herald_free(hub->herald);
        hub->state = state_free(hub->state);
        hub->means = means_free(hub->means);
        (void)sd_event_unref(hub->event);
        free(hub);
        return NULL;
}

void hub_reload(struct hub *hub, const struct settings *next)
{
        bool is_other_broker;

        herald_condition(hub->herald, "Settings", &hub->settings_state,
                         next ? REASON_NONE : REASON_SETTINGS_INVALID);
        if (!next)
                return;
        is_other_broker = reload_take(hub->settings, next);
        means_reload(hub->means);
        nfc_reload(hub->nfc);
        broker_reload(hub->broker, is_other_broker);
        herald_info_changed(hub->herald);
}

void hub_stop(struct hub *hub)
{
        (void)window_close(hub->window);
        intake_stop(hub->intake);
}

bool hub_restarts(const struct hub *hub)
{
        return hub->restarts;
}

bool hub_is_askable(const struct hub *hub)
{
        return bus_is_up(hub->bus);
}
