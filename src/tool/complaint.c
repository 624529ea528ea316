/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/complaint.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/argument.h"
#include "util/log.h"
#include "util/options.h"

#define NAMED_MAX 64 /* bytes; a longer name of a file is not repeated where a code may stand */

int complaint_usage(const char *text)
{
        log_error("%s; see enroll-code --help", text);
        return OPTIONS_EXIT_USAGE;
}

int complaint_file(int r, const char *path)
{
        log_error("%s: %s", path[0] ? path : "a file without a name", strerror(-r));
        return EXIT_FAILURE;
}

int complaint_input(int r, const char *path)
{
        if (r != -EFBIG)
                return complaint_file(r, path);
        log_error("%s: it has more than %d KiB", path, ARGUMENT_BYTES_MAX / 1024);
        return EXIT_FAILURE;
}

int complaint_code(int r, const char *argument)
{
        return complaint_input(r, strlen(argument) <= NAMED_MAX ? argument : "the file");
}

int complaint_refusal(enum reason reason, const char *argument, const char *detail)
{
        bool is_file = access(argument, F_OK) == 0;

        log_error("%s: %s (%s%s%s)", is_file ? argument : "the code", reason_text(reason),
                  reason_code(reason), detail[0] ? ": " : "", detail);
        return EXIT_FAILURE;
}
