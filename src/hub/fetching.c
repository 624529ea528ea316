/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/fetching.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

struct fetching {
        struct fetching_means means;
        const struct fetching_handler *handler;
        void *userdata;
        bool joins;
        struct fetcher *fetcher;
        sd_event_source *turn;

        char (*references)[REFERENCE_SIZE];
        bool *is_settled; /* of each */
        size_t n_references;
        size_t at; /* the first of the present order */
        struct order order;
};

static void fetching_refuse(struct fetching *f, size_t i, enum reason why, const char *detail)
{
        f->is_settled[i] = true;
        f->handler->on_refused(f->userdata, f->references[i], why, detail);
}

/* The place of a reference of the present order. */
static size_t fetching_find(const struct fetching *f, const char *id)
{
        return f->at + order_find(&f->order, id);
}

static void fetching_on_code(void *userdata, const char *id, const char *code, size_t n_code)
{
        struct fetching *f = userdata;
        const struct catalogue_offer offer = {
                .reference = id,
                .code = (const uint8_t *)code,
                .n_code = n_code,
                .name = "",
                .joins = f->joins,
                .now = time_shown(time_now_usec()),
        };
        char detail[CATALOGUE_DETAIL_SIZE] = "";
        size_t i = fetching_find(f, id);
        struct store_entry entry;
        enum reason why;

        why = catalogue_check(f->means.catalogue, &offer, &entry, detail);
        if (why == REASON_NONE && f->handler->on_checked)
                f->handler->on_checked(f->userdata, &entry);
        if (why == REASON_NONE)
                catalogue_keep(f->means.catalogue, &entry, 1, &why);
        if (why != REASON_NONE) {
                fetching_refuse(f, i, why, detail);
                return;
        }
        f->is_settled[i] = true;
        f->handler->on_kept(f->userdata, &entry);
}

static void fetching_on_absent(void *userdata, const char *id)
{
        struct fetching *f = userdata;

        fetching_refuse(f, fetching_find(f, id), REASON_REFERENCE_UNKNOWN,
                        "the web service has none, either");
}

/* Nothing more comes for those before @end. */
static void fetching_give_up(struct fetching *f, size_t end, enum reason why)
{
        for (size_t i = f->at; i < end; i++)
                if (!f->is_settled[i])
                        fetching_refuse(f, i, why, "");
        f->at = end;
}

/* An order that failed is followed by no other: it would end alike. */
static void fetching_on_end(void *userdata, enum reason why)
{
        struct fetching *f = userdata;

        if (why == REASON_NONE)
                fetching_give_up(f, f->at + f->order.n_ids, REASON_FETCH_INCOMPLETE);
        else
                fetching_give_up(f, f->n_references, why);
        loop_rearm(f->turn);
}

static const struct fetcher_handler fetching_fetcher_handler = {
        .on_code = fetching_on_code,
        .on_absent = fetching_on_absent,
        .on_end = fetching_on_end,
};

static int fetching_ask(struct fetching *f)
{
        const struct settings *settings = f->means.settings;
        _defer_(fd_close) int ca = -1;

        memset(&f->order, 0, sizeof(f->order));
        (void)snprintf(f->order.url, sizeof(f->order.url), "%s", settings->catalogue_service);
        while (f->order.n_ids < ORDER_IDS_MAX && f->at + f->order.n_ids < f->n_references) {
                memcpy(f->order.ids[f->order.n_ids], f->references[f->at + f->order.n_ids],
                       REFERENCE_SIZE);
                f->order.n_ids++;
        }
        if (!settings->catalogue_service[0])
                return REASON_FETCH_UNCONFIGURED;
        if (settings->catalogue_ca[0]) {
                ca = open(settings->catalogue_ca, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
                if (ca < 0) {
                        (void)log_errno(-errno, "Cannot open %s", settings->catalogue_ca);
                        return REASON_FETCH_UNTRUSTED;
                }
        }
        return fetcher_ask(f->fetcher, &f->order, ca);
}

/* The next order, or the end. */
static int fetching_on_turn(sd_event_source *source, void *userdata)
{
        struct fetching *f = userdata;
        int r;

        (void)source;
        if (f->at < f->n_references) {
                r = fetching_ask(f);
                if (r == 0)
                        return 0;
                if (r < 0)
                        (void)log_errno(r, "Cannot ask for codes");
                fetching_give_up(f, f->n_references, r < 0 ? REASON_INTERNAL : (enum reason)r);
        }
        f->handler->on_done(f->userdata);
        return 0;
}

int fetching_new(const struct fetching_means *means, const char (*references)[REFERENCE_SIZE],
                 size_t n_references, bool joins, const struct fetching_handler *handler,
                 void *userdata, struct fetching **ret_fetching)
{
        _defer_(fetching_free) struct fetching *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->means = *means;
        f->handler = handler;
        f->userdata = userdata;
        f->joins = joins;
        f->n_references = n_references;
        f->references = calloc(n_references + 1, sizeof(*f->references));
        f->is_settled = calloc(n_references + 1, sizeof(*f->is_settled));
        if (!f->references || !f->is_settled)
                return -ENOMEM;
        memcpy(f->references, references, n_references * sizeof(*f->references));
        r = fetcher_new(means->event, means->socket, &fetching_fetcher_handler, f, &f->fetcher);
        if (r == 0)
                r = loop_arm_defer(means->event, &f->turn, fetching_on_turn, f);
        if (r < 0)
                return r;
        *ret_fetching = take(f);
        return 0;
}

struct fetching *fetching_free(struct fetching *fetching)
{
        if (!fetching)
                return NULL;
        loop_drop(&fetching->turn);
        fetching->fetcher = fetcher_free(fetching->fetcher);
        free(fetching->references);
        free(fetching->is_settled);
        free(fetching);
        return NULL;
}
