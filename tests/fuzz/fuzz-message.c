/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a body: the first chooses the kind. What is accepted is written again, and must come
 * out as it went in, because there is one encoding of everything.
 */

#include <stdlib.h>
#include <string.h>

#include "wire/message.h"

#define VALUES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* True if there is room for all of them. */
static bool gather(struct message_values walk, struct message_value values[VALUES_MAX], size_t *n)
{
        *n = 0;
        while (*n < VALUES_MAX && message_values_next(&walk, &values[*n]))
                *n += 1;
        return *n < VALUES_MAX;
}

static bool put_data(struct cbor_writer *w, struct cbor_span body)
{
        struct message_value values[VALUES_MAX];
        struct message_values walk;
        uint32_t number;
        size_t n;

        if (message_get_data(body, &walk, &number) || !gather(walk, values, &n))
                return false;
        message_put_data(w, values, n, number);
        return true;
}

static bool put_set(struct cbor_writer *w, struct cbor_span body)
{
        struct message_value values[VALUES_MAX];
        struct message_command command;
        size_t n;

        if (message_get_command(MESSAGE_SET, body, &command) || !gather(command.values, values, &n))
                return false;
        message_put_set(w, command.id, values, n);
        return true;
}

static bool put_get(struct cbor_writer *w, struct cbor_span body)
{
        uint8_t channels[MESSAGE_CHANNELS_MAX + 1];
        struct message_command command;
        size_t n = 0;

        if (message_get_command(MESSAGE_GET, body, &command))
                return false;
        while (message_channels_next(&command.values, &channels[n]))
                if (++n > MESSAGE_CHANNELS_MAX)
                        abort();
        message_put_get(w, command.id, channels, n);
        return true;
}

static bool put_result(struct cbor_writer *w, struct cbor_span body)
{
        struct message_value values[VALUES_MAX];
        struct message_result result;
        struct message_values walk;
        size_t n;

        if (message_get_result(body, &result, &walk) || !gather(walk, values, &n))
                return false;
        /* An empty text and an empty map are left out when it is written. */
        if ((result.text.bytes && result.text.n_bytes == 0) || (walk.reader.at && n == 0))
                return false;
        message_put_result(w, &result, values, n);
        return true;
}

static bool put_fail(struct cbor_writer *w, struct cbor_span body)
{
        struct message_fail fail;

        if (message_get_fail(body, &fail))
                return false;
        /* An empty text is left out when it is written. */
        if (fail.text.bytes && fail.text.n_bytes == 0)
                return false;
        message_put_fail(w, &fail);
        return true;
}

static bool put_report(struct cbor_writer *w, struct cbor_span body)
{
        struct cbor_span items;

        if (message_get_report(body, &items))
                return false;
        message_put_report(w);
        cbor_put_raw(w, items.bytes, items.n_bytes);
        return true;
}

/* Decodes and encodes again; false if the body was not accepted. */
static bool again(uint8_t kind, struct cbor_writer *w, struct cbor_span body)
{
        struct message_hello hello;
        struct message_stage stage;
        struct message_done done;
        uint32_t epoch;
        uint8_t point;

        switch (kind) {
        case MESSAGE_HELLO:
                if (message_get_hello(body, &hello))
                        return false;
                message_put_hello(w, &hello);
                return true;
        case MESSAGE_STAGE:
                if (message_get_stage(body, &stage))
                        return false;
                message_put_stage(w, &stage);
                return true;
        case MESSAGE_REPORT:
                return put_report(w, body);
        case MESSAGE_DONE:
                if (message_get_done(body, &done))
                        return false;
                message_put_done(w, &done);
                return true;
        case MESSAGE_COMMIT:
        case MESSAGE_RELEASE:
        case MESSAGE_RELEASED:
                if (message_get_epoch(body, &epoch))
                        return false;
                message_put_number(w, epoch);
                return true;
        case MESSAGE_SYNC:
                if (message_get_point(body, &point))
                        return false;
                message_put_number(w, point);
                return true;
        case MESSAGE_FAIL:
                return put_fail(w, body);
        case MESSAGE_DATA:
                return put_data(w, body);
        case MESSAGE_SET:
                return put_set(w, body);
        case MESSAGE_GET:
                return put_get(w, body);
        case MESSAGE_RESULT:
                return put_result(w, body);
        case MESSAGE_BYE:
                if (message_get_bye(body))
                        return false;
                message_put_bye(w);
                return true;
        default:
                return false;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t written[MESSAGE_MAX];
        struct cbor_writer w;

        if (size < 1 || size > MESSAGE_BODY_MAX)
                return 0;
        cbor_writer_init(&w, written, sizeof(written));
        if (!again(data[0], &w, (struct cbor_span){data + 1, size - 1}))
                return 0;
        if (w.n_written != size - 1 || memcmp(written, data + 1, size - 1) != 0)
                abort();
        return 0;
}
