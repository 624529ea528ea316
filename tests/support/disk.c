/* SPDX-License-Identifier: Apache-2.0 */

#include "support/disk.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct disk_write {
        struct disk_write *older;
        char *path;
        bool truncates;
        off_t old_size, offset;
        size_t n_before, n_after;
        uint8_t *before; /* what stood there, as far as the file reached */
        uint8_t *after;
};

struct disk_file {
        sqlite3_file base;
        struct disk *disk;
        char *path;
        sqlite3_file *real; /* right behind this struct */
};

static struct disk_file *disk_file_of(sqlite3_file *file)
{
        return (struct disk_file *)file;
}

static struct disk_write *disk_write_free(struct disk_write *w)
{
        struct disk_write *older = w->older;

        free(w->path);
        free(w->before);
        free(w->after);
        free(w);
        return older;
}

static void disk_forget(struct disk *disk, const char *path)
{
        struct disk_write **at = &disk->unsynced;

        while (*at) {
                if (!path || strcmp((*at)->path, path) == 0)
                        *at = disk_write_free(*at);
                else
                        at = &(*at)->older;
        }
}

/* Records a change about to be made through another descriptor than SQLite's, whose locks must not
 * be lost: so it reads through SQLite's. */
static void disk_record(struct disk_file *f, bool truncates, off_t offset, const void *after,
                        size_t n_after)
{
        struct disk_write *w = calloc(1, sizeof(*w));
        sqlite3_int64 size = 0;
        size_t n;

        (void)f->real->pMethods->xFileSize(f->real, &size);
        w->path = strdup(f->path);
        w->truncates = truncates;
        w->old_size = (off_t)size;
        w->offset = offset;
        n = truncates ? (size_t)(size > offset ? size - offset : 0) : n_after;
        if (offset + (off_t)n > size)
                n = (size_t)(size > offset ? size - offset : 0);
        w->n_before = n;
        w->before = malloc(n + 1);
        if (n > 0)
                (void)f->real->pMethods->xRead(f->real, w->before, (int)n, offset);
        w->n_after = n_after;
        w->after = malloc(n_after + 1);
        memcpy(w->after, after, n_after);
        w->older = f->disk->unsynced;
        f->disk->unsynced = w;
}

static void disk_undo(const struct disk_write *w)
{
        int fd = open(w->path, O_RDWR | O_CLOEXEC);

        if (fd < 0)
                return;
        if (pwrite(fd, w->before, w->n_before, w->offset) < 0 || ftruncate(fd, w->old_size) < 0)
                abort();
        (void)close(fd);
}

static void disk_redo(const struct disk_write *w)
{
        int fd = open(w->path, O_RDWR | O_CLOEXEC);

        if (fd < 0)
                return;
        if (w->truncates ? ftruncate(fd, w->offset) < 0
                         : pwrite(fd, w->after, w->n_after, w->offset) < 0)
                abort();
        (void)close(fd);
}

/* Oldest first, each with probability one half. */
static void disk_redo_some(const struct disk_write *newest, unsigned *seed)
{
        if (!newest)
                return;
        disk_redo_some(newest->older, seed);
        if (rand_r(seed) & 0x100)
                disk_redo(newest);
}

static void disk_die(struct disk *disk)
{
        unsigned seed = disk->seed;

        if (disk->fault != DISK_KILL)
                for (const struct disk_write *w = disk->unsynced; w; w = w->older)
                        disk_undo(w);
        if (disk->fault == DISK_TORN)
                disk_redo_some(disk->unsynced, &seed);
        _exit(DISK_EXIT_CODE);
}

/* Counts a call that changes the disk; what it must return instead of doing so, or SQLITE_OK. */
static int disk_call(struct disk *disk)
{
        disk->n_calls++;
        switch (disk->fault) {
        case DISK_KEEPS_WORKING:
                return SQLITE_OK;
        case DISK_KILL:
        case DISK_POWER_CUT:
        case DISK_TORN:
                if (disk->n_calls == disk->at_call)
                        disk_die(disk);
                return SQLITE_OK;
        case DISK_FAIL_ONCE:
                return disk->n_calls == disk->at_call ? disk->code : SQLITE_OK;
        case DISK_FAIL:
                return disk->n_calls >= disk->at_call ? disk->code : SQLITE_OK;
        }
        abort();
}

static int disk_close(sqlite3_file *file)
{
        struct disk_file *f = disk_file_of(file);
        int code = f->real->pMethods->xClose(f->real);

        free(f->path);
        return code;
}

static int disk_read(sqlite3_file *file, void *buffer, int n, sqlite3_int64 offset)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xRead(f->real, buffer, n, offset);
}

static int disk_write(sqlite3_file *file, const void *buffer, int n, sqlite3_int64 offset)
{
        struct disk_file *f = disk_file_of(file);
        int code = disk_call(f->disk);

        if (code != SQLITE_OK)
                return code;
        disk_record(f, false, (off_t)offset, buffer, (size_t)n);
        return f->real->pMethods->xWrite(f->real, buffer, n, offset);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
        struct disk_file *f = disk_file_of(file);
        int code = disk_call(f->disk);

        if (code != SQLITE_OK)
                return code;
        disk_record(f, true, (off_t)size, "", 0);
        return f->real->pMethods->xTruncate(f->real, size);
}

static int disk_sync(sqlite3_file *file, int flags)
{
        struct disk_file *f = disk_file_of(file);
        int code = disk_call(f->disk);

        if (code != SQLITE_OK)
                return code;
        f->disk->n_syncs++;
        disk_forget(f->disk, f->path);
        return f->real->pMethods->xSync(f->real, flags);
}

static int disk_file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xFileSize(f->real, ret_size);
}

static int disk_lock(sqlite3_file *file, int level)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xLock(f->real, level);
}

static int disk_unlock(sqlite3_file *file, int level)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xUnlock(f->real, level);
}

static int disk_check_reserved_lock(sqlite3_file *file, int *ret_reserved)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xCheckReservedLock(f->real, ret_reserved);
}

static int disk_file_control(sqlite3_file *file, int op, void *argument)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xFileControl(f->real, op, argument);
}

static int disk_sector_size(sqlite3_file *file)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xSectorSize(f->real);
}

static int disk_characteristics(sqlite3_file *file)
{
        struct disk_file *f = disk_file_of(file);

        return f->real->pMethods->xDeviceCharacteristics(f->real);
}

/* Version 1, without shared memory: the store keeps the log's index to itself. */
static const sqlite3_io_methods disk_methods = {
        .iVersion = 1,
        .xClose = disk_close,
        .xRead = disk_read,
        .xWrite = disk_write,
        .xTruncate = disk_truncate,
        .xSync = disk_sync,
        .xFileSize = disk_file_size,
        .xLock = disk_lock,
        .xUnlock = disk_unlock,
        .xCheckReservedLock = disk_check_reserved_lock,
        .xFileControl = disk_file_control,
        .xSectorSize = disk_sector_size,
        .xDeviceCharacteristics = disk_characteristics,
};

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *ret_flags)
{
        struct disk *disk = vfs->pAppData;
        struct disk_file *f = disk_file_of(file);
        int code;

        memset(f, 0, sizeof(*f));
        f->disk = disk;
        f->real = (sqlite3_file *)(void *)(f + 1);
        code = flags & SQLITE_OPEN_CREATE ? disk_call(disk) : SQLITE_OK;
        if (code != SQLITE_OK)
                return code;
        code = disk->real->xOpen(disk->real, path, f->real, flags, ret_flags);
        if (code != SQLITE_OK)
                return code;
        f->path = strdup(path ? path : "");
        f->base.pMethods = &disk_methods;
        return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
        struct disk *disk = vfs->pAppData;
        int code = disk_call(disk);

        if (code != SQLITE_OK)
                return code;
        disk_forget(disk, path);
        return disk->real->xDelete(disk->real, path, sync_directory);
}

void disk_install(struct disk *disk)
{
        memset(disk, 0, sizeof(*disk));
        disk->real = sqlite3_vfs_find(NULL);
        disk->vfs = *disk->real;
        disk->vfs.szOsFile = (int)sizeof(struct disk_file) + disk->real->szOsFile;
        disk->vfs.zName = "disk";
        disk->vfs.pAppData = disk;
        disk->vfs.xOpen = disk_open;
        disk->vfs.xDelete = disk_delete;
        if (sqlite3_vfs_register(&disk->vfs, 1) != SQLITE_OK)
                abort();
}

void disk_remove(struct disk *disk)
{
        (void)sqlite3_vfs_unregister(&disk->vfs);
        (void)sqlite3_vfs_register(disk->real, 1);
        disk_forget(disk, NULL);
}
