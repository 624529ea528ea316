/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/farewell.h"

#include <errno.h>
#include <stdlib.h>

#include "util/free.h"
#include "util/loop.h"

#define LOOK_MS   20  /* from one look to the next */
#define LOOKS_MAX 100 /* and then the broker is not waited for */

struct farewell {
        sd_event *event;
        const struct mqtt_client *client;
        sd_event_source *look;
        unsigned n_looks;
};

static int farewell_on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct farewell *f = userdata;

        (void)usec;
        if (mqtt_client_is_idle(f->client) || f->n_looks++ == LOOKS_MAX)
                (void)sd_event_exit(f->event, 0);
        else
                loop_rearm_timer(source, LOOK_MS);
        return 0;
}

int farewell_new(sd_event *event, const struct mqtt_client *client, struct farewell **ret_farewell)
{
        _defer_(farewell_free) struct farewell *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->client = client;
        r = loop_add_timer(event, &f->look, farewell_on_look, f);
        if (r < 0)
                return r;
        *ret_farewell = take(f);
        return 0;
}

struct farewell *farewell_free(struct farewell *farewell)
{
        if (!farewell)
                return NULL;
        loop_drop(&farewell->look);
        (void)sd_event_unref(farewell->event);
        free(farewell);
        return NULL;
}

void farewell_begin(struct farewell *farewell)
{
        loop_rearm_timer(farewell->look, 0);
}
