/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a radio that scans or initiates listens for (Volume 6, Part B, section 4.4.3 and 4.4.4): one
 * primary channel in each scan interval, in turn, during the window that the interval begins with.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "air/air-internal.h"

bool air_address_equal(const struct air_address *a, const struct air_address *b)
{
        return a->type == b->type && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool radio_accepts(const struct radio *radio, const struct air_address *address)
{
        for (size_t i = 0; i < radio->n_accept; i++)
                if (air_address_equal(&radio->accept[i], address))
                        return true;
        return false;
}

bool radio_scans_for(const struct radio *radio, const struct air_advertising *advertising)
{
        const struct air_scanning *scanning = &radio->scanning;

        return radio->scans && (scanning->extended || !advertising->extended) &&
               (!advertising->directed || air_address_equal(&advertising->peer, &scanning->own)) &&
               (!scanning->accept_only || radio_accepts(radio, &advertising->own));
}

bool radio_initiates_for(const struct radio *radio, const struct air_advertising *advertising)
{
        const struct air_initiating *initiating = &radio->initiating;
        const struct air_address *advertiser = &advertising->own;

        return radio->initiates && radio->antenna.n_links < radio->limit &&
               advertising->connectable && (initiating->extended || !advertising->extended) &&
               (!advertising->directed ||
                air_address_equal(&advertising->peer, &initiating->own)) &&
               (initiating->accept_only ? radio_accepts(radio, advertiser)
                                        : air_address_equal(&initiating->peer, advertiser));
}

/* Times since the listening began. */
static bool window_holds(uint32_t interval, uint32_t window, uint8_t channel, uint64_t from,
                         uint64_t to)
{
        if (from / interval % 3 != channel)
                return false;
        return window >= interval || from % interval + (to - from) <= window;
}

bool radio_scan_listens(const struct radio *radio, uint8_t channel, uint64_t from, uint64_t to)
{
        return from >= radio->scans_since &&
               window_holds(radio->scanning.interval, radio->scanning.window, channel,
                            from - radio->scans_since, to - radio->scans_since);
}

bool radio_initiate_listens(const struct radio *radio, uint8_t channel, uint64_t from, uint64_t to)
{
        return from >= radio->initiates_since &&
               window_holds(radio->initiating.interval, radio->initiating.window, channel,
                            from - radio->initiates_since, to - radio->initiates_since);
}

void radio_report(struct radio *radio, const struct air_report *report)
{
        if (!radio->scans)
                return;
        radio->reports++;
        radio->owner->on_report(radio->userdata, report);
}

void radio_scan(struct radio *radio, const struct air_scanning *scanning)
{
        radio->scans = scanning != NULL;
        if (!scanning)
                return;
        assert(scanning->interval > 0);
        radio->scans_since = radio->air->now;
        radio->scanning = *scanning;
}

int radio_connect(struct radio *radio, const struct air_initiating *initiating)
{
        if (radio->initiates)
                return -EBUSY;
        assert(initiating->interval > 0);
        radio->initiates = true;
        radio->initiates_since = radio->air->now;
        radio->initiating = *initiating;
        return 0;
}

bool radio_connect_cancel(struct radio *radio)
{
        bool was = radio->initiates;

        radio->initiates = false;
        return was;
}

void radio_accept(struct radio *radio, const struct air_address *list, size_t n_list)
{
        assert(n_list <= AIR_ACCEPT_MAX);
        radio->n_accept = n_list;
        if (n_list > 0)
                memcpy(radio->accept, list, n_list * sizeof(*list));
}
