/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How long packets take in the air (Bluetooth Core, Volume 6, Part B, section 2.1). */

#include <stddef.h>
#include <stdint.h>

#define PACKET_IFS 150 /* us, from the end of a packet to the beginning of its answer */

/* us, of a packet with so many bytes of payload, without its 2 bytes of header. */
uint32_t packet_airtime(uint8_t phy, size_t n_payload);
