/* SPDX-License-Identifier: Apache-2.0 */

/* Advertisements of radios that are nowhere. */

#include "air/air-internal.h"
#include "air/packet.h"

#define LEGACY_SID 0xff

void air_flood(struct air *air, unsigned n_addresses, unsigned per_second, int8_t signal)
{
        air->flood = (struct flood){
                .n_addresses = n_addresses,
                .per_second = per_second,
                .signal = signal,
                .since = air->now,
        };
}

uint64_t flood_next(const struct flood *flood)
{
        if (flood->n_addresses == 0 || flood->per_second == 0)
                return UINT64_MAX;
        return flood->since + (flood->n_sent + 1) * 1000000 / flood->per_second;
}

/* Of the kind "random static": the two highest bits are set (Volume 6, Part B, section 1.3.2.1). */
static struct air_address flood_address(const struct air *air)
{
        uint64_t name = air->flood.n_sent % air->flood.n_addresses;
        struct chance chance = chance_new(air->seed, (uint64_t)STREAM_FLOOD << 32 | name);
        struct air_address address = {.type = AIR_RANDOM};
        uint64_t bits = chance_draw(&chance);

        for (unsigned i = 0; i < sizeof(address.bytes); i++)
                address.bytes[i] = (uint8_t)(bits >> 8 * i);
        address.bytes[5] |= 0xc0;
        return address;
}

/* Each is on all channels at once, as far as one scanner can tell. */
static bool flood_is_heard(const struct air *air, const struct radio *radio)
{
        uint64_t to = air->now, from = to - packet_airtime(LINK_PHY_1M, 6 + 3);

        return radio->scans && !radio->scanning.accept_only && air->flood.signal > SPACE_FLOOR &&
               !space_muted(air->space, radio->antenna.number) &&
               (radio_scan_listens(radio, 0, from, to) || radio_scan_listens(radio, 1, from, to) ||
                radio_scan_listens(radio, 2, from, to));
}

void flood_run(struct air *air)
{
        static const uint8_t flags[] = {0x02, 0x01, 0x06};
        const struct air_report report = {
                .from = flood_address(air),
                .primary_phy = LINK_PHY_1M,
                .sid = LEGACY_SID,
                .tx_power = 127,
                .signal = air->flood.signal,
                .data = flags,
                .n_data = sizeof(flags),
        };
        uint64_t hear = 0;

        for (unsigned n = 0; n < SPACE_RADIOS; n++)
                if (air->radios[n] && flood_is_heard(air, air->radios[n]))
                        hear |= UINT64_C(1) << n;
        air->flood.n_sent++;
        for (unsigned n = 0; n < SPACE_RADIOS; n++)
                if (hear & UINT64_C(1) << n && air->radios[n])
                        radio_report(air->radios[n], &report);
}
