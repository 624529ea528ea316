/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Virtual devices in one process, each behind a socket of its own, as a hub's stream port has it:
 * they announce themselves, open a session with their owner, answer what they are asked and say
 * what they are told to. A failure ends the program.
 */

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct fleet;

/* The devices 0 to @n_devices - 1 of the hub with this master key, at DIRECTORY/NUMBER. */
struct fleet *fleet_new(sd_event *event, const uint8_t master[32], const char *directory,
                        unsigned n_devices);
struct fleet *fleet_free(struct fleet *fleet);

const char *fleet_name(const struct fleet *fleet, unsigned device);

/* How many have a session in which they can speak. */
unsigned fleet_n_open(const struct fleet *fleet);

/* Prepares a reading, and sends what is prepared, in order, as fast as the hub takes it. */
void fleet_prepare(struct fleet *fleet, unsigned device, int64_t value);
void fleet_send(struct fleet *fleet, unsigned device);
