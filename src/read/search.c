/* SPDX-License-Identifier: Apache-2.0 */

#include "read/search.h"

#include "code/foreign.h"
#include "read/locator.h"
#include "util/defer.h"

#define WIDTH_TO_HALVE    640  /* pixels */
#define WIDTH_TO_QUARTER  1280 /* pixels */
#define WIDTH_TO_ENLARGE  640  /* pixels; narrower stills are also tried enlarged */
#define ENLARGE_FACTOR    3    /* a drawing with one pixel a module becomes readable */
#define ENLARGE_MARGIN    32   /* pixels; stands in for a quiet zone cut off */
#define MISSES_TO_TRY_ALL 3    /* frames */
#define MEAN_DARK         32   /* luma; black in limited range is 16 */

void search_init(struct search *s, struct scanner *scanner)
{
        *s = (struct search){.scanner = scanner};
}

void search_done(struct search *s)
{
        picture_done(&s->small);
        picture_done(&s->other);
        offer_done(&s->offer);
}

/* The first codes of a picture take the place of those of a former one. */
static void search_collect(struct search *s, const struct offer *found)
{
        if (s->offer_is_old)
                offer_done(&s->offer);
        s->offer_is_old = false;
        for (size_t i = 0; i < found->n; i++)
                offer_add(&s->offer, &found->symbols[i]);
}

/* What was found in this picture is one code, which is handed out, or several. */
static int search_choose(struct search *s, struct symbol *ret_symbol)
{
        if (s->offer.n > 1) {
                s->several_seen = true;
                return REASON_SEVERAL_CODES;
        }
        *ret_symbol = s->offer.symbols[0];
        return 0;
}

static int search_scan(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r = scanner_scan(s->scanner, p, ret_symbol);

        if (r == SCANNER_E_FOREIGN)
                s->foreign = foreign_reason(ret_symbol->bytes, ret_symbol->n_bytes);
        if (r == 0)
                search_collect(s, scanner_found(s->scanner));
        return r;
}

static int try_half(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        if (p->width < WIDTH_TO_HALVE || p->height < 2)
                return SCANNER_E_NOTHING;
        r = picture_halve(&s->small, p);
        return r < 0 ? r : search_scan(s, &s->small, ret_symbol);
}

static int try_full(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        return search_scan(s, p, ret_symbol);
}

/* Also looks for a code that cannot be read: the smoothed picture is best for that. */
static int try_smooth(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        r = picture_smooth(&s->other, p);
        if (r < 0)
                return r;
        r = search_scan(s, &s->other, ret_symbol);
        if (r == SCANNER_E_NOTHING && !s->code_seen)
                s->code_seen = locator_sees_code(&s->other) ||
                               (p->width >= WIDTH_TO_HALVE && locator_sees_code(&s->small));
        return r;
}

/* Large modules of a large photograph. The half is there from try_half(). */
static int try_quarter(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        if (p->width < WIDTH_TO_QUARTER || p->height < 4)
                return SCANNER_E_NOTHING;
        r = picture_halve(&s->other, &s->small);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

/* Drawings that a program made with a pixel or two a module, perhaps without a quiet zone. */
static int try_enlarged(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        if (p->width >= WIDTH_TO_ENLARGE || p->height >= WIDTH_TO_ENLARGE)
                return SCANNER_E_NOTHING;
        r = picture_enlarge(&s->other, p, ENLARGE_FACTOR, ENLARGE_MARGIN);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

/* The order in which a still picture is tried. */
static const struct {
        int (*run)(struct search *s, const struct picture *p, struct symbol *ret_symbol);
} still_tries[] = {{try_half}, {try_full}, {try_smooth}, {try_quarter}, {try_enlarged}};

int search_still(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        /* A foreign code does not end the search: the right one may be beside it, at another size.
         */
        s->offer_is_old = true;
        for (size_t i = 0; i < ELEMENTSOF(still_tries); i++) {
                int r = still_tries[i].run(s, p, ret_symbol);

                if (r < 0)
                        return r;
                if (!s->offer_is_old && still_tries[i].run != try_half)
                        return search_choose(s, ret_symbol);
        }
        if (s->foreign != REASON_NONE)
                return s->foreign;
        return s->code_seen ? REASON_IMAGE_UNDECODABLE : REASON_IMAGE_NO_CODE;
}

/* Half size each time; after every third miss full size too, smoothed and as it is in turn. */
static int search_try_frame(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        bool narrow = p->width < WIDTH_TO_HALVE;
        int r;

        r = narrow ? try_full(s, p, ret_symbol) : try_half(s, p, ret_symbol);
        if (r == 0 && !narrow)
                return try_full(s, p, ret_symbol);
        if (r <= 0)
                return r;
        s->n_misses++;
        if (s->n_misses % MISSES_TO_TRY_ALL != 0)
                return r;
        if (s->n_misses % (2 * MISSES_TO_TRY_ALL) != 0)
                return try_smooth(s, p, ret_symbol);
        return try_full(s, p, ret_symbol);
}

static void search_report(struct search *s, enum read_progress progress, uint64_t now_usec)
{
        if (s->told_usec[progress] && now_usec - s->told_usec[progress] < READ_PROGRESS_USEC)
                return;
        s->told_usec[progress] = now_usec;
        s->news |= 1u << progress;
}

/* Records what this frame shows, and what should be reported to a person. */
static void search_learn(struct search *s, const struct picture *p, uint64_t now_usec)
{
        if (s->n_frames++ == 0)
                s->news |= 1u << READ_PROGRESS_WATCHING;
        if (picture_mean(p) < MEAN_DARK) {
                s->n_dark++;
                search_report(s, READ_PROGRESS_TOO_DARK, now_usec);
        }
}

static void search_learn_code(struct search *s, uint64_t now_usec)
{
        if (s->offer.n > 1 && !s->offer_is_old)
                search_report(s, READ_PROGRESS_SEVERAL, now_usec);
        else if (s->foreign != REASON_NONE)
                search_report(s, read_progress_of(s->foreign), now_usec);
        else if (s->code_seen)
                search_report(s, READ_PROGRESS_CODE_SEEN, now_usec);
}

int search_frame(struct search *s, const struct picture *p, uint64_t now_usec,
                 struct symbol *ret_symbol)
{
        int r;

        search_learn(s, p, now_usec);
        s->offer_is_old = true;
        r = search_try_frame(s, p, ret_symbol);
        if (r < 0)
                return r;
        if (!s->offer_is_old && search_choose(s, ret_symbol) == 0)
                return 0;
        search_learn_code(s, now_usec);
        return SEARCH_E_MORE;
}

bool search_next_progress(struct search *s, enum read_progress *ret_progress)
{
        for (enum read_progress p = 0; p < READ_PROGRESS_MAX; p++)
                if (s->news & 1u << p) {
                        s->news &= ~(1u << p);
                        *ret_progress = p;
                        return true;
                }
        return false;
}

enum reason search_reason(const struct search *s)
{
        if (s->n_frames == 0)
                return REASON_CAMERA_FAILED;
        if (s->several_seen)
                return REASON_SEVERAL_CODES;
        if (s->foreign != REASON_NONE)
                return s->foreign;
        if (s->code_seen)
                return REASON_IMAGE_UNDECODABLE;
        return s->n_dark * 2 > s->n_frames ? REASON_CAMERA_DARK : REASON_IMAGE_NO_CODE;
}
