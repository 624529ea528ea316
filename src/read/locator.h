/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether there is a QR code in a picture, readable or not.
 *
 * libzbar says nothing about a symbol it cannot decode. This looks for the three finder patterns
 * (ISO/IEC 18004, section 6.3.3): the runs dark, light, dark, light, dark of 1:1:3:1:1 modules that
 * every line through the middle of one crosses, at any angle.
 */

#include <stdbool.h>

#include "read/picture.h"

/*
 * True if at least three finder patterns of about one size are seen. Costs a fraction of an attempt
 * to decode; allocates nothing. Best on a picture halved or smoothed, because noise breaks runs.
 */
bool locator_sees_code(const struct picture *p);
