/* SPDX-License-Identifier: Apache-2.0 */

#include "util/sorted.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16

void sorted_done(struct sorted *sorted)
{
        free(sorted->things);
        *sorted = (struct sorted){.things = NULL};
}

size_t sorted_position(const struct sorted *sorted, const uint8_t id[SORTED_ID_BYTES])
{
        size_t low = 0, high = sorted->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (memcmp(sorted->things[middle], id, SORTED_ID_BYTES) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

void *sorted_at(const struct sorted *sorted, size_t at)
{
        return at < sorted->n ? sorted->things[at] : NULL;
}

void *sorted_find(const struct sorted *sorted, const uint8_t id[SORTED_ID_BYTES])
{
        void *thing = sorted_at(sorted, sorted_position(sorted, id));

        return thing && memcmp(thing, id, SORTED_ID_BYTES) == 0 ? thing : NULL;
}

static int make_room(struct sorted *sorted)
{
        size_t n_room = sorted->n_room ? 2 * sorted->n_room : ROOM_FIRST;
        void **things;

        if (sorted->n < sorted->n_room)
                return 0;
        things = reallocarray(sorted->things, n_room, sizeof(void *));
        if (!things)
                return -ENOMEM;
        sorted->things = things;
        sorted->n_room = n_room;
        return 0;
}

int sorted_add(struct sorted *sorted, void *thing)
{
        size_t at = sorted_position(sorted, thing);
        int r;

        r = make_room(sorted);
        if (r < 0)
                return r;
        memmove(sorted->things + at + 1, sorted->things + at, (sorted->n - at) * sizeof(void *));
        sorted->things[at] = thing;
        sorted->n++;
        return 0;
}

void *sorted_take(struct sorted *sorted, size_t at)
{
        void *thing = sorted_at(sorted, at);

        assert(thing);
        sorted->n--;
        memmove(sorted->things + at, sorted->things + at + 1, (sorted->n - at) * sizeof(void *));
        return thing;
}
