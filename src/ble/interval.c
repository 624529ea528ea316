/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/interval.h"

#include <stdlib.h>
#include <string.h>

#include <ini.h>

/* Bluetooth Core Specification 5.3, volume 4, part E, 7.8.12. */
#define UNIT_MS   1.25
#define UNITS_MIN 6
#define UNITS_MAX 3200

struct limits {
        long min, max; /* in units of 1.25 ms */
};

static int interval_on_line(void *userdata, const char *section, const char *name,
                            const char *value)
{
        struct limits *limits = userdata;

        if (strcmp(section, "LE") != 0)
                return 1;
        if (strcmp(name, "MinConnectionInterval") == 0)
                limits->min = strtol(value, NULL, 0);
        else if (strcmp(name, "MaxConnectionInterval") == 0)
                limits->max = strtol(value, NULL, 0);
        return 1;
}

bool interval_read(const char *path, struct interval *ret_interval)
{
        struct limits limits = {0};

        if (ini_parse(path, interval_on_line, &limits) < 0 || limits.min < UNITS_MIN ||
            limits.min > limits.max || limits.max > UNITS_MAX)
                return false;
        ret_interval->min_ms = (double)limits.min * UNIT_MS;
        ret_interval->max_ms = (double)limits.max * UNIT_MS;
        return true;
}
