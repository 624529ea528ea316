/* SPDX-License-Identifier: Apache-2.0 */

#include "program/outline.h"

void program_numbers(struct cbor_span half, enum program_verb verb,
                     bool named[PROGRAM_NUMBER_MAX + 1])
{
        struct program_run run;
        struct program_step step;
        unsigned number;

        program_run_init(&run, half);
        while (program_run_next(&run, &step))
                while (step.verb == verb && program_next_number(&step, &number))
                        named[number] = true;
}

bool program_next_channel(struct program_run *run, struct program_channel *ret_channel)
{
        struct program_step step;

        while (program_run_next(run, &step))
                if (step.verb == PROGRAM_CHANNEL && program_get_channel(&step, ret_channel))
                        return true;
        return false;
}

bool program_next_group(struct program_run *run, struct program_group *ret_group)
{
        struct program_step step;

        while (program_run_next(run, &step))
                if (step.verb == PROGRAM_GROUP && program_get_group(&step, ret_group))
                        return true;
        return false;
}

bool program_presence(struct cbor_span hub, struct program_presence *ret_presence)
{
        struct program_run run;
        struct program_step step;

        program_run_init(&run, hub);
        while (program_run_next(&run, &step))
                if (step.verb == PROGRAM_PRESENCE && program_get_presence(&step, ret_presence))
                        return true;
        return false;
}

unsigned program_finish_flags(struct cbor_span device)
{
        struct program_run run;
        struct program_step step;

        program_run_init(&run, device);
        while (program_run_next(&run, &step))
                if (step.verb == PROGRAM_FINISH)
                        return step.number;
        return 0;
}
