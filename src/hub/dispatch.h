/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What people and programs ask of devices on its way to the gateway, and the answers on their way
 * back.
 */

#include "api/command.h"
#include "gateway/gateway.h"

/*
 * How long the way to a device may take, in s. With the time that the device has for its answer
 * (SESSION_ANSWER_S) it is less than the 25 s that programs wait for an answer on D-Bus.
 */
#define DISPATCH_SECONDS 15

/*
 * Passes a command to its device, unless a value is not one of its channel. @later is called once,
 * from here or from the loop.
 */
void dispatch_command(struct gateway *gateway, const struct visit_wish *wish,
                      const struct command *command, const struct api_later *later);

/* Whether the device has let itself go; valid during the call. */
typedef void (*dispatch_on_released_t)(void *userdata, const struct errand_answer *answer);

/*
 * Asks the device to do so; where @is_patient nobody waits for it, and it goes before no visit.
 * @on_released is called once, from here or from the loop.
 */
void dispatch_release(struct gateway *gateway, const struct visit_wish *wish, bool is_patient,
                      dispatch_on_released_t on_released, void *userdata);
