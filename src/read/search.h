/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The search: which sizes of a picture are tried in which order, and what a failure means.
 *
 * Half size comes first, because libzbar then needs a quarter of the time and sensor noise on large
 * modules no longer defeats it; small modules need full size, and noisy small ones full size
 * smoothed. A still picture gets every attempt. Where half size shows a code, full size is looked
 * at for another one beside it, because none is taken while there are two. A frame of a camera gets
 * half size, every third one the rest, because the next frame is better than the next attempt.
 * There is no clock in here: time is an argument.
 */

#include <stdbool.h>
#include <stdint.h>

#include "read/picture.h"
#include "read/request.h"
#include "read/scanner.h"

/* The ways to look at a picture. */
enum look {
        LOOK_HALF,          /* at half size */
        LOOK_FULL,          /* as it is */
        LOOK_OTHER,         /* as it is, libzxing, thoroughly */
        LOOK_OTHER_HALF,    /* at half size, libzxing */
        LOOK_SMOOTH,        /* smoothed */
        LOOK_QUARTER,       /* at a quarter of its size */
        LOOK_EIGHTH,        /* at an eighth of its size */
        LOOK_ENLARGED,      /* enlarged, with a margin */
        LOOK_CUT_HALF,      /* the code cut out by its finder patterns, from half the size */
        LOOK_CUT,           /* the same, smoothed */
        LOOK_CUT_SHARP,     /* the same, as it is */
        LOOK_LEVEL_HALF,    /* at half size, without shades; then cut out of that */
        LOOK_LEVEL,         /* without shades, both libraries */
        LOOK_LEVEL_SMOOTH,  /* smoothed and without shades, libzxing */
        LOOK_INVERTED,      /* inverted, libzxing */
        LOOK_INVERTED_HALF, /* at half size, inverted */
        LOOK_MAX,
};

struct search {
        struct scanner *scanner; /* not owned */
        struct picture small, other, cut, sharp;
        unsigned n_looks[LOOK_MAX], n_read[LOOK_MAX]; /* how often, and with success */

        /* what has been seen so far */
        unsigned n_frames, n_dark, n_misses, n_references;
        struct offer offer; /* the enrollment codes of the last picture that has any */
        bool offer_is_old;  /* they are of a former picture */
        bool several_seen;
        bool code_seen;
        enum reason foreign; /* what a code is that is not an enrollment code; REASON_NONE: none */

        uint64_t
                told_usec[READ_PROGRESS_MAX]; /* when each progress was last reported, 0 if never */
        unsigned news;                        /* progress to report: bits 1 << enum read_progress */
};

void search_init(struct search *s, struct scanner *scanner);
void search_done(struct search *s);

static inline void search_done_deferred(struct search *s)
{
        search_done(s);
}

/*
 * search_still() - look at one picture in every way
 * Return: 0, -ENOMEM, or the enum reason why not: REASON_SEVERAL_CODES with all of them in
 * s->offer, REASON_IMAGE_NO_CODE, REASON_IMAGE_UNDECODABLE or what foreign_reason() says.
 */
int search_still(struct search *s, const struct picture *p, struct symbol *ret_symbol);

/* Outcome of search_frame(). */
enum {
        SEARCH_E_MORE = 1, /* not yet; show it the next frame */
};

/*
 * search_frame() - look at the next frame of a camera
 * @now_usec: monotonic time, for the rate of progress
 *
 * Return: 0, -ENOMEM or SEARCH_E_MORE.
 */
int search_frame(struct search *s, const struct picture *p, uint64_t now_usec,
                 struct symbol *ret_symbol);

/* Takes one progress that should be reported now; false if there is none. */
bool search_next_progress(struct search *s, enum read_progress *ret_progress);

/*
 * Why nothing was found when the time is up: REASON_CAMERA_FAILED if no frame came,
 * REASON_SEVERAL_CODES with those of the last such frame in s->offer,
 * what foreign_reason() says, REASON_IMAGE_UNDECODABLE, REASON_CAMERA_DARK or REASON_IMAGE_NO_CODE.
 */
enum reason search_reason(const struct search *s);

/* Logs at LOG_DEBUG how often it looked in which way, and how often that read the code. */
void search_log(const struct search *s);
