/* SPDX-License-Identifier: Apache-2.0 */

#include "program/presence.h"

bool program_get_presence(const struct program_step *step, struct program_presence *ret_presence)
{
        struct cbor_reader r = step->arguments;
        uint32_t sleep_sec = cbor_get_uint_max(&r, PROGRAM_SLEEP_MAX);

        if (cbor_finish(&r))
                return false;
        ret_presence->sleep_sec = sleep_sec;
        return true;
}
