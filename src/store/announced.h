/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which entities other programs may have been given of a subject, a device or the hub, so that the
 * hub can take back what a subject has no more, also after a restart.
 *
 * Nothing here waits for the disk: a power cut takes at most what was announced just before it.
 */

#include "store/store.h"

#define STORE_SUBJECT_SIZE  64   /* the name of a subject, with the NUL */
#define STORE_ENTITIES_SIZE 8192 /* the text for its entities, with the NUL */

/* Notes the entities of a subject in place of those noted before. 0; -EMSGSIZE; -errno. */
int store_announce(struct store *store, const char *subject, const char *entities);

/* Nothing is left of it. 0, also if it was not there, or -errno. */
int store_withdraw(struct store *store, const char *subject);

/* Calls @on_subject for all of them; it must not use the store. 0 or -errno. */
int store_each_announced(struct store *store,
                         void (*on_subject)(void *userdata, const char *subject,
                                            const char *entities),
                         void *userdata);
