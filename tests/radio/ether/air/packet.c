/* SPDX-License-Identifier: Apache-2.0 */

#include "air/packet.h"

#include "air/link.h"

uint32_t packet_airtime(uint8_t phy, size_t n_payload)
{
        /* Access address, header, payload, CRC; the preamble is 1 byte, with 2M it is 2. */
        uint32_t n = 4 + 2 + (uint32_t)n_payload + 3;

        return phy == LINK_PHY_2M ? (2 + n) * 4 : (1 + n) * 8;
}
