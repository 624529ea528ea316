/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/json.h"
#include "hass/composite.h"
#include "hass/entity.h"
#include "hass/portal.h"
#include "hass/template.h"
#include "mqtt/topic.h"
#include "util/hex.h"

void subject_identify_device(const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                             char ret_identifier[SUBJECT_IDENTIFIER_SIZE])
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1];

        (void)snprintf(ret_identifier, SUBJECT_IDENTIFIER_SIZE, "enrolld_%s",
                       hex_encode(known_as, STORE_DEVICE_ID_BYTES, id));
}

void subject_identify_hub(const char *hub, char ret_identifier[SUBJECT_IDENTIFIER_SIZE])
{
        (void)snprintf(ret_identifier, SUBJECT_IDENTIFIER_SIZE, "enrolld_hub_%s", hub);
}

void subject_clear(struct subject *subject)
{
        subject->device = json_free(subject->device);
        subject->origin = json_free(subject->origin);
        subject->availability = json_free(subject->availability);
        subject->components = json_free(subject->components);
}

/* --- who it is --- */

static int add_text(json_t *object, const char *key, const char *text)
{
        return text[0] ? json_object_set_new(object, key, json_from_text(text)) : 0;
}

static json_t *device_json(const struct subject_means *means, const struct store_device *device,
                           const char *identifier)
{
        char hub[SUBJECT_IDENTIFIER_SIZE];
        _defer_(json_free) json_t *object = NULL;
        int r = 0;

        subject_identify_hub(means->hub, hub);
        object = json_pack("{s:[s], s:s, s:s}", "identifiers", identifier, "name", device->name,
                           "via_device", hub);
        r |= add_text(object, "manufacturer", device->maker);
        r |= add_text(object, "model", device->model);
        r |= add_text(object, "serial_number", device->serial);
        r |= add_text(object, "sw_version", device->software);
        return r < 0 ? NULL : take(object);
}

static json_t *hub_json(const struct subject_means *means, const char *identifier)
{
        return json_pack("{s:[s], s:o, s:s, s:s, s:s}", "identifiers", identifier, "name",
                         json_sprintf("enrolld %s", means->hub), "manufacturer", "enrolld", "model",
                         "Enrollment gateway", "sw_version", means->version);
}

static json_t *origin_json(const struct subject_means *means)
{
        return json_pack("{s:s, s:s}", "name", "enrolld", "sw_version", means->version);
}

static int add_availability(json_t *list, enum topic topic, const char *hub, const char *name)
{
        char text[TOPIC_SIZE];

        if (topic_build(topic, hub, name, text) < 0)
                return -1;
        return json_array_append_new(
                list, json_pack("{s:s, s:s}", "topic", text, "value_template", TEMPLATE_STATE));
}

/* The hub is there, and so is the device, if it is one. */
static json_t *availability_json(const char *hub, const char *device)
{
        _defer_(json_free) json_t *list = json_array();
        int r = add_availability(list, TOPIC_STATE, hub, NULL);

        if (device)
                r |= add_availability(list, TOPIC_AVAILABILITY, hub, device);
        return r < 0 ? NULL : take(list);
}

/* --- what it can do --- */

static int add_composites(json_t *components, const struct entity_place *place,
                          const struct exposes_source *source)
{
        int r = 0;

        for (size_t i = 0; i < source->n_members;) {
                const struct composite c = composite_at(place, source, i);

                if (composite_is_possible(&c))
                        r |= json_object_set_new(components, composite_leaf(&c),
                                                 composite_json(&c));
                i += c.n_members;
        }
        return r;
}

static bool is_in_composite(const struct entity_place *place, const struct exposes_source *source,
                            const struct store_channel *channel)
{
        for (size_t i = 0; i < source->n_members;) {
                const struct composite c = composite_at(place, source, i);

                if (composite_has(&c, channel))
                        return true;
                i += c.n_members;
        }
        return false;
}

static json_t *components_json(const struct entity_place *place,
                               const struct exposes_source *source)
{
        _defer_(json_free) json_t *components = json_object();
        int r = components ? add_composites(components, place, source) : -1;

        for (size_t i = 0; i < source->n_channels; i++) {
                const struct store_channel *channel = &source->channels[i];

                if (entity_is_possible(place, channel) && !is_in_composite(place, source, channel))
                        r |= json_object_set_new(components, channel->leaf,
                                                 entity_json(place, channel));
        }
        return r < 0 ? NULL : take(components);
}

/* --- all of it --- */

static int subject_check(struct subject *subject)
{
        if (subject->device && subject->origin && subject->availability && subject->components)
                return 0;
        subject_clear(subject);
        return -ENOMEM;
}

int subject_from_device(const struct subject_means *means, const struct store_device *device,
                        const struct exposes_source *source, struct subject *ret_subject)
{
        struct subject subject = {.device = NULL};
        const struct entity_place place = {means->hub, device->name, subject.identifier,
                                           means->obeys};
        int r;

        subject_identify_device(device->known_as, subject.identifier);
        subject.device = device_json(means, device, subject.identifier);
        subject.origin = origin_json(means);
        subject.availability = availability_json(means->hub, device->name);
        subject.components = components_json(&place, source);
        r = subject_check(&subject);
        if (r == 0)
                *ret_subject = subject;
        return r;
}

int subject_from_hub(const struct subject_means *means, struct subject *ret_subject)
{
        struct subject subject = {.device = NULL};
        int r;

        subject_identify_hub(means->hub, subject.identifier);
        subject.device = hub_json(means, subject.identifier);
        subject.origin = origin_json(means);
        subject.availability = availability_json(means->hub, NULL);
        subject.components = portal_json(means->hub, subject.identifier, means->obeys);
        r = subject_check(&subject);
        if (r == 0)
                *ret_subject = subject;
        return r;
}
