/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whole small files, many of them secret. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define FILE_BYTES_MAX 65536

/*
 * Reads a file, or stdin for "-", and puts a NUL behind it. The caller wipes and frees with
 * file_free(). -errno; -EFBIG above FILE_BYTES_MAX.
 */
int file_read(const char *path, char **ret_bytes, size_t *ret_n_bytes);
void file_free(char *bytes, size_t n_bytes);

/* Writes a file of this mode, or stdout for NULL and "-". @fresh: -EEXIST if it exists. */
int file_write(const char *path, const void *bytes, size_t n_bytes, mode_t mode, bool fresh);

/* Whether all that was written to @file has arrived: 0, or -errno (-EIO if why is forgotten). */
int file_flush(FILE *file);
