/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/output.h"

#include "api/json.h"

void output_json(const struct output *output, const json_t *json)
{
        (void)json_dumpf(json, stdout,
                         JSON_DECIMALS |
                                 (output->form == OUTPUT_LINES ? JSON_COMPACT : JSON_INDENT(2)));
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
}

int output_fault(const struct output *output, const struct fault *fault)
{
        if (output->form == OUTPUT_PEOPLE)
                fault_show(fault, output->colour_errors, output->width_errors, stderr);
        else
                fault_show_json(fault, output->form == OUTPUT_LINES, stdout);
        return (int)fault->exit_code;
}
