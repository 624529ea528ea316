/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end of enroll-fetch: gives an order to the process behind a socket, and does not trust
 * its answers.
 *
 * One order is under way at a time. It ends with exactly one call of on_end, unless the fetcher is
 * freed. Every other call is for an id of the order that there was none for before.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "fetch/order.h"
#include "util/defer.h"

#define FETCHER_GRACE_SEC 15 /* beyond ORDER_SEC */

struct fetcher;

struct fetcher_handler {
        /* The code for this id, unchecked; valid during the call. Must not free the fetcher. */
        void (*on_code)(void *userdata, const char *id, const char *code, size_t n_code);
        /* The service has none for it. The same. */
        void (*on_absent)(void *userdata, const char *id);
        /* REASON_NONE, REASON_FETCH_* or REASON_INTERNAL. The fetcher may be freed here. */
        void (*on_end)(void *userdata, enum reason why);
};

/* @socket_path: where enroll-fetch listens. 0, -ENOMEM, or -ENAMETOOLONG. */
int fetcher_new(sd_event *event, const char *socket_path, const struct fetcher_handler *handler,
                void *userdata, struct fetcher **ret_fetcher);
struct fetcher *fetcher_free(struct fetcher *fetcher);

/*
 * Gives the order, which is copied. @ca_fd: who may vouch for the service, PEM; -1: those whom the
 * system trusts; stays the caller's. 0; REASON_FETCH_UNAVAILABLE; -errno.
 */
int fetcher_ask(struct fetcher *fetcher, const struct order *order, int ca_fd);

DEFINE_DEFER(struct fetcher *, fetcher_free);
