/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Brings something to its wanted state step by step: in the next turn of the loop whenever
 * something has changed, and again after a pause when bluetoothd has refused.
 */

#include <systemd/sd-event.h>

#define STEPPER_LATER_MS 2000

struct stepper {
        sd_event_source *soon, *later;
        void (*step)(void *userdata);
        void *userdata;
};

int stepper_init(struct stepper *stepper, sd_event *event, void (*step)(void *userdata),
                 void *userdata);
void stepper_done(struct stepper *stepper);

void stepper_soon(struct stepper *stepper);

/* After STEPPER_LATER_MS. */
void stepper_later(struct stepper *stepper);

/* There is nothing left to try again. */
void stepper_cancel(struct stepper *stepper);
