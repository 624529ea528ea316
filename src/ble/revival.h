/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What to do about an adapter that does not work any more although it is there and on: bluetoothd
 * does not start or stop a discovery and does not say why, or one runs and hears nothing.
 *
 * There are three steps, taken in this order and each once: to restart the discovery, to switch
 * the adapter off and on, and to give up, which is reported. A discovery that runs is restarted
 * all the time (ble/discovery.h), so for silence the second step is the first. An adapter that is
 * in use, or was switched off and on a short time ago, is not switched off. One that has been given
 * up is switched off and on again after a pause, without another word.
 *
 * Pure: no bus and no clock. One for each adapter; all zero at the beginning.
 */

#include <stdbool.h>
#include <stdint.h>

/* Between two times that it is off, at least. It is doubled each time that this was in vain. */
#define REVIVAL_PAUSE_MIN_USEC (UINT64_C(30) * 1000 * 1000)
#define REVIVAL_PAUSE_MAX_USEC (UINT64_C(600) * 1000 * 1000)

/*
 * Silence is suspicious after this many periods of a discovery, or after this many times the
 * longest silence that ended by itself, whichever is longer; and only on an adapter that has
 * heard so many advertisements.
 */
#define REVIVAL_SILENT_MIN    12
#define REVIVAL_SILENT_FACTOR 8
#define REVIVAL_HEARD_MIN     16

/* An adapter that cannot be switched off because it is in use is given up at this failure. */
#define REVIVAL_IN_USE_MAX 3

enum revival_step {
        REVIVAL_NONE = 0, /* nothing is to be done, or not yet */
        REVIVAL_RESTART,  /* stop the discovery, and start it */
        REVIVAL_POWER,    /* switch the adapter off and on */
        REVIVAL_GIVE_UP,  /* report that nothing has helped */
};

struct revival {
        enum revival_step taken; /* the last one since the adapter worked */
        bool is_silent;          /* they were taken because of silence */
        bool was_off;            /* the adapter has been switched off, */
        uint64_t off_usec;       /* most recently then, */
        uint64_t pause_usec;     /* and not again before that has passed */
        unsigned n_in_use;       /* failures that were left at that because it was in use */
        unsigned n_heard;        /* advertisements; no more than REVIVAL_HEARD_MIN are counted */
        unsigned n_silent;       /* periods since one was heard */
        unsigned n_waited;       /* of them since the last step */
        unsigned n_silent_max;   /* the longest silence that ended by itself */
};

/*
 * A discovery did not start, or stop, for no reason that is known. What is to be done now, at @now
 * of CLOCK_MONOTONIC; @in_use: something is connected through the adapter, or about to be.
 */
enum revival_step revival_fail(struct revival *revival, uint64_t now_usec, bool in_use);

/* A discovery has run for another period. The same. */
enum revival_step revival_wait(struct revival *revival, uint64_t now_usec, bool in_use);

/*
 * A discovery has started and stopped, or has heard something. Whether this ends a failure that got
 * as far as REVIVAL_POWER.
 */
bool revival_work(struct revival *revival);
bool revival_hear(struct revival *revival);
