/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/window.h"

#include <errno.h>
#include <stdlib.h>

#include "hub/recent.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

#define USEC_PER_SEC UINT64_C(1000000)

/* Until the camera is asked again: after a code, which may be put away first, and otherwise. */
#define AFTER_CODE_MS  500
#define AFTER_OTHER_MS 2000

struct window {
        struct job_means means;
        struct intake *intake;
        sd_event_source *end, *next;
        uint64_t until_usec; /* time_now_usec(); 0: it is closed */
        enum event_source source;
        enum reason reported; /* why it could not look, when that was reported last */
        struct recent recent;
};

static void window_shut(struct window *w, const char *why)
{
        if (w->until_usec == 0)
                return;
        w->until_usec = 0;
        loop_disarm(w->end);
        loop_disarm(w->next);
        log_info("The window is closed: %s.", why);
        intake_end_look(w->intake);
        herald_window_changed(w->means.herald, 0);
}

/* --- looking --- */

static bool window_on_found(void *userdata, const uint8_t *code, size_t n_code)
{
        struct window *w = userdata;

        return recent_is_new(&w->recent, code, n_code, time_now_usec());
}

/* A camera that is missing is reported once, however often it is looked for. */
static bool window_is_news(struct window *w, enum reason why)
{
        bool is_news = why != REASON_BUSY && why != REASON_IMAGE_NO_CODE && why != w->reported;

        if (is_news)
                w->reported = why;
        return is_news;
}

static bool window_on_ended(void *userdata, enum reason why)
{
        struct window *w = userdata;

        if (why == REASON_CANCELLED) {
                window_shut(w, "reading the code was cancelled");
                return true;
        }
        loop_rearm_timer(w->next, why == REASON_NONE ? AFTER_CODE_MS : AFTER_OTHER_MS);
        return window_is_news(w, why);
}

static const struct look_handler window_look_handler = {
        .on_found = window_on_found,
        .on_ended = window_on_ended,
};

/* Looks until the window's end; what stands in the way is tried again. */
static struct api_answer window_look(struct window *w)
{
        uint64_t now = time_now_usec();
        uint64_t left = w->until_usec > now ? w->until_usec - now : 1;
        struct api_answer answer;

        answer = intake_look(w->intake, w->source,
                             (unsigned)((left + USEC_PER_SEC - 1) / USEC_PER_SEC),
                             &window_look_handler, w);
        if (answer.reason != REASON_NONE)
                loop_rearm_timer(w->next, AFTER_OTHER_MS);
        return answer;
}

static int window_on_next(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        (void)window_look(userdata);
        return 0;
}

static int window_on_end(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        window_shut(userdata, "its time has expired");
        return 0;
}

/* --- verbs --- */

bool window_is_open(const struct window *window)
{
        return window->until_usec > 0;
}

struct api_answer window_open(struct window *window, const struct api_request *request,
                              unsigned *ret_seconds)
{
        const struct settings *settings = window->means.settings;
        unsigned seconds = request->seconds ? request->seconds : settings->window_seconds;
        uint64_t before = window->until_usec;
        char until[TIME_TEXT_SIZE];
        struct api_answer answer;
        int64_t end;

        if (seconds > settings->window_max)
                seconds = settings->window_max;
        window->source = request->source;
        window->until_usec = time_now_usec() + seconds * USEC_PER_SEC;
        if (before == 0) {
                window->reported = REASON_NONE;
                answer = window_look(window);
                if (answer.reason != REASON_NONE && answer.reason != REASON_BUSY) {
                        window->until_usec = 0;
                        loop_disarm(window->next);
                        return answer;
                }
        }
        loop_rearm_timer(window->end, UINT64_C(1000) * seconds);
        end = time_shown(window->until_usec);
        log_info("The window is open until %s (%s).", time_text(end, until),
                 event_source_name(window->source));
        herald_window_changed(window->means.herald, end);
        *ret_seconds = seconds;
        return api_accept("");
}

struct api_answer window_close(struct window *window)
{
        window_shut(window, "as requested");
        return api_accept("");
}

void window_status(const struct window *window, struct api_status *status)
{
        if (window->until_usec == 0)
                return;
        status->window_until = time_shown(window->until_usec);
        status->window_source = window->source;
        if (status->scan_until < status->window_until)
                status->scan_until = status->window_until;
}

/* --- beginning and end --- */

int window_new(const struct job_means *means, struct intake *intake, struct window **ret_window)
{
        _defer_(window_free) struct window *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->means = *means;
        w->intake = intake;
        r = loop_add_timer(means->event, &w->end, window_on_end, w);
        if (r == 0)
                r = loop_add_timer(means->event, &w->next, window_on_next, w);
        if (r < 0)
                return r;
        *ret_window = take(w);
        return 0;
}

struct window *window_free(struct window *window)
{
        if (!window)
                return NULL;
        loop_drop(&window->end);
        loop_drop(&window->next);
        free(window);
        return NULL;
}
