/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Looks, at the start and every few seconds, at what changes without a word to the hub: whether
 * what the settings name is there (the socket of the code reader, the camera, the stream ports, the
 * adapters), the issuers' files, the clock. What is missing is a problem of the hub before anybody
 * needs it, and is logged once, together with what is there; those whom a change concerns are
 * notified.
 *
 * A port is not opened and a reader not started for this: that happens when somebody needs it.
 */

#include <systemd/sd-event.h>

#include "hub/herald.h"
#include "hub/intake.h"
#include "hub/means.h"
#include "hub/rounds.h"
#include "hub/settle.h"

struct lookout;

/* Everything outlives the lookout. Looks for the first time in this call. 0 or -errno. */
int lookout_new(const struct job_means *means, struct intake *intake, struct settle *settle,
                struct rounds *rounds, struct lookout **ret_lookout);

/* The adapters have changed: looks at them now. One that is named and not there is a problem even
 * while others work. */
void lookout_at_adapters(struct lookout *lookout);

struct lookout *lookout_free(struct lookout *lookout);

DEFINE_DEFER(struct lookout *, lookout_free);
