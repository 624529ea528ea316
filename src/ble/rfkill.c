/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/rfkill.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/free.h"

static DIR *directory_free(DIR *directory)
{
        (void)closedir(directory);
        return NULL;
}

DEFINE_DEFER(DIR *, directory_free);

/* True if the attribute's first line is @expected. */
static bool attribute_is(int directory_fd, const char *name, const char *expected)
{
        _defer_(fd_close) int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
        char text[64];
        ssize_t n;

        if (fd < 0)
                return false;
        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return false;
        text[n] = '\0';
        text[strcspn(text, "\n")] = '\0';
        return strcmp(text, expected) == 0;
}

bool rfkill_blocks(const char *directory, const char *adapter)
{
        _defer_(directory_free) DIR *switches = opendir(directory);
        struct dirent *entry;

        while (switches && (entry = readdir(switches))) {
                _defer_(fd_close) int fd = -1;

                if (entry->d_name[0] == '.')
                        continue;
                fd = openat(dirfd(switches), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (fd >= 0 && attribute_is(fd, "name", adapter) &&
                    (attribute_is(fd, "soft", "1") || attribute_is(fd, "hard", "1")))
                        return true;
        }
        return false;
}
