/* SPDX-License-Identifier: Apache-2.0 */

#include "air/links.h"

#include <errno.h>
#include <stdlib.h>

#include "air/link-internal.h"

static void link_init_ends(struct link *link, const struct link_birth *birth)
{
        for (unsigned role = 0; role < 2; role++) {
                struct link_end *end = &link->ends[role];

                end->link = link;
                end->role = (enum link_role)role;
                end->number = birth->numbers[role];
                end->antenna = birth->antennas[role];
                end->octets = LINK_OCTETS_MIN;
                end->heard_at = link->links->now;
                link->phys[role] = birth->phy;
                if (end->antenna)
                        end->antenna->n_links++;
        }
}

int links_add(struct links *links, const struct link_birth *birth, struct link **ret_link)
{
        struct link *link = calloc(1, sizeof(*link)), **last = &links->first;
        uint64_t earliest = links->now + LINK_UNIT;

        if (!link)
                return -ENOMEM;
        link->links = links;
        link->timing = birth->timing;
        link->served = links->now;
        link->anchor = earliest + links_place(links, birth->antennas[LINK_CENTRAL], NULL, earliest,
                                              birth->timing.interval);
        link->at = link->anchor;
        link_init_ends(link, birth);
        while (*last)
                last = &(*last)->next;
        *last = link;
        *ret_link = link;
        return 0;
}

static struct link *link_free(struct link *link)
{
        outbox_done(&link->ends[LINK_CENTRAL].outbox);
        outbox_done(&link->ends[LINK_PERIPHERAL].outbox);
        free(link);
        return NULL;
}

void links_done(struct links *links)
{
        while (links->first) {
                struct link *link = links->first;

                links->first = link->next;
                (void)link_free(link);
        }
}

void links_reap(struct links *links)
{
        struct link **at = &links->first;

        while (*at) {
                struct link *link = *at;

                if (end_there(&link->ends[LINK_CENTRAL]) ||
                    end_there(&link->ends[LINK_PERIPHERAL])) {
                        at = &link->next;
                } else {
                        *at = link->next;
                        (void)link_free(link);
                }
        }
}

void links_abandon(struct links *links, const struct antenna *antenna)
{
        for (struct link *link = links->first; link; link = link->next)
                for (unsigned role = 0; role < 2; role++)
                        if (link->ends[role].antenna == antenna)
                                link_abandon(&link->ends[role]);
}

struct link_end *link_end(struct link *link, enum link_role role)
{
        return &link->ends[role];
}

static bool end_quiet(const struct link_end *end)
{
        struct space *space = end->link->links->space;

        return end_there(end) && end->established && !end->leaving && !end_waits(end) &&
               !(end->in_flight && end->flight.kind != PDU_EMPTY) && end_way(end)->loss <= 0 &&
               space_in_range(space, end->number, end->link->ends[!end->role].number);
}

/* Whether every event to come is known already: empty packets, all of them heard. Such events are
 * only counted; they are over as they begin, contend with nobody, and carry nothing that is said
 * meanwhile. */
static bool link_quiet(const struct link *link)
{
        return link->phase == LINK_WAITS && !link->silent && !link->cut &&
               !link->timing_instant.pending && !link->phys_instant.pending &&
               !(link->awake && link->timing.latency > 0) && end_quiet(&link->ends[LINK_CENTRAL]) &&
               end_quiet(&link->ends[LINK_PERIPHERAL]);
}

static uint64_t link_next(const struct link *link)
{
        uint64_t next = UINT64_MAX;

        if (link->cut)
                return link->cut_at;
        if (link_quiet(link))
                return next;
        if (end_there(&link->ends[LINK_CENTRAL]))
                next = link->at;
        for (unsigned role = 0; role < 2; role++) {
                uint64_t deadline = end_deadline(&link->ends[role]);

                if (deadline < next)
                        next = deadline;
        }
        return next;
}

uint64_t links_next(const struct links *links)
{
        uint64_t next = UINT64_MAX;

        for (const struct link *link = links->first; link; link = link->next) {
                uint64_t at = link_next(link);

                if (at < next)
                        next = at;
        }
        return next;
}

static void end_settle(struct link_end *end, uint64_t n_events, uint64_t heard_at)
{
        uint64_t airtime = n_events * packet_airtime(end->link->phys[end->role], 0);

        end->antenna->airtime += airtime;
        end->antenna->events += n_events;
        end_way(end)->tally.airtime += airtime;
        if (heard_at > end->heard_at)
                end->heard_at = heard_at;
}

/* What the central has sent to a peripheral that sleeps it has to send again. */
static void central_settle(struct link_end *central, bool asleep)
{
        central->in_flight = asleep;
        central->flight.kind = PDU_EMPTY;
        central->flight.n_data = 0;
}

/* The events of a quiet link that have passed meanwhile. */
static void link_settle(struct link *link, uint64_t now)
{
        uint64_t interval = link_interval(link), n = (now - link->anchor) / interval + 1;
        uint64_t every = (uint64_t)link->timing.latency + 1, slept = link->slept + n, heard;

        link->anchor += n * interval;
        link->counter = (uint16_t)(link->counter + n);
        link->at = link->anchor;
        link->served = link->anchor - interval;
        link->slept = (unsigned)(slept % every);
        heard = link->served - link->slept * interval + packet_airtime(link->phys[LINK_CENTRAL], 0);
        end_settle(&link->ends[LINK_PERIPHERAL], slept / every, heard);
        heard += PACKET_IFS + packet_airtime(link->phys[LINK_PERIPHERAL], 0);
        end_settle(&link->ends[LINK_CENTRAL], n, heard);
        central_settle(&link->ends[LINK_CENTRAL], link->slept > 0);
}

void links_set_now(struct links *links, uint64_t now)
{
        links->now = now;
        for (struct link *link = links->first; link; link = link->next)
                if (link->anchor <= now && link_quiet(link))
                        link_settle(link, now);
}

static struct link *links_due(const struct links *links)
{
        struct link *due = NULL;
        uint64_t next = UINT64_MAX;

        for (struct link *link = links->first; link; link = link->next) {
                uint64_t at = link_next(link);

                if (at < next) {
                        due = link;
                        next = at;
                }
        }
        return due;
}

static void link_run_cut(struct link *link)
{
        uint8_t reason = link->cut;

        link->cut = 0;
        end_tell_ended(&link->ends[LINK_CENTRAL], reason);
        end_tell_ended(&link->ends[LINK_PERIPHERAL], reason);
}

static bool end_run_deadline(struct link_end *end)
{
        if (end_deadline(end) > end->link->links->now)
                return false;
        end_tell_ended(end, end_deadline_reason(end));
        return true;
}

void links_run(struct links *links)
{
        struct link *link = links_due(links);

        if (!link || link_next(link) > links->now)
                return;
        if (link->cut)
                link_run_cut(link);
        else if (!end_run_deadline(&link->ends[LINK_CENTRAL]) &&
                 !end_run_deadline(&link->ends[LINK_PERIPHERAL]))
                exchange_step(link);
}

void links_each(struct links *links, unsigned from, unsigned to,
                void (*each)(struct link_end *end, void *userdata), void *userdata)
{
        for (struct link *link = links->first; link; link = link->next)
                for (unsigned role = 0; role < 2; role++) {
                        struct link_end *end = &link->ends[role];

                        if (end_there(end) && end->number == from && link_peer(end) == to)
                                each(end, userdata);
                }
}

static struct antenna *links_shared(const struct link *a, const struct link *b)
{
        for (unsigned i = 0; i < 2; i++)
                for (unsigned j = 0; j < 2; j++)
                        if (a->ends[i].antenna && a->ends[i].antenna == b->ends[j].antenna)
                                return a->ends[i].antenna;
        return NULL;
}

/* The central knows what it sends; of the answer it knows how long it can be. */
static uint64_t link_exchange_time(const struct link *link)
{
        return end_next_airtime(&link->ends[LINK_CENTRAL]) + PACKET_IFS +
               end_longest_airtime(&link->ends[LINK_PERIPHERAL]);
}

bool links_has_room(const struct link *link, uint64_t at)
{
        uint64_t end = at + link_exchange_time(link) + PACKET_IFS;

        for (const struct link *other = link->links->first; other; other = other->next)
                if (end_there(&other->ends[LINK_CENTRAL]) && links_shared(link, other) &&
                    other->anchor < end)
                        return false;
        return true;
}

struct antenna *links_rival(const struct link *link)
{
        uint64_t end = link->anchor + link_exchange_time(link);

        for (const struct link *other = link->links->first; other; other = other->next)
                if (other != link && other->phase == LINK_WAITS && other->served < link->served &&
                    other->anchor < end && end_there(&other->ends[LINK_CENTRAL]) &&
                    links_shared(link, other) && !link_quiet(other))
                        return links_shared(link, other);
        return NULL;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
        while (b) {
                uint64_t rest = a % b;

                a = b;
                b = rest;
        }
        return a;
}

/* How near the anchors of both ever come to each other. */
static uint64_t link_distance(const struct link *other, uint64_t anchor, uint64_t interval)
{
        uint64_t g = gcd(interval, link_interval(other));
        uint64_t d = (other->anchor > anchor ? other->anchor - anchor : anchor - other->anchor) % g;

        return d < g - d ? d : g - d;
}

static uint64_t links_distance(const struct links *links, const struct antenna *antenna,
                               const struct link *except, uint64_t anchor, uint64_t interval)
{
        uint64_t nearest = UINT64_MAX;

        for (const struct link *other = links->first; other; other = other->next) {
                uint64_t d;

                if (other == except || !end_there(&other->ends[LINK_CENTRAL]) ||
                    (other->ends[0].antenna != antenna && other->ends[1].antenna != antenna))
                        continue;
                d = link_distance(other, anchor, interval);
                if (d < nearest)
                        nearest = d;
        }
        return nearest;
}

uint64_t links_place(const struct links *links, const struct antenna *antenna,
                     const struct link *except, uint64_t earliest, uint16_t interval)
{
        uint64_t best = 0, farthest = 0;

        for (uint64_t offset = 0; offset < (uint64_t)interval * LINK_UNIT; offset += LINK_UNIT) {
                uint64_t d = links_distance(links, antenna, except, earliest + offset,
                                            (uint64_t)interval * LINK_UNIT);

                if (d > farthest) {
                        farthest = d;
                        best = offset;
                }
        }
        return best;
}
