/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When one device is due to be visited though it says nothing, and from when on it is not there any
 * more. Pure: the clock is the caller's, in microseconds.
 *
 * What a device reports regularly is late when it has missed one report, that is, two periods after
 * the last. A device on the mains can be asked then, and one of which it is not known whether it
 * sleeps can be tried; one that sleeps comes by itself. A device on the mains that reports nothing
 * regularly is due when it has not been heard for TIMETABLE_QUIET_S.
 *
 * It is not there any more when it has not been heard for three periods, of its reports or of its
 * sleep, whichever are longer. Without any period, the setting says after how long.
 *
 *                    says          1 period      2 periods     3 periods
 *      mains, unknown |-------------|-------------| due ------->| offline
 *      sleeps         |-------------|-------------|------------>| offline
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/channel.h"
#include "store/device.h"

#define TIMETABLE_QUIET_S   600 /* as long as zigbee2mqtt waits for a device on the mains */
#define TIMETABLE_SILENCE_S 30  /* the shortest: it may be missed while connections are made */

#define TIMETABLE_NEVER UINT64_MAX

/* What the device's half says of it. */
struct timetable_terms {
        enum store_presence presence;
        uint32_t sleep_s;         /* of STORE_SLEEPS, at most */
        uint32_t period_s;        /* the shortest of what it reports; 0: nothing regularly */
        uint32_t offline_after_s; /* the setting; 0: never */
};

struct timetable {
        uint64_t late, silence; /* from the last report, and from the last sign of it; or never */
        bool is_quiet;          /* every sign of it puts off the visit, not only a report */
        uint64_t spread;        /* so that devices of one kind are not due at the same time */
        uint64_t due, offline;  /* when it is to be visited, and is offline; or never */
};

/* The shortest period of the channels that are reported regularly, in s; 0 if there is none. */
uint32_t timetable_period(const struct store_channel *channels, size_t n_channels);

/* Begins at @now, with a first visit soon; the device is not there until it is heard. */
void timetable_init(struct timetable *t, const struct timetable_terms *terms,
                    const uint8_t device_id[STORE_DEVICE_ID_BYTES], uint64_t now);

/* A sign of the device; and a report, or a visit that could have brought one. */
void timetable_hear(struct timetable *t, uint64_t now);
void timetable_report(struct timetable *t, uint64_t now);
