/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/output.h"

#include <errno.h>

#include "api/json.h"

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
