/* SPDX-License-Identifier: Apache-2.0 */

#include "event/event.h"

#include <errno.h>
#include <string.h>

#include "util/defer.h"

static const char *const status_names[EVENT_STATUS_MAX] = {
        [EVENT_STARTED] = "started",       [EVENT_READING] = "reading",
        [EVENT_PREVIEW] = "preview",       [EVENT_PROGRESS] = "progress",
        [EVENT_SUCCESSFUL] = "successful", [EVENT_FAILED] = "failed",
};

/* clang-format off */
static const struct {
        const char *name, *title;
} steps[EVENT_STEPS + 1] = {
        [EVENT_STEP_CODE]      = { "code",      "check the code" },
        [EVENT_STEP_FIND]      = { "find",      "find the device" },
        [EVENT_STEP_CONNECT]   = { "connect",   "connect to the device" },
        [EVENT_STEP_PROVE]     = { "prove",     "prove the code" },
        [EVENT_STEP_SUPPLY]    = { "supply",    "supply the values" },
        [EVENT_STEP_CONFIGURE] = { "configure", "device configures itself" },
        [EVENT_STEP_OWN]       = { "own",       "take ownership" },
        [EVENT_STEP_GATEWAY]   = { "gateway",   "become its gateway" },
};
/* clang-format on */

static const char *const source_names[EVENT_SOURCE_MAX] = {
        [EVENT_SOURCE_NONE] = "",         [EVENT_SOURCE_CAMERA] = "camera",
        [EVENT_SOURCE_FILE] = "file",     [EVENT_SOURCE_TEXT] = "text",
        [EVENT_SOURCE_MQTT] = "mqtt",     [EVENT_SOURCE_RESUME] = "resume",
        [EVENT_SOURCE_BUTTON] = "button", [EVENT_SOURCE_TAP] = "tap",
        [EVENT_SOURCE_DBUS] = "dbus",     [EVENT_SOURCE_CATALOGUE] = "catalogue",
};

bool event_is_over(const struct event *event)
{
        return event->status == EVENT_SUCCESSFUL || event->status == EVENT_FAILED;
}

const char *event_status_name(enum event_status status)
{
        return (size_t)status < ELEMENTSOF(status_names) ? status_names[status] : "";
}

const char *event_step_name(enum event_step step)
{
        return (size_t)step < ELEMENTSOF(steps) ? steps[step].name : "";
}

const char *event_step_title(enum event_step step)
{
        return (size_t)step < ELEMENTSOF(steps) ? steps[step].title : "";
}

const char *event_source_name(enum event_source source)
{
        return (size_t)source < ELEMENTSOF(source_names) ? source_names[source] : "";
}

int event_status_from_name(const char *name, enum event_status *ret_status)
{
        for (size_t i = 0; i < ELEMENTSOF(status_names); i++)
                if (strcmp(status_names[i], name) == 0) {
                        *ret_status = (enum event_status)i;
                        return 0;
                }
        return -EINVAL;
}

enum event_source event_source_from_name(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(source_names); i++)
                if (strcmp(source_names[i], name) == 0)
                        return (enum event_source)i;
        return EVENT_SOURCE_NONE;
}
