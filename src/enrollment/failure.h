/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What has ended an attempt: whether another one may help, and what the device says, in words. */

#include <stdbool.h>

#include "contact/conversation.h"
#include "reason/reason.h"

#define FAILURE_TEXT_SIZE 256

/* Whether another attempt may succeed where one failed like this. */
bool failure_passes(enum reason why);

/* One line about the FAIL with which the device, which ran @half, has ended the session. */
void failure_describe(const struct conversation_end *end, struct cbor_span half,
                      char ret_text[FAILURE_TEXT_SIZE]);
