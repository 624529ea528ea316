/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The memory of a type 2 tag, into which a message is written: its capability container comes
 * first, after two bytes that say how long the message is. Nothing but its data may be written, and
 * what was written must be read.
 */

#include <stdlib.h>
#include <string.h>

#include "tag/type2.h"

#define CONTAINER_OFFSET 12
#define COMMANDS_MAX     2000 /* more than the memory is read and written, three times */

struct memory {
        uint8_t bytes[TYPE2_MEMORY_BYTES];
        unsigned n_commands;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_exchange(void *userdata, const uint8_t *command, size_t n_command, uint8_t *answer,
                       size_t size, size_t *ret_n_answer)
{
        struct memory *m = userdata;
        size_t at;

        if (n_command < 2 || size < 16 || ++m->n_commands > COMMANDS_MAX)
                abort();
        at = (size_t)command[1] * TYPE2_PAGE_BYTES;
        *ret_n_answer = command[0] == 0x30 ? 16 : 0;
        if (command[0] == 0x30 && n_command == 2) {
                for (size_t i = 0; i < 16; i++)
                        answer[i] = m->bytes[(at + i) % sizeof(m->bytes)];
        } else {
                if (command[0] != 0xa2 || n_command != 6 || at < TYPE2_DATA_OFFSET)
                        abort();
                memcpy(m->bytes + at, command + 2, TYPE2_PAGE_BYTES);
        }
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t message[TAG_MESSAGE_MAX], back[TAG_MESSAGE_MAX];
        struct memory memory = {.n_commands = 0};
        const struct air air = {on_exchange, &memory};
        size_t n_message, n_back = 0, room = sizeof(memory.bytes) - CONTAINER_OFFSET;
        int r;

        if (size < 2)
                return 0;
        n_message = (((size_t)data[0] << 8 | data[1]) & 0x7ff) + 1;
        if (n_message > sizeof(message))
                n_message = sizeof(message);
        memset(message, 0xa5, n_message);
        memcpy(memory.bytes + CONTAINER_OFFSET, data + 2, size - 2 < room ? size - 2 : room);
        r = type2_write(&air, message, n_message);
        if (r < 0)
                abort();
        if (r == 0 && (type2_read(&air, back, &n_back) != 0 || n_back != n_message ||
                       memcmp(back, message, n_message) != 0))
                abort();
        return 0;
}
