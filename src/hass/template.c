/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/template.h"

#include <inttypes.h>
#include <stdio.h>

#define POWER_SIZE 24 /* of a 1 and up to 18 zeros */

json_t *template_leaf(const char *leaf, enum template_absent absent)
{
        return json_sprintf("{{ value_json.%s | default('%s') }}", leaf,
                            absent == TEMPLATE_UNKNOWN ? "None" : "");
}

json_t *template_boolean(const char *leaf)
{
        return json_sprintf("{{ value_json.%s | default('') | lower }}", leaf);
}

json_t *template_event(const char *leaf)
{
        return json_sprintf("{%% if value_json.%s is defined %%}"
                            "{{ {'event_type': value_json.%s} | to_json }}{%% endif %%}",
                            leaf, leaf);
}

/* --- numbers --- */

static uint64_t step_of(const struct store_channel *channel)
{
        return channel->step > 0 ? (uint64_t)channel->step : 1;
}

/* How many steps there are from the lowest valid value to the highest. */
static uint64_t steps_of(const struct store_channel *channel)
{
        return ((uint64_t)channel->high - (uint64_t)channel->low) / step_of(channel);
}

bool template_scales(const struct store_channel *channel)
{
        return channel->type == STORE_NUMBER && channel->has_range &&
               channel->high > channel->low &&
               (uint64_t)channel->high - (uint64_t)channel->low <= INT64_MAX &&
               steps_of(channel) > 0;
}

int64_t template_highest(const struct store_channel *channel)
{
        return (int64_t)((uint64_t)channel->low + steps_of(channel) * step_of(channel));
}

/* 10^@exponent, of either sign, without the sign. */
static const char *power_of_ten(int exponent, char ret_text[POWER_SIZE])
{
        int n_zeros = exponent < 0 ? -exponent : exponent;

        (void)snprintf(ret_text, POWER_SIZE, "1%.*s", n_zeros, "000000000000000000");
        return ret_text;
}

/* @steps is an expression that counts steps from the lowest value. */
static json_t *value_of_steps(const struct store_channel *channel, const char *steps)
{
        char power[POWER_SIZE];

        (void)power_of_ten(channel->exponent, power);
        if (channel->exponent == 0)
                return json_sprintf("{{ %" PRId64 " + (%s) | round | int * %" PRIu64 " }}",
                                    channel->low, steps, step_of(channel));
        if (channel->exponent > 0)
                return json_sprintf("{{ (%" PRId64 " + (%s) | round | int * %" PRIu64 ") * %s }}",
                                    channel->low, steps, step_of(channel), power);
        return json_sprintf("{{ ((%" PRId64 " + (%s) | round | int * %" PRIu64
                            ") / %s) | round(%d) }}",
                            channel->low, steps, step_of(channel), power, -channel->exponent);
}

json_t *template_to_channel(const struct store_channel *channel, const char *variable,
                            unsigned full)
{
        char steps[64];

        (void)snprintf(steps, sizeof(steps), "%s * %" PRIu64 " / %u", variable, steps_of(channel),
                       full);
        return value_of_steps(channel, steps);
}

json_t *template_from_channel(const struct store_channel *channel, unsigned full)
{
        const char *leaf = channel->leaf;
        char power[POWER_SIZE];

        return json_sprintf("{%% if value_json.%s is defined %%}"
                            "{{ ((value_json.%s %c %s - %" PRId64 ") * %u / %" PRIu64
                            ") | round | int }}"
                            "{%% endif %%}",
                            leaf, leaf, channel->exponent < 0 ? '*' : '/',
                            power_of_ten(channel->exponent, power), channel->low, full,
                            steps_of(channel) * step_of(channel));
}

json_t *template_to_step(const struct store_channel *channel)
{
        char steps[128], power[POWER_SIZE];

        (void)snprintf(steps, sizeof(steps), "(value %c %s - %" PRId64 ") / %" PRIu64,
                       channel->exponent < 0 ? '*' : '/', power_of_ten(channel->exponent, power),
                       channel->low, step_of(channel));
        return value_of_steps(channel, steps);
}
