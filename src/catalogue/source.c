/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/source.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue/line.h"
#include "util/file.h"
#include "util/free.h"

int source_open(struct source *source, int fd_given)
{
        _defer_(fd_close) int fd = fd_given;
        struct stat st;
        char *bytes;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return SOURCE_E_OTHER;
        if (st.st_size > SOURCE_BYTES_MAX)
                return -EFBIG;
        bytes = malloc((size_t)st.st_size + 1);
        if (!bytes)
                return -ENOMEM;
        *source = (struct source){
                .fd = fd_take(&fd),
                .bytes = bytes,
                .size = (size_t)st.st_size,
                .is_whole = st.st_size == 0,
        };
        return 0;
}

int source_read(struct source *source)
{
        size_t left = source->size - source->n_bytes;
        char *slice = source->bytes + source->n_bytes;
        const char *feed;
        ssize_t n;

        if (source->is_whole)
                return 0;
        do
                n = pread(source->fd, slice, left < SOURCE_SLICE ? left : SOURCE_SLICE,
                          (off_t)source->n_bytes);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        source->n_bytes += (size_t)n;
        source->is_whole = n == 0 || source->n_bytes == source->size;
        feed = memrchr(slice, '\n', (size_t)n);
        if (source->is_whole)
                source->n_ready = source->n_bytes;
        else if (feed)
                source->n_ready = (size_t)(feed - source->bytes) + 1;
        return 0;
}

bool source_next(struct source *source, const char **ret_line, size_t *ret_n)
{
        return line_next(source->bytes, source->n_ready, &source->at, ret_line, ret_n);
}

void source_done(struct source *source)
{
        if (!source->bytes)
                return;
        (void)fd_close(source->fd);
        file_free(source->bytes, source->n_bytes);
        *source = (struct source){.fd = -1};
}
