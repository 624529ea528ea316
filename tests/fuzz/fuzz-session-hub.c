/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any messages, as they would come from a device, for the hub's end of a session.
 *
 * If the first byte is even, from somebody without a key: after M1 nothing verifies, and a refusal
 * is not heard. If it is odd, from a device that has the keys and says anything: the session lets
 * pass what may come next, and bodies are decoded.
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

static void stranger(struct session *s, const uint8_t *data, size_t size)
{
        struct session_taken taken;
        struct chunk chunk;

        while (chunk_take(&data, &size, MESSAGE_MAX, &chunk)) {
                memcpy(message, chunk.bytes, chunk.n_bytes);
                if (session_take(s, message, chunk.n_bytes, &taken) == 0)
                        require(taken.event == SESSION_IGNORED && taken.n_reply == 0);
                else
                        require(session_is_over(s));
        }
}

/* A hub that takes what it gets, and goes on as an honest one would. */
static void device_with_keys(struct session *s, const uint8_t *data, size_t size)
{
        struct noise_cipher *send = &world.device.session.send;
        struct chunk chunk;

        while (chunk_take(&data, &size, WORLD_MESSAGE - 18, &chunk) && !session_is_over(s)) {
                struct world_message *m = &world.to_hub.messages[0];

                m->bytes[0] = MESSAGE_TRANSPORT;
                m->bytes[1] = chunk.kind;
                memcpy(m->bytes + MESSAGE_BODY_AT, chunk.bytes, chunk.n_bytes);
                (void)noise_encrypt(send, m->bytes + 1, 1 + chunk.n_bytes, m->bytes + 1);
                m->n = MESSAGE_BODY_AT + chunk.n_bytes + 16;
                world.to_hub.n = 1;
                world.to_device.n = 0;
                world_deliver_to_hub();
        }
        require(world.hubs[0].row.state != ROW_CONFIRMED || world.hubs[0].row.epoch > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < 1)
                return 0;
        toy_seed(1);
        world_init();
        require(world_connect(0));
        if (data[0] & 1) {
                world_deliver_to_device();
                world_deliver_to_hub();
                world_deliver_to_device();
                device_with_keys(&world.hubs[0].session, data + 1, size - 1);
        } else {
                stranger(&world.hubs[0].session, data + 1, size - 1);
        }
        return 0;
}
