/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "store/retained.h"
#include "util/log.h"

/* A topic that the broker has been asked to empty. */
struct removal {
        struct mirror *mirror;
        struct removal *next;
        char topic[STORE_TOPIC_SIZE];
};

struct mirror {
        struct mqtt_client *client;
        struct store *store;
        const char *hub;
        json_t *noted; /* the topics since mirror_begin(), as keys */
        struct removal *removals;
        bool complained; /* about this connection: one line */
};

int mirror_new(struct mqtt_client *client, struct store *store, const char *hub,
               struct mirror **ret_mirror)
{
        _defer_(mirror_free) struct mirror *m = calloc(1, sizeof(*m));

        if (!m)
                return -ENOMEM;
        m->client = client;
        m->store = store;
        m->hub = hub;
        m->noted = json_object();
        if (!m->noted)
                return -ENOMEM;
        *ret_mirror = take(m);
        return 0;
}

static void removal_free(struct removal *removal)
{
        struct mirror *m = removal->mirror;

        for (struct removal **at = &m->removals; *at; at = &(*at)->next)
                if (*at == removal) {
                        *at = removal->next;
                        break;
                }
        free(removal);
}

struct mirror *mirror_free(struct mirror *m)
{
        if (!m)
                return NULL;
        while (m->removals) {
                mqtt_client_forget(m->client, m->removals);
                removal_free(m->removals);
        }
        (void)json_free(m->noted);
        free(m);
        return NULL;
}

void mirror_begin(struct mirror *m)
{
        (void)json_object_clear(m->noted);
        m->complained = false;
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
        int r;

        if (topic_build(topic, m->hub, name, text) < 0 || json_object_get(m->noted, text))
                return;
        r = store_retain(m->store, text);
        if (r < 0)
                mirror_complain(m, r, "a topic cannot be remembered");
        else
                (void)json_object_set_new(m->noted, text, json_true());
}

/* --- what is not said any more --- */

static void mirror_on_removed(void *userdata, int result)
{
        struct removal *removal = userdata;
        struct mirror *m = removal->mirror;
        int r;

        if (result >= 0 && result < MQTT_REFUSED) {
                r = store_release(m->store, removal->topic);
                if (r < 0)
                        mirror_complain(m, r, "a topic cannot be forgotten");
        } else if (result > 0) {
                log_warning("MQTT: the broker refuses to remove %s, which this hub has left there "
                            "(reason code 0x%02x)",
                            removal->topic, (unsigned)result);
        }
        removal_free(removal);
}

static int mirror_remove(struct mirror *m, const char *topic)
{
        struct removal *removal = calloc(1, sizeof(*removal));
        int r;

        if (!removal)
                return -ENOMEM;
        removal->mirror = m;
        removal->next = m->removals;
        m->removals = removal;
        memcpy(removal->topic, topic, sizeof(removal->topic));
        r = mqtt_client_remove(m->client, topic, &(struct mqtt_done){mirror_on_removed, removal});
        if (r < 0)
                removal_free(removal);
        return r;
}

void mirror_sweep(struct mirror *m)
{
        char topic[STORE_TOPIC_SIZE] = "";
        int r;

        while ((r = store_retained_after(m->store, topic, topic)) == 0) {
                if (json_object_get(m->noted, topic))
                        continue;
                r = mirror_remove(m, topic);
                if (r < 0)
                        break;
        }
        if (r < 0 && r != -ENOTCONN)
                mirror_complain(m, r, "what this hub has left on the broker cannot be removed");
}
