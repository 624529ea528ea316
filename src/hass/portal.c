/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/portal.h"

#include <stdio.h>

#include "api/exposes.h"
#include "api/json.h"
#include "event/condition.h"
#include "hass/entity.h"
#include "util/word.h"

#define TEXT_OF(number)  TEXT_OF_(number)
#define TEXT_OF_(number) #number

/* The end of an enrollment as an event of Home Assistant: its type, and what to know about it. */
#define TEMPLATE_ENDED                                                                             \
        "{% if value_json.type == 'device_enrollment' and "                                        \
        "value_json.data.status in ['successful', 'failed'] %}"                                    \
        "{{ {'event_type': value_json.data.status, "                                               \
        "'device': value_json.data.friendly_name | default(''), "                                  \
        "'code': value_json.data.code | default(''), "                                             \
        "'reason': value_json.data.reason | default('')} | to_json }}{% endif %}"

/* An empty message says that the problem is over. */
#define TEMPLATE_ALERT "{{ value if value else '{}' }}"

struct portal {
        struct entity_place place; /* of the entities; no device has its topics there */
        json_t *components;
};

static int set_text(json_t *entity, const char *key, const char *text)
{
        return json_object_set_new(entity, key, json_string(text));
}

/* Of the components, which it belongs to. NULL if memory is short. */
static json_t *add_entity(struct portal *p, enum platform platform, const char *id,
                          const char *name)
{
        json_t *entity = entity_new(&p->place, platform, id);

        if (entity && set_text(entity, "name", name) == 0 &&
            json_object_set(p->components, id, entity) == 0) {
                json_decref(entity);
                return entity;
        }
        return json_free(entity);
}

static int add_button(struct portal *p, const char *verb, const char *name)
{
        json_t *button = add_entity(p, PLATFORM_BUTTON, verb, name);
        int r = entity_add_topic(button, "command_topic", &p->place, TOPIC_REQUEST, verb);

        return r | set_text(button, "payload_press", "{}");
}

static int add_window(struct portal *p)
{
        json_t *window = add_entity(p, PLATFORM_SWITCH, "permit_join", "Permit join");
        int r = entity_add_topic(window, "command_topic", &p->place, TOPIC_REQUEST, "permit_join");

        r |= set_text(window, "payload_on", "{\"time\": " TEXT_OF(PORTAL_WINDOW_S) "}");
        r |= set_text(window, "payload_off", "{\"time\": 0}");
        r |= entity_add_topic(window, "state_topic", &p->place, TOPIC_INFO, NULL);
        r |= set_text(window, "value_template", "{{ value_json.permit_join }}");
        r |= set_text(window, "state_on", "True");
        return r | set_text(window, "state_off", "False");
}

static int add_requests(struct portal *p)
{
        int r = add_window(p);

        r |= add_button(p, "scan", "Scan a code");
        return r | add_button(p, "cancel", "Cancel the enrollment");
}

static int add_ended(struct portal *p)
{
        json_t *ended = add_entity(p, PLATFORM_EVENT, "enrollment", "Enrollment");
        int r = entity_add_topic(ended, "state_topic", &p->place, TOPIC_EVENT, NULL);

        r |= set_text(ended, "value_template", TEMPLATE_ENDED);
        return r | json_object_set_new(ended, "event_types",
                                       json_pack("[s, s]", "successful", "failed"));
}

/* A counter of bridge/info. */
static int add_counter(struct portal *p, const char *id, const char *name, const char *key)
{
        json_t *counter = add_entity(p, PLATFORM_SENSOR, id, name);
        int r = entity_add_topic(counter, "state_topic", &p->place, TOPIC_INFO, NULL);

        r |= json_object_set_new(counter, "value_template",
                                 json_sprintf("{{ value_json.%s }}", key));
        r |= set_text(counter, "state_class", "measurement");
        return r | set_text(counter, "entity_category", "diagnostic");
}

static int add_counters(struct portal *p)
{
        int r = add_counter(p, "devices", "Devices", "devices");

        r |= add_counter(p, "unsettled", "Unconfirmed devices", "unsettled");
        return r | add_counter(p, "outbox", "Messages that wait", "outbox");
}

/* Whether this problem is open; its attributes are what there is to know about it. */
static int add_problem(struct portal *p, enum reason reason)
{
        const char *code = reason_code(reason);
        _defer_(json_free) json_t *label = exposes_label(code);
        char id[TOPIC_NAME_SIZE];
        json_t *problem;
        int r;

        (void)snprintf(id, sizeof(id), "problem_%s", code);
        problem =
                label ? add_entity(p, PLATFORM_BINARY_SENSOR, id, json_string_value(label)) : NULL;
        r = entity_add_topic(problem, "state_topic", &p->place, TOPIC_INFO, NULL);
        r |= json_object_set_new(problem, "value_template",
                                 json_sprintf("{{ '%s' in value_json.conditions }}", code));
        r |= set_text(problem, "payload_on", "True");
        r |= set_text(problem, "payload_off", "False");
        r |= set_text(problem, "device_class", "problem");
        r |= set_text(problem, "entity_category", "diagnostic");
        r |= entity_add_topic(problem, "json_attributes_topic", &p->place, TOPIC_ALERT, code);
        return r | set_text(problem, "json_attributes_template", TEMPLATE_ALERT);
}

static int add_problems(struct portal *p)
{
        int r = 0;

        for (enum reason reason = condition_next_known(REASON_NONE); reason != REASON_NONE;
             reason = condition_next_known(reason))
                r |= add_problem(p, reason);
        return r;
}

json_t *portal_json(const char *hub, const char *identifier, bool obeys)
{
        _defer_(json_free) json_t *components = json_object();
        char device[sizeof("enrolld_") + WORD_MAX];
        struct portal portal = {
                .place = {hub, device, identifier, obeys},
                .components = components,
        };
        int r = components ? 0 : -1;

        (void)snprintf(device, sizeof(device), "enrolld_%s", hub);
        if (obeys)
                r |= add_requests(&portal);
        r |= add_ended(&portal);
        r |= add_counters(&portal);
        r |= add_problems(&portal);
        return r < 0 ? NULL : take(components);
}
