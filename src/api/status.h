/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's condition as JSON: GetStatus, bridge/info and enrollctl status say the same. */

#include <jansson.h>

#include "api/backend.h"

/* New objects; NULL if memory is short. */
json_t *status_info(const struct api_backend *backend);

/* Load, memory, counters: what a monitoring system wants to draw. @uptime_s is the daemon's. */
json_t *status_health(const struct api_backend *backend, uint64_t uptime_s);

/* An open problem, which stands since @since, Unix time. */
json_t *status_condition(enum reason reason, int64_t since);
