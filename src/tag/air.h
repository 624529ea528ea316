/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The way to the tag on the reader, as the readers of tags use it, and what comes of reading or
 * writing one. What a tag answers is hostile: every length in it is checked.
 */

#include <stddef.h>
#include <stdint.h>

#define TAG_MESSAGE_MAX 8192 /* bytes of an NDEF message; a longer one is not read */

/* Positive outcomes; a negative errno says that the reader itself has failed. */
enum tag_outcome {
        TAG_DONE = 0,
        TAG_SILENT,      /* it did not answer, or broke off: it was taken away, or is at the edge */
        TAG_EMPTY,       /* formatted, and without a message; or not formatted */
        TAG_FOREIGN,     /* a message without an enrollment code */
        TAG_BROKEN,      /* what it says contradicts itself or the specification */
        TAG_UNSUPPORTED, /* another kind of tag, or a newer layout */
        TAG_FULL,        /* too small for what is to be written */
        TAG_LOCKED,      /* may not be written */
        TAG_DIFFERENT,   /* it does not hold what was written */
};

struct air {
        /*
         * Sends @command to the tag and receives at most @size bytes. 0, TAG_SILENT, or a negative
         * errno of the reader.
         */
        int (*on_exchange)(void *userdata, const uint8_t *command, size_t n_command,
                           uint8_t *answer, size_t size, size_t *ret_n_answer);
        void *userdata;
};

static inline int air_exchange(const struct air *air, const uint8_t *command, size_t n_command,
                               uint8_t *answer, size_t size, size_t *ret_n_answer)
{
        return air->on_exchange(air->userdata, command, n_command, answer, size, ret_n_answer);
}
