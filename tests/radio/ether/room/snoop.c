/* SPDX-License-Identifier: Apache-2.0 */

#include "room/snoop.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"

#define DATALINK_H4 1002
#define H4_COMMAND  0x01
#define H4_EVENT    0x04

#define FLAG_RECEIVED 0x01 /* by the host */
#define FLAG_CONTROL  0x02 /* a command or an event */

/* 1970 in the format's time, which counts from the year 0; this is what all its readers take. */
#define EPOCH UINT64_C(0x00dcddb30f2f8000)

#define FLUSH_USEC 1000000

struct snoop {
        FILE *file;
        char *path;
        uint64_t flushed; /* the time of the last record that was */
};

struct header {
        char magic[8];
        uint32_t version;
        uint32_t datalink;
};

/* All numbers are big endian; there is no padding. */
struct record {
        uint32_t n_original;
        uint32_t n_included;
        uint32_t flags;
        uint32_t n_dropped;
        uint64_t time;
};

/* Whether errno was set by the last call of stdio is not promised. */
static int file_error(void)
{
        return errno > 0 ? -errno : -EIO;
}

static int snoop_put(struct snoop *s, const void *bytes, size_t n_bytes)
{
        errno = 0;
        return fwrite(bytes, 1, n_bytes, s->file) == n_bytes ? 0 : file_error();
}

static int snoop_begin(struct snoop *s)
{
        struct header header = {
                .magic = "btsnoop",
                .version = htobe32(1),
                .datalink = htobe32(DATALINK_H4),
        };
        int r = snoop_put(s, &header, sizeof(header));

        return r < 0 ? r : snoop_flush(s);
}

int snoop_new(const char *path, struct snoop **ret_snoop)
{
        _defer_(snoop_free) struct snoop *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->path = strdup(path);
        if (!s->path)
                return -ENOMEM;
        s->file = fopen(path, "we");
        if (!s->file)
                return -errno;
        r = snoop_begin(s);
        if (r < 0)
                return r;
        *ret_snoop = take(s);
        return 0;
}

struct snoop *snoop_free(struct snoop *snoop)
{
        if (!snoop)
                return NULL;
        if (snoop->file)
                (void)fclose(snoop->file);
        free(snoop->path);
        free(snoop);
        return NULL;
}

static uint32_t record_flags(bool to_host, uint8_t type)
{
        uint32_t flags = to_host ? FLAG_RECEIVED : 0;

        return type == H4_COMMAND || type == H4_EVENT ? flags | FLAG_CONTROL : flags;
}

int snoop_write(struct snoop *snoop, bool to_host, uint64_t time, const uint8_t *packet,
                size_t n_packet)
{
        struct record record = {
                .n_original = htobe32((uint32_t)n_packet),
                .n_included = htobe32((uint32_t)n_packet),
                .flags = htobe32(record_flags(to_host, n_packet > 0 ? packet[0] : 0)),
                .time = htobe64(time + EPOCH),
        };
        int r;

        r = snoop_put(snoop, &record, sizeof(record));
        if (r < 0)
                return r;
        r = snoop_put(snoop, packet, n_packet);
        if (r < 0 || time < snoop->flushed + FLUSH_USEC)
                return r;
        snoop->flushed = time;
        return snoop_flush(snoop);
}

int snoop_flush(struct snoop *snoop)
{
        errno = 0;
        return fflush(snoop->file) == 0 ? 0 : file_error();
}

const char *snoop_path(const struct snoop *snoop)
{
        return snoop->path;
}
