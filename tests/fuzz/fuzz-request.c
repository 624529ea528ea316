/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as either packet of the reader's protocol; what decodes must encode to the same. */

#include <stdlib.h>
#include <string.h>

#include "read/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const uint8_t *data, size_t size, const uint8_t *packet, size_t n_packet)
{
        if (n_packet != size || memcmp(packet, data, size) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t packet[READ_PACKET_MAX];
        static struct read_reply reply;
        struct read_request request;
        size_t n_packet;

        if (read_request_decode(data, size, &request) == 0) {
                if (read_request_encode(&request, packet, &n_packet) != 0)
                        abort();
                compare(data, size, packet, n_packet);
        }
        if (read_reply_decode(data, size, &reply) == 0) {
                if (read_reply_encode(&reply, packet, &n_packet) != 0)
                        abort();
                compare(data, size, packet, n_packet);
        }
        return 0;
}
