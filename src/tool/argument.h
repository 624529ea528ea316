/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files as they are named on a command line: "-" is standard input, or standard output. What is
 * read is freed with file_free().
 */

#include <stdbool.h>
#include <stddef.h>

#define ARGUMENT_BYTES_MAX 65536 /* of a file that is read */

/* Whether it names standard input or output; takes NULL. */
bool argument_is_standard(const char *path);

/* Reads a file and puts a NUL after it. 0; -EFBIG above ARGUMENT_BYTES_MAX; or -errno. */
int argument_read(const char *path, char **ret_bytes, size_t *ret_n_bytes);

/* The same for a code, which may also be given as its text instead of a file. */
int argument_read_code(const char *argument, char **ret_bytes, size_t *ret_n_bytes);

/* Writes a file of mode 0600; @path NULL: standard output. 0 or -errno. */
int argument_write(const char *path, const void *bytes, size_t n_bytes);
