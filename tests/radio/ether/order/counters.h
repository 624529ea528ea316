/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What has been counted in a room, as one JSON object. */

#include <stdio.h>

#include "room/room.h"

/*
 * Writes a line with
 *
 *   time_us       simulated time
 *   since_us      when the counters were last set to zero
 *   controllers   by name: plugged, and struct radio_tally
 *   ways          by "A>B", those on which anything was sent: struct tally; att by the opcode's
 *                 name; att_requests of them are requests
 *   att_requests  of all ways
 *
 * 0, or -ENOMEM.
 */
int counters_write(struct room *room, FILE *answer);
