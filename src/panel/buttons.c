/* SPDX-License-Identifier: Apache-2.0 */

#include "panel/buttons.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-device.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define PATH_SIZE 256

struct buttons {
        sd_event *event;
        const char *device;
        unsigned key;
        const struct buttons_handler *handler;
        void *userdata;
        sd_event_source *timer;
        struct {
                struct button *button;
                char path[PATH_SIZE];
        } of[BUTTONS_MAX];
        size_t n;
        bool is_refused; /* in this look, something cannot be read */
        bool complained; /* in the one before; the journal has its lines */
        enum reason state;
};

DEFINE_DEFER(sd_device_enumerator *, sd_device_enumerator_unref);

/* --- those that are there --- */

static void buttons_on_pressed(void *userdata, enum press_verdict press)
{
        struct buttons *b = userdata;

        b->handler->on_pressed(b->userdata, press);
}

static void buttons_on_gone(void *userdata, struct button *button)
{
        struct buttons *b = userdata;

        for (size_t i = 0; i < b->n; i++) {
                if (b->of[i].button != button)
                        continue;
                log_info("Button %s (%s) is gone.", b->of[i].path, button_name(button));
                (void)button_free(button);
                b->of[i] = b->of[--b->n];
                b->handler->on_changed(b->userdata);
                return;
        }
}

static const struct button_handler buttons_button_handler = {
        .on_pressed = buttons_on_pressed,
        .on_gone = buttons_on_gone,
};

static bool buttons_has(const struct buttons *b, const char *path)
{
        for (size_t i = 0; i < b->n; i++)
                if (strcmp(b->of[i].path, path) == 0)
                        return true;
        return false;
}

/* One line for each, and not every two seconds. */
static void buttons_refuse(struct buttons *b, const char *path, int r)
{
        b->is_refused = true;
        if (b->complained)
                return;
        log_warning("Button %s cannot be used: %s.", path,
                    r == BUTTON_E_NO_KEY ? "it does not have the key of the settings"
                                         : strerror(-r));
}

static void buttons_open(struct buttons *b, const char *path)
{
        _defer_(fd_close) int fd = -1;
        int r;

        if (buttons_has(b, path) || b->n == BUTTONS_MAX || strlen(path) >= PATH_SIZE)
                return;
        fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        r = fd < 0 ? -errno
                   : button_new(b->event, fd, b->key, &buttons_button_handler, b,
                                &b->of[b->n].button);
        if (r != 0) {
                buttons_refuse(b, path, r);
                return;
        }
        (void)fd_take(&fd);
        (void)snprintf(b->of[b->n].path, PATH_SIZE, "%s", path);
        log_info("Button %s (%s) is there.", path, button_name(b->of[b->n].button));
        b->n++;
        b->handler->on_changed(b->userdata);
}

/* --- looking for them --- */

/* Whether the input device of which @device is the file calls itself @name. */
static bool is_named(sd_device *device, const char *name)
{
        const char *own;
        sd_device *input;

        return sd_device_get_parent(device, &input) >= 0 &&
               sd_device_get_sysattr_value(input, "name", &own) >= 0 && strcmp(own, name) == 0;
}

/* With the tag, or by the name. 0 or -errno. */
static int buttons_enumerate(struct buttons *b)
{
        _defer_(sd_device_enumerator_unref) sd_device_enumerator *enumerator = NULL;
        bool is_auto = strcmp(b->device, "auto") == 0;
        const char *path;
        int r;

        r = sd_device_enumerator_new(&enumerator);
        if (r >= 0)
                r = sd_device_enumerator_add_match_subsystem(enumerator, "input", true);
        if (r >= 0)
                r = sd_device_enumerator_add_match_sysname(enumerator, "event*");
        if (r >= 0 && is_auto)
                r = sd_device_enumerator_add_match_tag(enumerator, BUTTONS_TAG);
        if (r < 0)
                return r;
        for (sd_device *device = sd_device_enumerator_get_device_first(enumerator); device;
             device = sd_device_enumerator_get_device_next(enumerator))
                if ((is_auto || is_named(device, b->device)) &&
                    sd_device_get_devname(device, &path) >= 0)
                        buttons_open(b, path);
        return 0;
}

static void buttons_look(struct buttons *b)
{
        bool is_auto = strcmp(b->device, "auto") == 0;
        enum reason before = b->state;
        int r = 0;

        b->complained = b->is_refused;
        b->is_refused = false;
        if (b->device[0] == '/')
                buttons_open(b, b->device);
        else
                r = buttons_enumerate(b);
        if (r < 0)
                buttons_refuse(b, "with the name or the tag", r);
        b->state =
                b->is_refused || (b->n == 0 && !is_auto) ? REASON_BUTTON_UNAVAILABLE : REASON_NONE;
        if (b->state != before)
                b->handler->on_changed(b->userdata);
}

static int buttons_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)usec;
        loop_rearm_timer(source, BUTTONS_LOOK_MS);
        buttons_look(userdata);
        return 0;
}

int buttons_new(sd_event *event, const char *device, unsigned key,
                const struct buttons_handler *handler, void *userdata, struct buttons **ret_buttons)
{
        _defer_(buttons_free) struct buttons *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->event = event;
        b->device = device;
        b->key = key;
        b->handler = handler;
        b->userdata = userdata;
        r = loop_add_timer(event, &b->timer, buttons_on_timer, b);
        if (r < 0)
                return r;
        if (strcmp(device, "none") != 0)
                loop_rearm_timer(b->timer, 0);
        *ret_buttons = take(b);
        return 0;
}

struct buttons *buttons_free(struct buttons *buttons)
{
        if (!buttons)
                return NULL;
        loop_drop(&buttons->timer);
        for (size_t i = 0; i < buttons->n; i++)
                (void)button_free(buttons->of[i].button);
        free(buttons);
        return NULL;
}

size_t buttons_count(const struct buttons *buttons)
{
        return buttons->n;
}

enum reason buttons_state(const struct buttons *buttons)
{
        return buttons->state;
}
