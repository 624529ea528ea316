/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/notice.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "mqtt/topic.h"
#include "util/free.h"

#define DUMP_FLAGS (JSON_COMPACT | JSON_DECIMALS)

/* --- digests --- */

/* An entity in a digest: "sensor/temperature". */
struct entry {
        char platform[16], id[64]; /* longer than any */
};

/* Takes the first entry of @digest, which is moved behind it; false at the end. */
static bool entry_take(const char **digest, struct entry *ret_entry)
{
        size_t n_platform = strcspn(*digest, "/"), n_id;

        if (!**digest)
                return false;
        (void)snprintf(ret_entry->platform, sizeof(ret_entry->platform), "%.*s", (int)n_platform,
                       *digest);
        *digest += n_platform + 1;
        n_id = strcspn(*digest, " ");
        (void)snprintf(ret_entry->id, sizeof(ret_entry->id), "%.*s", (int)n_id, *digest);
        *digest += n_id + strspn(*digest + n_id, " ");
        return true;
}

static const char *platform_of(const json_t *component)
{
        return json_string_value(json_object_get(component, "platform"));
}

/* Takes @digest, which is NULL if memory was short, and adds an entity. */
static json_t *with_entry(json_t *digest, const char *platform, const char *id)
{
        const char *so_far = json_string_value(digest);
        json_t *longer =
                so_far ? json_sprintf("%s%s%s/%s", so_far, so_far[0] ? " " : "", platform, id)
                       : NULL;

        (void)json_free(digest);
        return longer;
}

json_t *notice_digest(const struct subject *subject)
{
        json_t *digest = json_string(""), *component;
        const char *id;

        json_object_foreach(subject->components, id, component)
        {
                digest = with_entry(digest, platform_of(component), id);
        }
        return digest;
}

static bool digest_has(const char *digest, const struct entry *wanted)
{
        struct entry entry;

        while (entry_take(&digest, &entry))
                if (strcmp(entry.platform, wanted->platform) == 0 &&
                    strcmp(entry.id, wanted->id) == 0)
                        return true;
        return false;
}

json_t *notice_join(const char *digest, const char *more)
{
        json_t *joined = json_string(digest);
        struct entry entry;

        while (entry_take(&more, &entry))
                if (!digest_has(digest, &entry))
                        joined = with_entry(joined, entry.platform, entry.id);
        return joined;
}

/* Whether the subject has this entity, on the same platform. */
static bool has_entry(const struct subject *subject, const struct entry *entry)
{
        const json_t *component = json_object_get(subject->components, entry->id);

        return component && strcmp(platform_of(component), entry->platform) == 0;
}

/* --- names --- */

/* All parts are bounded. */
static void name_device(const struct notice *n, const char *identifier,
                        char ret_name[TOPIC_NAME_SIZE])
{
        int r = snprintf(ret_name, TOPIC_NAME_SIZE, "%s/device/%s", n->prefix, identifier);

        assert(r > 0 && r < TOPIC_NAME_SIZE);
}

static void name_entity(const struct notice *n, const char *platform, const char *identifier,
                        const char *id, char ret_name[TOPIC_NAME_SIZE])
{
        int r = snprintf(ret_name, TOPIC_NAME_SIZE, "%s/%s/%s/%s", n->prefix, platform, identifier,
                         id);

        assert(r > 0 && r < TOPIC_NAME_SIZE);
}

void notice_name_all(const struct notice *notice, const char *identifier, const char *digest,
                     void (*on_name)(const struct notice *notice, const char *name))
{
        char name[TOPIC_NAME_SIZE];
        struct entry entry;

        if (notice->form == NOTICE_DEVICE) {
                name_device(notice, identifier, name);
                on_name(notice, name);
        }
        while (notice->form == NOTICE_ENTITY && entry_take(&digest, &entry)) {
                name_entity(notice, entry.platform, identifier, entry.id, name);
                on_name(notice, name);
        }
}

/* --- messages --- */

/* Takes @json, which is NULL if memory was short. */
static int say(const struct notice *n, const char *name, json_t *json_take)
{
        _defer_(free) char *text = json_take ? json_dumps(json_take, DUMP_FLAGS) : NULL;

        (void)json_free(json_take);
        if (!text)
                return -ENOMEM;
        n->handler->on_message(n->userdata, name, text);
        return 0;
}

static json_t *device_json(const struct subject *subject, json_t *components)
{
        return json_pack("{s:O, s:O, s:O, s:s, s:O}", "device", subject->device, "origin",
                         subject->origin, "availability", subject->availability,
                         "availability_mode", "all", "components", components);
}

/* The components, and those of @before that are gone with nothing but their platform, by which
 * Home Assistant knows that they are. NULL if there is none that is gone, or memory is short. */
static json_t *parting_json(const struct subject *subject, const char *before)
{
        _defer_(json_free) json_t *components = json_copy(subject->components);
        struct entry entry;
        bool parts = false;

        while (components && entry_take(&before, &entry)) {
                if (has_entry(subject, &entry))
                        continue;
                parts = true;
                if (json_object_set_new(components, entry.id,
                                        json_pack("{s:s}", "platform", entry.platform)) < 0)
                        return NULL;
        }
        return parts ? take(components) : NULL;
}

static int announce_device(const struct notice *n, const struct subject *subject,
                           const char *before)
{
        _defer_(json_free) json_t *parting = parting_json(subject, before);
        char name[TOPIC_NAME_SIZE];
        int r = 0;

        name_device(n, subject->identifier, name);
        if (parting)
                r = say(n, name, device_json(subject, parting));
        return r < 0 ? r : say(n, name, device_json(subject, subject->components));
}

static int announce_entity(const struct notice *n, const struct subject *subject, const char *id,
                           const json_t *component)
{
        json_t *entity = json_copy((json_t *)component);
        char name[TOPIC_NAME_SIZE];
        int r;

        name_entity(n, platform_of(component), subject->identifier, id, name);
        r = json_object_del(entity, "platform");
        r |= json_object_set(entity, "device", subject->device);
        r |= json_object_set(entity, "origin", subject->origin);
        r |= json_object_set(entity, "availability", subject->availability);
        r |= json_object_set_new(entity, "availability_mode", json_string("all"));
        return say(n, name, r < 0 ? json_free(entity) : entity);
}

static void withdraw_name(const struct notice *notice, const char *name)
{
        notice->handler->on_message(notice->userdata, name, "");
}

static int announce_entities(const struct notice *n, const struct subject *subject,
                             const char *before)
{
        char name[TOPIC_NAME_SIZE];
        struct entry entry;
        const char *id;
        json_t *component;
        int r = 0;

        while (entry_take(&before, &entry)) {
                if (has_entry(subject, &entry))
                        continue;
                name_entity(n, entry.platform, subject->identifier, entry.id, name);
                withdraw_name(n, name);
        }
        json_object_foreach(subject->components, id, component)
        {
                if (r == 0)
                        r = announce_entity(n, subject, id, component);
        }
        return r;
}

int notice_announce(const struct notice *notice, const struct subject *subject, const char *before)
{
        if (!before)
                before = "";
        if (notice->form == NOTICE_DEVICE)
                return announce_device(notice, subject, before);
        if (notice->form == NOTICE_ENTITY)
                return announce_entities(notice, subject, before);
        return 0;
}

void notice_withdraw(const struct notice *notice, const char *identifier, const char *before)
{
        notice_name_all(notice, identifier, before, withdraw_name);
}
