/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Events as they happen: those of one enrollment until it has ended, or all of them until an
 * interrupt or the end of the time. An interrupt (Ctrl-C, SIGTERM) cancels the enrollment; a second
 * one does not wait for the daemon's answer.
 */

#include "ctl/client.h"
#include "ctl/output.h"
#include "util/defer.h"

struct follow;

/*
 * Subscribes, before anything is started so that no event is missed. @timeout_s bounds the whole
 * enrollment or watch, 0: only the daemon's own limits apply, or none. From here on interrupts are
 * held back until follow_enrollment() or follow_everything(). 0, or CLIENT_E_FAULT.
 */
int follow_new(struct client *client, struct output *output, unsigned timeout_s,
               struct follow **ret_follow, struct fault *ret_fault);
struct follow *follow_free(struct follow *follow);

/* Shows the events of @transaction; returns the program's exit code. */
int follow_enrollment(struct follow *follow, const char *transaction);

/*
 * Shows all events until an interrupt or the end of the time, also those of a daemon that is
 * started meanwhile; returns the program's exit code.
 */
int follow_everything(struct follow *follow);

DEFINE_DEFER(struct follow *, follow_free);
