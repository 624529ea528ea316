/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Brings something to its wanted state step by step: in the next turn of the loop whenever
 * something has changed, and again after a pause when bluetoothd has refused.
 */

#include <systemd/sd-event.h>

#define SETTLE_LATER_MS 2000

struct settle {
        sd_event_source *soon, *later;
        void (*step)(void *userdata);
        void *userdata;
};

int settle_init(struct settle *settle, sd_event *event, void (*step)(void *userdata),
                void *userdata);
void settle_done(struct settle *settle);

void settle_soon(struct settle *settle);

/* After SETTLE_LATER_MS. */
void settle_later(struct settle *settle);

/* There is nothing left to try again. */
void settle_cancel(struct settle *settle);
