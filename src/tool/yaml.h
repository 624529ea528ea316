/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A YAML text as a tree of located nodes, and the errors found in it.
 *
 * A getter that finds an error adds it to the list and returns a harmless value, so that its
 * caller continues and finds the others.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

#include "tool/errors.h"

struct yaml {
        yaml_document_t document;
        bool open;
        struct errors *errors;
};

/* One entry of a mapping. */
struct yaml_entry {
        const yaml_node_t *at; /* the key's node, where an error about the key is */
        const char *key;       /* NULL if it cannot be one, which yaml_open() has found */
        const yaml_node_t *value;
};

/* A field that a mapping may have. */
struct yaml_field {
        const char *name;
        bool is_required;
        bool is_misspelt;         /* an unknown field probably is this one */
        const yaml_node_t *value; /* NULL if it is not there */
};

/* Parses the only document of a text; the errors of this and of all that follows go to @errors. */
void yaml_open(struct yaml *yaml, struct errors *errors, const char *text, size_t n_text);
void yaml_close(struct yaml *yaml);

/* Adds an error, or a warning, at a node. A NULL @node is the first line. */
void yaml_fail(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void yaml_warn(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The outermost node; NULL if there is none, which is an error. */
const yaml_node_t *yaml_root(struct yaml *yaml);

/*
 * The entry number @at, from 0, of a mapping, and true; false after the last, or if @node is not
 * one. @what names the node in the error.
 */
bool yaml_entry(struct yaml *yaml, const yaml_node_t *node, const char *what, size_t at,
                struct yaml_entry *ret_entry);

/*
 * Takes the values of a mapping's fields. A field that is unknown is an error, and so is one that
 * is required and missing. @what names the mapping; "" is the file.
 */
void yaml_take(struct yaml *yaml, const yaml_node_t *node, const char *what,
               struct yaml_field *fields, size_t n_fields);

/* The item number @at, from 0, of a sequence; NULL after the last, or if @node is not one. */
const yaml_node_t *yaml_item(struct yaml *yaml, const yaml_node_t *node, const char *what,
                             size_t at);

/* How many entries or items a node has; 0 for a scalar. */
size_t yaml_count(const yaml_node_t *node);

/*
 * A scalar's text; "" if it is not one, or has a tag. yaml_is_plain(): it stands there without
 * quotes or tag.
 */
const char *yaml_text(struct yaml *yaml, const yaml_node_t *node, const char *what);
bool yaml_is_plain(const yaml_node_t *node);

/* The text after a tag; NULL if @node is not a scalar with this tag. */
const char *yaml_tagged(const yaml_node_t *node, const char *tag);

/* An integer from @min to @max; 0 after an error. */
int64_t yaml_integer(struct yaml *yaml, const yaml_node_t *node, const char *what, int64_t min,
                     int64_t max);

/* yes, no, true, false. */
bool yaml_boolean(struct yaml *yaml, const yaml_node_t *node, const char *what);
bool yaml_is_boolean(const char *text, bool *ret_value);

/* Decimal digits, without leading zeros, after a minus sign if there is one. */
bool yaml_is_integer(const char *text, int64_t *ret_value);

/*
 * Whether a plain text is one that YAML, or a person, reads as a number, a boolean or nothing,
 * although yaml_is_integer() and yaml_is_boolean() do not.
 */
bool yaml_is_ambiguous(const char *text);
