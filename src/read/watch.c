/* SPDX-License-Identifier: Apache-2.0 */

#include "read/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>

#include "read/camera.h"
#include "read/search.h"
#include "util/log.h"
#include "util/time.h"

#define USEC_PER_SEC 1000000ull
#define SCAN_EVERY_USEC                                                                            \
        100000 /* a person notices no difference between ten scans a second and thirty */
#define FIRST_FRAME_USEC 5000000 /* a camera that delivers nothing for this long is broken */
#define POLL_MAX_USEC    250000

static uint64_t earlier(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

/*
 * Waits until @until, or until @camera has a frame if it is not NULL. The waiter is only expected
 * to hang up, so anything it sends ends the watch as well.
 */
static int watch_wait(const struct watch *w, const struct camera *camera, uint64_t until)
{
        struct pollfd fds[] = {{.fd = w->waiter_fd, .events = POLLIN | POLLRDHUP},
                               {.fd = camera ? camera_fd(camera) : -1, .events = POLLIN}};
        uint64_t now = time_now_usec();
        int r, ms = until > now ? (int)(earlier(until - now, POLL_MAX_USEC) + 999) / 1000 : 0;

        r = poll(fds, 2, ms);
        if (r < 0 && errno != EINTR)
                return -errno;
        return fds[0].revents ? -ECANCELED : 0;
}

/* Sleeps until the next scan is due; the camera continues, and the next scan takes its newest
 * frame. */
static int watch_rest(const struct watch *w, uint64_t until)
{
        int r = 0;

        while (r == 0 && time_now_usec() < until)
                r = watch_wait(w, NULL, until);
        return r;
}

static void watch_report(const struct watch *w, struct search *search)
{
        enum read_progress progress;

        while (search_next_progress(search, &progress))
                w->on_progress(w->userdata, progress);
}

/* One frame if there is one. SEARCH_E_MORE if the code is not read yet. */
static int watch_look(const struct watch *w, struct camera *camera, struct search *search,
                      struct symbol *ret_symbol)
{
        const struct picture *picture;
        int r;

        r = camera_frame(camera, &picture);
        if (r == CAMERA_E_NOT_YET)
                return SEARCH_E_MORE;
        if (r < 0)
                return r;
        r = search_frame(search, picture, time_now_usec(), ret_symbol);
        watch_report(w, search);
        return r;
}

static int watch_loop(const struct watch *w, struct camera *camera, struct search *search,
                      struct symbol *ret_symbol)
{
        uint64_t start = time_now_usec(), end = start + w->seconds * USEC_PER_SEC;

        for (uint64_t now = start; now < end; now = time_now_usec()) {
                int r;

                if (search->n_frames == 0 && now - start > FIRST_FRAME_USEC)
                        break;
                r = watch_wait(w, camera, end);
                if (r < 0)
                        return r;
                r = watch_look(w, camera, search, ret_symbol);
                if (r <= 0)
                        return r;
                r = watch_rest(w, earlier(now + SCAN_EVERY_USEC, end));
                if (r < 0)
                        return r;
        }
        return (int)search_reason(search);
}

int watch_camera(const struct watch *w, struct scanner *scanner, struct symbol *ret_symbol)
{
        _defer_(camera_free) struct camera *camera = NULL;
        _defer_(search_done) struct search search;
        int r;

        search_init(&search, scanner);
        r = camera_open(&camera, w->device);
        if (r)
                return r;
        r = watch_loop(w, camera, &search, ret_symbol);
        if (r >= 0 || r == -ENOMEM || r == -ECANCELED)
                return r;
        (void)log_errno(r, "Lost the camera while watching it"); /* for instance unplugged */
        return REASON_CAMERA_FAILED;
}
