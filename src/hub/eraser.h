/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Erases what was wiped from the store, above all the sealed code of a device that has confirmed.
 *
 * Until the store's write-ahead log is emptied, the files hold what a row does not hold any more.
 * Emptying it costs more syncs than an enrollment, so it is done once for all devices that confirm
 * one soon after the other: when none has confirmed for a while, and at the latest some time after
 * the first of them. If the daemon is killed before, the store does it when it is opened.
 */

#include <stdint.h>

#include <systemd/sd-event.h>

#include "store/store.h"
#include "util/defer.h"

#define ERASER_QUIET_MSEC  2000  /* after the last device has confirmed */
#define ERASER_LATEST_MSEC 30000 /* after the first one has; and between two attempts that fail */

struct eraser;

/* @store outlives it. What the store could not erase when it was opened is noted. 0 or -errno. */
int eraser_new(sd_event *event, struct store *store, struct eraser **ret_eraser);

/* What is not erased yet is left to the closing of the store. Takes NULL, returns NULL. */
struct eraser *eraser_free(struct eraser *eraser);

/* A device has confirmed, or something else was wiped. Does nothing if the store has no past. */
void eraser_note(struct eraser *eraser);

/*
 * How many ms from @now the log is emptied, if a device has confirmed now and @first was when the
 * first one did since the log was emptied last. Both in microseconds, on the clock of util/time.h.
 */
uint64_t eraser_pause(uint64_t first, uint64_t now);

DEFINE_DEFER(struct eraser *, eraser_free);
