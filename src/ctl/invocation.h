/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One run of enrollctl: what its options say, and what all verbs do with that. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "ctl/client.h"
#include "ctl/output.h"

struct invocation {
        struct output output;
        const char *bus, *file; /* NULL if not given */
        bool force, later, all;
        unsigned timeout_s, seconds; /* 0 if not given */
        json_t *options;             /* as in api/options.h */
};

/*
 * Starts nothing yet: connects, and shows the fault if that fails. Returns the exit code; the same
 * for the following.
 */
int invocation_connect(struct invocation *inv, struct client **ret_client);

/* Shows a value as JSON, or with @table. */
int invocation_show(struct invocation *inv, const json_t *value,
                    int (*table)(const json_t *value, size_t width, FILE *file));

/* Shows what is wrong with the command line. */
int invocation_usage_fault(const struct invocation *inv, const char *wrong);

/* Shows why a verb with a device failed, and which one was meant if there is none of that name. */
int invocation_device_fault(const struct invocation *inv, struct client *client, const char *device,
                            struct fault *fault);

/* Whether the daemon may take a text, or all of a list; not everything else can be sent to it. */
bool invocation_printable(const char *text);
bool invocation_all_printable(char **arguments);
