/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whole small files, many of them secret, and writes that happen completely or not at all. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Reads until @size bytes are there or the file ends. Return: how many were read, or -errno. */
ssize_t file_read_fd(int fd, void *ret_bytes, size_t size);

/* Writes all of it. 0 or -errno. */
int file_write_fd(int fd, const void *bytes, size_t n_bytes);

/*
 * Reads all that is in @fd, or in the file at @path, and puts a NUL behind it. The caller frees it
 * with file_free(). 0; -EFBIG if there are more than @max bytes; or -errno.
 */
int file_load_fd(int fd, size_t max, char **ret_bytes, size_t *ret_n_bytes);
int file_load(const char *path, size_t max, char **ret_bytes, size_t *ret_n_bytes);

/* Wipes and frees; takes NULL. */
void file_free(char *bytes, size_t n_bytes);

/*
 * Gives an open file this mode. What is no regular file keeps its own: /dev/null stays everybody's
 * when root writes to it. 0 or -errno.
 */
int file_set_mode(int fd, mode_t mode);

/*
 * A number that changes when a file of the directory is added, removed or written; 0 if there is no
 * directory.
 */
uint64_t file_stamp_directory(const char *path);

/* Writes a file of this mode in place. @fresh: -EEXIST if it exists. 0 or -errno. */
int file_write(const char *path, const void *bytes, size_t n_bytes, mode_t mode, bool fresh);

/*
 * Puts a file of mode 0600 in the place of @path, which is relative to the directory @at (AT_FDCWD:
 * where the process is). It is on the disk when this returns. A crash leaves the old file or the
 * new one, and perhaps a draft beside it, which the next call removes. 0 or -errno.
 */
int file_replace(int at, const char *path, const void *bytes, size_t n_bytes);

/* Whether everything written to @file has arrived: 0, or -errno (-EIO if the cause is no longer
 * known). */
int file_flush(FILE *file);
