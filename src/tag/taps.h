/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end of the reader of tags: keeps a connection to enroll-tag for as long as it exists,
 * and does not trust what comes over it.
 *
 * A process that ends, hangs, breaks the protocol or floods the hub is abandoned, and another one
 * is started by the next connection, after a pause that grows. Callbacks must not free the taps.
 */

#include <systemd/sd-event.h>

#include "reason/reason.h"
#include "tag/tap.h"
#include "util/defer.h"

#define TAPS_PATIENCE_MS  35000 /* without a packet: more than TAP_HANG_SEC */
#define TAPS_PAUSE_MS     1000  /* before the next connection; doubles */
#define TAPS_PAUSE_MAX_MS 30000
#define TAPS_BURST        8   /* taps and words of the reader that may come at once, */
#define TAPS_EVERY_MS     250 /* and then one in this time */

struct taps;

enum taps_state {
        TAPS_UNAVAILABLE, /* the service does not answer */
        TAPS_MISSING,     /* it does, and has no reader */
        TAPS_READY,
};

struct taps_handler {
        /* Another state; @name: of the reader, valid during the call, "" unless TAPS_READY. */
        void (*on_state)(void *userdata, enum taps_state state, const char *name);
        /* A tag with a code: 1 to TAP_CODE_MAX bytes, unchecked; valid during the call only. */
        void (*on_code)(void *userdata, const uint8_t *code, size_t n_code);
        /* A tag without one: REASON_TAG_*. */
        void (*on_failed)(void *userdata, enum reason why);
};

/*
 * taps_new() - begin to wait for taps
 * @socket_path: where enroll-tag listens; copied
 * @device: as struct tap_request has it; copied
 * @handler: callbacks, kept by reference; the first comes after this call
 *
 * Return: 0, -EINVAL for another form of device, -ENAMETOOLONG for a path that does not fit a
 * socket address, or another -errno.
 */
int taps_new(sd_event *event, const char *socket_path, const char *device,
             const struct taps_handler *handler, void *userdata, struct taps **ret_taps);
struct taps *taps_free(struct taps *taps);

/* How long a silent process is waited for; TAPS_PATIENCE_MS by default. */
void taps_set_patience(struct taps *taps, unsigned milliseconds);

DEFINE_DEFER(struct taps *, taps_free);
