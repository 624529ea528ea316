/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The readable source of a code and its applications, YAML as doc/source.md describes it, compiled
 * into the payload.
 */

#include <stddef.h>
#include <stdint.h>

#include "code/payload.h"
#include "tool/errors.h"
#include "tool/half.h"

#define SOURCE_CONFIGURATION_BYTES 4096

struct source {
        /* All but the device's own: public_key, secret, identity, reach, serial. */
        struct payload payload;
        bool wants_serial; /* the code is to hold the device's serial number */

        uint8_t halves[PAYLOAD_APPLICATIONS_MAX][2][HALF_BYTES];
        uint8_t configuration[SOURCE_CONFIGURATION_BYTES];
        struct errors errors; /* "field: what" */
};

/*
 * Compiles a source for a device with these functions, and checks it as doc/code.md section 4 asks.
 * 0, perhaps with warnings in @source, or -EINVAL with the errors. The payload's spans point into
 * @source.
 */
int source_compile(struct source *source, const char *text, size_t n_text,
                   const struct functions *functions);
