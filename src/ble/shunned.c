/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/shunned.h"

#include <stdio.h>
#include <string.h>

void shunned_add(struct shunned *shunned, const char *device, uint64_t now)
{
        size_t i = shunned->next;

        shunned->next = (i + 1) % SHUNNED_MAX;
        (void)snprintf(shunned->all[i].device, sizeof(shunned->all[i].device), "%s", device);
        shunned->all[i].until = now + SHUNNED_SEC * UINT64_C(1000000);
}

bool shunned_has(const struct shunned *shunned, const char *device, uint64_t now)
{
        for (size_t i = 0; i < SHUNNED_MAX; i++)
                if (strcmp(shunned->all[i].device, device) == 0 && now < shunned->all[i].until)
                        return true;
        return false;
}
