/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/callers.h"

#include <stdio.h>
#include <string.h>

bool callers_admit(struct callers *callers, const char *name)
{
        size_t i;

        for (i = 0; i < CALLERS_MAX - 1 && callers->of[i].name[0]; i++)
                if (strncmp(callers->of[i].name, name, CALLERS_NAME_SIZE - 1) == 0)
                        break;
        (void)snprintf(callers->of[i].name, CALLERS_NAME_SIZE, "%s", name);
        if (callers->of[i].n_answers >= CALLERS_ANSWERS_MAX)
                return false;
        callers->of[i].n_answers++;
        return true;
}

void callers_clear(struct callers *callers)
{
        *callers = (struct callers){0};
}
