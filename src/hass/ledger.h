/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which entities Home Assistant may have of each subject: what was announced last and, until the
 * broker has that, what was announced before. The store keeps it, because what an entity was before
 * a restart has to be taken back as well.
 *
 * Entities are digests (notice.h). Subjects are texts that their owner chooses.
 */

#include "store/store.h"
#include "util/defer.h"

struct ledger;

/* @store lives longer. 0 or -ENOMEM; a store that cannot be read counts as empty. */
int ledger_new(struct store *store, struct ledger **ret_ledger);
struct ledger *ledger_free(struct ledger *ledger);

/* NULL if it has none. Valid until the ledger changes. */
const char *ledger_entities(const struct ledger *ledger, const char *subject);

/* The subject after @subject in no certain order, after NULL the first; NULL at the end. */
const char *ledger_next(const struct ledger *ledger, const char *subject);

/* It is announced with these entities. */
void ledger_announce(struct ledger *ledger, const char *subject, const char *digest);

/* The broker has everything that was announced; or it may have missed any of it. */
void ledger_settle(struct ledger *ledger);
void ledger_doubt(struct ledger *ledger);

/* It is withdrawn with all of its entities. */
void ledger_withdraw(struct ledger *ledger, const char *subject);

DEFINE_DEFER(struct ledger *, ledger_free);
