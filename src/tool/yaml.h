/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A YAML text as a tree of located nodes, and the first error found in it.
 *
 * The first error is kept with its place. A getter that fails calls yaml_fail() and returns a
 * harmless value, so that callers continue and check yaml_failed() at the end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

struct yaml {
        yaml_document_t document;
        bool open;
        char error[400]; /* "line:column: what"; empty if nothing is wrong */
};

/* Parses the only document of a text. */
void yaml_open(struct yaml *yaml, const char *text, size_t n_text);
void yaml_close(struct yaml *yaml);

bool yaml_failed(const struct yaml *yaml);

/* Keeps "line:column: ..." as the error, unless there is one. A NULL @node is the first line. */
void yaml_fail(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The outermost node; NULL if there is none. */
const yaml_node_t *yaml_root(struct yaml *yaml);

/*
 * The entry number @at, from 0, of a mapping, and true; false after the last, or if @node is not
 * one. Keys are scalars and unique: yaml_open() has checked that. @what names the node in the
 * error.
 */
bool yaml_entry(struct yaml *yaml, const yaml_node_t *node, const char *what, size_t at,
                const char **ret_key, const yaml_node_t **ret_value);

/* The item number @at, from 0, of a sequence; NULL after the last, or if @node is not one. */
const yaml_node_t *yaml_item(struct yaml *yaml, const yaml_node_t *node, const char *what,
                             size_t at);

/* How many entries or items a node has; 0 for a scalar. */
size_t yaml_count(const yaml_node_t *node);

/* A scalar's text; "" if it is not one. yaml_is_plain(): it stands there without quotes or tag. */
const char *yaml_text(struct yaml *yaml, const yaml_node_t *node, const char *what);
bool yaml_is_plain(const yaml_node_t *node);
bool yaml_has_tag(const yaml_node_t *node, const char *tag);

/* An integer from @min to @max; @min if it is not one. */
int64_t yaml_integer(struct yaml *yaml, const yaml_node_t *node, const char *what, int64_t min,
                     int64_t max);

/* yes, no, true, false. */
bool yaml_boolean(struct yaml *yaml, const yaml_node_t *node, const char *what);
bool yaml_is_boolean(const char *text, bool *ret_value);
bool yaml_is_integer(const char *text, int64_t *ret_value);
