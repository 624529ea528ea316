/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/revival.h"

static bool revival_may_switch_off(const struct revival *revival, uint64_t now_usec)
{
        return !revival->was_off || now_usec - revival->off_usec >= revival->pause_usec;
}

/* A longer pause, unless the last time was long ago. */
static void revival_note_off(struct revival *revival, uint64_t now_usec)
{
        bool recent = revival->was_off && now_usec - revival->off_usec < 2 * REVIVAL_PAUSE_MAX_USEC;

        revival->pause_usec = recent ? 2 * revival->pause_usec : REVIVAL_PAUSE_MIN_USEC;
        if (revival->pause_usec > REVIVAL_PAUSE_MAX_USEC)
                revival->pause_usec = REVIVAL_PAUSE_MAX_USEC;
        revival->was_off = true;
        revival->off_usec = now_usec;
}

static enum revival_step revival_take(struct revival *revival, enum revival_step step,
                                      uint64_t now_usec)
{
        revival->taken = step;
        revival->n_waited = revival->n_in_use = 0;
        if (step == REVIVAL_POWER)
                revival_note_off(revival, now_usec);
        return step;
}

/* What follows REVIVAL_RESTART. */
static enum revival_step revival_power(struct revival *revival, uint64_t now_usec, bool in_use)
{
        if (in_use)
                return REVIVAL_NONE;
        return revival_take(revival,
                            revival_may_switch_off(revival, now_usec) ? REVIVAL_POWER
                                                                      : REVIVAL_GIVE_UP,
                            now_usec);
}

enum revival_step revival_fail(struct revival *revival, uint64_t now_usec, bool in_use)
{
        revival->is_silent = false;
        switch (revival->taken) {
        case REVIVAL_NONE:
                return revival_take(revival, REVIVAL_RESTART, now_usec);
        case REVIVAL_RESTART:
                if (in_use && ++revival->n_in_use == REVIVAL_IN_USE_MAX)
                        return revival_take(revival, REVIVAL_GIVE_UP, now_usec);
                return revival_power(revival, now_usec, in_use);
        case REVIVAL_POWER:
                return revival_take(revival, REVIVAL_GIVE_UP, now_usec);
        case REVIVAL_GIVE_UP:
        default:
                break;
        }
        /* It has been reported, and is tried again from time to time. */
        if (in_use || !revival_may_switch_off(revival, now_usec))
                return REVIVAL_NONE;
        return revival_take(revival, REVIVAL_POWER, now_usec);
}

static unsigned revival_patience(const struct revival *revival)
{
        unsigned patience = revival->n_silent_max * REVIVAL_SILENT_FACTOR;

        return patience > REVIVAL_SILENT_MIN ? patience : REVIVAL_SILENT_MIN;
}

enum revival_step revival_wait(struct revival *revival, uint64_t now_usec, bool in_use)
{
        revival->n_silent++;
        revival->n_waited++;
        if (revival->n_heard < REVIVAL_HEARD_MIN || revival->n_waited < revival_patience(revival))
                return REVIVAL_NONE;
        if (revival->taken == REVIVAL_GIVE_UP)
                return REVIVAL_NONE;
        revival->is_silent = true;
        if (revival->taken == REVIVAL_POWER)
                return revival_take(revival, REVIVAL_GIVE_UP, now_usec);
        return revival_power(revival, now_usec, in_use);
}

static bool revival_end(struct revival *revival)
{
        bool was_serious = revival->taken >= REVIVAL_POWER;

        revival->taken = REVIVAL_NONE;
        revival->n_in_use = 0;
        revival->is_silent = false;
        return was_serious;
}

bool revival_work(struct revival *revival)
{
        return !revival->is_silent && revival_end(revival);
}

/* A silence that the adapter's power has ended says nothing about how long one may be. */
bool revival_hear(struct revival *revival)
{
        if (revival->taken != REVIVAL_POWER && revival->n_silent > revival->n_silent_max)
                revival->n_silent_max = revival->n_silent;
        revival->n_silent = revival->n_waited = 0;
        if (revival->n_heard < REVIVAL_HEARD_MIN)
                revival->n_heard++;
        return revival_end(revival);
}
