/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/type2.h"

#include <stdbool.h>
#include <string.h>

#define COMMAND_READ  0x30
#define COMMAND_WRITE 0xa2
#define READ_BYTES    16 /* four pages */

#define CONTAINER_OFFSET 12
#define CONTAINER_MAGIC  0xe1
#define CONTAINER_UNIT   8 /* bytes, in which it counts the data */

enum {
        TLV_NULL = 0x00,
        TLV_LOCK = 0x01,
        TLV_MEMORY = 0x02,
        TLV_MESSAGE = 0x03,
        TLV_END = 0xfe,
};

#define RESERVED_MAX 4

struct type2 {
        const struct air *air;
        uint8_t memory[TYPE2_MEMORY_BYTES];
        size_t n_read; /* of it */
        size_t end;    /* of the data */
        size_t at;     /* the next byte of the data */
        struct {
                size_t begin, end;
        } reserved[RESERVED_MAX]; /* by lock and memory control blocks */
        size_t n_reserved;
        size_t place; /* of the message block, once it was looked for */
};

/* Makes the first @n bytes of the memory known. A read behind the last page begins again. */
static int type2_need(struct type2 *t, size_t n)
{
        while (t->n_read < n) {
                const uint8_t command[] = {COMMAND_READ, (uint8_t)(t->n_read / TYPE2_PAGE_BYTES)};
                uint8_t answer[READ_BYTES];
                size_t n_answer;
                int r;

                r = air_exchange(t->air, command, sizeof(command), answer, sizeof(answer),
                                 &n_answer);
                if (r != 0)
                        return r;
                if (n_answer != READ_BYTES)
                        return TAG_SILENT; /* it broke off */
                memcpy(t->memory + t->n_read, answer, READ_BYTES);
                t->n_read += READ_BYTES;
        }
        return 0;
}

static int type2_open(struct type2 *t, const struct air *air)
{
        const uint8_t *container = t->memory + CONTAINER_OFFSET;
        int r;

        t->air = air;
        r = type2_need(t, TYPE2_DATA_OFFSET);
        if (r != 0)
                return r;
        if (!container[0] && !container[1] && !container[2] && !container[3])
                return TAG_EMPTY; /* as it came from the factory */
        if (container[0] != CONTAINER_MAGIC || container[1] >> 4 != 1 || container[3] >> 4 != 0)
                return TAG_UNSUPPORTED;
        t->end = TYPE2_DATA_OFFSET + (size_t)container[2] * CONTAINER_UNIT;
        if (t->end > TYPE2_MEMORY_BYTES)
                t->end = TYPE2_MEMORY_BYTES;
        t->at = TYPE2_DATA_OFFSET;
        return 0;
}

/* Steps over what is reserved; a range may lie in front of another. */
static void type2_skip_reserved(struct type2 *t)
{
        for (size_t i = 0; i < t->n_reserved; i++)
                if (t->at >= t->reserved[i].begin && t->at < t->reserved[i].end) {
                        t->at = t->reserved[i].end;
                        i = (size_t)-1; /* look at all of them again: at has grown */
                }
}

/* The next byte of the data. */
static int type2_take(struct type2 *t, uint8_t *ret_byte)
{
        int r;

        type2_skip_reserved(t);
        if (t->at >= t->end)
                return TAG_BROKEN;
        r = type2_need(t, t->at + 1);
        if (r == 0)
                *ret_byte = t->memory[t->at++];
        return r;
}

static int type2_take_length(struct type2 *t, size_t *ret_n)
{
        uint8_t bytes[3];
        int r;

        r = type2_take(t, &bytes[0]);
        if (r == 0 && bytes[0] == 0xff)
                r = type2_take(t, &bytes[1]);
        else if (r == 0)
                *ret_n = bytes[0];
        if (r != 0 || bytes[0] != 0xff)
                return r;
        r = type2_take(t, &bytes[2]);
        if (r == 0)
                *ret_n = (size_t)bytes[1] << 8 | bytes[2];
        return r;
}

/* A lock or memory control block: which bytes are not data. */
static int type2_take_reserved(struct type2 *t, bool is_lock, size_t n)
{
        uint8_t position, size, control;
        size_t begin, n_bytes;
        int r;

        if (n != 3 || t->n_reserved == RESERVED_MAX)
                return TAG_BROKEN;
        r = type2_take(t, &position);
        if (r == 0)
                r = type2_take(t, &size);
        if (r == 0)
                r = type2_take(t, &control);
        if (r != 0)
                return r;
        begin = ((size_t)(position >> 4) << (control & 0x0f)) + (position & 0x0f);
        n_bytes = size ? size : 256;
        if (is_lock)
                n_bytes = (n_bytes + 7) / 8; /* counted in bits */
        t->reserved[t->n_reserved].begin = begin;
        t->reserved[t->n_reserved++].end = begin + n_bytes;
        return 0;
}

static int type2_skip(struct type2 *t, size_t n)
{
        uint8_t byte;
        int r = 0;

        while (r == 0 && n-- > 0)
                r = type2_take(t, &byte);
        return r;
}

/*
 * Walks to the message block. 0 with its length, .at behind its head; TAG_EMPTY if there is none,
 * with .place where it would be: at the null blocks before it,
 * if there are any. Each turn takes a byte at least.
 */
static int type2_find(struct type2 *t, size_t *ret_n_message)
{
        bool after_null = false;

        for (;;) {
                uint8_t tag;
                size_t n = 0;
                int r;

                type2_skip_reserved(t);
                if (!after_null)
                        t->place = t->at;
                if (t->at >= t->end)
                        return TAG_EMPTY;
                r = type2_take(t, &tag);
                if (r == 0 && tag == TLV_END)
                        return TAG_EMPTY;
                after_null = r == 0 && tag == TLV_NULL;
                if (after_null)
                        continue;
                if (r == 0)
                        r = type2_take_length(t, &n);
                if (r == 0 && tag == TLV_MESSAGE)
                        *ret_n_message = n;
                if (r != 0 || tag == TLV_MESSAGE)
                        return r;
                r = tag == TLV_LOCK || tag == TLV_MEMORY
                            ? type2_take_reserved(t, tag == TLV_LOCK, n)
                            : type2_skip(t, n);
                if (r != 0)
                        return r;
        }
}

int type2_read(const struct air *air, uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message)
{
        struct type2 t = {.n_read = 0};
        size_t n = 0;
        int r;

        r = type2_open(&t, air);
        if (r == 0)
                r = type2_find(&t, &n);
        if (r == 0 && n == 0)
                r = TAG_EMPTY;
        if (r == 0 && n > t.end - t.at)
                r = TAG_BROKEN;
        for (size_t i = 0; r == 0 && i < n; i++)
                r = type2_take(&t, &message[i]);
        explicit_bzero(t.memory, sizeof(t.memory));
        if (r == 0)
                *ret_n_message = n;
        return r;
}

/* --- writing --- */

size_t type2_image(const uint8_t *message, size_t n_message, uint8_t *image)
{
        size_t n = 0;

        image[n++] = TLV_MESSAGE;
        if (n_message < 255) {
                image[n++] = (uint8_t)n_message;
        } else {
                image[n++] = 0xff;
                image[n++] = (uint8_t)(n_message >> 8);
                image[n++] = (uint8_t)n_message;
        }
        memcpy(image + n, message, n_message);
        image[n + n_message] = TLV_END;
        return n + n_message + 1;
}

static int type2_write_page(const struct type2 *t, size_t offset, const uint8_t *bytes)
{
        uint8_t command[2 + TYPE2_PAGE_BYTES] = {COMMAND_WRITE,
                                                 (uint8_t)(offset / TYPE2_PAGE_BYTES)};
        uint8_t answer[READ_BYTES];
        size_t n_answer;

        memcpy(command + 2, bytes, TYPE2_PAGE_BYTES);
        return air_exchange(t->air, command, sizeof(command), answer, sizeof(answer), &n_answer);
}

/* Whether a message of so many bytes can take the place of the one that is there. */
static int type2_check_room(const struct type2 *t, size_t n_message)
{
        size_t n = TYPE2_HEAD_BYTES(n_message) + n_message;

        if (t->memory[CONTAINER_OFFSET + 3] & 0x0f)
                return TAG_LOCKED;
        if (t->place >= t->end || n > t->end - t->place)
                return TAG_FULL; /* reserved bytes may push the place behind the end */
        for (size_t i = 0; i < t->n_reserved; i++)
                if (t->reserved[i].begin < t->place + n && t->reserved[i].end > t->place)
                        return TAG_UNSUPPORTED; /* it would have to be written around that */
        return 0;
}

/*
 * Writes @image, the bytes of the data from t->place on: an empty block first, then every page but
 * those of its head, and these last.
 */
static int type2_write_image(struct type2 *t, const uint8_t *image, size_t n_image)
{
        static const uint8_t nothing[] = {TLV_MESSAGE, 0, TLV_END};
        size_t first = t->place / TYPE2_PAGE_BYTES * TYPE2_PAGE_BYTES;
        size_t head_end =
                (t->place + 4 + TYPE2_PAGE_BYTES - 1) / TYPE2_PAGE_BYTES * TYPE2_PAGE_BYTES;
        uint8_t pages[TYPE2_MEMORY_BYTES + TYPE2_PAGE_BYTES] = {0};
        size_t end =
                (t->place + n_image + TYPE2_PAGE_BYTES - 1) / TYPE2_PAGE_BYTES * TYPE2_PAGE_BYTES;
        int r = 0;

        memcpy(pages, t->memory, t->place);
        memcpy(pages + t->place, nothing, sizeof(nothing));
        for (size_t at = first; r == 0 && at < head_end && at < t->end; at += TYPE2_PAGE_BYTES)
                r = type2_write_page(t, at, pages + at);
        memcpy(pages + t->place, image, n_image);
        for (size_t at = head_end; r == 0 && at < end; at += TYPE2_PAGE_BYTES)
                r = type2_write_page(t, at, pages + at);
        /* Backwards: the length stands in front. */
        for (size_t at = head_end < end ? head_end : end; r == 0 && at > first;
             at -= TYPE2_PAGE_BYTES)
                r = type2_write_page(t, at - TYPE2_PAGE_BYTES, pages + at - TYPE2_PAGE_BYTES);
        explicit_bzero(pages, sizeof(pages));
        return r;
}

static int type2_compare(const struct air *air, const uint8_t *message, size_t n_message)
{
        uint8_t back[TAG_MESSAGE_MAX];
        size_t n_back;
        int r;

        r = type2_read(air, back, &n_back);
        if (r == TAG_EMPTY || r == TAG_BROKEN ||
            (r == 0 && (n_back != n_message || memcmp(back, message, n_message) != 0)))
                r = TAG_DIFFERENT;
        explicit_bzero(back, sizeof(back));
        return r;
}

int type2_write(const struct air *air, const uint8_t *message, size_t n_message)
{
        uint8_t image[TAG_MESSAGE_MAX + 5];
        struct type2 t = {.n_read = 0};
        size_t n, n_image;
        int r;

        if (n_message > TYPE2_MEMORY_BYTES)
                return TAG_FULL;
        r = type2_open(&t, air);
        if (r == TAG_EMPTY)
                return TAG_UNSUPPORTED; /* its container can be written once, by its maker */
        if (r == 0)
                r = type2_find(&t, &n);
        if (r == 0 || r == TAG_EMPTY)
                r = type2_check_room(&t, n_message);
        if (r == 0) {
                n_image = type2_image(message, n_message, image);
                if (n_image > t.end - t.place)
                        n_image--; /* a message that ends with the data needs no end */
                r = type2_write_image(&t, image, n_image);
                explicit_bzero(image, sizeof(image));
        }
        explicit_bzero(t.memory, sizeof(t.memory));
        return r != 0 ? r : type2_compare(air, message, n_message);
}
