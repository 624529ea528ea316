/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/failure.h"

#include <stdio.h>

#include "program/program.h"
#include "program/words.h"
#include "wire/utf8.h"

bool failure_passes(enum reason why)
{
        switch (why) {
        case REASON_LINK_LOST:
        case REASON_LINK_TIMEOUT:
        case REASON_CONNECT_FAILED:
        case REASON_SERVICE_MISSING:
        case REASON_ADAPTER_BUSY:
        case REASON_ADAPTER_STUCK:
        case REASON_DEVICE_BUSY:
        case REASON_PROTOCOL_VIOLATED:
                return true;
        default:
                return false;
        }
}

static const char *failure_sentence(const struct conversation_end *end)
{
        if (end->why == REASON_CANCELLED)
                return "The enrollment was cancelled at the device.";
        if (end->why == REASON_PROTOCOL_VIOLATED)
                return "The device reports a failure that only a hub can have.";
        if (end->fail.failure > MESSAGE_FAILURE_CANCELLED)
                return "The device gave up for a reason that this hub does not know.";
        return reason_text(end->why);
}

void failure_describe(const struct conversation_end *end, struct cbor_span half,
                      char ret_text[FAILURE_TEXT_SIZE])
{
        const struct program_words *words = NULL;
        char said[MESSAGE_TEXT_MAX + 1];
        struct program_step step;

        utf8_copy_printable(end->fail.text.bytes, end->fail.text.n_bytes, said, sizeof(said));
        if (end->fail.step >= 0 && program_step_at(half, (unsigned)end->fail.step, &step))
                words = program_verb_words(step.verb);
        if (words)
                (void)snprintf(ret_text, FAILURE_TEXT_SIZE,
                               "Step %d on the device (%s) failed%s%s.", end->fail.step + 1,
                               words->name, said[0] ? ": " : "", said);
        else
                (void)snprintf(ret_text, FAILURE_TEXT_SIZE, "%s (failure %u%s%s)",
                               failure_sentence(end), end->fail.failure, said[0] ? ": " : "", said);
}
