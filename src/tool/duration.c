/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/duration.h"

#include <stdio.h>
#include <string.h>

#include "util/defer.h"

static const struct {
        const char *name;
        unsigned sec;
} units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};

bool duration_read(const char *text, uint32_t max, uint32_t *ret_sec)
{
        unsigned number;
        char unit[4], rest;

        if (sscanf(text, "%7u %3s %c", &number, unit, &rest) != 2)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strcmp(unit, units[i].name) == 0 && number > 0 &&
                    number <= max / units[i].sec) {
                        *ret_sec = number * units[i].sec;
                        return true;
                }
        return false;
}
