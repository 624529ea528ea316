/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool yaml_failed(const struct yaml *yaml)
{
        return yaml->error[0] != '\0';
}

__attribute__((format(printf, 3, 0))) static void
yaml_fail_at(struct yaml *yaml, const yaml_mark_t *mark, const char *format, va_list arguments)
{
        int n;

        if (yaml_failed(yaml))
                return;
        n = snprintf(yaml->error, sizeof(yaml->error), "%zu:%zu: ", mark->line + 1,
                     mark->column + 1);
        (void)vsnprintf(yaml->error + n, sizeof(yaml->error) - (size_t)n, format, arguments);
}

void yaml_fail(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
{
        const yaml_mark_t first = {0};
        va_list arguments;

        va_start(arguments, format);
        yaml_fail_at(yaml, node ? &node->start_mark : &first, format, arguments);
        va_end(arguments);
}

__attribute__((format(printf, 3, 4))) static void
yaml_fail_mark(struct yaml *yaml, const yaml_mark_t *mark, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        yaml_fail_at(yaml, mark, format, arguments);
        va_end(arguments);
}

/* Refuses keys that are not scalars or not unique, in any mapping of the document. */
static void yaml_check_keys(struct yaml *yaml, const yaml_node_t *mapping)
{
        const yaml_node_pair_t *start = mapping->data.mapping.pairs.start;

        for (const yaml_node_pair_t *p = start; p < mapping->data.mapping.pairs.top; p++) {
                const yaml_node_t *key = yaml_document_get_node(&yaml->document, p->key);

                if (key->type != YAML_SCALAR_NODE) {
                        yaml_fail(yaml, key, "a field's name must be a word");
                        continue;
                }
                for (const yaml_node_pair_t *q = start; q < p; q++) {
                        const yaml_node_t *other = yaml_document_get_node(&yaml->document, q->key);

                        if (other->type == YAML_SCALAR_NODE &&
                            strcmp((const char *)other->data.scalar.value,
                                   (const char *)key->data.scalar.value) == 0)
                                yaml_fail(yaml, key, "%s: is a duplicate",
                                          (const char *)key->data.scalar.value);
                }
        }
}

static void yaml_check(struct yaml *yaml)
{
        for (const yaml_node_t *n = yaml->document.nodes.start; n < yaml->document.nodes.top; n++) {
                if (n->type == YAML_MAPPING_NODE)
                        yaml_check_keys(yaml, n);
                if (n->type == YAML_SCALAR_NODE &&
                    memchr(n->data.scalar.value, '\0', n->data.scalar.length))
                        yaml_fail(yaml, n, "the text contains a NUL");
        }
}

/* Text behind "---" or "..." would be ignored silently. */
static void yaml_check_end(struct yaml *yaml, yaml_parser_t *parser)
{
        yaml_document_t more;
        const yaml_node_t *root;

        if (!yaml_parser_load(parser, &more)) {
                yaml_fail_mark(yaml, &parser->problem_mark, "%s",
                               parser->problem ? parser->problem : "out of memory");
                return;
        }
        root = yaml_document_get_root_node(&more);
        if (root)
                yaml_fail(yaml, root, "a second document begins here; only one is allowed");
        yaml_document_delete(&more);
}

void yaml_open(struct yaml *yaml, const char *text, size_t n_text)
{
        yaml_parser_t parser;

        memset(yaml, 0, sizeof(*yaml));
        if (!yaml_parser_initialize(&parser)) {
                yaml_fail(yaml, NULL, "out of memory");
                return;
        }
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, n_text);
        if (yaml_parser_load(&parser, &yaml->document)) {
                yaml->open = true;
                yaml_check(yaml);
                if (yaml_document_get_root_node(&yaml->document))
                        yaml_check_end(yaml, &parser);
        } else
                yaml_fail_mark(yaml, &parser.problem_mark, "%s",
                               parser.problem ? parser.problem : "out of memory");
        yaml_parser_delete(&parser);
}

void yaml_close(struct yaml *yaml)
{
        if (yaml->open)
                yaml_document_delete(&yaml->document);
        yaml->open = false;
}

const yaml_node_t *yaml_root(struct yaml *yaml)
{
        const yaml_node_t *root = yaml->open ? yaml_document_get_root_node(&yaml->document) : NULL;

        if (!root)
                yaml_fail(yaml, NULL, "the file is empty");
        return root;
}

bool yaml_entry(struct yaml *yaml, const yaml_node_t *node, const char *what, size_t at,
                const char **ret_key, const yaml_node_t **ret_value)
{
        const yaml_node_pair_t *pair;

        if (node->type != YAML_MAPPING_NODE) {
                yaml_fail(yaml, node, "%s: must be a mapping, {field: value, ...}", what);
                return false;
        }
        if (yaml_failed(yaml) || at >= yaml_count(node))
                return false;
        pair = node->data.mapping.pairs.start + at;
        *ret_key =
                (const char *)yaml_document_get_node(&yaml->document, pair->key)->data.scalar.value;
        *ret_value = yaml_document_get_node(&yaml->document, pair->value);
        return true;
}

const yaml_node_t *yaml_item(struct yaml *yaml, const yaml_node_t *node, const char *what,
                             size_t at)
{
        if (node->type != YAML_SEQUENCE_NODE) {
                yaml_fail(yaml, node, "%s: must be a list, [item, ...]", what);
                return NULL;
        }
        if (yaml_failed(yaml) || at >= yaml_count(node))
                return NULL;
        return yaml_document_get_node(&yaml->document, node->data.sequence.items.start[at]);
}

size_t yaml_count(const yaml_node_t *node)
{
        if (node->type == YAML_MAPPING_NODE)
                return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
        if (node->type == YAML_SEQUENCE_NODE)
                return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
        return 0;
}

const char *yaml_text(struct yaml *yaml, const yaml_node_t *node, const char *what)
{
        if (node->type == YAML_SCALAR_NODE)
                return (const char *)node->data.scalar.value;
        yaml_fail(yaml, node, "%s: must be a single value", what);
        return "";
}

bool yaml_has_tag(const yaml_node_t *node, const char *tag)
{
        return node->tag && strcmp((const char *)node->tag, tag) == 0;
}

bool yaml_is_plain(const yaml_node_t *node)
{
        return node->type == YAML_SCALAR_NODE &&
               node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
               yaml_has_tag(node, YAML_DEFAULT_SCALAR_TAG);
}

bool yaml_is_integer(const char *text, int64_t *ret_value)
{
        long long value;
        char *end;

        errno = 0;
        value = strtoll(text, &end, 10);
        if (errno || end == text || *end || text[0] == '+' || text[0] == ' ')
                return false;
        *ret_value = value;
        return true;
}

int64_t yaml_integer(struct yaml *yaml, const yaml_node_t *node, const char *what, int64_t min,
                     int64_t max)
{
        int64_t value = 0;

        if (yaml_is_integer(yaml_text(yaml, node, what), &value) && value >= min && value <= max)
                return value;
        yaml_fail(yaml, node, "%s: must be a number from %" PRId64 " to %" PRId64, what, min, max);
        return min;
}

bool yaml_is_boolean(const char *text, bool *ret_value)
{
        bool yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;

        if (!yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
                return false;
        *ret_value = yes;
        return true;
}

bool yaml_boolean(struct yaml *yaml, const yaml_node_t *node, const char *what)
{
        bool value = false;

        if (!yaml_is_boolean(yaml_text(yaml, node, what), &value))
                yaml_fail(yaml, node, "%s: must be yes or no", what);
        return value;
}
