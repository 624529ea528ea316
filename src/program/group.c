/* SPDX-License-Identifier: Apache-2.0 */

#include "program/group.h"

#include <string.h>

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

#define ROLE_ROW(kind, name, is_required, direction, fits, words, needs)                           \
        {kind, name, is_required, direction, fits, words, needs},
static const struct program_role roles[] = {PROGRAM_ROLES(ROLE_ROW)};

#define NAME_ROW(kind, number, name, text) [kind] = {name, text},
static const struct {
        const char *name, *text;
} kinds[] = {PROGRAM_GROUPS(NAME_ROW)};

const struct program_role *program_role(unsigned kind, size_t index)
{
        for (size_t i = 0; i < N(roles); i++)
                if (roles[i].kind == kind && index-- == 0)
                        return &roles[i];
        return NULL;
}

const char *program_group_name(unsigned kind)
{
        return kind < N(kinds) ? kinds[kind].name : NULL;
}

const char *program_group_text(unsigned kind)
{
        return kind < N(kinds) ? kinds[kind].text : NULL;
}

unsigned program_group_from_name(const char *name)
{
        for (unsigned kind = 1; kind < N(kinds); kind++)
                if (strcmp(kinds[kind].name, name) == 0)
                        return kind;
        return 0;
}

/* Each of the words, with blanks between them, is one of the channel. */
static bool has_words(const struct program_channel *channel, const char *words)
{
        while (*words) {
                size_t n = strcspn(words, " ");

                if (!program_channel_has_word(channel, words, n))
                        return false;
                words += n + (words[n] == ' ');
        }
        return true;
}

bool program_role_fits(const struct program_role *role, const struct program_channel *channel)
{
        if ((channel->direction & role->direction) != role->direction)
                return false;
        switch (channel->type) {
        case PROGRAM_CHANNEL_SWITCH:
                return role->fits & PROGRAM_FITS_SWITCH;
        case PROGRAM_CHANNEL_NUMBER:
                return role->fits & PROGRAM_FITS_NUMBER ||
                       (role->fits & PROGRAM_FITS_RANGE && channel->has_range);
        case PROGRAM_CHANNEL_ENUMERATION:
                return role->fits & PROGRAM_FITS_WORDS && has_words(channel, role->words);
        case PROGRAM_CHANNEL_TEXT:
        case PROGRAM_CHANNEL_BUTTON:
        case PROGRAM_CHANNEL_EVENT:
                break;
        }
        return false;
}

bool program_get_group(const struct program_step *step, struct program_group *ret_group)
{
        struct cbor_reader r = step->arguments;
        struct program_group group = {.kind = PROGRAM_LIGHT};
        unsigned kind = cbor_get_uint_max(&r, UINT8_MAX);

        if (!program_group_name(kind))
                return false;
        group.kind = (enum program_group_kind)kind;
        for (size_t i = 0; program_role(kind, i) && cbor_peek(&r) != CBOR_NONE; i++)
                group.channels[i] = cbor_get_uint_max(&r, UINT8_MAX);
        if (cbor_finish(&r))
                return false;
        *ret_group = group;
        return true;
}

size_t program_count_group(const struct program_group *group)
{
        size_t n = PROGRAM_ROLES_MAX;

        while (n > 0 && group->channels[n - 1] == 0)
                n--;
        return 1 + n;
}

void program_put_group(struct cbor_writer *w, const struct program_group *group)
{
        size_t n = program_count_group(group);

        cbor_put_uint(w, group->kind);
        for (size_t i = 0; i + 1 < n; i++)
                cbor_put_uint(w, group->channels[i]);
}

static const struct program_channel *find_channel(const struct program_channel *channels,
                                                  size_t n_channels, unsigned number)
{
        for (size_t i = 0; i < n_channels; i++)
                if (channels[i].number == number)
                        return &channels[i];
        return NULL;
}

enum program_error program_check_group(const struct program_group *group,
                                       const struct program_channel *channels, size_t n_channels)
{
        const struct program_channel *channel;
        const struct program_role *role;
        unsigned directions = 0;

        for (size_t i = 0; (role = program_role(group->kind, i)); i++) {
                if (group->channels[i] == 0 && !role->is_required)
                        continue;
                channel = find_channel(channels, n_channels, group->channels[i]);
                if (!channel || !program_role_fits(role, channel))
                        return PROGRAM_E_GROUP;
                directions |= channel->direction;
        }
        return directions & PROGRAM_COMMANDED ? PROGRAM_OK : PROGRAM_E_GROUP;
}
