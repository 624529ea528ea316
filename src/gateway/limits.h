/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the values of a channel may be, as its code says it (doc/code.md, section 4.6). The same for
 * a value that a device has reported and for one that it is to be given.
 */

#include "store/channel.h"
#include "wire/message.h"

enum {
        LIMITS_E_TYPE = 1, /* not of the channel's type */
        LIMITS_E_RANGE,    /* below or above its range */
        LIMITS_E_STEP,     /* within the range, but not on one of its steps */
        LIMITS_E_WORD,     /* not one of its words */
        LIMITS_E_LENGTH,   /* a longer text than it may have */
};

/*
 * Whether @value may be a value of @channel: 0, or LIMITS_E_*. Which way it goes and which channel
 * it names is not looked at. A button takes any value.
 */
int limits_check(const struct store_channel *channel, const struct message_value *value);

/* What such an outcome says of the value: "it is not one of the channel's words". */
const char *limits_text(int outcome);
