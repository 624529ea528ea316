/* SPDX-License-Identifier: Apache-2.0 */

/* What a board supplies to the BearSSL port, here from Linux. */

#include "device/crypto-bearssl.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

void board_random(void *ret, size_t n)
{
        uint8_t *at = ret;

        for (; n > 0; at += 256) {
                size_t n_now = n < 256 ? n : 256;

                /* Up to 256 bytes come whole or not at all. */
                if (getrandom(at, n_now, 0) != (ssize_t)n_now)
                        abort();
                n -= n_now;
        }
}
