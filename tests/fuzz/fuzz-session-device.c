/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any messages, as they would come from a hub, for the whole library of the device.
 *
 * If the first byte is even, from somebody without a key: there must be no answer but to a PROBE,
 * and no curve operation. If it is odd, from a hub that has the keys and a session, and puts
 * anything into it: whatever is staged, a device that belongs to nobody has nothing in force. From
 * 2 on the session is that of an owned device.
 */

#include <stdlib.h>
#include <string.h>

#include "chunk.h"
#include "talk/toy-crypto.h"
#include "talk/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t message[MESSAGE_MAX];

static void require(bool held)
{
        if (!held)
                abort();
}

static void require_sound(void)
{
        const struct ownership *o = &world.device.ownership;

        if (o->record.state == MESSAGE_STATE_FACTORY && !o->running)
                require(!world.board.named && world.board.calls == 0 && o->record.n_half == 0);
}

static enum enroll_event feed(size_t n, size_t *ret_n)
{
        enum enroll_event event = enroll_device_feed(&world.device, message, n, ret_n);

        require(*ret_n <= MESSAGE_MAX);
        require_sound();
        if (event == ENROLL_CLOSE || event == ENROLL_SEND_CLOSE)
                enroll_device_link_lost(&world.device);
        return event;
}

static void stranger(const uint8_t *data, size_t size)
{
        unsigned n_x25519 = toy_n_x25519;
        struct chunk chunk;
        size_t n;

        while (chunk_take(&data, &size, MESSAGE_MAX, &chunk)) {
                bool probe = chunk.n_bytes == 1 && chunk.bytes[0] == MESSAGE_PROBE;

                memcpy(message, chunk.bytes, chunk.n_bytes);
                require((feed(chunk.n_bytes, &n) == ENROLL_SEND) == probe);
                require(n == (probe ? 11 : 0));
        }
        require(toy_n_x25519 == n_x25519);
}

/* Answers as a board does that walks over everything twice. */
static void answer(void)
{
        const struct message_command *command = enroll_device_command(&world.device);
        const struct message_result result = {.id = command->id};
        struct message_value value = {.channel = 1, .type = MESSAGE_INTEGER};
        struct message_values walk = command->values, again = command->values;
        size_t n = 0, n_again = 0;
        uint8_t channel;

        if (command->kind == MESSAGE_SET) {
                while (message_values_next(&walk, &value))
                        n++;
                while (message_values_next(&again, &value))
                        n_again++;
        } else {
                while (message_channels_next(&walk, &channel))
                        n++;
                while (message_channels_next(&again, &channel))
                        n_again++;
                require(n >= 1 && n <= MESSAGE_CHANNELS_MAX);
        }
        require(n == n_again && !cbor_error(&walk.reader));
        value.text.n_bytes = 0;
        require(enroll_device_answer(&world.device, &result, &value, 1, message, &n) ==
                ENROLL_SEND);
        require(enroll_device_answer(&world.device, &result, &value, 1, message, &n) ==
                ENROLL_NOTHING);
}

static void hub_with_keys(const uint8_t *data, size_t size)
{
        struct noise_cipher *send = &world.hubs[0].session.send;
        struct chunk chunk;
        size_t n;

        while (chunk_take(&data, &size, MESSAGE_BODY_MAX, &chunk) && send->left > 0) {
                message[0] = MESSAGE_TRANSPORT;
                message[1] = chunk.kind;
                memcpy(message + MESSAGE_BODY_AT, chunk.bytes, chunk.n_bytes);
                (void)noise_encrypt(send, message + 1, 1 + chunk.n_bytes, message + 1);
                if (feed(MESSAGE_BODY_AT + chunk.n_bytes + 16, &n) == ENROLL_COMMANDED)
                        answer();
        }
        (void)enroll_device_tick(&world.device, world.now_ms + 1000000);
        require(enroll_device_state(&world.device) != MESSAGE_STATE_PENDING);
        require_sound();
}

/* The hub's session is as far as it gets when only its handshake messages are delivered. */
static void handshake(unsigned n_messages)
{
        require(world_connect(0));
        while (n_messages-- > 0)
                if (world.to_device.n > 0)
                        world_deliver_to_device();
                else
                        world_deliver_to_hub();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < 1)
                return 0;
        toy_seed(1);
        world_init();
        if (data[0] >= 2) {
                handshake(6); /* the device is pending, and the row is unsettled */
                world_hub_gives_up();
        }
        if (data[0] & 1)
                handshake(data[0] >= 2 ? 2 : 3);
        if (data[0] & 1)
                hub_with_keys(data + 1, size - 1);
        else
                stranger(data + 1, size - 1);
        return 0;
}
