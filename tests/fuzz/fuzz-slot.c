/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input as the life of a memory of two slots: records are written, the power fails while they
 * are, and the bytes are disturbed. A torn write leaves the old record or the new one, and
 * whatever the memory holds, what is read of it fits.
 */

#include <string.h>

#include "chunk.h"
#include "device/slot.h"
#include "require.h"

#define CONTENT_MAX 64

struct record {
        struct slot slot;
        uint8_t content[CONTENT_MAX];
};

struct memory {
        uint8_t slots[SLOT_COUNT][sizeof(struct record)];
        size_t n_reach; /* bytes of the next write that reach the memory */
};

enum {
        LIFE_STORE,   /* the content */
        LIFE_TEAR,    /* how many bytes get through, and the content */
        LIFE_DISTURB, /* where, and the bytes */
        LIFE_MAX,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int memory_read(void *board, unsigned slot, void *ret_bytes, size_t n_bytes)
{
        const struct memory *m = board;

        require(slot < SLOT_COUNT && n_bytes <= sizeof(m->slots[slot]));
        memcpy(ret_bytes, m->slots[slot], n_bytes);
        return 0;
}

static int memory_write(void *board, unsigned slot, const void *bytes, size_t n_bytes)
{
        struct memory *m = board;
        size_t n = n_bytes < m->n_reach ? n_bytes : m->n_reach;

        require(slot < SLOT_COUNT && n_bytes <= sizeof(m->slots[slot]));
        memcpy(m->slots[slot], bytes, n);
        return n < n_bytes ? -1 : 0;
}

static const struct slot_port port = {.read = memory_read, .write = memory_write};

/* Reads the record; all zero where there is none. */
static int load(struct memory *m, struct record *ret_record)
{
        int r;

        memset(ret_record, 0, sizeof(*ret_record));
        r = slot_load(&port, m, &ret_record->slot, sizeof(*ret_record));
        if (r != 0)
                memset(ret_record, 0, sizeof(*ret_record));
        else
                require(ret_record->slot.n_bytes >= sizeof(struct slot) &&
                        ret_record->slot.n_bytes <= sizeof(*ret_record));
        return r;
}

static bool same(const struct record *a, const struct record *b)
{
        return a->slot.sequence == b->slot.sequence && a->slot.n_bytes == b->slot.n_bytes &&
               memcmp(a, b, a->slot.n_bytes) == 0;
}

static void store(struct memory *m, const uint8_t *content, size_t n_content, size_t n_reach)
{
        struct record before, now, after;
        bool readable = load(m, &before) != SLOT_E_BROKEN;
        int r;

        now = before;
        memcpy(now.content, content, n_content);
        m->n_reach = n_reach;
        r = slot_store(&port, m, &now.slot, sizeof(now.slot) + n_content);
        if (r == 0) {
                require(load(m, &after) == 0 && same(&after, &now));
                return;
        }
        /* What was not readable before may have a record in the slot that was not written. */
        if (readable)
                require(load(m, &after) == 0 ? same(&after, &before) || same(&after, &now)
                                             : before.slot.n_bytes == 0);
}

static void disturb(struct memory *m, const uint8_t *bytes, size_t n_bytes)
{
        size_t at = bytes[0] % sizeof(m->slots), n = sizeof(m->slots) - at;

        memcpy((uint8_t *)m->slots + at, bytes + 1, n_bytes - 1 < n ? n_bytes - 1 : n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct memory memory;
        struct record record;
        struct chunk chunk;

        memset(&memory, 0xff, sizeof(memory));
        while (chunk_take(&data, &size, CONTENT_MAX, &chunk)) {
                if (chunk.n_bytes == 0)
                        continue;
                switch (chunk.kind % LIFE_MAX) {
                case LIFE_STORE:
                        store(&memory, chunk.bytes, chunk.n_bytes, sizeof(record));
                        break;
                case LIFE_TEAR:
                        store(&memory, chunk.bytes + 1, chunk.n_bytes - 1, chunk.bytes[0]);
                        break;
                case LIFE_DISTURB:
                        disturb(&memory, chunk.bytes, chunk.n_bytes);
                        break;
                }
                (void)load(&memory, &record);
        }
        return 0;
}
