/* SPDX-License-Identifier: Apache-2.0 */

/* Vectors of doc/protocol.md sections 1 to 4.1: keys, links and bodies. */

#include <string.h>

#include "vectors/vector.h"
#include "wire/fragment.h"
#include "wire/kdf.h"
#include "wire/message.h"

int run_keys(json_t *vector)
{
        uint8_t secret[KDF_KEY_BYTES], public_key[32], psk_own[KDF_KEY_BYTES];
        uint8_t identity[KDF_DEVICE_ID_BYTES], key[KDF_KEY_BYTES];
        const struct {
                const char *name;
                void (*derive)(const uint8_t *from, uint8_t *ret);
                const uint8_t *from;
        } keys[] = {
                {"psk", kdf_psk, secret},
                {"adv_key", kdf_adv_key, secret},
                {"mac_key", kdf_mac_key, secret},
                {"own_mac_key", kdf_own_mac_key, psk_own},
        };

        vector_fixed(vector, "secret", secret, sizeof(secret));
        vector_fixed(vector, "public_key", public_key, sizeof(public_key));
        vector_fixed(vector, "psk_own", psk_own, sizeof(psk_own));
        kdf_device_id(public_key, identity);
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                keys[i].derive(keys[i].from, key);
                if (expect_bytes(keys[i].name, key, sizeof(key),
                                 json_object_get(vector, keys[i].name)))
                        return -1;
        }
        return expect_bytes("device_id", identity, sizeof(identity),
                            json_object_get(vector, "device_id"));
}

int run_advertisement(json_t *vector)
{
        uint8_t secret[KDF_KEY_BYTES], key[KDF_KEY_BYTES], nonce[KDF_NONCE_BYTES];
        uint8_t tag[KDF_ADV_TAG_BYTES];

        vector_fixed(vector, "secret", secret, sizeof(secret));
        vector_fixed(vector, "nonce", nonce, sizeof(nonce));
        kdf_adv_key(secret, key);
        kdf_adv_tag(key, nonce, (uint8_t)vector_number(vector, "state"), tag);
        return expect_bytes("tag", tag, sizeof(tag), json_object_get(vector, "tag"));
}

int run_mac1(json_t *vector)
{
        uint8_t key[KDF_KEY_BYTES], nonce[KDF_NONCE_BYTES], mac[KDF_MAC_BYTES];
        struct bytes a;

        vector_fixed(vector, "mac_key", key, sizeof(key));
        vector_fixed(vector, "nonce", nonce, sizeof(nonce));
        vector_bytes(vector, "a", &a);
        kdf_mac1(key, nonce, (uint8_t)vector_number(vector, "type"), a.bytes, a.n, mac);
        return expect_bytes("mac1", mac, sizeof(mac), json_object_get(vector, "mac1"));
}

/* --- fragments --- */

/* Both ends of a link: what the writer cuts is the vector's, and the reader puts it together. */
struct cutting {
        struct fragment_writer writer;
        struct fragment_reader reader;
        uint8_t room[MESSAGE_MAX];
        json_t *fragments;
        size_t at;
};

static int cut(struct cutting *c, const struct bytes *message, size_t packet_size)
{
        enum fragment_event event = FRAGMENT_MORE;
        uint8_t packet[MESSAGE_MAX];
        size_t n;

        fragment_writer_start(&c->writer, message->bytes, message->n);
        while ((n = fragment_writer_next(&c->writer, packet, packet_size)) > 0) {
                if (c->at == json_array_size(c->fragments))
                        return complain("there are more fragments");
                if (expect_bytes("a fragment", packet, n, json_array_get(c->fragments, c->at++)))
                        return -1;
                event = fragment_reader_take(&c->reader, packet, n);
        }
        if (event != FRAGMENT_MESSAGE || c->reader.n_message != message->n ||
            memcmp(c->room, message->bytes, message->n) != 0)
                return complain("put together it is another message");
        return 0;
}

int run_fragments(json_t *vector)
{
        struct cutting c = {.fragments = vector_array(vector, "fragments")};
        size_t packet_size = fragment_packet_size((unsigned)vector_number(vector, "att_mtu"),
                                                  FRAGMENT_ATT_BYTES);
        struct bytes message;
        json_t *whole;
        size_t i;

        fragment_writer_init(&c.writer);
        fragment_reader_init(&c.reader, c.room);
        json_array_foreach(vector_array(vector, "messages"), i, whole)
        {
                vector_hex(whole, &message);
                if (cut(&c, &message, packet_size))
                        return -1;
        }
        return expect_number("fragments", c.at, json_array_size(c.fragments));
}

int run_reassembly(json_t *vector)
{
        uint8_t room[MESSAGE_MAX];
        struct fragment_reader reader;
        struct bytes packet;
        bool broken = false;
        json_t *fragment;
        size_t i;

        fragment_reader_init(&reader, room);
        json_array_foreach(vector_array(vector, "fragments"), i, fragment)
        {
                vector_hex(fragment, &packet);
                broken = broken ||
                         fragment_reader_take(&reader, packet.bytes, packet.n) == FRAGMENT_BROKEN;
        }
        return expect_number("broken", broken, vector_bool(vector, "broken"));
}

/* --- streams --- */

/* Reads a stream; its whole messages must be these. */
static int expect_messages(const uint8_t *stream, size_t n_stream, json_t *messages)
{
        uint8_t room[MESSAGE_MAX];
        struct stream_reader reader;
        size_t at = 0;

        stream_reader_init(&reader, room);
        for (size_t i = 0; i < n_stream; i++) {
                if (stream_reader_take(&reader, stream[i]) != FRAGMENT_MESSAGE)
                        continue;
                if (at == json_array_size(messages))
                        return complain("there are more messages");
                if (expect_bytes("a message", room, reader.n_message, json_array_get(messages, at)))
                        return -1;
                at++;
        }
        return expect_number("messages", at, json_array_size(messages));
}

int run_stream(json_t *vector)
{
        struct bytes stream;

        vector_bytes(vector, "bytes", &stream);
        return expect_messages(stream.bytes, stream.n, vector_array(vector, "messages"));
}

int run_cobs(json_t *vector)
{
        uint8_t encoded[STREAM_ENCODED_MAX];
        struct bytes message;
        json_t *messages;
        size_t n;
        int r;

        vector_bytes(vector, "message", &message);
        n = stream_encode(message.bytes, message.n, encoded);
        if (expect_bytes("the frame", encoded, n, json_object_get(vector, "frame")))
                return -1;
        messages = json_pack("[O]", json_object_get(vector, "message"));
        r = expect_messages(encoded, n, messages);
        json_decref(messages);
        return r;
}

/* --- bodies --- */

#define VALUES_MAX 16 /* of a vector */

static size_t gather(struct message_values walk, struct message_value ret_values[VALUES_MAX])
{
        size_t n = 0;

        while (n < VALUES_MAX && message_values_next(&walk, &ret_values[n]))
                n++;
        return n;
}

static int reread_command(enum message_kind kind, struct cbor_span body, struct cbor_writer *w)
{
        struct message_value values[VALUES_MAX];
        uint8_t channels[MESSAGE_CHANNELS_MAX];
        struct message_command command;
        size_t n = 0;
        int r;

        r = message_get_command(kind, body, &command);
        if (r)
                return r;
        if (kind == MESSAGE_SET) {
                message_put_set(w, command.id, values, gather(command.values, values));
                return 0;
        }
        while (n < MESSAGE_CHANNELS_MAX && message_channels_next(&command.values, &channels[n]))
                n++;
        message_put_get(w, command.id, channels, n);
        return 0;
}

/* What holds values: DATA, commands and answers. */
static int reread_values(enum message_kind kind, struct cbor_span body, struct cbor_writer *w)
{
        struct message_value values[VALUES_MAX];
        struct message_result result;
        struct message_values walk;
        uint32_t number;
        size_t n;
        int r;

        if (kind == MESSAGE_SET || kind == MESSAGE_GET)
                return reread_command(kind, body, w);
        if (kind == MESSAGE_DATA) {
                r = message_get_data(body, &walk, &number);
                if (r == 0)
                        message_put_data(w, values, gather(walk, values), number);
                return r;
        }
        r = message_get_result(body, &result, &walk);
        n = r == 0 ? gather(walk, values) : 0;
        if (r == 0 && n > 0 && !(result.text.bytes && result.text.n_bytes == 0))
                message_put_result(w, &result, values, n);
        return r;
}

/* Reads a body, and writes anew what was read, if this end can say it: @w counts nothing if not. */
static int reread(unsigned kind, struct cbor_span body, struct cbor_writer *w)
{
        struct message_hello hello;
        struct message_stage stage;
        struct message_done done;
        struct message_fail fail;
        struct cbor_span items;
        uint32_t epoch;
        uint8_t point;
        int r;

        switch (kind) {
        case MESSAGE_HELLO:
                r = message_get_hello(body, &hello);
                if (r == 0)
                        message_put_hello(w, &hello);
                return r;
        case MESSAGE_STAGE:
                r = message_get_stage(body, &stage);
                if (r == 0)
                        message_put_stage(w, &stage);
                return r;
        case MESSAGE_REPORT:
                r = message_get_report(body, &items);
                if (r == 0) {
                        message_put_report(w);
                        cbor_put_raw(w, items.bytes, items.n_bytes);
                }
                return r;
        case MESSAGE_DONE:
                r = message_get_done(body, &done);
                if (r == 0)
                        message_put_done(w, &done);
                return r;
        case MESSAGE_COMMIT:
        case MESSAGE_RELEASE:
        case MESSAGE_RELEASED:
                r = message_get_epoch(body, &epoch);
                if (r == 0)
                        message_put_number(w, epoch);
                return r;
        case MESSAGE_SYNC:
                r = message_get_point(body, &point);
                if (r == 0)
                        message_put_number(w, point);
                return r;
        case MESSAGE_FAIL:
                r = message_get_fail(body, &fail);
                if (r == 0 && fail.text.n_bytes > 0)
                        message_put_fail(w, &fail);
                return r;
        case MESSAGE_DATA:
        case MESSAGE_SET:
        case MESSAGE_GET:
        case MESSAGE_RESULT:
                return reread_values((enum message_kind)kind, body, w);
        case MESSAGE_BYE:
                r = message_get_bye(body);
                if (r == 0)
                        message_put_bye(w);
                return r;
        default:
                return complain("there is no body of kind %u", kind);
        }
}

int run_body(json_t *vector)
{
        uint8_t written[MESSAGE_BODY_MAX];
        struct cbor_writer w;
        struct bytes body;
        bool valid;

        vector_bytes(vector, "body", &body);
        cbor_writer_init(&w, written, sizeof(written));
        valid = reread((unsigned)vector_number(vector, "body_kind"), span_of(&body), &w) == 0;
        if (valid != vector_bool(vector, "valid"))
                return complain("%s %s is found %s", vector_text(vector, "name"),
                                vector_text(vector, "body"), valid ? "fine" : "malformed");
        return valid && w.n_written > 0 ? expect_bytes("written anew it", written, w.n_written,
                                                       json_object_get(vector, "body"))
                                        : 0;
}
