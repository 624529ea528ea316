/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A connection event (Volume 6, Part B, section 4.5): the central sends at the anchor, the
 * peripheral answers 150 us later, and so on while either says that there is more and nothing else
 * is due. A step is the end of a packet. What answers it is chosen before its receiver is told,
 * because no host is as quick as that; what a host says in return goes in a later packet.
 */

#include <string.h>

#include "air/link-internal.h"

#define CHANNEL_ATT       0x0004
#define CHANNEL_DYNAMIC   0x0040 /* and above */
#define ATT_NOTIFICATION  0x1b   /* of one value */
#define ATT_NOTIFICATIONS 0x23   /* of several, or of one if the client can take several */
#define ATT_WRITE_COMMAND 0x52

/* What a packet meant to who heard it. */
struct news {
        const struct pdu *pdu; /* new, or NULL */
        bool delivered;        /* the last PDU of a fragment of its own is acknowledged */
        bool terminated;       /* its LL_TERMINATE_IND is */
};

static void link_busy_until(struct link *link, uint64_t at)
{
        link->at = at;
        for (unsigned role = 0; role < 2; role++)
                if (link->ends[role].antenna && (role == LINK_CENTRAL || link->listens))
                        link->ends[role].antenna->busy_until = at;
}

/* A busy antenna is free again now. An event that was planned before the peripheral was allowed
 * more octets may have lasted longer than the interval. */
static void event_end(struct link *link)
{
        link_busy_until(link, link->links->now);
        for (; link->anchor < link->links->now; link->counter++)
                link->anchor += link_interval(link);
        link->phase = LINK_WAITS;
        link->at = link->anchor;
}

static void end_load(struct link_end *end)
{
        if (end->in_flight)
                return;
        end->in_flight = true;
        if (end->terminating) {
                end->flight.kind = PDU_CONTROL;
                end->flight.n_data = 2;
                end->flight.data[0] = LL_TERMINATE_IND;
                end->flight.data[1] = end->reason;
                return;
        }
        outbox_take(&end->outbox, end_way(end)->held, end->octets, &end->flight);
        if (forgery_apply(&end_way(end)->forgery, &end->flight))
                end_way(end)->tally.forged++;
}

static bool pdu_terminates(const struct pdu *pdu)
{
        return pdu->kind == PDU_CONTROL && pdu->data[0] == LL_TERMINATE_IND;
}

/* Begins to send at @start. */
static void end_transmit(struct link_end *end, uint64_t start)
{
        struct link *link = end->link;
        uint32_t airtime;

        end_load(end);
        airtime = end_next_airtime(end);
        end->antenna->airtime += airtime;
        end_way(end)->tally.airtime += airtime;
        link->packet.sn = end->sn;
        link->packet.nesn = end->nesn;
        link->packet.more = end_waits(end) && !pdu_terminates(&end->flight);
        link->phase = end->role == LINK_CENTRAL ? LINK_CENTRAL_SENDS : LINK_PERIPHERAL_SENDS;
        link_busy_until(link, start + airtime);
}

static bool pdu_is_data(const struct pdu *pdu)
{
        return pdu->kind == PDU_FIRST || pdu->kind == PDU_CONTINUING;
}

/* Whether an order takes this PDU, and the link with it. */
static bool end_drops(struct link_end *from)
{
        struct way *way = end_way(from);
        bool fresh = from->link->packet.sn == end_peer(from)->nesn;

        if (!fresh || !pdu_is_data(&from->flight) || way->drop == 0 || --way->drop > 0)
                return false;
        from->link->silent = true;
        way->tally.drops++;
        return true;
}

/* The PDU begins an L2CAP frame: a length and a channel, then, on ATT's fixed channel, an opcode
 * (Volume 3, Part A, section 3.1; Part F, section 3.3). */
static bool pdu_begins_frame(const struct pdu *pdu)
{
        return pdu->kind == PDU_FIRST && pdu->n_data > 4;
}

static unsigned pdu_channel(const struct pdu *pdu)
{
        return pdu->data[2] | (unsigned)pdu->data[3] << 8;
}

/* What programs say to each other, and not their hosts: a value that is written without a response
 * or notified, or a frame on a channel of their own. */
static bool pdu_begins_message(const struct pdu *pdu)
{
        if (!pdu_begins_frame(pdu))
                return false;
        if (pdu_channel(pdu) == CHANNEL_ATT)
                return pdu->data[4] == ATT_WRITE_COMMAND || pdu->data[4] == ATT_NOTIFICATION ||
                       pdu->data[4] == ATT_NOTIFICATIONS;
        return pdu_channel(pdu) >= CHANNEL_DYNAMIC;
}

/* Whether the air is to stop at this PDU, which is sent again when it goes on. */
static bool end_stops(const struct link_end *from)
{
        const struct link_end *to = &from->link->ends[!from->role];

        return from->link->packet.sn == to->nesn && pdu_begins_message(&from->flight) &&
               space_stops(from->link->links->space, from->number, to->number);
}

static bool end_is_lucky(const struct link_end *from, const struct link_end *to)
{
        struct space *space = from->link->links->space;

        return pdu_is_data(&from->flight) ? space_hears_data(space, from->number, to->number)
                                          : space_hears(space, from->number, to->number);
}

/* Whether the other end hears the packet that @from has sent. */
static bool end_is_heard(struct link_end *from)
{
        const struct link_end *to = end_peer(from);

        if (end_there(to) && !from->link->silent && end_is_lucky(from, to) && !end_drops(from) &&
            !end_stops(from))
                return true;
        end_way(from)->tally.lost++;
        return false;
}

static void tally_att(struct tally *tally, const struct pdu *pdu)
{
        if (pdu_begins_frame(pdu) && pdu_channel(pdu) == CHANNEL_ATT)
                tally->att[pdu->data[4]]++;
}

static void tally_pdu(struct tally *tally, const struct pdu *pdu)
{
        if (pdu->kind == PDU_CONTROL)
                tally->control++;
        if (!pdu_is_data(pdu))
                return;
        tally->packets++;
        tally->bytes += pdu->n_data;
        tally_att(tally, pdu);
}

static struct news end_hear(struct link_end *end)
{
        struct link_end *from = end_peer(end);
        struct link *link = end->link;
        struct news news = {0};

        end->heard_at = link->links->now;
        end->established = true;
        if (end->in_flight && link->packet.nesn != end->sn) {
                end->sn = !end->sn;
                end->in_flight = false;
                news.delivered = pdu_is_data(&end->flight) && end->flight.last;
                news.terminated = pdu_terminates(&end->flight);
        }
        if (link->packet.sn == end->nesn) {
                end->nesn = !end->nesn;
                news.pdu = &from->flight;
                tally_pdu(&end_way(from)->tally, news.pdu);
                if (pdu_terminates(news.pdu))
                        end->leaving = news.pdu->data[1];
        }
        return news;
}

static void end_tell_control(struct link_end *end, const struct pdu *pdu)
{
        struct link_control control = {
                .opcode = pdu->data[0],
                .n_data = (uint8_t)(pdu->n_data - 1),
        };

        switch (control.opcode) {
        case LL_CONNECTION_UPDATE_IND:
                end->link->timing_instant.heard = true;
                return;
        case LL_PHY_UPDATE_IND:
                end->link->phys_instant.heard = true;
                return;
        case LL_TERMINATE_IND:
                return;
        default:
                memcpy(control.data, pdu->data + 1, control.n_data);
                end->owner->on_control(end->userdata, &control);
        }
}

static void end_tell(struct link_end *end, const struct news *news)
{
        if (news->terminated) {
                end_tell_ended(end, LINK_TERMINATED_HERE);
                return;
        }
        if (news->delivered && end->owner)
                end->owner->on_delivered(end->userdata);
        if (!news->pdu || !end->owner)
                return;
        if (pdu_is_data(news->pdu))
                end->owner->on_data(end->userdata, news->pdu->kind == PDU_FIRST, news->pdu->data,
                                    news->pdu->n_data);
        else if (news->pdu->kind == PDU_CONTROL)
                end_tell_control(end, news->pdu);
}

/* It has acknowledged the other's LL_TERMINATE_IND with what it has just sent. */
static void end_leave(struct link_end *end, bool left)
{
        if (left && end_there(end))
                end_tell_ended(end, end->leaving);
}

static bool link_instant_due(const struct link *link, const struct link_instant *instant)
{
        return instant->pending && instant->heard &&
               (int16_t)(link->counter - instant->counter) >= 0;
}

static void link_apply_phys(struct link *link)
{
        link->phys_instant = (struct link_instant){0};
        memcpy(link->phys, link->new_phys, sizeof(link->phys));
        for (unsigned role = 0; role < 2; role++) {
                struct link_end *end = &link->ends[role];

                if (end->owner)
                        end->owner->on_phys(end->userdata, link->phys[role], link->phys[!role]);
        }
}

/* The first event at the new interval is where the central likes it best (section 5.1.1). The new
 * supervision timeout may be shorter than the old interval, so it begins now. */
static void link_apply_timing(struct link *link)
{
        struct link_timing timing = link->new_timing;

        link->timing_instant = (struct link_instant){0};
        link->timing = timing;
        link->anchor += links_place(link->links, link->ends[LINK_CENTRAL].antenna, link,
                                    link->anchor, timing.interval);
        link->at = link->anchor;
        link->slept = 0;
        for (unsigned role = 0; role < 2; role++) {
                struct link_end *end = &link->ends[role];

                end->heard_at = link->links->now;
                if (end->owner)
                        end->owner->on_timing(end->userdata, &timing);
        }
}

/* Lets a peripheral sleep that may (section 4.5.1): nothing to say, and nothing new to expect. */
static bool peripheral_listens(const struct link *link)
{
        const struct link_end *end = &link->ends[LINK_PERIPHERAL];

        if (!end_there(end))
                return false;
        return !end->established || link->awake || link->slept >= link->timing.latency ||
               end_waits(end) || (end->in_flight && end->flight.kind != PDU_EMPTY) ||
               end->leaving || link->timing_instant.heard || link->phys_instant.heard;
}

/* It stays awake until an event brings nothing, or if it hears nothing at all. */
static void peripheral_wake(struct link *link, const struct news *news)
{
        bool busy = link->packet.more || (news->pdu && news->pdu->kind != PDU_EMPTY);

        link->awake = busy || (link->answers && link->awake);
        link->answers = true;
}

static bool link_misses(const struct link *link)
{
        struct antenna *rival = links_rival(link);

        for (unsigned role = 0; role < 2; role++) {
                struct antenna *antenna = link->ends[role].antenna;

                if (antenna && antenna->busy_until > link->links->now)
                        rival = antenna;
        }
        if (!rival)
                return false;
        rival->missed++;
        return true;
}

static void event_count(struct link *link)
{
        link->served = link->links->now;
        link->ends[LINK_CENTRAL].antenna->events++;
        if (link->listens)
                link->ends[LINK_PERIPHERAL].antenna->events++;
        link->slept = link->listens ? 0 : link->slept + 1;
}

static void event_begin(struct link *link)
{
        bool misses = link_misses(link);

        link->anchor += link_interval(link);
        link->counter++;
        link->at = link->anchor;
        if (misses)
                return;
        link->listens = peripheral_listens(link);
        link->awake = link->listens;
        link->answers = false;
        event_count(link);
        end_transmit(&link->ends[LINK_CENTRAL], link->links->now);
}

static void link_step_anchor(struct link *link)
{
        if (link_instant_due(link, &link->phys_instant))
                link_apply_phys(link);
        if (link_instant_due(link, &link->timing_instant))
                link_apply_timing(link);
        if (link->anchor == link->links->now && end_there(&link->ends[LINK_CENTRAL]))
                event_begin(link);
}

/* The central's packet is over. */
static void link_step_central(struct link *link)
{
        struct link_end *central = &link->ends[LINK_CENTRAL];
        struct link_end *peripheral = &link->ends[LINK_PERIPHERAL];
        bool left = central->leaving != 0, asleep = !link->listens && end_there(peripheral);
        struct news news = {0};

        if (asleep || !end_is_heard(central)) {
                event_end(link);
        } else {
                news = end_hear(peripheral);
                peripheral_wake(link, &news);
                link->central_more = link->packet.more;
                if (news.terminated)
                        event_end(link);
                else
                        end_transmit(peripheral, link->links->now + PACKET_IFS);
                end_tell(peripheral, &news);
        }
        end_leave(central, left);
}

/* The peripheral's packet is over. */
static void link_step_peripheral(struct link *link)
{
        struct link_end *central = &link->ends[LINK_CENTRAL];
        struct link_end *peripheral = &link->ends[LINK_PERIPHERAL];
        bool left = peripheral->leaving != 0;
        struct news news = {0};

        if (!end_there(peripheral) || !end_is_heard(peripheral)) {
                event_end(link);
        } else {
                news = end_hear(central);
                if (!news.terminated && (link->central_more || link->packet.more) &&
                    links_has_room(link, link->links->now + PACKET_IFS))
                        end_transmit(central, link->links->now + PACKET_IFS);
                else
                        event_end(link);
                end_tell(central, &news);
        }
        end_leave(peripheral, left);
}

void exchange_step(struct link *link)
{
        switch (link->phase) {
        case LINK_WAITS:
                link_step_anchor(link);
                return;
        case LINK_CENTRAL_SENDS:
                link_step_central(link);
                return;
        case LINK_PERIPHERAL_SENDS:
                link_step_peripheral(link);
                return;
        }
}
