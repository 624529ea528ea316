/* SPDX-License-Identifier: Apache-2.0 */

#include "air/space.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum luck_kind {
        LUCK_LINK,
        LUCK_ADVERT,
        LUCK_DATA,
};

struct stop {
        unsigned from, to;
        uint64_t n; /* the message, 1 for the next; 0 never */
        bool reached;
};

/* A way is some 2 KB and there are 4096: one that nobody asks for is never touched. */
struct space {
        uint64_t seed;
        struct stop stop;
        bool muted[SPACE_RADIOS];
        bool known[SPACE_RADIOS][SPACE_RADIOS];
        struct way ways[SPACE_RADIOS][SPACE_RADIOS];
};

static struct chance space_luck(const struct space *s, unsigned from, unsigned to,
                                enum luck_kind kind)
{
        return chance_new(s->seed, (uint64_t)kind << 32 | (uint64_t)from << 16 | to);
}

int space_new(uint64_t seed, struct space **ret_space)
{
        struct space *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        s->seed = seed;
        *ret_space = s;
        return 0;
}

struct space *space_free(struct space *space)
{
        free(space);
        return NULL;
}

struct way *space_way(struct space *space, unsigned from, unsigned to)
{
        struct way *way;

        assert(from < SPACE_RADIOS && to < SPACE_RADIOS);
        way = &space->ways[from][to];
        if (!space->known[from][to]) {
                space->known[from][to] = true;
                way->signal = SPACE_NEAR;
                way->luck = space_luck(space, from, to, LUCK_LINK);
                way->data_luck = space_luck(space, from, to, LUCK_DATA);
                way->advert_luck = space_luck(space, from, to, LUCK_ADVERT);
        }
        return way;
}

void space_mute(struct space *space, unsigned radio, bool muted)
{
        assert(radio < SPACE_RADIOS);
        space->muted[radio] = muted;
}

bool space_muted(const struct space *space, unsigned radio)
{
        assert(radio < SPACE_RADIOS);
        return space->muted[radio];
}

void space_stop_at(struct space *space, unsigned from, unsigned to, uint64_t n)
{
        assert(from < SPACE_RADIOS && to < SPACE_RADIOS);
        space->stop = (struct stop){.from = from, .to = to, .n = n};
}

bool space_stops(struct space *space, unsigned from, unsigned to)
{
        struct stop *stop = &space->stop;

        if (stop->n == 0 || stop->from != from || stop->to != to || --stop->n > 0)
                return false;
        stop->reached = true;
        space_way(space, from, to)->tally.stops++;
        return true;
}

bool space_stopped(const struct space *space)
{
        return space->stop.reached;
}

void space_go_on(struct space *space)
{
        space->stop.reached = false;
}

static void way_forget(struct way *way)
{
        way->signal = SPACE_NEAR;
        way->loss = 0;
        way->held = false;
        way->drop = 0;
        way->forgery.kind = FORGERY_OFF;
        way->refusals = 0;
}

void space_forget(struct space *space, unsigned radio)
{
        space_mute(space, radio, false);
        if (space->stop.from == radio || space->stop.to == radio)
                space->stop.n = 0;
        for (unsigned other = 0; other < SPACE_RADIOS; other++) {
                if (space->known[radio][other])
                        way_forget(&space->ways[radio][other]);
                if (space->known[other][radio])
                        way_forget(&space->ways[other][radio]);
        }
}

bool space_in_range(struct space *space, unsigned from, unsigned to)
{
        return !space_muted(space, from) && !space_muted(space, to) &&
               space_way(space, from, to)->signal > SPACE_FLOOR;
}

/* Luck is drawn out of range, too: what is ordered meanwhile does not shift it. */
static bool space_is_heard(struct space *space, unsigned from, unsigned to, struct chance *luck)
{
        double loss = space_way(space, from, to)->loss;
        bool lost = loss > 0 && chance_hits(luck, loss);

        return !lost && space_in_range(space, from, to);
}

bool space_hears(struct space *space, unsigned from, unsigned to)
{
        return space_is_heard(space, from, to, &space_way(space, from, to)->luck);
}

bool space_hears_data(struct space *space, unsigned from, unsigned to)
{
        return space_is_heard(space, from, to, &space_way(space, from, to)->data_luck);
}

bool space_hears_advert(struct space *space, unsigned from, unsigned to)
{
        return space_is_heard(space, from, to, &space_way(space, from, to)->advert_luck);
}
