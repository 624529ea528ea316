/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a person has set for the whole hub while it runs, by name: texts that outlive a restart. */

#include "store/store.h"

#define STORE_PREFERENCE_SIZE 64 /* of a text, with its NUL */

/* 0; STORE_E_NONE if it has not been set; -errno. */
int store_preference_get(struct store *store, const char *name,
                         char ret_text[STORE_PREFERENCE_SIZE]);

/* 0 or -errno. Durable. */
int store_preference_set(struct store *store, const char *name, const char *text);
