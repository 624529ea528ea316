/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One half of an application in a source, and both halves against each other. */

#include "tool/step.h"

#define HALF_BYTES 4096 /* room to say by how much a half is too large */

struct half {
        const yaml_node_t *node; /* NULL: the application has no such half */
        struct cbor_span bytes;  /* of the compiled half */
        struct scope scope;
};

/*
 * Compiles a half, which may not be there, in the scope of @in, of which all but .named and
 * .unclear is set. What is wrong is the document's errors.
 */
void half_compile(struct half *half, const struct scope *in, const struct yaml_field *field,
                  uint8_t bytes[HALF_BYTES]);

/*
 * Checks two compiled halves against each other. @configuration is the code's own map of values,
 * and @configured whether all of it could be read.
 */
void half_check_pair(const struct half *hub, const struct half *device,
                     struct cbor_span configuration, bool configured);
