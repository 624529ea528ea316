/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/group.h"

#include <stdio.h>
#include <string.h>

#include "tool/choice.h"

#define PATH_SIZE   32 /* "group.colour_temp" */
#define ADVICE_SIZE 300

static void fail_kind(struct yaml *yaml, const yaml_node_t *node, const char *name)
{
        struct choice choice = {.n_words = 0};
        char advice[ADVICE_SIZE];

        for (unsigned kind = 1; program_group_name(kind); kind++)
                choice_add(&choice, program_group_name(kind));
        choice_advise(&choice, name, "kinds", advice, sizeof(advice));
        yaml_fail(yaml, node, "group.kind: there is no kind \"%s\"; %s", name, advice);
}

/* The kind, which says what other fields there are; 0 after an error. */
static unsigned take_kind(struct yaml *yaml, const yaml_node_t *node)
{
        const yaml_node_t *value = NULL;
        struct yaml_entry entry;
        const char *name;
        unsigned kind;

        for (size_t i = 0; yaml_entry(yaml, node, "group", i, &entry); i++)
                if (entry.key && strcmp(entry.key, "kind") == 0)
                        value = entry.value;
        if (!value) {
                if (node->type == YAML_MAPPING_NODE)
                        yaml_fail(yaml, node, "group.kind: is missing");
                return 0;
        }
        name = yaml_text(yaml, value, "group.kind");
        kind = program_group_from_name(name);
        if (kind == 0 && yaml_tagged(value, YAML_DEFAULT_SCALAR_TAG))
                fail_kind(yaml, value, name);
        return kind;
}

static void fail_leaf(struct scope *scope, const yaml_node_t *node, const char *path,
                      const char *leaf)
{
        struct choice choice = {.n_words = 0};
        char words[CHOICE_MAX][PROGRAM_LEAF_MAX + 1], advice[ADVICE_SIZE] = "add it before";

        for (size_t i = scope->first_channel; i < scope->channels->n && choice.n_words < CHOICE_MAX;
             i++) {
                struct cbor_span text = scope->channels->list[i].channel.leaf;
                char *word = words[choice.n_words];

                (void)snprintf(word, sizeof(words[0]), "%.*s", (int)text.n_bytes,
                               (const char *)text.bytes);
                choice_add(&choice, word);
        }
        if (choice.n_words > 0)
                choice_advise(&choice, leaf, "channels", advice, sizeof(advice));
        yaml_fail(scope->yaml, node, "%s: no step before this one has a channel \"%s\"; %s", path,
                  leaf, advice);
}

/* The channel of this half with this leaf; NULL if there is none. */
static struct scope_channel *find_channel(struct scope *scope, const char *leaf)
{
        for (size_t i = scope->first_channel; i < scope->channels->n; i++) {
                struct scope_channel *c = &scope->channels->list[i];

                if (c->channel.leaf.n_bytes == strlen(leaf) &&
                    memcmp(c->channel.leaf.bytes, leaf, strlen(leaf)) == 0)
                        return c;
        }
        return NULL;
}

/* The channel of a role; NULL after an error. */
static const struct program_channel *
take_channel(struct scope *scope, const struct program_role *role, const yaml_node_t *node)
{
        struct scope_channel *found;
        char path[PATH_SIZE];
        const char *leaf;

        (void)snprintf(path, sizeof(path), "group.%s", role->name);
        leaf = yaml_text(scope->yaml, node, path);
        if (!yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                return NULL;
        found = find_channel(scope, leaf);
        if (!found)
                fail_leaf(scope, node, path, leaf);
        else if (found->group)
                yaml_fail(scope->yaml, node, "%s: \"%s\" is in a group already, on line %zu", path,
                          leaf, found->group->start_mark.line + 1);
        else if (!program_role_fits(role, &found->channel))
                yaml_fail(scope->yaml, node, "%s: must be %s, which \"%s\" is not", path,
                          role->needs, leaf);
        else
                found->group = node;
        return found ? &found->channel : NULL;
}

void group_read(struct scope *scope, const yaml_node_t *node, struct program_group *ret_group)
{
        struct yaml_field fields[1 + PROGRAM_ROLES_MAX] = {{.name = "kind"}};
        unsigned kind = take_kind(scope->yaml, node), directions = 0;
        size_t n_before = scope->yaml->errors->n_errors, n = 0;
        struct program_group group = {.kind = (enum program_group_kind)kind};
        const struct program_role *role;

        *ret_group = group;
        if (kind == 0)
                return;
        for (; (role = program_role(kind, n)); n++)
                fields[1 + n] =
                        (struct yaml_field){.name = role->name, .is_required = role->is_required};
        yaml_take(scope->yaml, node, "group", fields, 1 + n);
        for (size_t i = 0; i < n; i++) {
                const struct program_channel *channel =
                        fields[1 + i].value
                                ? take_channel(scope, program_role(kind, i), fields[1 + i].value)
                                : NULL;

                group.channels[i] = channel ? channel->number : 0;
                directions |= channel ? channel->direction : 0;
        }
        if (!(directions & PROGRAM_COMMANDED) && scope->yaml->errors->n_errors == n_before)
                yaml_fail(scope->yaml, node, "group: none of its channels takes commands");
        *ret_group = group;
}
