/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/json.h"

/* The columns of a terminal; 0 if it does not know them, or if this is not one. */
static size_t columns_of(int fd)
{
        struct winsize size = {.ws_col = 0};

        return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void output_init(struct output *output)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
        bool plain = (no_color && no_color[0]) || !term || strcmp(term, "dumb") == 0;

        output->terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
        output->colour = output->terminal && !plain;
        output->colour_errors = isatty(STDERR_FILENO) && !plain;
        output->width = columns_of(STDOUT_FILENO);
        output->width_errors = columns_of(STDERR_FILENO);
}

void output_json(struct output *output, const json_t *json)
{
        size_t layout = output->form == OUTPUT_LINES ? JSON_COMPACT : JSON_INDENT(2);

        /* A stream that has failed does not keep the reason. */
        if ((json_dumpf(json, stdout, JSON_DECIMALS | layout) < 0 || fputc('\n', stdout) == EOF ||
             fflush(stdout) != 0) &&
            output->error == 0)
                output->error = -errno;
}

int output_fault(const struct output *output, const struct fault *fault)
{
        if (output->form == OUTPUT_PEOPLE)
                fault_show(fault, output->colour_errors, output->width_errors, stderr);
        else
                fault_show_json(fault, output->form == OUTPUT_LINES, stdout);
        return (int)fault->exit_code;
}
