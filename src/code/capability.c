/* SPDX-License-Identifier: Apache-2.0 */

#include "code/capability.h"

#include <string.h>

#include "program/channel.h"

/* clang-format off */
static const struct {
        enum capability capability;
        const char *name;
} capabilities[] = {
        { CAPABILITY_CHANNEL_PUBLISH, "channel.publish" },
        { CAPABILITY_CHANNEL_COMMAND, "channel.command" },
        { CAPABILITY_KEY_FORWARD,     "key.forward" },
};
/* clang-format on */

#define N_CAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))

const char *capability_name(unsigned capability)
{
        for (size_t i = 0; i < N_CAPABILITIES; i++)
                if (capabilities[i].capability == capability)
                        return capabilities[i].name;
        return NULL;
}

unsigned capability_from_name(const char *name, size_t n_name)
{
        for (size_t i = 0; i < N_CAPABILITIES; i++)
                if (strlen(capabilities[i].name) == n_name &&
                    memcmp(capabilities[i].name, name, n_name) == 0)
                        return capabilities[i].capability;
        return 0;
}

unsigned capability_of_channel(unsigned direction)
{
        unsigned needs = 0;

        if (direction & PROGRAM_PUBLISHED)
                needs |= CAPABILITY_CHANNEL_PUBLISH;
        if (direction & PROGRAM_COMMANDED)
                needs |= CAPABILITY_CHANNEL_COMMAND;
        return needs;
}
