/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "enrollment/preview.h"
#include "util/hex.h"

static const char *text_or_null(const char *text)
{
        return text[0] ? text : NULL;
}

static struct event progress_event(const struct progress *p, enum event_status status,
                                   enum reason why, const char *text)
{
        struct event event = request_event(p->request, status, why, text);

        event.step = p->course.step;
        event.attempt = p->attempts;
        event.attempts = p->attempts ? p->attempts_max : 0;
        event.next_try = p->next_try;
        event.device = text_or_null(p->plan->device.name);
        event.device_id = text_or_null(p->device_id);
        event.known_as = text_or_null(p->known_as);
        event.maker = text_or_null(p->plan->code.payload.maker);
        event.model = text_or_null(p->plan->code.payload.model);
        return event;
}

static void progress_preview(const struct plan *plan, struct event_preview *ret_preview)
{
        preview_make(&plan->code, &plan->verdict, &plan->values, ret_preview);
        if (plan->replacement.is_due)
                hex_encode(plan->replacement.former.device_id, STORE_DEVICE_ID_BYTES,
                           ret_preview->replaces);
}

void progress_emit(struct progress *p, enum event_status status, bool done, enum reason why,
                   const char *text)
{
        struct event event = progress_event(p, status, why, text);
        struct event_preview preview;

        if (status == EVENT_PREVIEW) {
                progress_preview(p->plan, &preview);
                event.preview = &preview;
        }
        event.done = done;
        event.step_ms = done ? course_ms(&p->course) : 0;
        p->handler->on_event(p->userdata, &event);
}

void progress_name_device(struct progress *p)
{
        hex_encode(p->plan->device.device_id, STORE_DEVICE_ID_BYTES, p->device_id);
        hex_encode(p->plan->device.known_as, STORE_DEVICE_ID_BYTES, p->known_as);
}

static void progress_on_waiting(void *userdata)
{
        struct progress *p = userdata;
        char text[COURSE_TEXT_SIZE];
        struct event event;

        course_waiting_text(&p->course, text);
        event = progress_event(p, EVENT_PROGRESS, REASON_NONE, text);
        event.waited_sec = course_waited_sec(&p->course);
        event.limit_sec = p->course.limit_sec;
        p->handler->on_event(p->userdata, &event);
}

static const struct course_handler progress_course_handler = {
        .on_waiting = progress_on_waiting,
};

void progress_begin(struct progress *p, enum event_step step, unsigned limit_sec)
{
        char text[64];

        course_begin(&p->course, step, limit_sec);
        if (step == EVENT_STEP_FIND && p->attempts > 1)
                (void)snprintf(text, sizeof(text), "%s, attempt %u of %u", event_step_title(step),
                               p->attempts, p->attempts_max);
        else
                (void)snprintf(text, sizeof(text), "%s", event_step_title(step));
        progress_emit(p, EVENT_PROGRESS, false, REASON_NONE, text);
}

void progress_end(struct progress *p, const char *format, ...)
{
        char text[PLAN_TEXT_SIZE];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        course_stop(&p->course);
        progress_emit(p, EVENT_PROGRESS, true, REASON_NONE, text);
}

int progress_init(struct progress *p, sd_event *event, const struct request *request,
                  const struct plan *plan, const struct progress_handler *handler, void *userdata)
{
        memset(p, 0, sizeof(*p));
        p->handler = handler;
        p->userdata = userdata;
        p->request = request;
        p->plan = plan;
        return course_init(&p->course, event, request->began_usec, &progress_course_handler, p);
}

void progress_done(struct progress *p)
{
        course_done(&p->course);
}
