/* SPDX-License-Identifier: Apache-2.0 */

#include "api/devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/action.h"
#include "api/delivery.h"
#include "api/exposes.h"
#include "api/json.h"
#include "api/scalar.h"
#include "store/channel.h"
#include "store/device.h"
#include "store/group.h"
#include "util/defer.h"
#include "util/hex.h"
#include "util/time.h"
#include "wire/cbor.h"

static json_t *channel_json(const struct store_channel *channel)
{
        struct event_channel c = {
                .number = channel->number,
                .access = channel->direction,
                .period_s = channel->every_s,
                .type = store_type_name(channel->type),
                .category = channel->category ? store_category_name(channel->category) : NULL,
                .has_range = channel->has_range,
                .low = channel->low,
                .high = channel->high,
                .step = channel->step,
                .exponent = channel->exponent,
                .length = channel->length,
        };

        (void)snprintf(c.property, sizeof(c.property), "%s", channel->leaf);
        (void)snprintf(c.device_class, sizeof(c.device_class), "%s", channel->class);
        (void)snprintf(c.unit, sizeof(c.unit), "%s", channel->unit);
        (void)snprintf(c.words, sizeof(c.words), "%s", channel->words);
        return json_from_channel(&c);
}

/* For consumers of zigbee2mqtt: what kind of device it is, and what it has to show. */
static json_t *definition_json(const struct store_device *device,
                               const struct exposes_source *source)
{
        char product[2 * STORE_TEXT_SIZE];

        (void)snprintf(product, sizeof(product), "%s %s", device->maker, device->model);
        return json_pack("{s:o, s:o, s:o, s:o, s:[], s:b, s:s}", "model",
                         json_from_text(device->model), "vendor", json_from_text(device->maker),
                         "description", json_from_text(product), "exposes", exposes_json(source),
                         "options", "supports_ota", 0, "source", "generated");
}

static json_t *channels_json(const struct exposes_source *source)
{
        _defer_(json_free) json_t *list = json_array();

        for (size_t i = 0; list && i < source->n_channels; i++)
                if (json_array_append_new(list, channel_json(&source->channels[i])) < 0)
                        return NULL;
        return take(list);
}

/* Takes the members of one group, which are next to each other, and returns how many. */
static size_t group_take(const struct store_member *members, size_t n_members,
                         struct event_group *ret_group)
{
        size_t n = 0;

        *ret_group = (struct event_group){.kind = members[0].kind};
        for (; n < n_members && members[n].group == members[0].group; n++)
                if (ret_group->n_roles < EVENT_ROLES_MAX) {
                        ret_group->roles[ret_group->n_roles].name = members[n].role;
                        ret_group->roles[ret_group->n_roles++].channel = members[n].channel;
                }
        return n;
}

static json_t *groups_json(const struct exposes_source *source)
{
        _defer_(json_free) json_t *list = json_array();
        struct event_group group;

        for (size_t i = 0; list && i < source->n_members;) {
                i += group_take(&source->members[i], source->n_members - i, &group);
                if (json_array_append_new(list, json_from_group(&group)) < 0)
                        return NULL;
        }
        return take(list);
}

int devices_read_parts(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       struct devices_parts *ret_parts)
{
        struct exposes_source source = {
                .channels = ret_parts->channels,
                .members = ret_parts->members,
        };
        int r;

        r = store_channels(store, device_id, ELEMENTSOF(ret_parts->channels), ret_parts->channels,
                           &source.n_channels);
        if (r == 0)
                r = store_members(store, device_id, ELEMENTSOF(ret_parts->members),
                                  ret_parts->members, &source.n_members);
        if (r == 0)
                ret_parts->source = source;
        return r;
}

/* Its channels and groups, and what they are to zigbee2mqtt. */
static int add_channels(struct store *store, const struct store_device *device, json_t *object)
{
        struct devices_parts parts;
        int r;

        r = devices_read_parts(store, device->device_id, &parts);
        if (r != 0)
                return r;
        r = json_object_set_new(object, "channels", channels_json(&parts.source));
        r |= json_object_set_new(object, "groups", groups_json(&parts.source));
        r |= json_object_set_new(object, "definition", definition_json(device, &parts.source));
        return r < 0 ? -ENOMEM : 0;
}

static int add_presence(const struct store_device *device, json_t *object)
{
        bool known = device->presence != STORE_PRESENCE_UNKNOWN;

        return json_add_presence(object, known ? store_presence_name(device->presence) : NULL,
                                 device->sleep_s) < 0
                       ? -ENOMEM
                       : 0;
}

static int add_options(struct store *store, const struct store_device *device, json_t *object)
{
        struct store_delivery delivery;
        int r;

        r = store_delivery_get(store, device->device_id, &delivery);
        if (r < 0)
                return r;
        return json_object_set_new(object, "options", delivery_json(&delivery)) < 0 ? -ENOMEM : 0;
}

/* The numbers of the functions it reported (doc/code.md, section 4.3). */
static json_t *functions_json(const struct store_device *device)
{
        json_t *functions = json_array();
        struct cbor_reader r;
        uint32_t n;

        cbor_reader_init(&r, device->functions, device->n_functions);
        n = cbor_get_array(&r);
        for (uint32_t i = 0; i < n && cbor_error(&r) == CBOR_OK; i++)
                (void)json_array_append_new(functions,
                                            json_integer(cbor_get_uint_max(&r, UINT32_MAX)));
        if (cbor_finish(&r) != CBOR_OK)
                (void)json_array_clear(functions);
        return functions;
}

/* A device that speaks no session of ours has nothing to confirm. */
static bool devices_settled(const struct store_device *device)
{
        return device->kind != STORE_ENROLLED || device->ownership.settled;
}

/* NULL if it has none. */
static json_t *epoch_json(const struct store_device *device)
{
        if (device->kind != STORE_ENROLLED)
                return NULL;
        return json_integer((json_int_t)device->ownership.epoch);
}

/* They take a device on a battery for one that sleeps. */
static const char *power_source(enum store_presence presence)
{
        switch (presence) {
        case STORE_MAINS:
                return "Mains (single phase)";
        case STORE_SLEEPS:
                return "Battery";
        case STORE_PRESENCE_UNKNOWN:
                break;
        }
        return "Unknown";
}

/* What zigbee2mqtt's consumers look for, beside the keys that both have. */
static int add_compatible(const struct store_device *device, json_t *object)
{
        char address[DEVICES_ADDRESS_SIZE];
        bool settled = devices_settled(device);

        return json_object_set_new(object, "ieee_address",
                                   json_string(devices_address(device->known_as, address))) |
               json_object_set_new(object, "type", json_string("EndDevice")) |
               json_object_set_new(object, "supported", json_true()) |
               json_object_set_new(object, "disabled", json_false()) |
               json_object_set_new(object, "power_source",
                                   json_string(power_source(device->presence))) |
               json_object_set_new(object, "interviewing", json_boolean(!settled)) |
               json_object_set_new(object, "interview_completed", json_boolean(settled)) |
               json_object_set_new(object, "endpoints", json_object());
}

/* Since when it can be reached, or cannot, and how it was heard last. */
static json_t *reach_json(const struct state_device *device)
{
        char since[TIME_TEXT_SIZE], seen[TIME_TEXT_SIZE];
        bool is_told = !device->available && device->why != REASON_NONE;
        json_t *object = devices_availability(device);
        int r = 0;

        if (object && device->since)
                r = json_object_set_new(object, "since",
                                        json_string(time_text(device->since, since)));
        if (object && is_told)
                r |= json_object_set_new(object, "code", json_string(reason_code(device->why)));
        if (object && device->last_seen)
                r |= json_object_set_new(object, "last_seen",
                                         json_string(time_text(device->last_seen, seen)));
        if (object && device->has_rssi)
                r |= json_object_set_new(object, "rssi", json_integer(device->rssi));
        return r < 0 ? json_free(object) : object;
}

static int add_reach(const struct api_backend *backend, const struct store_device *device,
                     json_t *object)
{
        const struct state_device *known = state_find(backend->state, device->device_id);

        if (!known)
                return 0;
        return json_object_set_new(object, "availability", reach_json(known)) < 0 ? -ENOMEM : 0;
}

static int device_json(const struct api_backend *backend, const struct store_device *device,
                       json_t **ret_device)
{
        _defer_(json_free) json_t *object = NULL;
        char id[2 * STORE_DEVICE_ID_BYTES + 1], when[TIME_TEXT_SIZE];
        int r;

        object =
                json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o*, s:s, s:o}",
                          "device_id", hex_encode(device->device_id, sizeof(device->device_id), id),
                          "friendly_name", device->name, "manufacturer", device->maker, "model_id",
                          device->model, "serial_number", device->serial, "software_build_id",
                          device->software, "issuer", device->issuer, "link", device->link,
                          "location", device->location, "owner", device->owner, "interview_state",
                          devices_settled(device) ? "SUCCESSFUL" : "IN_PROGRESS", "epoch",
                          epoch_json(device), "enrolled_at", time_text(device->enrolled_at, when),
                          "functions", functions_json(device));
        if (!object || add_compatible(device, object) < 0)
                return -ENOMEM;
        r = add_channels(backend->store, device, object);
        if (r == 0)
                r = add_presence(device, object);
        if (r == 0)
                r = add_options(backend->store, device, object);
        if (r == 0)
                r = add_reach(backend, device, object);
        if (r != 0)
                return r;
        *ret_device = take(object);
        return 0;
}

struct each {
        const struct api_backend *backend;
        devices_on_device_t on_device;
        void *userdata;
};

static int devices_on_row(void *userdata, const struct store_device *device)
{
        _defer_(json_free) json_t *object = NULL;
        struct each *each = userdata;
        int r;

        r = device_json(each->backend, device, &object);
        return r != 0 ? r : each->on_device(each->userdata, device->name, object);
}

int devices_each(const struct api_backend *backend, const char *after,
                 devices_on_device_t on_device, void *userdata)
{
        struct each each = {backend, on_device, userdata};

        return store_each_device_after(backend->store, after, devices_on_row, &each);
}

/* A channel that is called so itself is left alone. */
static void add_action(const struct reading *event, json_t *state)
{
        (void)json_object_update_missing_new(
                state, json_pack("{s:o}", ACTION_PROPERTY, action_json(event)));
}

json_t *devices_state(const struct state_device *device)
{
        json_t *state = json_object();
        char when[TIME_TEXT_SIZE];

        for (size_t i = 0; i < device->n_readings; i++)
                (void)json_object_set_new(state, device->readings[i].leaf,
                                          scalar_json(&device->readings[i].value));
        for (size_t i = 0; i < device->n_readings; i++)
                if (device->readings[i].is_event)
                        add_action(&device->readings[i], state);
        if (device->is_stale)
                (void)json_object_set_new(state, "stale", json_true());
        if (device->last_seen)
                (void)json_object_set_new(state, "last_seen",
                                          json_string(time_text(device->last_seen, when)));
        return state;
}

json_t *devices_availability(const struct state_device *device)
{
        return json_pack("{s:s}", "state", device->available ? "online" : "offline");
}

/* What only GetDevice shows. */
static int add_details(const struct store_device *device, const struct state_device *known,
                       json_t *object)
{
        char key[2 * STORE_KEY_BYTES + 1];
        int r = 0;

        if (device->kind == STORE_ENROLLED)
                r = json_object_set_new(object, "public_key",
                                        json_string(hex_encode(device->ownership.public_key,
                                                               STORE_KEY_BYTES, key)));
        if (known && known->last_seen)
                r |= json_object_set_new(object, "state", devices_state(known));
        return r < 0 ? -ENOMEM : 0;
}

const char *devices_address(const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                            char ret_text[DEVICES_ADDRESS_SIZE])
{
        char half[STORE_DEVICE_ID_BYTES + 1];

        (void)snprintf(ret_text, DEVICES_ADDRESS_SIZE, "0x%s",
                       hex_encode(known_as, STORE_DEVICE_ID_BYTES / 2, half));
        return ret_text;
}

int devices_resolve(struct store *store, const char *who, struct store_device *ret_device)
{
        uint8_t id[STORE_DEVICE_ID_BYTES];
        int r;

        r = store_find_name(store, who, ret_device);
        if (r != STORE_E_NONE)
                return r;
        if (hex_decode(who, id, sizeof(id)) == 0) {
                r = store_find_id(store, id, ret_device);
                return r == STORE_E_NONE ? store_find_known_as(store, id, ret_device) : r;
        }
        if (strncmp(who, "0x", 2) != 0 || hex_decode(who + 2, id, sizeof(id) / 2) < 0)
                return STORE_E_NONE;
        return store_find_half(store, id, ret_device);
}

int devices_find(const struct api_backend *backend, const char *who, json_t **ret_device)
{
        _defer_(json_free) json_t *object = NULL;
        struct store_device device;
        int r;

        r = devices_resolve(backend->store, who, &device);
        if (r == 0)
                r = device_json(backend, &device, &object);
        if (r == 0)
                r = add_details(&device, state_find(backend->state, device.device_id), object);
        explicit_bzero(&device.ownership, sizeof(device.ownership));
        if (r != 0)
                return r;
        *ret_device = take(object);
        return 0;
}
