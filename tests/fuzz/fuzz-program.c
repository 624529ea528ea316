/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a half, the first one chooses whose: what verifies must step through to its end, and
 * every step must give all of its arguments, with values and without.
 */

#include <stdlib.h>
#include <string.h>

#include "program/describe.h"
#include "program/group.h"
#include "program/presence.h"
#include "program/verify.h"
#include "program/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* {1: "Kitchen", 8: 1700000000, 64: -7} */
static const uint8_t values[] = {0xa3, 0x01, 0x67, 'K',  'i',  't',  'c',  'h',  'e', 'n',
                                 0x08, 0x1a, 0x65, 0x53, 0xf1, 0x00, 0x18, 0x40, 0x26};

/* A channel that is written again is the same channel. */
static void take_channel(const struct program_step *step)
{
        uint8_t bytes[PROGRAM_BYTES_MAX];
        struct program_step again = *step;
        struct program_channel channel, written;
        struct cbor_writer w;

        if (!program_get_channel(step, &channel))
                abort();
        cbor_writer_init(&w, bytes, sizeof(bytes));
        program_put_channel(&w, &channel);
        cbor_reader_init(&again.arguments, bytes, w.n_written);
        if (!cbor_writer_fits(&w) || !program_get_channel(&again, &written) ||
            written.number != channel.number || written.type != channel.type ||
            written.category != channel.category || written.n_words != channel.n_words ||
            written.length != channel.length || written.range.step != channel.range.step)
                abort();
}

/* What only a hub reads, and true; false if it is another step. */
static bool take_of_hub(const struct program_step *step)
{
        struct program_presence presence;
        struct program_group group;

        switch (step->verb) {
        case PROGRAM_CHANNEL:
                take_channel(step);
                return true;
        case PROGRAM_PRESENCE:
                if (!program_get_presence(step, &presence))
                        abort();
                return true;
        case PROGRAM_GROUP:
                if (!program_get_group(step, &group))
                        abort();
                return true;
        default:
                return false;
        }
}

static void take_arguments(struct program_step step)
{
        const struct cbor_span map = {values, sizeof(values)};
        struct program_step again = step;
        struct program_operand operand;
        struct value value;
        enum program_next next;
        unsigned number;
        char text[256];

        program_describe_step(&step, text, sizeof(text));
        if (strlen(text) >= sizeof(text) || !program_verb_words(step.verb))
                abort();
        if (take_of_hub(&step))
                return;
        if (step.row->shape & PROGRAM_SHAPE_PAIRS) {
                do {
                        next = program_next_pair(&again, map, &number, &value);
                } while (next != PROGRAM_END);
                while (program_next_operand(&step, &number, &operand))
                        ;
        } else
                while (program_next_number(&step, &number))
                        ;
        if (cbor_finish(&step.arguments))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct program_fault fault;
        struct program_run run;
        struct program_step step;
        struct cbor_span half;
        unsigned n = 0;

        if (size < 1)
                return 0;
        half = (struct cbor_span){data + 1, size - 1};
        if ((data[0] & 1 ? program_verify_hub : program_verify_device)(half, &fault)) {
                if (!program_error_text(fault.error) || fault.step > PROGRAM_STEPS_MAX)
                        abort();
                return 0;
        }
        program_run_init(&run, half);
        for (; program_run_next(&run, &step); n++) {
                if (step.index != n || program_run_patience(&run) > 32 * 30)
                        abort();
                take_arguments(step);
        }
        if (run.n_left != 0 || cbor_finish(&run.at))
                abort();
        (void)program_verify_values(half, PROGRAM_PARAMETER);
        (void)program_verify_report(half);
        return 0;
}
