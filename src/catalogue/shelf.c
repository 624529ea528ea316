/* SPDX-License-Identifier: Apache-2.0 */

#include "catalogue/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/filename.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define ENTRIES_A_TURN 256

struct shelf {
        const struct shelf_handler *handler;
        void *userdata;
        sd_event_source *turn;
        char reference[REFERENCE_SIZE];
        char path[PATH_MAX];
        DIR *directory; /* NULL: it cannot be read */

        /* The files that are looked at, in the order of their names. */
        bool is_listed;
        size_t n_entries; /* of the directory */
        size_t n_files;   /* of them, those that are called so */
        size_t n_names;
        char names[SHELF_FILES_MAX][NAME_MAX + 1];

        size_t at;          /* the next file */
        struct source file; /* the present one */
        size_t total;       /* bytes of all so far */
};

/* --- the names --- */

/* Keeps the first names, in their order. */
static void shelf_add(struct shelf *s, const char *name)
{
        size_t i = s->n_names;

        s->n_files++;
        while (i > 0 && strcmp(name, s->names[i - 1]) < 0)
                i--;
        if (i == SHELF_FILES_MAX)
                return;
        if (s->n_names < SHELF_FILES_MAX)
                s->n_names++;
        memmove(s->names[i + 1], s->names[i], (s->n_names - 1 - i) * sizeof(s->names[i]));
        (void)snprintf(s->names[i], sizeof(s->names[i]), "%s", name);
}

static void shelf_end_list(struct shelf *s)
{
        s->is_listed = true;
        if (s->n_entries == SHELF_ENTRIES_MAX)
                log_warning("%s: only its first %d entries are looked at.", s->path,
                            SHELF_ENTRIES_MAX);
        if (s->n_files > SHELF_FILES_MAX)
                log_warning("%s: only the first %d of its %zu files are looked at.", s->path,
                            SHELF_FILES_MAX, s->n_files);
}

static void shelf_list(struct shelf *s)
{
        const struct dirent *entry = NULL;

        for (int i = 0; i < ENTRIES_A_TURN; i++) {
                errno = 0;
                entry = s->n_entries < SHELF_ENTRIES_MAX ? readdir(s->directory) : NULL;
                if (!entry)
                        break;
                s->n_entries++;
                if (filename_is_catalogue(entry->d_name))
                        shelf_add(s, entry->d_name);
        }
        if (entry)
                return;
        if (errno != 0)
                (void)log_errno(-errno, "Cannot look into %s", s->path);
        shelf_end_list(s);
}

/* --- the files --- */

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

static void shelf_leave_file(struct shelf *s, int r)
{
        if (r < 0)
                (void)log_errno(r, "Cannot look into %s/%s", s->path, s->names[s->at]);
        source_done(&s->file);
        s->at++;
}

/* What a stick holds is not trusted: only a regular file can be read without waiting. */
static void shelf_open_file(struct shelf *s)
{
        int fd = openat(dirfd(s->directory), s->names[s->at],
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        int r = fd < 0 ? -errno : source_open(&s->file, fd);

        if (r == 0) {
                s->total += s->file.size;
                r = s->total > SHELF_TOTAL_MAX ? -EFBIG : 0;
        }
        if (r != 0)
                shelf_leave_file(s, r);
}

/* Looks at what was read, and reads a little more. Whether the line was found. */
static bool shelf_read(struct shelf *s, struct line *ret_line)
{
        const char *bytes;
        size_t n_bytes;
        int r;

        while (source_next(&s->file, &bytes, &n_bytes))
                if (is_wanted(bytes, n_bytes, s->reference, ret_line))
                        return true;
        r = source_read(&s->file);
        if (r < 0 || (s->file.is_whole && s->file.at >= s->file.n_ready))
                shelf_leave_file(s, r);
        return false;
}

static int shelf_on_turn(sd_event_source *source, void *userdata)
{
        struct line line = {.json = NULL};
        struct shelf *s = userdata;
        bool has_ended = false;

        if (!s->is_listed)
                shelf_list(s);
        else if (s->file.bytes)
                has_ended = shelf_read(s, &line);
        else if (s->at < s->n_names && s->total <= SHELF_TOTAL_MAX)
                shelf_open_file(s);
        else
                has_ended = true;
        if (has_ended)
                s->handler->on_end(s->userdata, line.code ? &line : NULL);
        else
                loop_rearm(source);
        line_done(&line);
        return 0;
}

/* --- beginning and end --- */

static void shelf_open(struct shelf *s)
{
        int fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        s->directory = fd < 0 ? NULL : fdopendir(fd);
        if (!s->directory && errno != ENOENT)
                (void)log_errno(-errno, "Cannot look into %s", s->path);
        if (!s->directory)
                (void)fd_close(fd);
        s->is_listed = !s->directory;
}

int shelf_new(sd_event *event, const char *directory, const char *reference,
              const struct shelf_handler *handler, void *userdata, struct shelf **ret_shelf)
{
        struct shelf *s = calloc(1, sizeof(*s));
        int r = s ? loop_arm_defer(event, &s->turn, shelf_on_turn, s) : -ENOMEM;

        if (r < 0) {
                free(s);
                return r;
        }
        s->handler = handler;
        s->userdata = userdata;
        (void)snprintf(s->reference, sizeof(s->reference), "%s", reference);
        (void)snprintf(s->path, sizeof(s->path), "%s", directory);
        shelf_open(s);
        *ret_shelf = s;
        return 0;
}

struct shelf *shelf_free(struct shelf *shelf)
{
        if (!shelf)
                return NULL;
        loop_drop(&shelf->turn);
        source_done(&shelf->file);
        if (shelf->directory)
                (void)closedir(shelf->directory);
        free(shelf);
        return NULL;
}
