/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Makes a code of a source and a device's card. */

#include <stdbool.h>
#include <stdint.h>

#include "code/text.h"

struct making {
        const char *source, *card; /* files */
        const char *issuer; /* the file of the key to sign with; NULL: the code is not signed */
        const char *output; /* NULL: standard output */
        bool counts;        /* .counter replaces that of the source */
        uint32_t counter;
        bool binary; /* the binary form, else the text in this one: */
        enum text_form form;
};

/* The exit status; what is wrong was said. */
int making_run(const struct making *m);
