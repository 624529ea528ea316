/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalogue/filename.h"
#include "util/file.h"
#include "util/free.h"
#include "util/log.h"

static int is_catalogue(const struct dirent *entry)
{
        return filename_is_catalogue(entry->d_name);
}

/* Whether this line, which has the reference somewhere, is the one that is looked for. */
static bool is_wanted(const char *bytes, size_t n_bytes, const char *reference,
                      struct line *ret_line)
{
        char detail[LINE_DETAIL_SIZE];

        if (!memmem(bytes, n_bytes, reference, strlen(reference)))
                return false;
        if (line_read(bytes, n_bytes, ret_line, detail) == REASON_NONE && ret_line->code &&
            strcmp(ret_line->reference, reference) == 0)
                return true;
        line_done(ret_line);
        return false;
}

static int text_find(const char *text, size_t n_text, const char *reference, struct line *ret_line)
{
        const char *bytes;
        size_t at = 0, n_bytes;

        while (line_next(text, n_text, &at, &bytes, &n_bytes))
                if (is_wanted(bytes, n_bytes, reference, ret_line))
                        return 0;
        return SHELF_E_NONE;
}

/* What a stick holds is not trusted: only a regular file can be read without waiting. */
static int file_find(int directory, const char *name, const char *reference, size_t *total,
                     struct line *ret_line)
{
        _defer_(fd_close) int fd =
                openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        char *text = NULL;
        size_t n_text = 0;
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return SHELF_E_NONE;
        r = file_load_fd(fd, SHELF_BYTES_MAX, &text, &n_text);
        if (r < 0)
                return r;
        *total += n_text;
        r = *total > SHELF_TOTAL_MAX ? -EFBIG : text_find(text, n_text, reference, ret_line);
        file_free(text, n_text);
        return r;
}

int shelf_find(const char *directory, const char *reference, struct line *ret_line)
{
        _defer_(fd_close) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent **names = NULL;
        size_t total = 0;
        int r = SHELF_E_NONE, n;

        if (fd < 0)
                return errno == ENOENT ? SHELF_E_NONE : -errno;
        n = scandirat(fd, ".", &names, is_catalogue, alphasort);
        if (n < 0)
                return -errno;
        if (n > SHELF_FILES_MAX)
                log_warning("%s: only the first %d of its %d files are looked at.", directory,
                            SHELF_FILES_MAX, n);
        for (int i = 0; i < n; i++) {
                if (r != 0 && i < SHELF_FILES_MAX && total <= SHELF_TOTAL_MAX) {
                        r = file_find(fd, names[i]->d_name, reference, &total, ret_line);
                        if (r < 0)
                                (void)log_errno(r, "Cannot look into %s/%s", directory,
                                                names[i]->d_name);
                }
                free(names[i]);
        }
        free(names);
        return r < 0 ? SHELF_E_NONE : r;
}
