/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input as the packets of a link: no more than a message comes together, until the link is
 * given up. And as a message: cut into packets of any size, it comes together again.
 */

#include <string.h>

#include "chunk.h"
#include "require.h"
#include "wire/fragment.h"

#define PACKET_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_packets(const uint8_t *data, size_t size)
{
        static uint8_t message[MESSAGE_MAX];
        enum fragment_event event = FRAGMENT_MORE;
        struct fragment_reader reader;
        struct chunk chunk;

        fragment_reader_init(&reader, message);
        while (event != FRAGMENT_BROKEN && chunk_take(&data, &size, PACKET_MAX, &chunk)) {
                event = fragment_reader_take(&reader, chunk.bytes, chunk.n_bytes);
                require(reader.n_message <= MESSAGE_MAX);
                require(event != FRAGMENT_MESSAGE || reader.n_message > 0);
        }
}

static void cut_and_join(const uint8_t *data, size_t size, size_t n_packet)
{
        static uint8_t message[MESSAGE_MAX], packet[PACKET_MAX];
        enum fragment_event event = FRAGMENT_MORE;
        struct fragment_reader reader;
        struct fragment_writer writer;

        fragment_writer_init(&writer);
        fragment_reader_init(&reader, message);
        fragment_writer_start(&writer, data, size);
        while (fragment_writer_pending(&writer)) {
                size_t n = fragment_writer_next(&writer, packet, n_packet);

                require(event == FRAGMENT_MORE && n > FRAGMENT_HEADER_BYTES && n <= n_packet);
                event = fragment_reader_take(&reader, packet, n);
        }
        require(event == FRAGMENT_MESSAGE && reader.n_message == size);
        require(memcmp(message, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        take_packets(data, size);
        if (size > 1 && size - 1 <= MESSAGE_MAX)
                cut_and_join(data + 1, size - 1, FRAGMENT_HEADER_BYTES + 1 + data[0]);
        return 0;
}
