/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Advertising events (Volume 6, Part B, section 4.4.2): a PDU on each of the primary channels in
 * turn, what answers it, and with extended advertising an auxiliary PDU on another channel. A step
 * is the end of a PDU, or of a request and its answer. It prepares the next one and then tells the
 * owners of radios, who may change everything.
 */

#include <assert.h>
#include <string.h>

#include "air/air-internal.h"
#include "air/packet.h"

#define DELAY_MAX        10000   /* us, section 4.4.2.2.1 */
#define HIGH_DUTY_EVERY  3750    /* us, section 4.4.2.4.3 */
#define HIGH_DUTY_FOR    1280000 /* us */
#define AUXILIARY_AFTER  3000    /* us, from the last primary PDU to the auxiliary one */
#define CHAIN_GAP        300     /* us, between PDUs of a chain: T_MAFS */
#define CHAIN_DATA       241     /* bytes in one of them, beside 14 of extended header */
#define EXTENDED_HEADER  14
#define REQUEST_PAYLOAD  12 /* SCAN_REQ: two addresses */
#define CONNECT_PAYLOAD  34 /* CONNECT_IND */
#define EXTENDED_POINTER 7  /* ADV_EXT_IND: no more than where the rest is */
#define LEGACY_SID       0xff
#define TX_POWER_UNTOLD  127

/* Radios that have heard a PDU, by number. */
struct audience {
        uint64_t scanners, initiators;
};

static uint64_t bit(unsigned number)
{
        return UINT64_C(1) << number;
}

static unsigned chain_length(size_t n_data)
{
        return n_data > CHAIN_DATA ? (unsigned)((n_data + CHAIN_DATA - 1) / CHAIN_DATA) : 1;
}

static uint32_t chain_airtime(uint8_t phy, size_t n_data)
{
        uint32_t airtime = 0;

        for (; n_data > CHAIN_DATA; n_data -= CHAIN_DATA)
                airtime += packet_airtime(phy, EXTENDED_HEADER + CHAIN_DATA);
        return airtime + packet_airtime(phy, EXTENDED_HEADER + n_data);
}

static uint8_t set_phy(const struct set *set)
{
        return set->advertising.extended ? set->advertising.secondary_phy : LINK_PHY_1M;
}

static uint32_t set_primary_airtime(const struct set *set)
{
        const struct air_advertising *a = &set->advertising;

        if (a->extended)
                return packet_airtime(LINK_PHY_1M, EXTENDED_POINTER);
        return packet_airtime(LINK_PHY_1M, 6 + (a->directed ? 6 : a->n_data));
}

/* What the advertiser sends from @start on, with @pauses in between. */
static void set_send(struct radio *radio, struct set *set, enum set_phase phase, uint64_t start,
                     uint32_t airtime, uint32_t pauses)
{
        radio->antenna.airtime += airtime;
        set->phase = phase;
        set->at = start + airtime + pauses;
}

static void set_send_chain(struct radio *radio, struct set *set, enum set_phase phase,
                           uint64_t start, size_t n_data)
{
        set_send(radio, set, phase, start, chain_airtime(set_phy(set), n_data),
                 (chain_length(n_data) - 1) * CHAIN_GAP);
}

/* Sends on the first of its channels from @channel on; false if there is none. */
static bool set_send_primary(struct radio *radio, struct set *set, uint8_t channel, uint64_t start)
{
        while (channel < 3 && !(set->advertising.channels & 1u << channel))
                channel++;
        if (channel == 3)
                return false;
        set->channel = channel;
        set_send(radio, set, SET_PRIMARY, start, set_primary_airtime(set), 0);
        return true;
}

static void set_schedule(struct radio *radio, struct set *set)
{
        const struct air_advertising *a = &set->advertising;
        uint64_t now = radio->air->now;

        set->phase = SET_BEGINS;
        set->at = set->began +
                  (a->high_duty ? HIGH_DUTY_EVERY
                                : a->interval + chance_below(&radio->delays, DELAY_MAX + 1));
        if (a->max_events > 0 && set->events >= a->max_events) {
                set->phase = SET_ENDS;
                set->at = now;
        } else if (set->at >= set->ends_at) {
                set->phase = SET_ENDS;
                set->at = set->ends_at > now ? set->ends_at : now;
        }
}

/* After a primary PDU and what it has led to, or after the auxiliary one. */
static void set_go_on(struct radio *radio, struct set *set)
{
        uint64_t now = radio->air->now;

        if (set->channel < 3 && set_send_primary(radio, set, set->channel + 1, now + PACKET_IFS))
                return;
        if (set->advertising.extended && set->channel < 3) {
                set->channel = 3;
                set_send_chain(radio, set, SET_AUXILIARY, now + AUXILIARY_AFTER,
                               set->advertising.n_data);
                return;
        }
        set->events++;
        radio->adverts++;
        set_schedule(radio, set);
}

/* Whether all of a chain of PDUs is heard. */
static bool chain_is_heard(const struct radio *radio, unsigned to, unsigned n_pdus)
{
        bool heard = true;

        while (n_pdus-- > 0)
                heard = space_hears_advert(radio->air->space, radio->antenna.number, to) && heard;
        return heard;
}

static struct audience set_primary_audience(const struct radio *radio, const struct set *set)
{
        const struct air_advertising *a = &set->advertising;
        uint64_t to = set->at, from = to - set_primary_airtime(set);
        struct audience audience = {0};

        for (unsigned n = 0; n < SPACE_RADIOS; n++) {
                const struct radio *r = radio->air->radios[n];
                bool scans, initiates;

                if (!r || r == radio)
                        continue;
                scans = radio_scans_for(r, a) && radio_scan_listens(r, set->channel, from, to);
                initiates = radio_initiates_for(r, a) &&
                            radio_initiate_listens(r, set->channel, from, to);
                if ((!scans && !initiates) || !chain_is_heard(radio, n, 1))
                        continue;
                audience.scanners |= scans ? bit(n) : 0;
                audience.initiators |= initiates ? bit(n) : 0;
        }
        return audience;
}

static struct audience set_auxiliary_audience(const struct radio *radio, const struct set *set)
{
        const struct air_advertising *a = &set->advertising;
        struct audience audience = {0};

        for (unsigned n = 0; n < SPACE_RADIOS; n++) {
                const struct radio *r = radio->air->radios[n];

                if (!r || !(set->followers & bit(n)) ||
                    !chain_is_heard(radio, n, chain_length(a->n_data)))
                        continue;
                audience.scanners |= radio_scans_for(r, a) ? bit(n) : 0;
                audience.initiators |= radio_initiates_for(r, a) ? bit(n) : 0;
        }
        return audience;
}

/* Of the @scanners, those who ask for a scan response and are heard. */
static uint64_t set_asking(const struct radio *radio, const struct set *set, uint64_t scanners)
{
        uint64_t asking = 0;

        for (unsigned n = 0; n < SPACE_RADIOS; n++) {
                struct radio *r = radio->air->radios[n];

                if (!(scanners & bit(n)) || !r->scanning.active)
                        continue;
                r->antenna.airtime += packet_airtime(set_phy(set), REQUEST_PAYLOAD);
                if (space_hears_advert(radio->air->space, n, radio->antenna.number) &&
                    (!set->advertising.accept_scans || radio_accepts(radio, &r->scanning.own)))
                        asking |= bit(n);
        }
        return asking;
}

/* What follows the PDU that has just been heard. */
static void set_answer(struct radio *radio, struct set *set, const struct audience *audience)
{
        uint64_t now = radio->air->now, start = now + PACKET_IFS;
        uint8_t phy = set_phy(set);
        struct radio *initiator;

        if (audience->initiators) {
                set->connector = (unsigned)__builtin_ctzll(audience->initiators);
                initiator = radio->air->radios[set->connector];
                initiator->antenna.airtime += packet_airtime(phy, CONNECT_PAYLOAD);
                set->phase = SET_CONNECT;
                set->at = start + packet_airtime(phy, CONNECT_PAYLOAD);
                return;
        }
        set->asking = set->advertising.scannable ? set_asking(radio, set, audience->scanners) : 0;
        start += packet_airtime(phy, REQUEST_PAYLOAD) + PACKET_IFS;
        if (!set->asking)
                set_go_on(radio, set);
        else if (set->advertising.extended)
                set_send_chain(radio, set, SET_RESPONSE, start, set->advertising.n_response);
        else
                set_send(radio, set, SET_RESPONSE, start,
                         packet_airtime(phy, 6 + set->advertising.n_response), 0);
}

/* A legacy directed advertisement has no room for data. */
static size_t set_length(const struct air_advertising *a, bool response)
{
        if (response)
                return a->n_response;
        return a->directed && !a->extended ? 0 : a->n_data;
}

static struct air_report set_describe(const struct set *set, bool response)
{
        const struct air_advertising *a = &set->advertising;

        return (struct air_report){
                .extended = a->extended,
                .connectable = a->connectable,
                .scannable = a->scannable,
                .directed = a->directed,
                .response = response,
                .from = a->own,
                .to = a->peer,
                .primary_phy = LINK_PHY_1M,
                .secondary_phy = a->extended ? a->secondary_phy : 0,
                .sid = a->extended ? a->sid : LEGACY_SID,
                .tx_power = a->extended ? a->tx_power : TX_POWER_UNTOLD,
                .n_data = set_length(a, response),
        };
}

/* The PDU as it was, kept from what the owners may do to the set meanwhile. */
struct set_words {
        struct air_report report;
        uint8_t data[AIR_DATA_MAX];
};

static void set_quote(const struct set *set, bool response, struct set_words *ret_words)
{
        const struct air_advertising *a = &set->advertising;

        ret_words->report = set_describe(set, response);
        ret_words->report.data = ret_words->data;
        memcpy(ret_words->data, response ? a->response : a->data, ret_words->report.n_data);
}

static void words_tell(const struct radio *radio, struct set_words *words, uint64_t scanners)
{
        struct air *air = radio->air;
        unsigned from = radio->antenna.number;

        for (unsigned n = 0; n < SPACE_RADIOS; n++) {
                if (!(scanners & bit(n)) || !air->radios[n])
                        continue;
                words->report.signal = space_way(air->space, from, n)->signal;
                radio_report(air->radios[n], &words->report);
        }
}

static void set_run_begin(struct radio *radio, struct set *set)
{
        set->began = radio->air->now;
        set->followers = 0;
        (void)set_send_primary(radio, set, 0, set->began);
}

static void set_run_primary(struct radio *radio, struct set *set)
{
        struct audience audience = set_primary_audience(radio, set);
        struct set_words words;

        if (set->advertising.extended) {
                set->followers |= audience.scanners | audience.initiators;
                set_go_on(radio, set);
                return;
        }
        set_quote(set, false, &words);
        set_answer(radio, set, &audience);
        words_tell(radio, &words, audience.scanners);
}

static void set_run_auxiliary(struct radio *radio, struct set *set)
{
        struct audience audience = set_auxiliary_audience(radio, set);
        struct set_words words;

        set_quote(set, false, &words);
        set_answer(radio, set, &audience);
        words_tell(radio, &words, audience.scanners);
}

static void set_run_response(struct radio *radio, struct set *set)
{
        unsigned n_pdus = set->advertising.extended ? chain_length(set->advertising.n_response) : 1;
        struct set_words words;
        uint64_t hear = 0;

        for (unsigned n = 0; n < SPACE_RADIOS; n++)
                if (set->asking & bit(n) && chain_is_heard(radio, n, n_pdus))
                        hear |= bit(n);
        set_quote(set, true, &words);
        set_go_on(radio, set);
        words_tell(radio, &words, hear);
}

/* Whether a connection request is heard, and welcome. */
static bool set_hears_request(struct radio *radio, const struct set *set,
                              const struct radio *initiator)
{
        struct space *space = radio->air->space;
        struct way *way = space_way(space, initiator->antenna.number, radio->antenna.number);

        if (!space_hears_advert(space, initiator->antenna.number, radio->antenna.number))
                return false;
        if (way->refusals > 0) {
                way->refusals--;
                return false;
        }
        return radio->antenna.n_links < radio->limit &&
               (!set->advertising.accept_connects ||
                radio_accepts(radio, &initiator->initiating.own));
}

static void set_run_connect(struct radio *radio, struct set *set)
{
        struct radio *initiator = radio->air->radios[set->connector];
        bool heard;

        if (!initiator || !radio_initiates_for(initiator, &set->advertising)) {
                set_go_on(radio, set);
                return;
        }
        heard = set_hears_request(radio, set, initiator);
        if (heard)
                set->active = false;
        else
                set_go_on(radio, set);
        radio_meet(initiator, radio, set, heard);
}

static void set_run_end(struct radio *radio, struct set *set)
{
        unsigned max_events = set->advertising.max_events;
        bool limit = max_events > 0 && set->events >= max_events;

        set->active = false;
        radio->owner->on_set_ended(radio->userdata, set->handle,
                                   limit ? SET_LIMIT_REACHED : SET_TIMED_OUT, set->events);
}

void set_run(struct radio *radio, struct set *set)
{
        static void (*const runs[])(struct radio * radio, struct set * set) = {
                [SET_BEGINS] = set_run_begin,        [SET_PRIMARY] = set_run_primary,
                [SET_AUXILIARY] = set_run_auxiliary, [SET_RESPONSE] = set_run_response,
                [SET_CONNECT] = set_run_connect,     [SET_ENDS] = set_run_end,
        };

        runs[set->phase](radio, set);
}

static uint64_t set_end_time(const struct air_advertising *advertising, uint64_t now)
{
        uint64_t duration = advertising->high_duty ? HIGH_DUTY_FOR : advertising->duration;

        return duration > 0 ? now + duration : UINT64_MAX;
}

static void set_check(const struct air_advertising *a)
{
        assert(a->channels & 7);
        assert(a->n_data <= AIR_DATA_MAX && a->n_response <= AIR_DATA_MAX);
}

void set_start(struct radio *radio, struct set *set, uint8_t handle,
               const struct air_advertising *advertising)
{
        uint64_t now = radio->air->now;

        set_check(advertising);
        *set = (struct set){
                .active = true,
                .handle = handle,
                .advertising = *advertising,
                .ends_at = set_end_time(advertising, now),
                .phase = SET_BEGINS,
                .at = now + chance_below(&radio->delays, DELAY_MAX + 1),
        };
}

void set_change(struct radio *radio, struct set *set, const struct air_advertising *advertising)
{
        set_check(advertising);
        if (advertising->duration != set->advertising.duration)
                set->ends_at = set_end_time(advertising, radio->air->now);
        set->advertising = *advertising;
}
