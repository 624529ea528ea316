/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A catalogue file that is read a slice at a time, so that nobody waits for a slow medium: its
 * lines, as far as it was read. It holds secrets: source_done() wipes them.
 */

#include <stdbool.h>
#include <stddef.h>

#define SOURCE_BYTES_MAX (4 * 1024 * 1024)
#define SOURCE_SLICE     (128 * 1024) /* bytes */

enum {
        SOURCE_E_OTHER = 1, /* it is no regular file, and reading could wait without limit */
};

struct source {
        int fd;
        char *bytes; /* NULL: none is open */
        size_t n_bytes, size;
        size_t n_ready, at; /* those of whole lines, and where the next of these begins */
        bool is_whole;      /* all was read */
};

/*
 * @fd is closed by source_done(), or by this call if it fails. The file has as many bytes as it has
 * now. 0; SOURCE_E_OTHER; -EFBIG if there are more than SOURCE_BYTES_MAX; -errno.
 */
int source_open(struct source *source, int fd_take);

/* Reads one more slice, or nothing if it is whole. 0 or -errno. */
int source_read(struct source *source);

/* The next line that was read. False: there is none, or not before source_read(). */
bool source_next(struct source *source, const char **ret_line, size_t *ret_n);

/* Of one that is all zero, nothing. */
void source_done(struct source *source);
