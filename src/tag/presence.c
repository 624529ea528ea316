/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/presence.h"

#include <string.h>

#define RANDOM_BYTES 4
#define RANDOM_FIRST 0x08 /* ISO/IEC 14443-3, table 4 */

static bool is_random(const uint8_t *uid, size_t n_uid)
{
        return n_uid == RANDOM_BYTES && uid[0] == RANDOM_FIRST;
}

static bool is_same(const struct presence *p, const uint8_t *uid, size_t n_uid)
{
        if (is_random(uid, n_uid) && is_random(p->uid, p->n_uid))
                return true;
        return p->n_uid == n_uid && memcmp(p->uid, uid, n_uid) == 0;
}

bool presence_see(struct presence *p, const uint8_t *uid, size_t n_uid)
{
        bool is_new = !p->is_there || !is_same(p, uid, n_uid);

        p->is_there = true;
        p->n_missed = 0;
        memcpy(p->uid, uid, n_uid);
        p->n_uid = n_uid;
        return is_new;
}

void presence_miss(struct presence *p)
{
        if (++p->n_missed >= PRESENCE_MISSES)
                presence_forget(p);
}

void presence_forget(struct presence *p)
{
        memset(p, 0, sizeof(*p));
}
