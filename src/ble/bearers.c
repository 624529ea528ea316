/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/bearers.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/loop.h"

struct bearer {
        struct bearers *bearers;
        struct link *link; /* NULL: there is none */
};

struct bearers {
        struct link link;
        struct bearer all[BEARERS_MAX];
        struct bearer *used; /* a message has passed over it; or NULL */
        bool started;
        bool retreats;   /* waits for the next bearer */
        bool lost;       /* and the handler knows; a retreat is still possible */
        enum reason why; /* why the owner has declared it lost, once it has */
        sd_event_source *turn;

        const struct bearers_owner *owner;
        void *userdata;
};

static struct bearers *bearers_of(struct link *link)
{
        return (struct bearers *)link;
}

struct link *bearers_link(struct bearers *bearers)
{
        return &bearers->link;
}

static void bearer_close(struct bearer *bearer)
{
        if (bearer->bearers->used == bearer)
                bearer->bearers->used = NULL;
        bearer->link = link_free(bearer->link);
}

/* The one that is used, else the first that there is; NULL if there is none. */
static struct bearer *bearers_current(const struct bearers *b)
{
        if (b->used)
                return b->used;
        for (size_t i = 0; i < BEARERS_MAX; i++)
                if (b->all[i].link)
                        return (struct bearer *)&b->all[i];
        return NULL;
}

static void bearers_use(struct bearers *b, struct bearer *bearer)
{
        b->used = bearer;
        for (size_t i = 0; i < BEARERS_MAX; i++)
                if (&b->all[i] != bearer)
                        bearer_close(&b->all[i]);
}

/*
 * Notifies the handler, which may free the link there. Nothing comes after that, unless the handler
 * retreats: the owner may well learn of the same end a little later, or earlier.
 */
static void bearers_end(struct bearers *b, enum reason why)
{
        loop_disarm(b->turn);
        for (size_t i = 0; i < BEARERS_MAX; i++)
                bearer_close(&b->all[i]);
        b->lost = true;
        b->retreats = false;
        b->link.handler->on_lost(b->link.userdata, b->why ? b->why : why);
}

/* --- what a bearer tells --- */

/* While the link retreats, nobody has been asked anything: what comes then is no answer. */
static void bearer_on_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct bearer *bearer = userdata;
        struct bearers *b = bearer->bearers;

        if (b->retreats)
                return;
        if (!b->used)
                bearers_use(b, bearer);
        b->link.handler->on_message(b->link.userdata, message, n_message);
}

/* One that has carried nothing is missed by nobody, while there is another. */
static void bearer_on_lost(void *userdata, enum reason why)
{
        struct bearer *bearer = userdata;
        struct bearers *b = bearer->bearers;

        bearer_close(bearer);
        if (!bearers_current(b))
                bearers_end(b, why);
}

static const struct link_handler bearer_handler = {
        .on_message = bearer_on_message,
        .on_lost = bearer_on_lost,
};

/* --- the link --- */

static int bearers_on_turn(sd_event_source *source, void *userdata)
{
        struct bearers *b = userdata;

        (void)source;
        if (b->why) {
                bearers_end(b, b->why);
        } else if (b->retreats && bearers_current(b)) {
                b->retreats = false;
                b->link.handler->on_again(b->link.userdata);
        }
        return 0;
}

void bearers_add(struct bearers *bearers, struct link *link_take)
{
        struct bearer *free_one = NULL;

        if (bearers->used || bearers->lost || bearers->why) {
                (void)link_free(link_take);
                return;
        }
        for (size_t i = 0; i < BEARERS_MAX && !free_one; i++)
                if (!bearers->all[i].link)
                        free_one = &bearers->all[i];
        assert(free_one);
        free_one->link = link_take;
        if (bearers->started)
                link_set_handler(link_take, &bearer_handler, free_one);
        if (bearers->retreats)
                loop_rearm(bearers->turn);
}

void bearers_lose(struct bearers *bearers, enum reason why)
{
        if (bearers->why)
                return;
        bearers->why = why;
        if (bearers->started && !bearers->lost)
                loop_rearm(bearers->turn);
}

static const char *bearers_get_name(const struct link *link)
{
        const struct bearer *bearer = bearers_current((const struct bearers *)link);

        return bearer ? link_name(bearer->link) : "ble";
}

static int bearers_send(struct link *link, const uint8_t *message, size_t n_message)
{
        struct bearers *b = bearers_of(link);
        struct bearer *bearer = bearers_current(b);

        if (!bearer)
                return -ENOTCONN;
        if (!b->used)
                bearers_use(b, bearer);
        return link_send(bearer->link, message, n_message);
}

static int bearers_retreat(struct link *link)
{
        struct bearers *b = bearers_of(link);
        struct bearer *bearer = bearers_current(b);
        int r;

        if (b->retreats || !b->owner->on_retreat)
                return -ENOTSUP;
        r = b->owner->on_retreat(b->userdata);
        if (r < 0 || b->why)
                return -ENOTSUP;
        if (bearer)
                bearer_close(bearer);
        b->lost = false;
        b->retreats = true;
        loop_rearm(b->turn);
        return 0;
}

static void bearers_start(struct link *link)
{
        struct bearers *b = bearers_of(link);

        b->started = true;
        for (size_t i = 0; i < BEARERS_MAX; i++)
                if (b->all[i].link)
                        link_set_handler(b->all[i].link, &bearer_handler, &b->all[i]);
        if (b->why)
                loop_rearm(b->turn);
}

static struct link *bearers_free(struct link *link)
{
        struct bearers *b = bearers_of(link);
        const struct bearers_owner *owner = b->owner;
        void *userdata = b->userdata;

        for (size_t i = 0; i < BEARERS_MAX; i++)
                bearer_close(&b->all[i]);
        loop_drop(&b->turn);
        free(b);
        owner->on_free(userdata);
        return NULL;
}

static const struct link_kind bearers_kind = {
        .get_name = bearers_get_name,
        .send = bearers_send,
        .start = bearers_start,
        .retreat = bearers_retreat,
        .free = bearers_free,
};

int bearers_new(sd_event *event, const struct bearers_owner *owner, void *userdata,
                struct bearers **ret_bearers)
{
        struct bearers *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->link.kind = &bearers_kind;
        b->owner = owner;
        b->userdata = userdata;
        for (size_t i = 0; i < BEARERS_MAX; i++)
                b->all[i].bearers = b;
        r = loop_add_defer(event, &b->turn, bearers_on_turn, b);
        if (r < 0) {
                free(b);
                return r;
        }
        *ret_bearers = b;
        return 0;
}
