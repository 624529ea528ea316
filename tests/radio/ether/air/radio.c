/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "air/air-internal.h"

int radio_new(struct air *air, const struct radio_owner *owner, void *userdata,
              struct radio **ret_radio)
{
        struct radio *radio;
        unsigned number = 0;

        while (number < SPACE_RADIOS && air->radios[number])
                number++;
        if (number == SPACE_RADIOS)
                return -ENOSPC;
        radio = calloc(1, sizeof(*radio));
        if (!radio)
                return -ENOMEM;
        radio->air = air;
        radio->owner = owner;
        radio->userdata = userdata;
        radio->antenna.number = number;
        radio->limit = UINT_MAX;
        radio->delays = chance_new(air->seed, (uint64_t)STREAM_DELAY << 32 | number);
        air->radios[number] = radio;
        *ret_radio = radio;
        return 0;
}

/* While the air runs a radio may be in use further up. */
struct radio *radio_free(struct radio *radio)
{
        struct air *air;

        if (!radio)
                return NULL;
        air = radio->air;
        air->radios[radio->antenna.number] = NULL;
        links_abandon(&air->links, &radio->antenna);
        if (air->running) {
                radio->next = air->gone;
                air->gone = radio;
        } else {
                free(radio);
        }
        return NULL;
}

unsigned radio_number(const struct radio *radio)
{
        return radio->antenna.number;
}

void radio_limit(struct radio *radio, unsigned n_links)
{
        radio->limit = n_links;
}

unsigned radio_links(const struct radio *radio)
{
        return radio->antenna.n_links;
}

static struct set *radio_find_set(struct radio *radio, uint8_t handle)
{
        for (unsigned i = 0; i < AIR_SETS_MAX; i++)
                if (radio->sets[i].active && radio->sets[i].handle == handle)
                        return &radio->sets[i];
        return NULL;
}

int radio_advertise(struct radio *radio, uint8_t set, const struct air_advertising *advertising)
{
        struct set *s = radio_find_set(radio, set);

        if (s) {
                set_change(radio, s, advertising);
                return 0;
        }
        for (unsigned i = 0; i < AIR_SETS_MAX; i++)
                if (!radio->sets[i].active) {
                        set_start(radio, &radio->sets[i], set, advertising);
                        return 0;
                }
        return -ENOSPC;
}

void radio_advertise_stop(struct radio *radio, uint8_t set)
{
        struct set *s = radio_find_set(radio, set);

        if (s)
                s->active = false;
}

struct radio_tally radio_tally(const struct radio *radio)
{
        return (struct radio_tally){
                .events = radio->antenna.events,
                .missed = radio->antenna.missed,
                .airtime = radio->antenna.airtime,
                .adverts = radio->adverts,
                .reports = radio->reports,
        };
}

/* The side of a connection that @role is. */
static void radio_tell_connected(struct radio *radio, struct link *link,
                                 struct air_connection *connection, enum link_role role)
{
        connection->end = link_end(link, role);
        connection->role = role;
        radio->owner->on_connected(radio->userdata, connection);
}

void radio_meet(struct radio *initiator, struct radio *advertiser, const struct set *set,
                bool heard)
{
        struct air *air = initiator->air;
        const struct air_initiating initiating = initiator->initiating;
        const struct air_advertising *a = &set->advertising;
        unsigned from = initiator->antenna.number, to = advertiser->antenna.number;
        bool answered = !a->extended || (heard && space_hears_advert(air->space, to, from));
        struct air_connection central = {
                .own = initiating.own, .peer = a->own, .timing = initiating.timing};
        struct air_connection peripheral = {.own = a->own,
                                            .peer = initiating.own,
                                            .timing = initiating.timing,
                                            .set = set->handle,
                                            .events = set->events};
        const struct link_birth birth = {
                .antennas = {answered ? &initiator->antenna : NULL,
                             heard ? &advertiser->antenna : NULL},
                .numbers = {from, to},
                .timing = initiating.timing,
                .phy = a->extended ? a->secondary_phy : LINK_PHY_1M,
        };
        struct link *link;

        if ((!answered && !heard) || links_add(&air->links, &birth, &link) < 0)
                return;
        if (answered) {
                initiator->initiates = false;
                radio_tell_connected(initiator, link, &central, LINK_CENTRAL);
        }
        if (heard && air->radios[to] == advertiser)
                radio_tell_connected(advertiser, link, &peripheral, LINK_PERIPHERAL);
}
