/* SPDX-License-Identifier: Apache-2.0 */

#include "read/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>

#include "read/cameras.h"
#include "read/search.h"
#include "util/time.h"

#define USEC_PER_SEC 1000000ull
#define SCAN_EVERY_USEC                                                                            \
        100000 /* a person notices no difference between ten scans a second and thirty */
#define POLL_MAX_USEC 250000

/* What is going on; the searches keep what their camera, or the one before it, has shown. */
struct watching {
        const struct watch *watch;
        struct cameras *cameras;
        struct search searches[CAMERAS_MAX];
        uint64_t told_usec[READ_PROGRESS_MAX]; /* when each was last reported, 0 if never */
        int state;                             /* of the cameras, as last reported; -1 if not */
};

static void watching_begin(struct watching *g, const struct watch *w, struct scanner *scanner)
{
        *g = (struct watching){.watch = w, .state = -1};
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                search_init(&g->searches[i], scanner);
}

static void watching_end_deferred(struct watching *g)
{
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                search_done(&g->searches[i]);
        cameras_free(g->cameras);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

/*
 * Waits until @until, or until a camera has a frame if @for_frames. The waiter is only expected to
 * hang up, so anything it sends ends the watch as well.
 */
static int watching_wait(const struct watching *g, bool for_frames, uint64_t until)
{
        struct pollfd fds[1 + CAMERAS_MAX] = {
                {.fd = g->watch->waiter_fd, .events = POLLIN | POLLRDHUP}};
        uint64_t now = time_now_usec();
        int r, ms = until > now ? (int)(earlier(until - now, POLL_MAX_USEC) + 999) / 1000 : 0;

        for (size_t i = 0; i < CAMERAS_MAX; i++)
                fds[1 + i] = (struct pollfd){.fd = for_frames ? cameras_fd(g->cameras, i) : -1,
                                             .events = POLLIN};
        r = poll(fds, 1 + CAMERAS_MAX, ms);
        if (r < 0 && errno != EINTR)
                return -errno;
        return fds[0].revents ? -ECANCELED : 0;
}

/* Sleeps until the next scan is due; the cameras continue, and the next scan takes their newest
 * frames. */
static int watching_rest(const struct watching *g, uint64_t until)
{
        int r = 0;

        while (r == 0 && time_now_usec() < until)
                r = watching_wait(g, false, until);
        return r;
}

/* Several cameras may see the same, and the requester wants to hear it only so often. */
static bool watching_tell(struct watching *g, enum read_progress progress, uint64_t now)
{
        uint64_t *told = &g->told_usec[progress];

        if (*told && now - *told < READ_PROGRESS_USEC)
                return false;
        *told = now;
        g->watch->on_progress(g->watch->userdata, progress);
        return true;
}

static enum read_progress progress_of(enum reason why)
{
        switch (why) {
        case REASON_NONE:
                return READ_PROGRESS_WATCHING;
        case REASON_CAMERA_BUSY:
                return READ_PROGRESS_CAMERA_BUSY;
        case REASON_CAMERA_DENIED:
                return READ_PROGRESS_CAMERA_DENIED;
        case REASON_CAMERA_MISSING:
                return READ_PROGRESS_NO_CAMERA;
        default:
                return READ_PROGRESS_CAMERA_FAILED;
        }
}

/* Reports whether there is a camera that watches, and if not, why, whenever that changes. */
static void watching_tell_state(struct watching *g, uint64_t now)
{
        enum reason why = cameras_reason(g->cameras);
        int state = (int)progress_of(why);

        if (state == g->state || (why != REASON_NONE && cameras_are_starting(g->cameras)))
                return;
        if (watching_tell(g, (enum read_progress)state, now))
                g->state = state;
}

static enum camera_view view_of(enum read_progress progress)
{
        if (progress == READ_PROGRESS_TOO_DARK)
                return CAMERA_VIEW_DARK;
        return progress == READ_PROGRESS_CODE_SEEN ? CAMERA_VIEW_BLURRED : CAMERA_VIEW_PLAIN;
}

/* Reports what camera @i shows, and has the camera do what it can. The cameras' state is not the
 * search's business. */
static void watching_tell_seen(struct watching *g, size_t i, uint64_t now)
{
        enum read_progress progress;

        cameras_adjust(g->cameras, i, CAMERA_VIEW_PLAIN, now);
        while (search_next_progress(&g->searches[i], &progress)) {
                if (progress != READ_PROGRESS_WATCHING)
                        (void)watching_tell(g, progress, now);
                cameras_adjust(g->cameras, i, view_of(progress), now);
        }
}

/* One frame of one camera if there is one. SEARCH_E_MORE if no code is read yet. */
static int watching_look_with(struct watching *g, size_t i, struct symbol *ret_symbol)
{
        struct search *search = &g->searches[i];
        const struct picture *picture;
        uint64_t now = time_now_usec();
        int r;

        r = cameras_frame(g->cameras, i, now, &picture);
        if (r < 0)
                return r;
        watching_tell_state(g, now);
        if (r == CAMERA_E_NOT_YET)
                return SEARCH_E_MORE;
        r = search_frame(search, picture, now, ret_symbol);
        watching_tell_seen(g, i, now);
        return r;
}

static int watching_look(struct watching *g, struct symbol *ret_symbol)
{
        for (size_t i = 0; i < CAMERAS_MAX; i++) {
                int r = watching_look_with(g, i, ret_symbol);

                if (r <= 0)
                        return r;
        }
        return SEARCH_E_MORE;
}

/*
 * How little a reason helps: of several cameras, the one that saw most says why nothing was read.
 * Of a foreign code there are many.
 */
static unsigned emptiness(enum reason why)
{
        static const enum reason less_and_less[] = {REASON_IMAGE_UNDECODABLE, REASON_IMAGE_NO_CODE,
                                                    REASON_CAMERA_DARK};

        if (why == REASON_SEVERAL_CODES)
                return 0;
        for (unsigned i = 0; i < ELEMENTSOF(less_and_less); i++)
                if (why == less_and_less[i])
                        return i + 2;
        return 1;
}

/* Why nothing was read in all the time. A camera that delivers has been searched, all but for one
 * that had just begun. */
static enum reason watching_reason(const struct watching *g, struct offer *ret_offer)
{
        enum reason why = cameras_reason(g->cameras);

        for (size_t i = 0; i < CAMERAS_MAX; i++) {
                const struct search *search = &g->searches[i];
                enum reason one = search_reason(search);

                if (search->n_frames == 0 || (why && emptiness(one) >= emptiness(why)))
                        continue;
                why = one;
                if (why == REASON_SEVERAL_CODES)
                        *ret_offer = search->offer;
        }
        return why;
}

static int watching_loop(struct watching *g, struct symbol *ret_symbol, struct offer *ret_offer)
{
        uint64_t now = time_now_usec(), end = now + g->watch->seconds * USEC_PER_SEC;

        for (; now < end; now = time_now_usec()) {
                int r;

                cameras_look(g->cameras, now);
                watching_tell_state(g, now);
                r = watching_wait(g, true, end);
                if (r < 0)
                        return r;
                r = watching_look(g, ret_symbol);
                if (r <= 0)
                        return r;
                r = watching_rest(g, earlier(now + SCAN_EVERY_USEC, end));
                if (r < 0)
                        return r;
        }
        return (int)watching_reason(g, ret_offer);
}

int watch_cameras(const struct watch *w, struct scanner *scanner, struct symbol *ret_symbol,
                  struct offer *ret_offer)
{
        _defer_(watching_end) struct watching watching;
        int r;

        watching_begin(&watching, w, scanner);
        r = cameras_new(&watching.cameras, w->devices);
        if (r < 0)
                return r;
        r = watching_loop(&watching, ret_symbol, ret_offer);
        for (size_t i = 0; i < CAMERAS_MAX; i++)
                if (watching.searches[i].n_frames > 0)
                        search_log(&watching.searches[i]);
        return r;
}
