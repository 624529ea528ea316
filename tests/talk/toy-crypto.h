/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The port of wire/crypto.h that keeps no secret: everything verifies or fails as it would, a
 * hundred times faster, and repeatably. For tests that hold thousands of conversations.
 */

#include <stdint.h>

/* Starts crypto_random() anew. */
void toy_seed(uint64_t seed);

/* How many curve operations there were so far. */
extern unsigned toy_n_x25519;
