/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The functions that a device has, as its card lists them. */

#include <stdbool.h>
#include <stddef.h>

#define FUNCTIONS_MAX       255
#define FUNCTIONS_TEXT_SIZE 64

struct functions {
        bool known; /* otherwise the device may have any */
        bool has[FUNCTIONS_MAX + 1];
};

/* Takes a number from 1 to FUNCTIONS_MAX into the list; false if it is not one. */
bool functions_add(struct functions *functions, long long number);

/* Whether a device has this function, as far as is known. */
bool functions_allow(const struct functions *functions, unsigned number);

/* "1, 2, 4"; what does not fit ends with "...". */
void functions_name(const struct functions *functions, char ret_text[FUNCTIONS_TEXT_SIZE]);
