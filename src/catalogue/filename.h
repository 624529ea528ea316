/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of a catalogue are called: "*.catalogue", unless they are hidden. */

#include <stdbool.h>

bool filename_is_catalogue(const char *name);
