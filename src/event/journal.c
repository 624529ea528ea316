/* SPDX-License-Identifier: Apache-2.0 */

#include "event/journal.h"

#include <assert.h>
#include <stdio.h>

#include "util/log.h"

/* clang-format off */
static const struct {
        const char *message_id;
        int level;
} kinds[EVENT_STATUS_MAX] = {
        [EVENT_STARTED]    = { JOURNAL_STARTED,    LOG_DEBUG },
        [EVENT_READING]    = { NULL,               LOG_DEBUG },
        [EVENT_PREVIEW]    = { JOURNAL_PREVIEW,    LOG_INFO },
        [EVENT_PROGRESS]   = { JOURNAL_STEP,       LOG_INFO },
        [EVENT_SUCCESSFUL] = { JOURNAL_SUCCESSFUL, LOG_INFO },
        [EVENT_FAILED]     = { JOURNAL_FAILED,     LOG_ERR },
};
/* clang-format on */

/* "3/7 prove the code: both sides (0.2 s)", or the event's own text. */
static void journal_text(const struct event *event, char *text, size_t size)
{
        if (event->status == EVENT_PROGRESS && event->done)
                (void)snprintf(text, size, "%d/%d %s: %s (%llu.%llu s)", event->step, EVENT_STEPS,
                               event_step_title(event->step), event->text,
                               (unsigned long long)event->step_ms / 1000,
                               (unsigned long long)event->step_ms % 1000 / 100);
        else if (event->status == EVENT_FAILED)
                (void)snprintf(text, size, "%s %s (%s)", event->text, reason_remedy(event->reason),
                               reason_code(event->reason));
        else
                (void)snprintf(text, size, "%s", event->text);
}

void journal_event(const struct event *event)
{
        const struct log_field fields[] = {
                {"EVENT", event_status_name(event->status)},
                {"TRANSACTION", event->transaction},
                {"DEVICE", event->device_id},
                {"NAME", event->device},
                {"STEP", event_step_name(event->step)},
                {"CODE", event->reason ? reason_code(event->reason) : NULL},
                {"SOURCE", event->source ? event_source_name(event->source) : NULL},
                {NULL, NULL},
        };
        const char *who = event->device  ? event->device
                          : event->model ? event->model
                                         : "enrollment";
        char text[1024];
        int level;

        assert(event->status < EVENT_STATUS_MAX);
        level = kinds[event->status].level;
        /* The beginning of a step is of interest only while it lasts; D-Bus and MQTT show it. */
        if (event->status == EVENT_PROGRESS && !event->done && event->reason == REASON_NONE)
                level = LOG_DEBUG;
        journal_text(event, text, sizeof(text));
        log_fields(level, kinds[event->status].message_id, fields, "%s: %s", who, text);
}

void journal_condition(const char *what, enum reason reason)
{
        const struct log_field fields[] = {{"CODE", reason_code(reason)}, {NULL, NULL}};

        if (reason == REASON_NONE)
                log_fields(LOG_INFO, JOURNAL_CONDITION, fields, "%s: ready.", what);
        else
                log_fields(LOG_WARNING, JOURNAL_CONDITION, fields, "%s: %s %s (%s)", what,
                           reason_text(reason), reason_remedy(reason), reason_code(reason));
}

void journal_dropped(const char *device, const char *device_id)
{
        const struct log_field fields[] = {
                {"NAME", device},
                {"DEVICE", device_id},
                {NULL, NULL},
        };

        log_fields(LOG_WARNING, JOURNAL_DROPPED, fields,
                   "%s: another hub has taken the device; it is removed here.", device);
}
