/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/controls.h"

#include <errno.h>
#include <stdlib.h>

#include "hub/beacon.h"
#include "panel/buttons.h"
#include "panel/light.h"
#include "util/log.h"

struct controls {
        struct herald *herald;
        struct window *window;
        struct api_backend backend;
        struct buttons *buttons;
        struct light *light;
        struct beacon *beacon;
};

static struct api_answer controls_close(struct controls *c)
{
        return window_is_open(c->window) ? window_close(c->window) : api_cancel(&c->backend, NULL);
}

static void controls_on_pressed(void *userdata, enum press_verdict press)
{
        const struct api_request request = {.source = EVENT_SOURCE_BUTTON};
        struct controls *c = userdata;
        struct api_answer answer;
        unsigned seconds;

        answer = press == PRESS_SHORT ? window_open(c->window, &request, &seconds)
                                      : controls_close(c);
        if (answer.reason == REASON_NONE)
                return;
        beacon_refuse(c->beacon);
        log_warning("The button was pressed for nothing: %s%s%s", reason_code(answer.reason),
                    answer.detail[0] ? ", " : "", answer.detail);
}

static void controls_on_changed(void *userdata)
{
        herald_info_changed(((struct controls *)userdata)->herald);
}

static const struct buttons_handler controls_buttons_handler = {
        .on_pressed = controls_on_pressed,
        .on_changed = controls_on_changed,
};

static const struct light_handler controls_light_handler = {.on_changed = controls_on_changed};

void controls_status(const struct controls *controls, struct api_status *status)
{
        status->button_state = buttons_state(controls->buttons);
        status->n_buttons = (unsigned)buttons_count(controls->buttons);
        status->light_state = light_state(controls->light);
}

static int controls_open(struct controls *c, const struct job_means *means)
{
        const struct settings *settings = means->settings;
        int r;

        r = light_new(means->event, LIGHT_ROOT, settings->led_name, &controls_light_handler, c,
                      &c->light);
        if (r == 0)
                r = beacon_new(means->event, c->light, &c->beacon);
        if (r == 0)
                r = buttons_new(means->event, settings->button_device, settings->button_key,
                                &controls_buttons_handler, c, &c->buttons);
        return r;
}

int controls_new(const struct job_means *means, struct window *window,
                 const struct api_backend *backend, struct controls **ret_controls)
{
        _defer_(controls_free) struct controls *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->herald = means->herald;
        c->window = window;
        c->backend = *backend;
        r = controls_open(c, means);
        if (r < 0)
                return r;
        herald_add_face(c->herald, beacon_face(c->beacon));
        *ret_controls = take(c);
        return 0;
}

struct controls *controls_free(struct controls *controls)
{
        if (!controls)
                return NULL;
        controls->buttons = buttons_free(controls->buttons);
        controls->beacon = beacon_free(controls->beacon);
        controls->light = light_free(controls->light);
        free(controls);
        return NULL;
}
