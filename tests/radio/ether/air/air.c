/* SPDX-License-Identifier: Apache-2.0 */

#include "air/air.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "air/air-internal.h"
#include "util/defer.h"

DEFINE_DEFER(struct air *, air_free);

int air_new(uint64_t seed, struct air **ret_air)
{
        _defer_(air_free) struct air *air = calloc(1, sizeof(*air));
        int r;

        if (!air)
                return -ENOMEM;
        air->seed = seed;
        r = space_new(seed, &air->space);
        if (r < 0)
                return r;
        air->links.space = air->space;
        *ret_air = take(air);
        return 0;
}

static void air_reap(struct air *air)
{
        links_reap(&air->links);
        while (air->gone) {
                struct radio *radio = air->gone;

                air->gone = radio->next;
                free(radio);
        }
}

struct air *air_free(struct air *air)
{
        if (!air)
                return NULL;
        links_done(&air->links);
        for (unsigned n = 0; n < SPACE_RADIOS; n++)
                (void)radio_free(air->radios[n]);
        (void)space_free(air->space);
        free(air);
        return NULL;
}

struct space *air_space(struct air *air)
{
        return air->space;
}

uint64_t air_now(const struct air *air)
{
        return air->now;
}

/* The set whose turn it is; NULL if there is none. */
static struct set *radio_next_set(struct radio *radio)
{
        struct set *next = NULL;

        for (unsigned i = 0; i < AIR_SETS_MAX; i++) {
                struct set *set = &radio->sets[i];

                if (set->active && (!next || set->at < next->at))
                        next = set;
        }
        return next;
}

static struct radio *air_next_radio(const struct air *air, struct set **ret_set)
{
        struct radio *next = NULL;

        for (unsigned n = 0; n < SPACE_RADIOS; n++) {
                struct set *set = air->radios[n] ? radio_next_set(air->radios[n]) : NULL;

                if (set && (!next || set->at < (*ret_set)->at)) {
                        next = air->radios[n];
                        *ret_set = set;
                }
        }
        return next;
}

uint64_t air_next(const struct air *air)
{
        uint64_t next = links_next(&air->links), flood = flood_next(&air->flood);
        struct set *set = NULL;

        if (flood < next)
                next = flood;
        if (air_next_radio(air, &set) && set->at < next)
                next = set->at;
        return next;
}

static void air_set_now(struct air *air, uint64_t now)
{
        air->now = now;
        links_set_now(&air->links, now);
}

/* One thing that is due: links first, then advertising, then the flood. */
static void air_run(struct air *air)
{
        struct set *set = NULL;
        struct radio *radio = air_next_radio(air, &set);

        if (links_next(&air->links) <= air->now)
                links_run(&air->links);
        else if (radio && set->at <= air->now)
                set_run(radio, set);
        else
                flood_run(air);
}

void air_advance(struct air *air, uint64_t now)
{
        assert(now >= air->now && !air->running);
        air->running = true;
        for (uint64_t next = air_next(air); next <= now && !space_stopped(air->space);
             next = air_next(air)) {
                air_set_now(air, next > air->now ? next : air->now);
                air_run(air);
                air_reap(air);
        }
        if (!space_stopped(air->space))
                air_set_now(air, now);
        air->running = false;
}

void air_each_link(struct air *air, unsigned from, unsigned to,
                   void (*each)(struct link_end *end, void *userdata), void *userdata)
{
        links_each(&air->links, from, to, each, userdata);
}
