/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A disk that fails on command: a layer between SQLite and the file system.
 *
 * It counts every call that changes the disk and, at a chosen one, kills the process, cuts the
 * power (what was not synced is lost, wholly or in an arbitrary part) or reports a failure. With no
 * plan it only counts.
 */

#include <stdint.h>
#include <sys/types.h>

#include <sqlite3.h>

#define DISK_EXIT_CODE 99 /* what the process ends with when its plan comes true */

enum disk_fault {
        DISK_KEEPS_WORKING = 0,
        DISK_KILL,      /* the process ends; all that it wrote is there */
        DISK_POWER_CUT, /* the process ends; all that it did not sync is gone */
        DISK_TORN,      /* the process ends; some of what it did not sync is gone */
        DISK_FAIL_ONCE, /* that one call returns .code */
        DISK_FAIL,      /* that call and all later ones return .code */
};

struct disk_write;

struct disk {
        sqlite3_vfs vfs; /* registered as the default */
        sqlite3_vfs *real;
        enum disk_fault fault;
        uint64_t at_call; /* 1 is the first call that changes something */
        int code;         /* SQLite's, for DISK_FAIL* */
        unsigned seed;    /* for DISK_TORN */
        uint64_t n_calls, n_syncs;
        struct disk_write *unsynced; /* newest first */
};

/* Puts @disk in front of the default VFS; set .fault and its details at any time afterwards. */
void disk_install(struct disk *disk);

/* Takes it out again and forgets what it recorded; every file must be closed. */
void disk_remove(struct disk *disk);
