/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Owns one of each part of the daemon and is the only file that knows the whole chain: who is asked
 * for what, and who is told what came of it.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "hub/means.h"
#include "site/settings.h"
#include "util/defer.h"

struct manager;

/* Everything that can be missing at this point and come later is a state; what cannot is logged and
 * returned. */
int manager_new(sd_event *event, const struct settings *settings, const struct places *places,
                struct manager **ret_manager);
struct manager *manager_free(struct manager *m);

/* Whether enrollctl would be answered now. */
bool manager_is_askable(const struct manager *m);

DEFINE_DEFER(struct manager *, manager_free);
