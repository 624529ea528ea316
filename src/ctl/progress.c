/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/progress.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/charset.h"
#include "ctl/text.h"
#include "util/free.h"
#include "wire/utf8.h"

#define USUAL_WIDTH   80
#define TITLE_COLUMNS 32
#define TEXT_COLUMNS  30
#define WRAP_INDENT   6  /* columns before the title of a step */
#define SHORT_MS      50 /* shorter times are not shown */

#define GREEN "\033[32m"
#define RED   "\033[31m"
#define RESET "\033[0m"

void progress_init(struct progress *progress, FILE *file, bool terminal, bool colour, size_t width)
{
        *progress = (struct progress){
                .file = file,
                .terminal = terminal,
                .colour = colour,
                .width = width ? width : USUAL_WIDTH,
        };
}

void progress_clear(struct progress *progress)
{
        if (progress->pending)
                (void)fputs("\r\033[K", progress->file);
        progress->pending = false;
}

/* A line that the next one replaces; cut so that it is one line on the terminal. */
static void show_pending(struct progress *progress, const char *line)
{
        _defer_(free) char *text = charset_localize(line);

        progress_clear(progress);
        if (!text)
                return;
        (void)fprintf(progress->file, "%.*s", (int)text_fit(text, progress->width - 1), text);
        (void)fflush(progress->file);
        progress->pending = true;
}

/* On a terminal it may become several lines, which end between words. */
static void show_line(struct progress *progress, const char *colour, const char *line)
{
        _defer_(free) char *text = charset_localize(line);
        _defer_(free) char *wrapped =
                text ? text_wrap(text, progress->terminal ? progress->width : 0, WRAP_INDENT)
                     : NULL;

        progress_clear(progress);
        if (!wrapped)
                return;
        if (progress->colour && colour)
                (void)fprintf(progress->file, "%s%s%s\n", colour, wrapped, RESET);
        else
                (void)fprintf(progress->file, "%s\n", wrapped);
        (void)fflush(progress->file);
}

/* Spaces up to @columns, at least two. */
static int padding(const char *text, size_t columns)
{
        size_t width = text_width(text);

        return width + 2 < columns ? (int)(columns - width) : 2;
}

/* The line of a step, to be freed; NULL if memory is short. In columns, or @compact. */
static char *step_line(const struct event *event, const char *text, bool compact)
{
        size_t title_columns = compact ? 0 : TITLE_COLUMNS;
        size_t text_columns = compact ? 0 : TEXT_COLUMNS;
        const char *title = event_step_title(event->step);
        char time[32] = "", *line;
        int r;

        if (event->done && event->step_ms >= SHORT_MS)
                (void)snprintf(time, sizeof(time), "%.1f s", (double)event->step_ms / 1000);
        if (time[0])
                r = asprintf(&line, "%2d/%d  %s%*s%s%*s%s", event->step, EVENT_STEPS, title,
                             padding(title, title_columns), "", text, padding(text, text_columns),
                             "", time);
        else
                r = asprintf(&line, "%2d/%d  %s%*s%s", event->step, EVENT_STEPS, title,
                             text[0] ? padding(title, title_columns) : 0, "", text);
        return r < 0 ? NULL : line;
}

/* In columns, unless the terminal has too few of them. */
static char *fitting_step_line(const struct progress *progress, const struct event *event,
                               const char *text)
{
        _defer_(free) char *line = step_line(event, text, false);

        if (line && progress->terminal && text_width(line) > progress->width)
                return step_line(event, text, true);
        return take(line);
}

static void show_step(struct progress *progress, const struct event *event, const char *text)
{
        _defer_(free) char *line = fitting_step_line(progress, event, text);

        if (!line)
                return;
        if (event->status == EVENT_FAILED)
                show_line(progress, RED, line);
        else if (event->done || event->reason != REASON_NONE) /* the latter is tried again */
                show_line(progress, NULL, line);
        else if (progress->terminal)
                show_pending(progress, line);
}

/* Before the first step: what the reader says, until there is a code. */
static void show_reading(struct progress *progress, const char *text)
{
        if (!text[0] || strcmp(text, progress->said) == 0)
                return;
        (void)snprintf(progress->said, sizeof(progress->said), "%s", text);
        if (progress->terminal)
                show_pending(progress, text);
        else
                show_line(progress, NULL, text);
}

static void show_success(struct progress *progress, const struct event *event, const char *text)
{
        _defer_(free) char *line = NULL;

        /* A dry run knows the name, and has enrolled nothing. */
        if (event->step != EVENT_STEP_GATEWAY || !event->device) {
                show_line(progress, GREEN, text[0] ? text : "Done.");
                return;
        }
        if (asprintf(&line, "Enrolled as %s in %.1f s.", event->device,
                     (double)event->total_ms / 1000) < 0) {
                line = NULL;
                return;
        }
        utf8_make_printable(line);
        show_line(progress, GREEN, line);
}

/*
 * Shows only where it failed: the fault that ends the program gives the reason. No step failed with
 * a device that this hub owns already.
 */
static void show_failure(struct progress *progress, const struct event *event)
{
        if (event->step != EVENT_STEP_CODE && event->reason != REASON_ALREADY_ENROLLED)
                show_step(progress, event, "failed");
        else
                progress_clear(progress);
}

void progress_show(struct progress *progress, const struct event *event)
{
        _defer_(free) char *text = strdup(event->text);

        if (!text)
                return;
        utf8_make_printable(text);
        switch (event->status) {
        case EVENT_STARTED:
        case EVENT_READING:
                show_reading(progress, text);
                break;
        case EVENT_PREVIEW:
                show_line(progress, NULL, text);
                break;
        case EVENT_PROGRESS: /* a step that begins has nothing to say beyond its title */
                show_step(progress, event,
                          strcmp(text, event_step_title(event->step)) == 0 ? "" : text);
                break;
        case EVENT_SUCCESSFUL:
                show_success(progress, event, text);
                break;
        case EVENT_FAILED:
                show_failure(progress, event);
                break;
        case EVENT_STATUS_MAX:
                break;
        }
}

void progress_log(struct progress *progress, const char *clock, const struct event *event)
{
        _defer_(free) char *line = NULL;
        const char *who = event->device ? event->device : event->device_id ? event->device_id : "-";
        char step[16] = "", result[80] = "";

        if (event->step != EVENT_STEP_CODE)
                (void)snprintf(step, sizeof(step), " %d/%d", event->step, EVENT_STEPS);
        if (event->reason != REASON_NONE)
                (void)snprintf(result, sizeof(result), " (%s)", reason_code(event->reason));
        if (asprintf(&line, "%s %s %s %s%s %s%s%s%s%s", clock, event->transaction, who,
                     event_status_name(event->status), step, event_step_title(event->step),
                     event->done ? ", done" : "", event->text[0] ? ": " : "", event->text,
                     result) < 0) {
                line = NULL;
                return;
        }
        utf8_make_printable(line);
        show_line(progress, event->status == EVENT_FAILED ? RED : NULL, line);
}

void progress_note(struct progress *progress, const char *clock, const char *text)
{
        char line[128];

        (void)snprintf(line, sizeof(line), "%s %s", clock, text);
        show_line(progress, NULL, line);
}

void progress_hint(struct progress *progress, const char *text)
{
        if (progress->terminal)
                show_pending(progress, text);
}
