/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The readable source of a code and its applications, YAML as doc/source.md describes it, compiled
 * into the payload.
 */

#include <stddef.h>
#include <stdint.h>

#include "code/payload.h"

#define SOURCE_HALF_BYTES          4096 /* room to say by how much a half is too large */
#define SOURCE_CONFIGURATION_BYTES 4096

struct source {
        /* All but the device's own: public_key, secret, identity, reach, serial. */
        struct payload payload;
        bool wants_serial; /* the code is to hold the device's serial number */

        uint8_t halves[PAYLOAD_APPLICATIONS_MAX][2][SOURCE_HALF_BYTES];
        uint8_t configuration[SOURCE_CONFIGURATION_BYTES];
        char error[400]; /* "line:column: field: what"; empty if nothing is wrong */
};

/*
 * Compiles a source and checks it as doc/code.md section 4 asks. 0, or -EINVAL with the error in
 * @source. The payload's spans point into @source.
 */
int source_compile(struct source *source, const char *text, size_t n_text);
