/* SPDX-License-Identifier: Apache-2.0 */

#include "panel/light.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define PATH_SIZE  256
#define VALUE_SIZE 32
#define LIST_SIZE  4096 /* of all triggers: a page, as sysfs has it */

/*
 * The files of the delays appear with the trigger and belong to root until udev has heard of it
 * and its rule has run, so they are tried again soon at first.
 */
#define SOON_MS  100
#define N_SOON   20
#define LATER_MS 5000

struct light {
        const struct light_handler *handler;
        void *userdata;
        sd_event_source *retry;
        unsigned n_tried;
        char path[PATH_SIZE]; /* "": there is none */
        enum light_sign sign;
        enum reason state;
        bool has_former; /* what it was is known */
        char former_trigger[VALUE_SIZE], former_brightness[VALUE_SIZE];
};

static const struct {
        bool is_on;
        const char *on_ms, *off_ms; /* NULL: it does not blink */
} signs[LIGHT_SIGN_MAX] = {
        [LIGHT_OFF] = {false, NULL, NULL}, [LIGHT_WAITING] = {true, "100", "1900"},
        [LIGHT_READ] = {true, NULL, NULL}, [LIGHT_WORKING] = {true, "1000", "1000"},
        [LIGHT_DONE] = {true, NULL, NULL}, [LIGHT_FAILED] = {true, "100", "100"},
};

/* --- its files --- */

static int light_open(const struct light *l, const char *file, int flags)
{
        char path[PATH_SIZE + VALUE_SIZE];
        int fd;

        (void)snprintf(path, sizeof(path), "%s/%s", l->path, file);
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : fd;
}

static int light_write(const struct light *l, const char *file, const char *value)
{
        _defer_(fd_close) int fd = light_open(l, file, O_WRONLY | O_TRUNC);
        ssize_t n;

        if (fd < 0)
                return fd;
        n = write(fd, value, strlen(value));
        if (n < 0)
                return -errno;
        return (size_t)n == strlen(value) ? 0 : -EIO;
}

/* Without the end of the line. */
static int light_read(const struct light *l, const char *file, char *ret_text, size_t size)
{
        _defer_(fd_close) int fd = light_open(l, file, O_RDONLY);
        ssize_t n;

        if (fd < 0)
                return fd;
        n = read(fd, ret_text, size - 1);
        if (n < 0)
                return -errno;
        ret_text[n] = '\0';
        ret_text[strcspn(ret_text, "\n")] = '\0';
        return 0;
}

/* "none [timer] heartbeat": the one in brackets. */
static int light_read_trigger(const struct light *l, char ret_trigger[VALUE_SIZE])
{
        char list[LIST_SIZE], *begin, *end;
        int r;

        r = light_read(l, "trigger", list, sizeof(list));
        if (r < 0)
                return r;
        begin = strchr(list, '[');
        end = begin ? strchr(begin, ']') : NULL;
        if (!end || end - begin > VALUE_SIZE)
                return -EBADMSG;
        *end = '\0';
        (void)snprintf(ret_trigger, VALUE_SIZE, "%s", begin + 1);
        return 0;
}

/* Written only if it is another one: each change is an event of udev. */
static int light_set_trigger(const struct light *l, const char *trigger)
{
        char now[VALUE_SIZE];
        int r;

        r = light_read_trigger(l, now);
        if (r < 0 || strcmp(now, trigger) == 0)
                return r;
        return light_write(l, "trigger", trigger);
}

/* --- what it shows --- */

static int light_remember(struct light *l)
{
        int r;

        if (l->has_former)
                return 0;
        r = light_read_trigger(l, l->former_trigger);
        if (r == 0)
                r = light_read(l, "brightness", l->former_brightness, VALUE_SIZE);
        l->has_former = r == 0;
        return r;
}

static int light_blink(const struct light *l, const char *on_ms, const char *off_ms)
{
        int r;

        r = light_set_trigger(l, "timer");
        if (r == 0)
                r = light_write(l, "delay_on", on_ms);
        return r < 0 ? r : light_write(l, "delay_off", off_ms);
}

static int light_shine(const struct light *l, bool is_on)
{
        char most[VALUE_SIZE] = "0";
        int r;

        r = light_set_trigger(l, "none");
        if (r == 0 && is_on)
                r = light_read(l, "max_brightness", most, sizeof(most));
        return r < 0 ? r : light_write(l, "brightness", most);
}

static void light_become(struct light *l, enum reason state, int r)
{
        if (l->state == state)
                return;
        l->state = state;
        if (state == REASON_NONE)
                log_info("The light %s is there.", l->path);
        else
                log_warning("The light %s cannot be used: %s.", l->path, strerror(-r));
        l->handler->on_changed(l->userdata);
}

static void light_apply(struct light *l)
{
        int r;

        r = light_remember(l);
        if (r == 0)
                r = signs[l->sign].on_ms
                            ? light_blink(l, signs[l->sign].on_ms, signs[l->sign].off_ms)
                            : light_shine(l, signs[l->sign].is_on);
        if (r == 0) {
                loop_disarm(l->retry);
                light_become(l, REASON_NONE, 0);
                return;
        }
        if (++l->n_tried >= N_SOON)
                light_become(l, REASON_LIGHT_UNAVAILABLE, r);
        loop_rearm_timer(l->retry, l->n_tried < N_SOON ? SOON_MS : LATER_MS);
}

static int light_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        light_apply(userdata);
        return 0;
}

void light_show(struct light *light, enum light_sign sign)
{
        if (light->sign == sign)
                return;
        light->sign = sign;
        if (light->state == REASON_NONE)
                light->n_tried = 0;
        if (light->path[0])
                light_apply(light);
}

enum reason light_state(const struct light *light)
{
        return light->state;
}

int light_new(sd_event *event, const char *root, const char *name,
              const struct light_handler *handler, void *userdata, struct light **ret_light)
{
        _defer_(light_free) struct light *l = calloc(1, sizeof(*l));
        int r;

        if (!l)
                return -ENOMEM;
        l->handler = handler;
        l->userdata = userdata;
        if (name[0] && snprintf(l->path, PATH_SIZE, "%s/%s", root, name) >= PATH_SIZE)
                return -ENAMETOOLONG;
        r = loop_add_timer(event, &l->retry, light_on_retry, l);
        if (r < 0)
                return r;
        if (name[0])
                loop_rearm_timer(l->retry, 0);
        *ret_light = take(l);
        return 0;
}

/* A brightness of 0 ends a trigger, so it is set only where there was none. */
static void light_restore(struct light *l)
{
        (void)light_set_trigger(l, l->former_trigger);
        if (strcmp(l->former_trigger, "none") == 0)
                (void)light_write(l, "brightness", l->former_brightness);
}

struct light *light_free(struct light *light)
{
        if (!light)
                return NULL;
        loop_drop(&light->retry);
        if (light->has_former)
                light_restore(light);
        free(light);
        return NULL;
}
