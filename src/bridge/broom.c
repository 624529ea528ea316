/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/broom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "mqtt/dial.h"
#include "mqtt/sweep.h"
#include "util/free.h"
#include "util/log.h"

#define ANNOUNCEMENT_MAX (1024 * 1024) /* bytes: far above what a hub announces */

/* Where a hub publishes, and whether the place is its name's or that of all who announce things. */
static const struct {
        const char *before, *after;
        bool is_shared;
} roots[] = {
        {"enrolld/", "/#", false},
        {"", "/+/+/config", true},
        {"", "/+/+/+/config", true},
};

struct broom {
        sd_event *event;
        struct mqtt_client *client;
        const struct mirror *mirror;
        const char *hub, *prefix; /* of discovery */

        /* the sweep under way, if there is one */
        struct sweep *sweep;
        struct api_later later;
        char whose[TOPIC_NAME_SIZE]; /* the hub's name */
        bool is_own, dry_run;
        bool is_online; /* another hub, which says so itself */
        char filters[ELEMENTSOF(roots)][TOPIC_SIZE];
        const char *places[ELEMENTSOF(roots)]; /* of .filters */
        json_t *kept;                          /* topics */
        json_t *gone;                          /* those that are removed, or would be */
        size_t n_refused;
};

/* --- the outcome --- */

static void broom_put_down(struct broom *b)
{
        b->sweep = sweep_free(b->sweep);
        b->kept = json_free(b->kept);
        b->gone = json_free(b->gone);
        b->n_refused = 0;
        b->is_online = false;
}

static struct api_answer broom_answer(const struct broom *b, int result)
{
        switch (result) {
        case 0:
                break;
        case -EBUSY:
                return api_refuse_because(REASON_HUB_ONLINE, "%s", b->whose);
        case -EACCES:
                return api_refuse_because(REASON_BROKER_REFUSED,
                                          "the hub may not read what it keeps below %s or %s/",
                                          b->filters[0], b->prefix);
        case -ENOMEM:
                return api_refuse(REASON_INTERNAL);
        default:
                return api_refuse(REASON_BROKER_UNREACHABLE);
        }
        if (b->n_refused > 0)
                return api_refuse_because(REASON_BROKER_REFUSED,
                                          "%zu of %zu topics could not be removed", b->n_refused,
                                          b->n_refused + json_array_size(b->gone));
        return api_accept("");
}

static void broom_on_done(void *userdata, int result)
{
        struct broom *b = userdata;
        const struct api_later later = b->later;
        _defer_(json_free) json_t *report = NULL;
        struct api_outcome outcome = {.answer = broom_answer(b, result)};

        report = json_pack("{s:O, s:b}", "topics", b->gone, "dry_run", (int)b->dry_run);
        outcome.report = report;
        if (!report)
                outcome.answer = api_refuse(REASON_INTERNAL);
        broom_put_down(b);
        later.on_outcome(later.userdata, &outcome);
}

/* --- the sweep --- */

/* Whether the availability of what is announced follows the state of this hub. */
static bool announces_for(const json_t *announcement, const char *state)
{
        const json_t *each;
        size_t i;

        json_array_foreach(json_object_get(announcement, "availability"), i, each)
        {
                const char *topic = json_string_value(json_object_get(each, "topic"));

                if (topic && strcmp(topic, state) == 0)
                        return true;
        }
        return false;
}

/*
 * Whether the hub has announced this to Home Assistant: it lies beside what others announce, so it
 * must say itself that it comes from this program and from that hub.
 */
static bool broom_is_announcement(const struct broom *b, const void *payload, size_t n_payload)
{
        _defer_(json_free) json_t *announcement = NULL;
        const char *origin;
        char state[TOPIC_SIZE];

        if (n_payload > ANNOUNCEMENT_MAX || topic_build(TOPIC_STATE, b->whose, NULL, state) < 0)
                return false;
        announcement = json_loadb(payload, n_payload, 0, NULL);
        origin =
                json_string_value(json_object_get(json_object_get(announcement, "origin"), "name"));
        return origin && strcmp(origin, "enrolld") == 0 && announces_for(announcement, state);
}

/* Whether it stands below the hub's own topics. */
static bool broom_owns(const struct broom *b, const char *topic)
{
        size_t n = strlen(b->filters[0]) - 1; /* without its wildcard */

        return strncmp(topic, b->filters[0], n) == 0;
}

static void broom_on_kept(void *userdata, const char *topic, const void *payload, size_t n_payload)
{
        struct broom *b = userdata;
        char state[TOPIC_SIZE];

        if (!broom_owns(b, topic) && !broom_is_announcement(b, payload, n_payload))
                return;
        (void)json_array_append_new(b->kept, json_string(topic));
        if (!b->is_own && topic_build(TOPIC_STATE, b->whose, NULL, state) == 0 &&
            strcmp(topic, state) == 0)
                b->is_online = n_payload != strlen(MQTT_PAYLOAD_OFFLINE) ||
                               memcmp(payload, MQTT_PAYLOAD_OFFLINE, n_payload) != 0;
}

static int broom_on_seen(void *userdata)
{
        struct broom *b = userdata;
        json_t *value;
        size_t i;
        int r = 0;

        if (b->is_online)
                return -EBUSY;
        json_array_foreach(b->kept, i, value)
        {
                const char *topic = json_string_value(value);

                if (b->is_own && mirror_has(b->mirror, topic))
                        continue;
                if (b->dry_run)
                        r = json_array_append(b->gone, value) < 0 ? -ENOMEM : 0;
                else
                        r = sweep_remove(b->sweep, topic);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void broom_on_removed(void *userdata, const char *topic, int code)
{
        struct broom *b = userdata;

        if (code >= MQTT_REFUSED) {
                log_warning("MQTT: the broker refuses to remove %s (reason code 0x%02x)", topic,
                            (unsigned)code);
                b->n_refused++;
                return;
        }
        log_info("MQTT: removed %s", topic);
        (void)json_array_append_new(b->gone, json_string(topic));
}

static const struct sweep_handler broom_handler = {
        .on_kept = broom_on_kept,
        .on_seen = broom_on_seen,
        .on_removed = broom_on_removed,
        .on_done = broom_on_done,
};

static int broom_begin(struct broom *b)
{
        for (size_t i = 0; i < ELEMENTSOF(roots); i++) {
                (void)snprintf(b->filters[i], sizeof(b->filters[i]), "%s%s%s", roots[i].before,
                               roots[i].is_shared ? b->prefix : b->whose, roots[i].after);
                b->places[i] = b->filters[i];
        }
        b->kept = json_array();
        b->gone = json_array();
        if (!b->kept || !b->gone)
                return -ENOMEM;
        return sweep_new(b->event, mqtt_client_options(b->client), b->places, ELEMENTSOF(roots),
                         &broom_handler, b, &b->sweep);
}

void broom_sweep(struct broom *broom, const struct api_request *request,
                 const struct api_later *later)
{
        int r;

        if (broom->sweep) {
                api_settle(later, api_refuse_because(REASON_BUSY, "topics are being removed"));
                return;
        }
        (void)snprintf(broom->whose, sizeof(broom->whose), "%s",
                       request->hub ? request->hub : broom->hub);
        broom->is_own = strcmp(broom->whose, broom->hub) == 0;
        broom->dry_run = request->dry_run;
        /* Until it has published everything, the hub does not know what it publishes. */
        if (broom->is_own && !mqtt_client_connected(broom->client)) {
                api_settle(later, api_refuse(REASON_BROKER_UNREACHABLE));
                return;
        }
        broom->later = *later;
        r = broom_begin(broom);
        if (r < 0) {
                (void)log_errno(r, "MQTT: topics cannot be looked for");
                broom_put_down(broom);
                api_settle(later, api_refuse(REASON_INTERNAL));
        }
}

int broom_new(sd_event *event, struct mqtt_client *client, const struct mirror *mirror,
              const char *hub, const char *prefix, struct broom **ret_broom)
{
        struct broom *broom = calloc(1, sizeof(*broom));

        if (!broom)
                return -ENOMEM;
        broom->event = sd_event_ref(event);
        broom->client = client;
        broom->mirror = mirror;
        broom->hub = hub;
        broom->prefix = prefix;
        *ret_broom = broom;
        return 0;
}

void broom_stop(struct broom *broom)
{
        const struct api_later later = broom->later;
        bool is_busy = broom->sweep;

        broom_put_down(broom);
        if (is_busy)
                api_settle(&later, api_refuse(REASON_STOPPING));
}

struct broom *broom_free(struct broom *broom)
{
        if (!broom)
                return NULL;
        broom_put_down(broom);
        broom->event = sd_event_unref(broom->event);
        free(broom);
        return NULL;
}
