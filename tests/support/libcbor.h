/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * libcbor as the adversary of src/wire/cbor.c. Both have functions of the same names, so libcbor's
 * stay behind this header, and programs that link both rename ours (see Makefile.am).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * True if libcbor takes all of these bytes, up to 256, for one item of our subset. libcbor accepts
 * more than that, so its tree is encoded again, canonically, by an encoder of its own: what comes
 * out unchanged is in the subset.
 */
bool libcbor_accepts(const uint8_t *bytes, size_t n_bytes);

/* For the benchmark: what a program does that uses libcbor for codes. */

/* Decodes bytes into a tree, looks at every item and frees it; how many there were, 0 if it failed.
 */
size_t libcbor_decode(const uint8_t *bytes, size_t n_bytes);

/* Keeps the tree of an item, to encode it: builds it anew, item by item, serializes and frees it.
 */
void *libcbor_prepare(const uint8_t *bytes, size_t n_bytes);
size_t libcbor_encode(void *prepared, uint8_t *ret_bytes, size_t size);
