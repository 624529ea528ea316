/* SPDX-License-Identifier: Apache-2.0 */

#include "air/chance.h"

/* The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * 2014): a bijection that leaves no trace of counting. */
static uint64_t chance_mix(uint64_t x)
{
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

struct chance chance_new(uint64_t seed, uint64_t name)
{
        return (struct chance){.state = chance_mix(chance_mix(seed) + name)};
}

uint64_t chance_draw(struct chance *chance)
{
        chance->state += UINT64_C(0x9e3779b97f4a7c15);
        return chance_mix(chance->state);
}

uint32_t chance_below(struct chance *chance, uint32_t limit)
{
        return (uint32_t)(((chance_draw(chance) >> 32) * limit) >> 32);
}

bool chance_hits(struct chance *chance, double probability)
{
        /* 53 bits are what a double holds exactly; 1 is never reached, so that 1 always hits. */
        return (double)(chance_draw(chance) >> 11) * 0x1p-53 < probability;
}
