/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input as the bytes of a stream: what is taken for a message has one encoding only. Whatever
 * they were, a zero after them puts the reader in step, and then any message arrives as it was
 * sent.
 */

#include <string.h>

#include "require.h"
#include "wire/fragment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum fragment_event take_all(struct stream_reader *reader, const uint8_t *bytes,
                                    size_t n_bytes)
{
        enum fragment_event event = FRAGMENT_MORE;

        for (size_t i = 0; i < n_bytes; i++) {
                require(event == FRAGMENT_MORE);
                event = stream_reader_take(reader, bytes[i]);
                require(reader->n_message <= MESSAGE_MAX);
        }
        return event;
}

/* Sends the message to the reader, which must be in step. */
static void send_to(struct stream_reader *reader, const uint8_t *message, size_t n_message)
{
        static uint8_t encoded[STREAM_ENCODED_MAX];
        size_t n = stream_encode(message, n_message, encoded);

        require(n <= sizeof(encoded) && memchr(encoded, 0, n) == encoded + n - 1);
        require(take_all(reader, encoded, n) == FRAGMENT_MESSAGE);
        require(reader->n_message == n_message);
        require(memcmp(reader->message, message, n_message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t message[MESSAGE_MAX], again[MESSAGE_MAX];
        struct stream_reader reader, other;

        stream_reader_init(&reader, message);
        stream_reader_init(&other, again);
        for (size_t i = 0; i < size; i++) {
                if (stream_reader_take(&reader, data[i]) != FRAGMENT_MESSAGE)
                        continue;
                require(reader.n_message > 0 && reader.n_message <= MESSAGE_MAX);
                send_to(&other, reader.message, reader.n_message);
        }
        (void)stream_reader_take(&reader, 0);
        if (size > 0 && size <= MESSAGE_MAX)
                send_to(&reader, data, size);
        return 0;
}
