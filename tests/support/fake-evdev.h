/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An input device for the tests, behind the real libevdev: a FIFO that carries the records of the
 * kernel and, in this program alone, answers the ioctls of evdev. It has the keys KEY_PROG1 and
 * KEY_A and is called "test button".
 */

#include <stdbool.h>
#include <stdint.h>

#define FAKE_EVDEV_NAME "test button"

/* What every device says. */
struct fake_evdev {
        bool is_held; /* KEY_PROG1 */
        bool is_none; /* the ioctls are refused: it is no such device */
};

extern struct fake_evdev fake_evdev;

/* Makes the device at @path; the end from which its events come. */
int fake_evdev_open(const char *path);

/* One event and its end, or only the record for a type that is EV_SYN, at that time in ms. */
void fake_evdev_say(int end, uint16_t type, uint16_t code, int value, uint64_t ms);
