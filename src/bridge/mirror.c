/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "store/retained.h"
#include "util/free.h"
#include "util/log.h"

/* Sets of texts are JSON objects whose values say nothing. */
struct mirror {
        struct mqtt_client *client;
        struct store *store;
        const char *hub;
        const struct mirror_handler *handler;
        void *userdata;
        bool complained; /* about this connection: one line */
        bool is_swept;

        /* since mirror_begin() */
        json_t *noted;   /* topics */
        json_t *unsaved; /* those of them that are not in the store yet */
        json_t *refused; /* topics that the broker does not let this hub remove */
        json_t *asked; /* other names of this hub: false, or true if there is no hub of that name */

        /* how far the topics of the store have been looked at, and one that goes when all have */
        char at[STORE_TOPIC_SIZE], last[STORE_TOPIC_SIZE];
        char removing[STORE_TOPIC_SIZE]; /* what the broker has been asked to empty, or "" */
        struct mqtt_done removed;
};

struct mirror *mirror_free(struct mirror *m)
{
        if (!m)
                return NULL;
        mqtt_client_forget(m->client, m);
        (void)json_free(m->noted);
        (void)json_free(m->unsaved);
        (void)json_free(m->refused);
        (void)json_free(m->asked);
        free(m);
        return NULL;
}

/* Looks at all topics again. */
static void mirror_rewind(struct mirror *m)
{
        m->at[0] = '\0';
        m->last[0] = '\0';
}

void mirror_begin(struct mirror *m)
{
        (void)json_object_clear(m->noted);
        (void)json_object_clear(m->unsaved);
        (void)json_object_clear(m->refused);
        (void)json_object_clear(m->asked);
        m->complained = false;
        m->is_swept = false;
        mirror_rewind(m);
}

/* The store is where this matters next time, so a failure of it keeps nothing from being published.
 */
static void mirror_complain(struct mirror *m, int r, const char *what)
{
        if (!m->complained)
                (void)log_errno(r, "MQTT: %s", what);
        m->complained = true;
}

void mirror_note(struct mirror *m, enum topic topic, const char *name)
{
        char text[TOPIC_SIZE];

        if (topic_build(topic, m->hub, name, text) < 0 || json_object_get(m->noted, text))
                return;
        (void)json_object_set_new(m->noted, text, json_true());
        (void)json_object_set_new(m->unsaved, text, json_true());
}

bool mirror_has(const struct mirror *m, const char *topic)
{
        return json_object_get(m->noted, topic);
}

static int mirror_save_noted(struct mirror *m)
{
        size_t n_topics = json_object_size(m->unsaved), i = 0;
        _defer_(free) const char **topics = calloc(n_topics, sizeof(*topics));
        const char *topic;
        json_t *value;

        if (!topics)
                return -ENOMEM;
        json_object_foreach(m->unsaved, topic, value)
        {
                topics[i++] = topic;
        }
        return store_retain(m->store, topics, n_topics);
}

void mirror_save(struct mirror *m)
{
        int r;

        if (json_object_size(m->unsaved) == 0)
                return;
        r = mirror_save_noted(m);
        if (r < 0)
                mirror_complain(m, r, "the topics that are published cannot be remembered");
        /* A new one: what an object costs to be cleared is what it once held. */
        (void)json_free(m->unsaved);
        m->unsaved = json_object();
}

/* --- what is not said any more --- */

/* Whether what @hub said may be removed. Of another name it is asked once whether it is free. */
static bool mirror_may_remove(struct mirror *m, const char *hub)
{
        const json_t *answer;

        if (!hub[0] || strcmp(hub, m->hub) == 0)
                return true;
        answer = json_object_get(m->asked, hub);
        if (answer)
                return json_is_true(answer);
        (void)json_object_set_new(m->asked, hub, json_false());
        (void)mqtt_client_ask_hub(m->client, hub);
        return false;
}

/*
 * Finds a topic to be removed. Whether a name is free can only be asked as long as its state
 * stands, so that one goes last. 0; STORE_E_NONE; -errno.
 */
static int mirror_find(struct mirror *m, char ret_topic[STORE_TOPIC_SIZE])
{
        char hub[TOPIC_NAME_SIZE];
        enum topic row;
        int r;

        while ((r = store_retained_after(m->store, m->at, m->at)) == 0) {
                if (json_object_get(m->noted, m->at) || json_object_get(m->refused, m->at) ||
                    topic_hub(m->at, &row, hub) || !mirror_may_remove(m, hub))
                        continue;
                memcpy(row == TOPIC_STATE ? m->last : ret_topic, m->at, sizeof(m->at));
                if (row != TOPIC_STATE)
                        return 0;
        }
        if (r == STORE_E_NONE && m->last[0]) {
                memcpy(ret_topic, m->last, sizeof(m->last));
                mirror_rewind(m); /* there may be one of another name */
                return 0;
        }
        return r;
}

/* Removes one topic. Whether there was one. */
static bool mirror_remove(struct mirror *m)
{
        char topic[STORE_TOPIC_SIZE];
        int r;

        r = mirror_find(m, topic);
        if (r == STORE_E_NONE)
                return false;
        if (r == 0)
                r = mqtt_client_remove(m->client, topic, &m->removed);
        if (r == 0)
                memcpy(m->removing, topic, sizeof(m->removing));
        else if (r != -ENOTCONN)
                mirror_complain(m, r, "what this hub has left on the broker cannot be removed");
        return r == 0;
}

void mirror_sweep(struct mirror *m)
{
        if (m->removing[0] || mirror_remove(m) || m->is_swept)
                return;
        m->is_swept = true;
        m->handler->on_swept(m->userdata);
}

static void mirror_on_removed(void *userdata, int result)
{
        struct mirror *m = userdata;
        char topic[STORE_TOPIC_SIZE];
        int r = 0;

        memcpy(topic, m->removing, sizeof(topic));
        m->removing[0] = '\0';
        if (result < 0)
                return; /* the connection is lost, and the next one sweeps again */
        if (result >= MQTT_REFUSED) {
                log_warning("MQTT: the broker refuses to remove %s, which this hub has left there "
                            "(reason code 0x%02x)",
                            topic, (unsigned)result);
                (void)json_object_set_new(m->refused, topic, json_true());
        } else if (!json_object_get(m->noted, topic)) {
                r = store_release(m->store, topic);
        }
        if (r < 0)
                mirror_complain(m, r, "a topic cannot be forgotten");
        else
                mirror_sweep(m);
}

void mirror_no_hub(struct mirror *m, const char *hub)
{
        if (!json_is_false(json_object_get(m->asked, hub)))
                return;
        (void)json_object_set_new(m->asked, hub, json_true());
        mirror_rewind(m);
        mirror_sweep(m);
}

int mirror_new(struct mqtt_client *client, struct store *store, const char *hub,
               const struct mirror_handler *handler, void *userdata, struct mirror **ret_mirror)
{
        _defer_(mirror_free) struct mirror *m = calloc(1, sizeof(*m));

        if (!m)
                return -ENOMEM;
        m->client = client;
        m->store = store;
        m->hub = hub;
        m->handler = handler;
        m->userdata = userdata;
        m->removed = (struct mqtt_done){mirror_on_removed, m};
        m->noted = json_object();
        m->unsaved = json_object();
        m->refused = json_object();
        m->asked = json_object();
        if (!m->noted || !m->unsaved || !m->refused || !m->asked)
                return -ENOMEM;
        *ret_mirror = take(m);
        return 0;
}
