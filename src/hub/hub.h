/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Builds the daemon: one of each part, and who hears from whom. The only file that knows the whole
 * chain.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "hub/means.h"
#include "site/settings.h"
#include "util/defer.h"

struct hub;

enum {
        HUB_E_REFUSED = 1, /* no start can work before a person has put something right */
};

/*
 * Everything that can be missing at this point and come later is a state; what cannot is logged and
 * returned: 0, HUB_E_REFUSED or -errno. @settings stay in place, and are changed by hub_reload().
 */
int hub_new(sd_event *event, struct settings *settings, const struct places *places,
            struct hub **ret_hub);
struct hub *hub_free(struct hub *hub);

/*
 * Goes on with the settings in @next, as far as they may change now; NULL: those that were read are
 * not valid, which is reported.
 */
void hub_reload(struct hub *hub, const struct settings *next);

/* Ends what is under way, tells everybody, and then the loop. */
void hub_stop(struct hub *hub);

/* Whether it was stopped to be started again. */
bool hub_restarts(const struct hub *hub);

/* Whether enrollctl would be answered now. */
bool hub_is_askable(const struct hub *hub);

DEFINE_DEFER(struct hub *, hub_free);
