/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as either packet of the protocol of taps; what decodes must encode to the same. */

#include <stdlib.h>
#include <string.h>

#include "tag/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const uint8_t *data, size_t size, const uint8_t *packet, size_t n_packet)
{
        if (n_packet != size || memcmp(packet, data, size) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t packet[TAP_PACKET_MAX];
        static struct tap tap;
        struct tap_request request;
        size_t n_packet;

        if (tap_request_decode(data, size, &request) == 0) {
                if (tap_request_encode(&request, packet, &n_packet) != 0)
                        abort();
                compare(data, size, packet, n_packet);
        }
        if (tap_decode(data, size, &tap) == 0) {
                if (tap_encode(&tap, packet, &n_packet) != 0)
                        abort();
                compare(data, size, packet, n_packet);
        }
        return 0;
}
