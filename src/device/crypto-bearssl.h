/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The port of wire/crypto.h to boards, with BearSSL 0.6, as an example and for use.
 *
 * What BearSSL does not have is the board's source of entropy: the board supplies this function.
 */

#include <stddef.h>

/*
 * Fills @ret with @n bytes nobody can guess: from the board's generator, conditioned as its manual
 * asks. It waits until the generator is ready, and stops the device if the generator's health test
 * fails.
 */
void board_random(void *ret, size_t n);
