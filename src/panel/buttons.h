/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The buttons of the hub: every input device that the settings mean and that is there. They are
 * looked for every BUTTONS_LOOK_MS, so that one may be plugged in and pulled out; what is missing
 * or may not be read is a state.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "panel/button.h"
#include "reason/reason.h"

#define BUTTONS_MAX     8
#define BUTTONS_LOOK_MS 2000
#define BUTTONS_TAG     "enrolld-button" /* of udev, which makes a device a button of the hub */

struct buttons;

struct buttons_handler {
        void (*on_pressed)(void *userdata, enum press_verdict press);
        /* buttons_state() or buttons_count() says something else. */
        void (*on_changed)(void *userdata);
};

/*
 * buttons_new() - look for buttons from now on
 * @device: "auto": those with the tag; "none"; the path of one, below /dev; or the name that a
 *     device gives itself; kept by reference
 * @key: as button_new()
 *
 * Return: 0, -ENOMEM or another -errno of the event loop.
 */
int buttons_new(sd_event *event, const char *device, unsigned key,
                const struct buttons_handler *handler, void *userdata,
                struct buttons **ret_buttons);
struct buttons *buttons_free(struct buttons *buttons);

/* How many are there. */
size_t buttons_count(const struct buttons *buttons);

/* REASON_NONE, or REASON_BUTTON_UNAVAILABLE: what the settings name, or one of those that are there
 * with the tag, cannot be read. */
enum reason buttons_state(const struct buttons *buttons);

DEFINE_DEFER(struct buttons *, buttons_free);
