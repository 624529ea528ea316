/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/shunned.h"

#include <stdio.h>
#include <string.h>

/* Its place, or SHUNNED_MAX if it has none. */
static size_t shunned_find(const struct shunned *shunned, const char *device)
{
        size_t i = 0;

        while (i < SHUNNED_MAX && strcmp(shunned->all[i].device, device) != 0)
                i++;
        return i;
}

void shunned_add(struct shunned *shunned, const char *device, uint64_t now)
{
        size_t i = shunned_find(shunned, device);

        if (i == SHUNNED_MAX) {
                i = shunned->next;
                shunned->next = (i + 1) % SHUNNED_MAX;
        }
        (void)snprintf(shunned->all[i].device, sizeof(shunned->all[i].device), "%s", device);
        shunned->all[i].until = now + SHUNNED_SEC * UINT64_C(1000000);
}

bool shunned_has(const struct shunned *shunned, const char *device, uint64_t now)
{
        size_t i = shunned_find(shunned, device);

        return i < SHUNNED_MAX && now < shunned->all[i].until;
}
