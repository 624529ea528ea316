/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A directory of catalogue files, "*.catalogue", on the hub or on a stick in it: read only, and
 * only when somebody names a reference that the catalogue itself does not have.
 */

#include <stddef.h>

#include "catalogue/line.h"

#define SHELF_FILES_MAX 64
#define SHELF_BYTES_MAX (4 * 1024 * 1024) /* of a file, and of a catalogue that is imported */
#define SHELF_TOTAL_MAX (32 * 1024 * 1024)

enum {
        SHELF_E_NONE = 1, /* no file has it */
};

/*
 * The line of the first file, in the order of their names, that has a code for the reference. A
 * file that cannot be read, or is too large, is left out and logged; what is not a regular file is
 * left out. 0; SHELF_E_NONE, also where there is no directory; -errno.
 */
int shelf_find(const char *directory, const char *reference, struct line *ret_line);
