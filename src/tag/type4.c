/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/type4.h"

#include <stdbool.h>
#include <string.h>

#define CONTAINER_BYTES 15
#define CONTAINER_FILE  0xe103
#define CHUNK_MAX       240 /* bytes a command reads or writes: what every reader passes on */
#define READ_MIN        15  /* bytes a tag must be able to answer, and to take: 13 */
#define WRITE_MIN       1
#define STATUS_BYTES    2

struct type4 {
        const struct air *air;
        size_t n_read, n_write; /* bytes that a command may read or write */
        unsigned file;          /* of the message */
        size_t size;            /* of that file, with its head */
        bool is_locked;
};

/* Sends a command and takes the status off the answer. 0, TAG_SILENT, or TAG_BROKEN if the tag
 * refuses. */
static int type4_ask(const struct type4 *t, const uint8_t *command, size_t n_command,
                     uint8_t *answer, size_t n_wanted)
{
        uint8_t raw[CHUNK_MAX + STATUS_BYTES];
        size_t n;
        int r;

        r = air_exchange(t->air, command, n_command, raw, sizeof(raw), &n);
        if (r != 0)
                return r;
        if (n < STATUS_BYTES)
                r = TAG_SILENT;
        else if (raw[n - 2] != 0x90 || raw[n - 1] != 0x00 || n - STATUS_BYTES != n_wanted)
                r = TAG_BROKEN;
        else if (n_wanted > 0)
                memcpy(answer, raw, n_wanted);
        explicit_bzero(raw, sizeof(raw));
        return r;
}

/* What is no NDEF tag, a bank card for instance, refuses this. */
static int type4_select_application(const struct type4 *t)
{
        static const uint8_t command[] = {0x00, 0xa4, 0x04, 0x00, 0x07, 0xd2, 0x76,
                                          0x00, 0x00, 0x85, 0x01, 0x01, 0x00};
        int r = type4_ask(t, command, sizeof(command), NULL, 0);

        return r == TAG_BROKEN ? TAG_UNSUPPORTED : r;
}

static int type4_select_file(const struct type4 *t, unsigned file)
{
        const uint8_t command[] = {0x00,         0xa4, 0x00, 0x0c, 0x02, (uint8_t)(file >> 8),
                                   (uint8_t)file};

        return type4_ask(t, command, sizeof(command), NULL, 0);
}

static int type4_read_binary(const struct type4 *t, size_t offset, uint8_t *bytes, size_t n)
{
        const uint8_t command[] = {0x00, 0xb0, (uint8_t)(offset >> 8), (uint8_t)offset, (uint8_t)n};

        return type4_ask(t, command, sizeof(command), bytes, n);
}

static size_t at_most(size_t n, size_t limit)
{
        return n < limit ? n : limit;
}

static int type4_take_container(struct type4 *t, const uint8_t container[CONTAINER_BYTES])
{
        const uint8_t *file = container + 7; /* its control TLV */

        if (container[2] >> 4 > 2 || container[2] >> 4 < 1 || file[0] != 0x04 || file[1] != 6)
                return TAG_UNSUPPORTED;
        t->n_read = at_most((size_t)container[3] << 8 | container[4], CHUNK_MAX);
        t->n_write = at_most((size_t)container[5] << 8 | container[6], CHUNK_MAX);
        t->file = (unsigned)file[2] << 8 | file[3];
        t->size = (size_t)file[4] << 8 | file[5];
        t->is_locked = file[7] != 0;
        if (((size_t)container[0] << 8 | container[1]) < CONTAINER_BYTES || t->n_read < READ_MIN ||
            t->n_write < WRITE_MIN || t->size < TYPE4_HEAD_BYTES || t->file == CONTAINER_FILE)
                return TAG_BROKEN;
        return file[6] != 0 ? TAG_UNSUPPORTED : 0; /* it may not be read without a key */
}

/* Selects the file of the message. */
static int type4_open(struct type4 *t, const struct air *air)
{
        uint8_t container[CONTAINER_BYTES];
        int r;

        t->air = air;
        r = type4_select_application(t);
        if (r == 0)
                r = type4_select_file(t, CONTAINER_FILE);
        if (r == 0)
                r = type4_read_binary(t, 0, container, sizeof(container));
        if (r == 0)
                r = type4_take_container(t, container);
        if (r == 0)
                r = type4_select_file(t, t->file);
        return r;
}

int type4_read(const struct air *air, uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message)
{
        struct type4 t = {.n_read = 0};
        uint8_t head[TYPE4_HEAD_BYTES];
        size_t n = 0;
        int r;

        r = type4_open(&t, air);
        if (r == 0)
                r = type4_read_binary(&t, 0, head, sizeof(head));
        if (r != 0)
                return r;
        n = (size_t)head[0] << 8 | head[1];
        if (n == 0)
                return TAG_EMPTY;
        if (n > t.size - TYPE4_HEAD_BYTES || n > TAG_MESSAGE_MAX)
                return TAG_BROKEN;
        for (size_t at = 0, take; r == 0 && at < n; at += take) {
                take = at_most(n - at, t.n_read);
                r = type4_read_binary(&t, TYPE4_HEAD_BYTES + at, message + at, take);
        }
        if (r == 0)
                *ret_n_message = n;
        return r;
}

/* --- writing --- */

static int type4_update(const struct type4 *t, size_t offset, const uint8_t *bytes, size_t n)
{
        uint8_t command[5 + CHUNK_MAX] = {0x00, 0xd6, (uint8_t)(offset >> 8), (uint8_t)offset,
                                          (uint8_t)n};
        int r;

        memcpy(command + 5, bytes, n);
        r = type4_ask(t, command, 5 + n, NULL, 0);
        explicit_bzero(command, sizeof(command));
        return r;
}

static int type4_write_length(const struct type4 *t, size_t n)
{
        const uint8_t head[TYPE4_HEAD_BYTES] = {(uint8_t)(n >> 8), (uint8_t)n};
        int r = 0;

        for (size_t at = 0, take; r == 0 && at < sizeof(head); at += take) {
                take = at_most(sizeof(head) - at, t->n_write);
                r = type4_update(t, at, head + at, take);
        }
        return r;
}

static int type4_compare(const struct air *air, const uint8_t *message, size_t n_message)
{
        uint8_t back[TAG_MESSAGE_MAX];
        size_t n_back;
        int r;

        r = type4_read(air, back, &n_back);
        if (r == TAG_EMPTY || r == TAG_BROKEN ||
            (r == 0 && (n_back != n_message || memcmp(back, message, n_message) != 0)))
                r = TAG_DIFFERENT;
        explicit_bzero(back, sizeof(back));
        return r;
}

int type4_write(const struct air *air, const uint8_t *message, size_t n_message)
{
        struct type4 t = {.n_read = 0};
        int r;

        r = type4_open(&t, air);
        if (r == 0 && t.is_locked)
                r = TAG_LOCKED;
        if (r == 0 && n_message > t.size - TYPE4_HEAD_BYTES)
                r = TAG_FULL;
        if (r == 0)
                r = type4_write_length(&t, 0);
        for (size_t at = 0, take; r == 0 && at < n_message; at += take) {
                take = at_most(n_message - at, t.n_write);
                r = type4_update(&t, TYPE4_HEAD_BYTES + at, message + at, take);
        }
        if (r == 0)
                r = type4_write_length(&t, n_message);
        return r != 0 ? r : type4_compare(air, message, n_message);
}
