/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lines of text, each for its time; those for the same time in the order they came. */

#include <stddef.h>
#include <stdint.h>

#include "util/defer.h"

#define AGENDA_MAX 10000 /* lines at once */

struct agenda;

int agenda_new(struct agenda **ret_agenda);
struct agenda *agenda_free(struct agenda *agenda);

/* 0, -ENOMEM, or -ENOSPC if there are AGENDA_MAX. */
int agenda_add(struct agenda *agenda, uint64_t when, const char *line);

/* The time of the next line; UINT64_MAX if there is none. */
uint64_t agenda_next(const struct agenda *agenda);

/* Takes the next line out of it, to be freed by the caller; NULL if there is none. */
char *agenda_take(struct agenda *agenda);

size_t agenda_length(const struct agenda *agenda);

DEFINE_DEFER(struct agenda *, agenda_free);
