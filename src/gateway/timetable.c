/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/timetable.h"

#include <string.h>

#define SECOND         UINT64_C(1000000)
#define FIRST_S        2 /* until the first visit, and over how long the first ones are spread */
#define FIRST_SPREAD_S 30

uint32_t timetable_period(const struct store_channel *channels, size_t n_channels)
{
        uint32_t period_s = 0;

        for (size_t i = 0; i < n_channels; i++)
                if ((channels[i].direction & STORE_PUBLISH) && channels[i].every_s > 0 &&
                    (period_s == 0 || channels[i].every_s < period_s))
                        period_s = channels[i].every_s;
        return period_s;
}

static uint64_t timetable_add(uint64_t now, uint64_t after)
{
        return after == TIMETABLE_NEVER ? TIMETABLE_NEVER : now + after;
}

/* Of a device with a period: the longer one of its reports and of its sleep. */
static uint64_t silence_of(const struct timetable_terms *terms)
{
        uint64_t longest_s = terms->period_s > terms->sleep_s ? terms->period_s : terms->sleep_s;

        if (longest_s == 0 && terms->offline_after_s == 0)
                return TIMETABLE_NEVER;
        if (longest_s == 0)
                return terms->offline_after_s * SECOND;
        return (3 * longest_s > TIMETABLE_SILENCE_S ? 3 * longest_s : TIMETABLE_SILENCE_S) * SECOND;
}

static uint64_t late_of(const struct timetable_terms *terms)
{
        if (terms->presence == STORE_SLEEPS)
                return TIMETABLE_NEVER;
        if (terms->period_s > 0)
                return 2 * terms->period_s * SECOND;
        return terms->presence == STORE_MAINS ? TIMETABLE_QUIET_S * SECOND : TIMETABLE_NEVER;
}

/* A part of @range that is the device's own; its identifier is a hash, and as good as random. */
static uint64_t spread_of(const uint8_t device_id[STORE_DEVICE_ID_BYTES], uint64_t range)
{
        uint32_t number;

        memcpy(&number, device_id, sizeof(number));
        return (uint64_t)((double)range * number / ((double)UINT32_MAX + 1));
}

void timetable_init(struct timetable *t, const struct timetable_terms *terms,
                    const uint8_t device_id[STORE_DEVICE_ID_BYTES], uint64_t now)
{
        uint64_t late = late_of(terms), first = FIRST_SPREAD_S * SECOND;

        *t = (struct timetable){
                .late = late,
                .silence = silence_of(terms),
                .is_quiet = terms->period_s == 0,
                .spread = late == TIMETABLE_NEVER ? 0 : spread_of(device_id, late / 8),
                .offline = TIMETABLE_NEVER,
        };
        if (late == TIMETABLE_NEVER)
                first = 0;
        else if (late / 8 < first)
                first = late / 8;
        t->due = late == TIMETABLE_NEVER ? TIMETABLE_NEVER
                                         : now + FIRST_S * SECOND + spread_of(device_id, first);
}

void timetable_hear(struct timetable *t, uint64_t now)
{
        t->offline = timetable_add(now, t->silence);
        if (t->is_quiet)
                timetable_report(t, now);
}

void timetable_report(struct timetable *t, uint64_t now)
{
        t->due = timetable_add(now + t->spread, t->late);
}
