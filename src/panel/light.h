/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A light of the hub: an LED of the kernel. What blinks is done by the kernel's trigger "timer", so
 * that nothing runs here meanwhile.
 *
 * An LED that is missing or may not be written is a state, and is tried again. At the end it is
 * what it was.
 */

#include <systemd/sd-event.h>

#include "reason/reason.h"
#include "util/defer.h"

#define LIGHT_ROOT "/sys/class/leds"

/* What it says. */
enum light_sign {
        LIGHT_OFF,
        LIGHT_WAITING, /* for a code: a short flash every two seconds */
        LIGHT_READ,    /* a code was read: on */
        LIGHT_WORKING, /* on and off, a second each */
        LIGHT_DONE,    /* on */
        LIGHT_FAILED,  /* five times a second */
        LIGHT_SIGN_MAX,
};

struct light;

struct light_handler {
        void (*on_changed)(void *userdata); /* light_state() says something else */
};

/*
 * light_new() - use an LED, which is dark at first
 * @root: the directory of the LEDs, LIGHT_ROOT
 * @name: that of the LED's directory in it, or "": there is none, and that is no problem
 *
 * Return: 0, -ENAMETOOLONG, -ENOMEM or another -errno of the event loop.
 */
int light_new(sd_event *event, const char *root, const char *name,
              const struct light_handler *handler, void *userdata, struct light **ret_light);
struct light *light_free(struct light *light);

void light_show(struct light *light, enum light_sign sign);

/* REASON_NONE, or REASON_LIGHT_UNAVAILABLE. */
enum reason light_state(const struct light *light);

DEFINE_DEFER(struct light *, light_free);
