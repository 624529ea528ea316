/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/choice.h"
#include "util/defer.h"

/* --- errors --- */

static const yaml_mark_t first_line = {0};

static const yaml_mark_t *mark_of(const yaml_node_t *node)
{
        return node ? &node->start_mark : &first_line;
}

void yaml_fail(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        errors_add(yaml->errors, false, mark_of(node)->line + 1, mark_of(node)->column + 1, format,
                   arguments);
        va_end(arguments);
}

void yaml_warn(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        errors_add(yaml->errors, true, mark_of(node)->line + 1, mark_of(node)->column + 1, format,
                   arguments);
        va_end(arguments);
}

__attribute__((format(printf, 3, 4))) static void
yaml_fail_mark(struct yaml *yaml, const yaml_mark_t *mark, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        errors_add(yaml->errors, false, mark->line + 1, mark->column + 1, format, arguments);
        va_end(arguments);
}

/* --- syntax --- */

/* What libyaml says, and what a person has to know to mend it. The first row that fits counts. */
static const struct {
        const char *problem, *text;
} syntax[] = {
        /* clang-format off */
        {"did not find expected ',' or '}'",
         "a comma, or the brace } that closes the mapping, is missing before this"},
        {"did not find expected ',' or ']'",
         "a comma, or the bracket ] that closes the list, is missing before this"},
        {"did not find expected key",
         "a field, \"name: value\", must begin here; check the indentation and the quotation marks"},
        {"did not find expected '-' indicator",
         "an item of the list, \"- ...\", must begin here; check the indentation"},
        {"did not find expected node content", "a value is missing before this"},
        {"mapping values are not allowed",
         "a colon followed by a space is not possible here; check the indentation, or put the text in quotation marks"},
        {"block sequence entries are not allowed",
         "an item of a list, \"- ...\", cannot begin here; begin it on a line of its own"},
        {"could not find expected ':'", "a colon is missing before this; a field is \"name: value\""},
        {"found undefined alias",
         "a text that begins with * must be in quotation marks; otherwise it is the name of an anchor, and this one does not exist"},
        {"found unexpected end of stream", "the quotation mark that closes a text before this is missing"},
        {"found unexpected document indicator", "the quotation mark that closes a text before this is missing"},
        {"found unknown escape character",
         "there is no such escape sequence in double quotation marks; write a backslash as \\\\"},
        {"control characters are not allowed", "there is a control character here; remove it"},
        {"invalid", "the bytes here are not UTF-8; save the file as UTF-8"},
        {"unexpected low surrogate", "the file is not valid UTF-16; save it as UTF-8"},
        {"incomplete", "the bytes here are not UTF-8; save the file as UTF-8"},
        {"found unexpected ':'", "a text with a colon in it must be in quotation marks here"},
        {"did not find expected <document start>",
         "the file is one mapping, and this does not belong to it; check the indentation, and remove the line \"...\" if there is one before it"},
        /* clang-format on */
};

/* The place of a byte. */
static yaml_mark_t mark_at(const char *text, size_t at)
{
        yaml_mark_t mark = {0};

        for (size_t i = 0; i < at; i++)
                if (text[i] == '\n') {
                        mark.line++;
                        mark.column = 0;
                } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
                        mark.column++;
                }
        return mark;
}

/* The character at a place, 0 at the end of the text. */
static char character_at(const char *text, size_t n_text, const yaml_mark_t *mark)
{
        size_t at = 0;

        for (size_t line = 0; at < n_text && line < mark->line; at++)
                line += text[at] == '\n';
        for (size_t column = 0; at < n_text && column < mark->column; column++)
                do
                        at++;
                while (at < n_text && ((unsigned char)text[at] & 0xc0) == 0x80);
        return at < n_text ? text[at] : '\0';
}

static bool begins(const char *text, const char *with)
{
        return text && strncmp(text, with, strlen(with)) == 0;
}

/*
 * The place of a character that begins nothing, or something else than a text: by libyaml's words
 * that is one problem, or the beginning of a token that it cannot read to its end.
 */
static const yaml_mark_t *mark_of_character(const yaml_parser_t *parser)
{
        if (begins(parser->problem, "found character that cannot start any token") ||
            begins(parser->problem, "found a tab"))
                return &parser->problem_mark;
        if (begins(parser->context, "while scanning a") &&
            !begins(parser->context, "while scanning a quoted scalar") &&
            !begins(parser->context, "while scanning a simple key") &&
            !begins(parser->context, "while scanning a plain scalar"))
                return &parser->context_mark;
        return NULL;
}

static void fail_character(struct yaml *yaml, const yaml_mark_t *mark, char character)
{
        if (character == '\t')
                yaml_fail_mark(yaml, mark, "a tab cannot indent a line; use spaces");
        else
                yaml_fail_mark(yaml, mark,
                               "a text that begins with %c must be in quotation marks: \"%c...\"",
                               character, character);
}

static void yaml_fail_syntax(struct yaml *yaml, const yaml_parser_t *parser, const char *text,
                             size_t n_text)
{
        const char *problem = parser->problem ? parser->problem : "out of memory";
        const yaml_mark_t *character = mark_of_character(parser);
        yaml_mark_t mark = parser->problem_mark;

        if (parser->error != YAML_READER_ERROR && character) {
                fail_character(yaml, character, character_at(text, n_text, character));
                return;
        }
        if (parser->error == YAML_READER_ERROR)
                mark = mark_at(text,
                               parser->problem_offset < n_text ? parser->problem_offset : n_text);
        for (size_t i = 0; i < ELEMENTSOF(syntax); i++)
                if (begins(problem, syntax[i].problem))
                        problem = syntax[i].text;
        if (parser->context && parser->context_mark.line != mark.line)
                yaml_fail_mark(yaml, &mark, "%s (it belongs to what begins on line %zu)", problem,
                               parser->context_mark.line + 1);
        else
                yaml_fail_mark(yaml, &mark, "%s", problem);
}

/* "name:$name", whose colon is part of the name because no space follows it. */
static bool lacks_space(struct yaml *yaml, const yaml_node_pair_t *pair)
{
        const yaml_node_t *key = yaml_document_get_node(&yaml->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&yaml->document, pair->value);

        return yaml_is_plain(key) && yaml_is_plain(value) && value->data.scalar.length == 0 &&
               strchr((const char *)key->data.scalar.value, ':');
}

/* Finds keys that are not scalars or not unique, in any mapping of the document. */
static void yaml_check_keys(struct yaml *yaml, const yaml_node_t *mapping)
{
        const yaml_node_pair_t *start = mapping->data.mapping.pairs.start;

        for (const yaml_node_pair_t *p = start; p < mapping->data.mapping.pairs.top; p++) {
                const yaml_node_t *key = yaml_document_get_node(&yaml->document, p->key);

                if (key->type != YAML_SCALAR_NODE) {
                        yaml_fail(yaml, key,
                                  "a field's name must be a word; a text with { or [ in it must be "
                                  "in quotation marks");
                        continue;
                }
                if (lacks_space(yaml, p))
                        yaml_fail(yaml, key, "%s: a space is missing after the colon",
                                  (const char *)key->data.scalar.value);
                for (const yaml_node_pair_t *q = start; q < p; q++) {
                        const yaml_node_t *other = yaml_document_get_node(&yaml->document, q->key);

                        if (other->type == YAML_SCALAR_NODE &&
                            strcmp((const char *)other->data.scalar.value,
                                   (const char *)key->data.scalar.value) == 0)
                                yaml_fail(yaml, key,
                                          "%s: is a duplicate; it is already on line %zu",
                                          (const char *)key->data.scalar.value,
                                          other->start_mark.line + 1);
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
                        yaml_fail(yaml, n, "the text contains a NUL; remove it");
        }
}

/* Text after "---" or "..." would be ignored silently. */
static void yaml_check_end(struct yaml *yaml, yaml_parser_t *parser, const char *text,
                           size_t n_text)
{
        yaml_document_t more;
        const yaml_node_t *root;

        if (!yaml_parser_load(parser, &more)) {
                yaml_fail_syntax(yaml, parser, text, n_text);
                return;
        }
        root = yaml_document_get_root_node(&more);
        if (root)
                yaml_fail(yaml, root,
                          "a second document begins here; a file has only one, so remove the line "
                          "\"---\" before it");
        yaml_document_delete(&more);
}

void yaml_open(struct yaml *yaml, struct errors *errors, const char *text, size_t n_text)
{
        yaml_parser_t parser;

        memset(yaml, 0, sizeof(*yaml));
        yaml->errors = errors;
        if (!yaml_parser_initialize(&parser)) {
                yaml_fail(yaml, NULL, "out of memory");
                return;
        }
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, n_text);
        if (yaml_parser_load(&parser, &yaml->document)) {
                yaml->open = true;
                yaml_check(yaml);
                if (yaml_document_get_root_node(&yaml->document))
                        yaml_check_end(yaml, &parser, text, n_text);
                else
                        yaml_fail(yaml, NULL, "the file is empty");
        } else {
                yaml_fail_syntax(yaml, &parser, text, n_text);
        }
        yaml_parser_delete(&parser);
}

void yaml_close(struct yaml *yaml)
{
        if (yaml->open)
                yaml_document_delete(&yaml->document);
        yaml->open = false;
}

/* --- nodes --- */

const yaml_node_t *yaml_root(struct yaml *yaml)
{
        return yaml->open ? yaml_document_get_root_node(&yaml->document) : NULL;
}

bool yaml_entry(struct yaml *yaml, const yaml_node_t *node, const char *what, size_t at,
                struct yaml_entry *ret_entry)
{
        const yaml_node_pair_t *pair;

        if (node->type != YAML_MAPPING_NODE) {
                yaml_fail(yaml, node, "%s: must be a mapping, {field: value, ...}", what);
                return false;
        }
        if (at >= yaml_count(node))
                return false;
        pair = node->data.mapping.pairs.start + at;
        ret_entry->at = yaml_document_get_node(&yaml->document, pair->key);
        ret_entry->key = NULL;
        if (ret_entry->at->type == YAML_SCALAR_NODE && !lacks_space(yaml, pair))
                ret_entry->key = (const char *)ret_entry->at->data.scalar.value;
        ret_entry->value = yaml_document_get_node(&yaml->document, pair->value);
        return true;
}

/* "channel.leaf", or "leaf" if @what is "". */
static void put_path(const char *what, const char *name, char *ret_path, size_t size)
{
        (void)snprintf(ret_path, size, "%s%s%s", what, what[0] ? "." : "", name);
}

static struct yaml_field *find_field(struct yaml_field *fields, size_t n_fields, const char *name)
{
        for (size_t i = 0; name && i < n_fields; i++)
                if (strcmp(fields[i].name, name) == 0)
                        return &fields[i];
        return NULL;
}

/* A field that was probably meant is not reported as missing, too. */
static void fail_field(struct yaml *yaml, const struct yaml_entry *entry, const char *path,
                       struct yaml_field *fields, size_t n_fields)
{
        struct choice choice = {.n_words = 0};
        struct yaml_field *meant;
        char advice[300];

        for (size_t i = 0; i < n_fields; i++)
                choice_add(&choice, fields[i].name);
        choice_advise(&choice, entry->key, "fields", advice, sizeof(advice));
        yaml_fail(yaml, entry->at, "%s: there is no such field; %s", path, advice);
        meant = find_field(fields, n_fields, choice_nearest(&choice, entry->key));
        if (meant)
                meant->is_misspelt = true;
}

void yaml_take(struct yaml *yaml, const yaml_node_t *node, const char *what,
               struct yaml_field *fields, size_t n_fields)
{
        struct yaml_entry entry;
        char path[96];

        for (size_t i = 0; yaml_entry(yaml, node, what[0] ? what : "the file", i, &entry); i++) {
                struct yaml_field *field = find_field(fields, n_fields, entry.key);

                if (!entry.key)
                        continue; /* yaml_open() has found it */
                put_path(what, entry.key, path, sizeof(path));
                if (field)
                        field->value = entry.value;
                else
                        fail_field(yaml, &entry, path, fields, n_fields);
        }
        for (size_t i = 0; node->type == YAML_MAPPING_NODE && i < n_fields; i++)
                if (fields[i].is_required && !fields[i].is_misspelt && !fields[i].value) {
                        put_path(what, fields[i].name, path, sizeof(path));
                        yaml_fail(yaml, node, "%s: is missing", path);
                }
}

const yaml_node_t *yaml_item(struct yaml *yaml, const yaml_node_t *node, const char *what,
                             size_t at)
{
        if (node->type != YAML_SEQUENCE_NODE) {
                yaml_fail(yaml, node, "%s: must be a list, [item, ...]", what);
                return NULL;
        }
        if (at >= yaml_count(node))
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

/* --- scalars --- */

const char *yaml_text(struct yaml *yaml, const yaml_node_t *node, const char *what)
{
        if (node->type != YAML_SCALAR_NODE)
                yaml_fail(yaml, node, "%s: must be a single value", what);
        else if (strcmp((const char *)node->tag, YAML_DEFAULT_SCALAR_TAG) != 0)
                yaml_fail(yaml, node, "%s: the tag %s is not allowed here; remove it", what,
                          (const char *)node->tag);
        else
                return (const char *)node->data.scalar.value;
        return "";
}

bool yaml_is_plain(const yaml_node_t *node)
{
        return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

const char *yaml_tagged(const yaml_node_t *node, const char *tag)
{
        if (node->type != YAML_SCALAR_NODE || strcmp((const char *)node->tag, tag) != 0)
                return NULL;
        return (const char *)node->data.scalar.value;
}

bool yaml_is_integer(const char *text, int64_t *ret_value)
{
        const char *digits = text + (text[0] == '-');
        long long value;

        if (!digits[0] || digits[strspn(digits, "0123456789")] ||
            (digits[0] == '0' && (digits[1] || digits != text)))
                return false;
        errno = 0;
        value = strtoll(text, NULL, 10);
        if (errno)
                return false;
        *ret_value = value;
        return true;
}

int64_t yaml_integer(struct yaml *yaml, const yaml_node_t *node, const char *what, int64_t min,
                     int64_t max)
{
        const char *text = yaml_text(yaml, node, what);
        int64_t value = 0;

        if (yaml_is_integer(text, &value) && value >= min && value <= max)
                return value;
        if (yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                yaml_fail(yaml, node,
                          "%s: must be a number from %" PRId64 " to %" PRId64 ", not \"%s\"", what,
                          min, max, text);
        return 0;
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
        const char *text = yaml_text(yaml, node, what);
        bool value = false;

        if (!yaml_is_boolean(text, &value) && yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                yaml_fail(yaml, node, "%s: must be yes or no, not \"%s\"", what, text);
        return value;
}

bool yaml_is_ambiguous(const char *text)
{
        static const char *const words[] = {"yes", "no", "true", "false", "on", "off",
                                            "y",   "n",  "null", "~",     ""};
        char *end;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(text, words[i]) == 0)
                        return true;
        if (!strchr("+-.0123456789", text[0]))
                return false;
        (void)strtod(text, &end);
        return *end == '\0';
}
