/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The verbs about the catalogue: what is in it, what is added, and whose devices may join. */

#include <stdbool.h>

#include <jansson.h>

#include "ctl/client.h"
#include "ctl/input.h"
#include "ctl/output.h"

enum catalogue_action {
        CATALOGUE_LIST,
        CATALOGUE_IMPORT,
        CATALOGUE_ALLOW,
        CATALOGUE_FORBID,
        CATALOGUE_REMOVE,
};

struct catalogue_wish {
        enum catalogue_action action;
        char **arguments; /* files and directories, or identifiers */
        bool joins;       /* --later */
        bool all;         /* --all */
};

/* Reads what stands behind the verb. NULL, or what is wrong with it. */
const char *catalogue_read(char **arguments, struct catalogue_wish *wish);

/* Does it; returns the program's exit code. */
int catalogue_run(struct client *client, struct output *output, const struct catalogue_wish *wish);

/*
 * Adds a code whose device may join, under the name in @options, which take nothing else. The same.
 */
int catalogue_add(struct client *client, struct output *output, const struct input *input,
                  const json_t *options);

/* Asks for the codes of these numbers, or of those on standard input for "-". The same. */
int catalogue_fetch(struct client *client, struct output *output, char **arguments, bool joins);

/* Shows the report of what was added; EXIT_FAULT if something was refused. */
int catalogue_show_report(struct output *output, const json_t *report);
