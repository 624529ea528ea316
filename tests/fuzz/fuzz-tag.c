/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The first byte says what follows: an NDEF message, or the answers of a tag, in order, to whatever
 * it is asked: each is a byte of length and the answer; none, or one of length 0xff, is silence. A
 * tag that is read or written answers a bounded number of commands, whatever it says.
 */

#include <stdlib.h>
#include <string.h>

#include "tag/ndef.h"
#include "tag/tag.h"

#define COMMANDS_MAX 20000 /* more than the longest file has bytes, twice */

struct answers {
        const uint8_t *data;
        size_t size;
        unsigned n_commands;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_exchange(void *userdata, const uint8_t *command, size_t n_command, uint8_t *answer,
                       size_t size, size_t *ret_n_answer)
{
        struct answers *a = userdata;
        size_t n;

        if (n_command == 0 || command[0] == 0xff || ++a->n_commands > COMMANDS_MAX)
                abort();
        if (a->size == 0)
                return TAG_SILENT;
        n = a->data[0];
        a->data++;
        a->size--;
        if (n == 0xff || n > size)
                return TAG_SILENT;
        if (n > a->size)
                n = a->size;
        memcpy(answer, a->data, n);
        a->data += n;
        a->size -= n;
        *ret_n_answer = n;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t code[TEXT_CHARS_MAX], message[300];
        struct answers answers = {0};
        const struct air air = {on_exchange, &answers};
        enum tag_kind kind;
        size_t n_code = 0;
        int r;

        if (size == 0)
                return 0;
        answers.data = data + 1;
        answers.size = size - 1;
        kind = data[0] & 2 ? TAG_KIND_TYPE4 : TAG_KIND_TYPE2;
        if (data[0] & 1) {
                r = ndef_find(data + 1, size - 1, code, &n_code);
        } else if (data[0] & 4) {
                r = tag_write(kind, &air, message, sizeof(message));
                if (r == TAG_FOREIGN)
                        abort();
                return 0;
        } else {
                r = tag_read(kind, &air, code, &n_code);
        }
        if (r < 0 || (r == 0 && (n_code == 0 || n_code > sizeof(code))))
                abort();
        return 0;
}
