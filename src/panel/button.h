/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One button: a key of an input device of the kernel (evdev), which is read and not grabbed. Other
 * keys of the device are ignored.
 */

#include <systemd/sd-event.h>

#include "panel/press.h"
#include "util/defer.h"

enum {
        BUTTON_E_NO_KEY = 1, /* the device does not have the key */
};

struct button;

struct button_handler {
        /* It was pressed: PRESS_SHORT or PRESS_LONG. Must not free it. */
        void (*on_pressed)(void *userdata, enum press_verdict press);
        /* The device is gone; may free it. */
        void (*on_gone)(void *userdata, struct button *button);
};

/*
 * button_new() - read a key of a device
 * @fd: the device, open for reading without blocking; the button's if it succeeds
 * @key: KEY_* or BTN_* of linux/input-event-codes.h
 *
 * A key that is held at that moment counts from the next time on that it is pressed.
 * Return: 0, BUTTON_E_NO_KEY, or -errno: of a file that is no such device, or of the event loop.
 */
int button_new(sd_event *event, int fd, unsigned key, const struct button_handler *handler,
               void *userdata, struct button **ret_button);
struct button *button_free(struct button *button);

/* What the device calls itself; may be "". */
const char *button_name(const struct button *button);

DEFINE_DEFER(struct button *, button_free);
