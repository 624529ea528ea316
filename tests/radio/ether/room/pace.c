/* SPDX-License-Identifier: Apache-2.0 */

#include "room/pace.h"

#include <math.h>

struct pace pace_new(uint64_t real, double factor)
{
        return (struct pace){.real = real, .factor = factor};
}

uint64_t pace_now(const struct pace *pace, uint64_t real)
{
        if (real <= pace->real)
                return pace->simulated;
        return pace->simulated + (uint64_t)((double)(real - pace->real) * pace->factor);
}

uint64_t pace_when(const struct pace *pace, uint64_t simulated)
{
        if (simulated == UINT64_MAX)
                return UINT64_MAX;
        if (simulated <= pace->simulated)
                return pace->real;
        return pace->real + (uint64_t)ceil((double)(simulated - pace->simulated) / pace->factor);
}

void pace_change(struct pace *pace, uint64_t simulated, double factor)
{
        *pace = (struct pace){
                .real = pace_when(pace, simulated),
                .simulated = simulated,
                .factor = factor,
        };
}
