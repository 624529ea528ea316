/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/argument.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "code/paste.h"
#include "util/file.h"

bool argument_is_standard(const char *path)
{
        return path && strcmp(path, "-") == 0;
}

int argument_read(const char *path, char **ret_bytes, size_t *ret_n_bytes)
{
        if (argument_is_standard(path))
                return file_load_fd(STDIN_FILENO, ARGUMENT_BYTES_MAX, ret_bytes, ret_n_bytes);
        return file_load(path, ARGUMENT_BYTES_MAX, ret_bytes, ret_n_bytes);
}

int argument_read_code(const char *argument, char **ret_bytes, size_t *ret_n_bytes)
{
        size_t n = strlen(argument);
        char *bytes;

        if (!paste_has_prefix((const uint8_t *)argument, n) || access(argument, F_OK) == 0)
                return argument_read(argument, ret_bytes, ret_n_bytes);
        bytes = strdup(argument);
        if (!bytes)
                return -ENOMEM;
        *ret_bytes = bytes;
        *ret_n_bytes = n;
        return 0;
}

int argument_write(const char *path, const void *bytes, size_t n_bytes)
{
        if (!path || argument_is_standard(path))
                return file_write_fd(STDOUT_FILENO, bytes, n_bytes);
        return file_write(path, bytes, n_bytes, 0600, false);
}
