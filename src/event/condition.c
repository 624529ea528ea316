/* SPDX-License-Identifier: Apache-2.0 */

#include "event/condition.h"

#include <stddef.h>

#include "util/time.h"

static const bool known[REASON_MAX] = {
        [REASON_READER_UNAVAILABLE] = true, [REASON_CAMERA_MISSING] = true,
        [REASON_NFC_UNAVAILABLE] = true,    [REASON_NFC_MISSING] = true,
        [REASON_BLUETOOTH_DOWN] = true,     [REASON_ADAPTER_MISSING] = true,
        [REASON_ADAPTER_OFF] = true,        [REASON_ADAPTER_BLOCKED] = true,
        [REASON_ADAPTER_STUCK] = true,      [REASON_PORT_UNAVAILABLE] = true,
        [REASON_CLOCK_NOT_SET] = true,      [REASON_SETTINGS_INVALID] = true,
        [REASON_STORE_FULL] = true,         [REASON_STORE_READ_ONLY] = true,
        [REASON_STORE_FAILED] = true,       [REASON_BROKER_REFUSED] = true,
        [REASON_NO_SUBSCRIBER] = true,      [REASON_KEY_NOT_ACKNOWLEDGED] = true,
        [REASON_BROKER_ANONYMOUS] = true,   [REASON_BROKER_INCOMPLETE] = true,
};

bool condition_known(enum reason reason)
{
        return (size_t)reason < REASON_MAX && known[reason];
}

bool condition_set(struct conditions *conditions, enum reason reason, bool on, uint64_t now)
{
        if (!condition_known(reason) || conditions->of[reason].open == on)
                return false;
        conditions->of[reason].open = on;
        conditions->of[reason].since = on ? now : 0;
        return true;
}

bool condition_replace(struct conditions *conditions, enum reason *state, enum reason reason,
                       uint64_t now)
{
        bool changed = *state != reason;

        if (changed)
                (void)condition_set(conditions, *state, false, now);
        /* A state may be what it was assumed to be, and then it has not been a condition yet. */
        if (condition_set(conditions, reason, true, now))
                changed = true;
        *state = reason;
        return changed;
}

bool condition_is_open(const struct conditions *conditions, enum reason reason)
{
        return condition_known(reason) && conditions->of[reason].open;
}

int64_t condition_since(const struct conditions *conditions, enum reason reason)
{
        return condition_is_open(conditions, reason) ? time_shown(conditions->of[reason].since) : 0;
}

enum reason condition_next_known(enum reason before)
{
        for (int reason = (int)before + 1; reason < REASON_MAX; reason++)
                if (known[reason])
                        return (enum reason)reason;
        return REASON_NONE;
}

enum reason condition_next_open(const struct conditions *conditions, enum reason before)
{
        enum reason reason = before;

        do
                reason = condition_next_known(reason);
        while (reason != REASON_NONE && !conditions->of[reason].open);
        return reason;
}
