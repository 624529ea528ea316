/* SPDX-License-Identifier: Apache-2.0 */

#include "room/agenda.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
        struct entry *next;
        uint64_t when;
        char *line;
};

struct agenda {
        struct entry *first;
        size_t n_entries;
};

int agenda_new(struct agenda **ret_agenda)
{
        struct agenda *a = calloc(1, sizeof(*a));

        if (!a)
                return -ENOMEM;
        *ret_agenda = a;
        return 0;
}

struct agenda *agenda_free(struct agenda *agenda)
{
        if (!agenda)
                return NULL;
        while (agenda->first)
                free(agenda_take(agenda));
        free(agenda);
        return NULL;
}

static void agenda_insert(struct agenda *a, struct entry *e)
{
        struct entry **at = &a->first;

        while (*at && (*at)->when <= e->when)
                at = &(*at)->next;
        e->next = *at;
        *at = e;
        a->n_entries++;
}

int agenda_add(struct agenda *agenda, uint64_t when, const char *line)
{
        struct entry *e;

        if (agenda->n_entries == AGENDA_MAX)
                return -ENOSPC;
        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->when = when;
        e->line = strdup(line);
        if (!e->line) {
                free(e);
                return -ENOMEM;
        }
        agenda_insert(agenda, e);
        return 0;
}

uint64_t agenda_next(const struct agenda *agenda)
{
        return agenda->first ? agenda->first->when : UINT64_MAX;
}

char *agenda_take(struct agenda *agenda)
{
        struct entry *e = agenda->first;
        char *line;

        if (!e)
                return NULL;
        line = e->line;
        agenda->first = e->next;
        agenda->n_entries--;
        free(e);
        return line;
}

size_t agenda_length(const struct agenda *agenda)
{
        return agenda->n_entries;
}
