/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/filename.h"

#include <string.h>

#define SUFFIX ".catalogue"

bool filename_is_catalogue(const char *name)
{
        size_t n = strlen(name), n_suffix = strlen(SUFFIX);

        return n > n_suffix && name[0] != '.' && strcmp(name + n - n_suffix, SUFFIX) == 0;
}
