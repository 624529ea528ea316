/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* When a device can be reached, as a step of a hub half says it. Firmware does not link this. */

#include <stdbool.h>
#include <stdint.h>

#include "program/program.h"

#define PROGRAM_SLEEP_MAX 2592000 /* s: 30 days */

struct program_presence {
        uint32_t sleep_sec; /* that it sleeps at most; 0: it is on the mains, and never sleeps */
};

/* The argument of a presence step; false if it is not right, which a verified half's is. */
bool program_get_presence(const struct program_step *step, struct program_presence *ret_presence);
