/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Codes of other kinds that people hold in front of a hub: for a network, another home's standard,
 * a web address. Only the kind is found out; what such a code holds, perhaps a password, is neither
 * kept nor passed on.
 */

#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"

/* The kinds that have a reason of their own, which follow each other. */
#define FOREIGN_FIRST REASON_FOREIGN_WIFI
#define FOREIGN_LAST  REASON_FOREIGN_CALL
#define FOREIGN_KINDS (FOREIGN_LAST - FOREIGN_FIRST + 1)

/*
 * What a text that is no enrollment code is by its beginning: FOREIGN_FIRST to FOREIGN_LAST, or
 * REASON_CODE_NOT_ENROLLMENT for what is not known. Looks at no more than 4 KiB.
 */
enum reason foreign_reason(const uint8_t *text, size_t n_text);
