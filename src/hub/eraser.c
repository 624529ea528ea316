/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/eraser.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

struct eraser {
        struct store *store;
        sd_event_source *turn;
        uint64_t first; /* when it was armed; only while it is */
        bool is_failing;
};

uint64_t eraser_pause(uint64_t first, uint64_t now)
{
        uint64_t elapsed = (now - first) / 1000;
        uint64_t left = elapsed < ERASER_LATEST_MSEC ? ERASER_LATEST_MSEC - elapsed : 0;

        return left < ERASER_QUIET_MSEC ? left : ERASER_QUIET_MSEC;
}

/* A failure is logged once, and not again before an attempt has succeeded. */
static int eraser_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct eraser *e = userdata;
        int r;

        (void)usec;
        r = store_forget_past(e->store);
        if (r < 0) {
                if (!e->is_failing)
                        (void)log_errno(r, "Cannot empty the log of the store");
                e->first = time_now_usec();
                loop_rearm_timer(source, ERASER_LATEST_MSEC);
        }
        e->is_failing = r < 0;
        return 0;
}

void eraser_note(struct eraser *eraser)
{
        uint64_t now = time_now_usec();

        if (!store_has_past(eraser->store))
                return;
        if (!loop_is_armed(eraser->turn))
                eraser->first = now;
        loop_rearm_timer(eraser->turn, eraser_pause(eraser->first, now));
}

int eraser_new(sd_event *event, struct store *store, struct eraser **ret_eraser)
{
        _defer_(eraser_free) struct eraser *e = calloc(1, sizeof(*e));
        int r;

        if (!e)
                return -ENOMEM;
        e->store = store;
        r = loop_add_timer(event, &e->turn, eraser_on_turn, e);
        if (r < 0)
                return r;
        eraser_note(e);
        *ret_eraser = take(e);
        return 0;
}

struct eraser *eraser_free(struct eraser *eraser)
{
        if (!eraser)
                return NULL;
        loop_drop(&eraser->turn);
        free(eraser);
        return NULL;
}
