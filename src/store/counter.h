/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The highest counter seen of each issuer and product, so that a code which its issuer has replaced
 * is not accepted again. It is raised in the transaction that enrolls (enrollment.h).
 */

#include <stdint.h>

#include "store/store.h"

#define STORE_KID_BYTES 8

struct store_counter {
        uint8_t kid[STORE_KID_BYTES];
        const char *product;
        uint32_t value;
};

/* 0; STORE_E_NONE if nothing of this issuer and product has been enrolled; -errno. */
int store_counter_get(struct store *store, const uint8_t kid[STORE_KID_BYTES], const char *product,
                      uint32_t *ret_value);
