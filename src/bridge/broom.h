/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Removes what the broker keeps below the topics of a hub, or of what it has announced to Home
 * Assistant, and that hub does not publish any more: what remains of a store that was lost, of a
 * name that the hub had, of requests that somebody published with the retain flag. The mirror does
 * the same at each connection for what this hub remembers to have published; this looks at the
 * broker.
 */

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "bridge/mirror.h"
#include "mqtt/client.h"
#include "util/defer.h"

struct broom;

/*
 * What is passed lives longer; @hub is this hub's name, and @prefix what announcements begin with.
 * 0 or -ENOMEM.
 */
int broom_new(sd_event *event, struct mqtt_client *client, const struct mirror *mirror,
              const char *hub, const char *prefix, struct broom **ret_broom);

struct broom *broom_free(struct broom *broom);

/* What is asked for and not answered yet fails with REASON_STOPPING; before the faces are freed. */
void broom_stop(struct broom *broom);

/*
 * Sweeps, as api_handler.on_clean() says. Refused as busy while it sweeps already. The outcome's
 * report has "topics", an array of those that were removed or with .dry_run would be, and
 * "dry_run".
 */
void broom_sweep(struct broom *broom, const struct api_request *request,
                 const struct api_later *later);

DEFINE_DEFER(struct broom *, broom_free);
