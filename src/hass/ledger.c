/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "hass/notice.h"
#include "store/announced.h"
#include "util/free.h"
#include "util/log.h"

/* Digests by subject. */
struct ledger {
        struct store *store;
        json_t *held; /* as in the store */
        json_t *last; /* of those that the broker may not have yet: what was announced last */
};

static void complain(int r)
{
        if (r < 0)
                (void)log_errno(r, "Home Assistant: what is announced cannot be remembered");
}

const char *ledger_entities(const struct ledger *ledger, const char *subject)
{
        return json_string_value(json_object_get(ledger->held, subject));
}

const char *ledger_next(const struct ledger *ledger, const char *subject)
{
        void *at = subject ? json_object_iter_next(ledger->held,
                                                   json_object_iter_at(ledger->held, subject))
                           : json_object_iter(ledger->held);

        return json_object_iter_key(at);
}

/* What has not changed is not written again: usually nothing has. */
static void hold(struct ledger *l, const char *subject, const char *digest)
{
        const char *held = ledger_entities(l, subject);

        if (held && strcmp(held, digest) == 0)
                return;
        complain(store_announce(l->store, subject, digest));
        (void)json_object_set_new(l->held, subject, json_string(digest));
}

void ledger_announce(struct ledger *ledger, const char *subject, const char *digest)
{
        const char *held = ledger_entities(ledger, subject);
        _defer_(json_free) json_t *both = notice_join(held ? held : "", digest);

        (void)json_object_set_new(ledger->last, subject, json_string(digest));
        if (both)
                hold(ledger, subject, json_string_value(both));
}

void ledger_settle(struct ledger *ledger)
{
        const char *subject;
        json_t *digest;

        json_object_foreach(ledger->last, subject, digest)
        {
                hold(ledger, subject, json_string_value(digest));
        }
        ledger_doubt(ledger);
}

void ledger_doubt(struct ledger *ledger)
{
        (void)json_object_clear(ledger->last);
}

void ledger_withdraw(struct ledger *ledger, const char *subject)
{
        complain(store_withdraw(ledger->store, subject));
        (void)json_object_del(ledger->last, subject);
        (void)json_object_del(ledger->held, subject);
}

static void ledger_on_subject(void *userdata, const char *subject, const char *entities)
{
        struct ledger *l = userdata;

        (void)json_object_set_new(l->held, subject, json_string(entities));
}

int ledger_new(struct store *store, struct ledger **ret_ledger)
{
        _defer_(ledger_free) struct ledger *l = calloc(1, sizeof(*l));
        int r;

        if (!l)
                return -ENOMEM;
        l->store = store;
        l->held = json_object();
        l->last = json_object();
        if (!l->held || !l->last)
                return -ENOMEM;
        r = store_each_announced(store, ledger_on_subject, l);
        if (r < 0)
                (void)log_errno(r, "Home Assistant: what was announced cannot be read");
        *ret_ledger = take(l);
        return 0;
}

struct ledger *ledger_free(struct ledger *ledger)
{
        if (!ledger)
                return NULL;
        (void)json_free(ledger->held);
        (void)json_free(ledger->last);
        free(ledger);
        return NULL;
}
