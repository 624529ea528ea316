/* SPDX-License-Identifier: Apache-2.0 */

#include "event/event.h"

static const char *const status_names[EVENT_STATUS_MAX] = {
        [EVENT_STARTED] = "started",       [EVENT_READING] = "reading",
        [EVENT_PREVIEW] = "preview",       [EVENT_PROGRESS] = "progress",
        [EVENT_SUCCESSFUL] = "successful", [EVENT_FAILED] = "failed",
};

/* clang-format off */
static const struct {
        const char *name, *title;
} steps[EVENT_STEPS + 1] = {
        [EVENT_STEP_NONE]      = { "",          "" },
        [EVENT_STEP_FIND]      = { "find",      "find the device" },
        [EVENT_STEP_PROVE]     = { "prove",     "prove the code" },
        [EVENT_STEP_SUPPLY]    = { "supply",    "supply the values" },
        [EVENT_STEP_CONFIGURE] = { "configure", "device configures itself" },
        [EVENT_STEP_OWN]       = { "own",       "take ownership" },
        [EVENT_STEP_GATEWAY]   = { "gateway",   "become its gateway" },
};
/* clang-format on */

const char *event_status_name(enum event_status status)
{
        return status_names[status];
}

const char *event_step_name(enum event_step step)
{
        return steps[step].name;
}

const char *event_step_title(enum event_step step)
{
        return steps[step].title;
}
