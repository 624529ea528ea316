/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A reading: what one channel of a device has to say, in the form in which it came off the wire.
 * The same struct goes from the session to the faces.
 */

#include <stdbool.h>

#include "wire/message.h"

#define READING_LEAF_SIZE 33 /* with the NUL; the store keeps as much of a leaf */

struct reading {
        const char *leaf; /* the channel's name, also on MQTT */
        struct message_value value;
        bool is_event; /* it says what happened just now, and is not the channel's last value */
};
