/* SPDX-License-Identifier: Apache-2.0 */

#include "read/search.h"

#include "code/foreign.h"
#include "read/locator.h"
#include "util/defer.h"
#include "util/log.h"

#define WIDTH_TO_HALVE   640  /* pixels */
#define WIDTH_TO_QUARTER 1280 /* pixels */
#define WIDTH_TO_EIGHTH  2048 /* pixels */
#define WIDTH_TO_ENLARGE 640  /* pixels; stills up to this are also tried enlarged */
#define ENLARGE_FACTOR   3    /* a drawing with one pixel a module becomes readable */
#define ENLARGE_MARGIN   32   /* pixels; stands in for a quiet zone cut off */
#define REFERENCE_FRAMES 3    /* that show references alone */
#define MEAN_DARK        32   /* luma; black in limited range is 16 */
#define LEVEL_REACH      20   /* pixels; ten modules or so of a half */
#define CUT_MODULE       5    /* pixels a module of a code that was cut out */
#define CUT_QUIET        6    /* modules around it */
#define PATTERN_MODULES  7    /* across a finder pattern */

void search_init(struct search *s, struct scanner *scanner)
{
        *s = (struct search){.scanner = scanner};
}

void search_done(struct search *s)
{
        picture_done(&s->small);
        picture_done(&s->other);
        picture_done(&s->cut);
        picture_done(&s->sharp);
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

/* Keeps what one of the two libraries found. */
static int search_keep(struct search *s, int r, const struct symbol *symbol)
{
        if (r == SCANNER_E_FOREIGN)
                s->foreign = foreign_reason(symbol->bytes, symbol->n_bytes);
        if (r == 0)
                search_collect(s, scanner_found(s->scanner));
        return r;
}

static int search_scan(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        return search_keep(s, scanner_scan(s->scanner, p, ret_symbol), ret_symbol);
}

static int search_ask(struct search *s, const struct picture *p, bool thorough,
                      struct symbol *ret_symbol)
{
        return search_keep(s, scanner_ask(s->scanner, p, thorough, ret_symbol), ret_symbol);
}

static int search_both(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r = search_scan(s, p, ret_symbol);

        return r <= 0 ? r : search_ask(s, p, true, ret_symbol);
}

/* The half of a picture, or the picture where it is too small for that. */
static int search_halve(struct search *s, const struct picture *p, const struct picture **ret_half)
{
        int r;

        *ret_half = p;
        if (p->width < WIDTH_TO_HALVE || p->height < 2)
                return 0;
        r = picture_halve(&s->small, p);
        if (r == 0)
                *ret_half = &s->small;
        return r;
}

static int look_half(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        const struct picture *half;
        int r;

        r = search_halve(s, p, &half);
        return r < 0 ? r : search_scan(s, half, ret_symbol);
}

static int look_full(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        return search_scan(s, p, ret_symbol);
}

static int look_smooth(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        r = picture_smooth(&s->other, p);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

static int look_other(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        return search_ask(s, p, true, ret_symbol);
}

static int look_other_half(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        const struct picture *half;
        int r;

        r = search_halve(s, p, &half);
        return r < 0 ? r : search_ask(s, half, false, ret_symbol);
}

/* Large modules of a large photograph. */
static int look_quarter(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        if (p->height < 4)
                return SCANNER_E_NOTHING;
        r = picture_halve(&s->small, p);
        if (r == 0)
                r = picture_halve(&s->other, &s->small);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

/* A code that fills a large photograph. */
static int look_eighth(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        if (p->height < 8)
                return SCANNER_E_NOTHING;
        r = picture_halve(&s->other, p);
        if (r == 0)
                r = picture_halve(&s->small, &s->other);
        if (r == 0)
                r = picture_halve(&s->other, &s->small);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

/* Drawings that a program made with a pixel or two a module, perhaps without a quiet zone. */
static int look_enlarged(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        if (p->height > WIDTH_TO_ENLARGE)
                return SCANNER_E_NOTHING;
        r = picture_enlarge(&s->other, p, ENLARGE_FACTOR, ENLARGE_MARGIN);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

/*
 * Straight and at a good size, from the picture in which it was located; then also sharp: what
 * remains of a module in a blurred picture is its difference from the modules around it.
 */
static int search_cut(struct search *s, const struct picture *p, const struct location *l,
                      struct symbol *ret_symbol)
{
        const struct locator_mark *m = l->marks;
        int32_t modules = (int32_t)location_modules(l), apart = modules - PATTERN_MODULES;
        int32_t right_x = (int32_t)(m[1].x - m[0].x) * 16,
                right_y = (int32_t)(m[1].y - m[0].y) * 16;
        int32_t down_x = (int32_t)(m[2].x - m[0].x) * 16, down_y = (int32_t)(m[2].y - m[0].y) * 16;
        int32_t whole = modules + 2 * CUT_QUIET; /* modules */
        struct picture_cut cut = {.right_x = right_x * whole / apart,
                                  .right_y = right_y * whole / apart,
                                  .down_x = down_x * whole / apart,
                                  .down_y = down_y * whole / apart};
        int32_t before = 2 * CUT_QUIET + PATTERN_MODULES; /* half modules, to the middle of [0] */
        int r;

        cut.x = (int32_t)m[0].x * 16 - (cut.right_x + cut.down_x) / (2 * whole) * before;
        cut.y = (int32_t)m[0].y * 16 - (cut.right_y + cut.down_y) / (2 * whole) * before;
        r = picture_straighten(&s->cut, p, &cut, (uint32_t)(whole * CUT_MODULE));
        if (r == 0)
                r = search_both(s, &s->cut, ret_symbol);
        if (r <= 0)
                return r;
        r = picture_level(&s->sharp, &s->cut, CUT_MODULE);
        return r < 0 ? r : search_both(s, &s->sharp, ret_symbol);
}

static int search_locate(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        struct location l;

        if (!locator_find(p, &l))
                return SCANNER_E_NOTHING;
        s->code_seen = true;
        return search_cut(s, p, &l, ret_symbol);
}

/* Shades, shadows and low contrast. */
static int look_level(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        r = picture_level(&s->other, p, LEVEL_REACH);
        return r < 0 ? r : search_both(s, &s->other, ret_symbol);
}

static int look_level_half(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        const struct picture *half;
        int r;

        r = search_halve(s, p, &half);
        if (r == 0)
                r = picture_level(&s->other, half, LEVEL_REACH);
        if (r == 0)
                r = search_scan(s, &s->other, ret_symbol);
        return r <= 0 ? r : search_locate(s, &s->other, ret_symbol);
}

/* Dim pictures, in which noise is as strong as what it hides. */
static int look_level_smooth(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        r = picture_smooth(&s->sharp, p);
        if (r == 0)
                r = picture_level(&s->other, &s->sharp, LEVEL_REACH / 2);
        return r < 0 ? r : search_ask(s, &s->other, true, ret_symbol);
}

/* White on black. */
static int look_inverted(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        r = picture_invert(&s->other, p);
        return r < 0 ? r : search_ask(s, &s->other, true, ret_symbol);
}

static int look_inverted_half(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        const struct picture *half;
        int r;

        r = search_halve(s, p, &half);
        if (r == 0)
                r = picture_invert(&s->other, half);
        return r < 0 ? r : search_scan(s, &s->other, ret_symbol);
}

static int look_cut_half(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        const struct picture *half;
        int r;

        r = search_halve(s, p, &half);
        return r < 0 ? r : search_locate(s, half, ret_symbol);
}

static int look_cut(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        int r;

        r = picture_smooth(&s->other, p);
        return r < 0 ? r : search_locate(s, &s->other, ret_symbol);
}

static int look_cut_sharp(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        return search_locate(s, p, ret_symbol);
}

/* clang-format off */
static const struct {
        const char *name;
        int (*run)(struct search *s, const struct picture *p, struct symbol *ret_symbol);
        uint32_t width_min, width_max; /* of pictures that are looked at so */
} looks[LOOK_MAX] = {
        [LOOK_HALF]          = { "half",          look_half,          1,                PICTURE_SIDE_MAX },
        [LOOK_FULL]          = { "full",          look_full,          WIDTH_TO_HALVE,   PICTURE_SIDE_MAX },
        [LOOK_OTHER]         = { "other",         look_other,         1,                PICTURE_SIDE_MAX },
        [LOOK_OTHER_HALF]    = { "other_half",    look_other_half,    1,                PICTURE_SIDE_MAX },
        [LOOK_SMOOTH]        = { "smooth",        look_smooth,        1,                PICTURE_SIDE_MAX },
        [LOOK_QUARTER]       = { "quarter",       look_quarter,       WIDTH_TO_QUARTER, PICTURE_SIDE_MAX },
        [LOOK_EIGHTH]        = { "eighth",        look_eighth,        WIDTH_TO_EIGHTH,  PICTURE_SIDE_MAX },
        [LOOK_ENLARGED]      = { "enlarged",      look_enlarged,      1,                WIDTH_TO_ENLARGE },
        [LOOK_CUT_HALF]      = { "cut_half",      look_cut_half,      1,                PICTURE_SIDE_MAX },
        [LOOK_CUT]           = { "cut",           look_cut,           1,                PICTURE_SIDE_MAX },
        [LOOK_CUT_SHARP]     = { "cut_sharp",     look_cut_sharp,     1,                PICTURE_SIDE_MAX },
        [LOOK_LEVEL_HALF]    = { "level_half",    look_level_half,    1,                PICTURE_SIDE_MAX },
        [LOOK_LEVEL]         = { "level",         look_level,         1,                PICTURE_SIDE_MAX },
        [LOOK_LEVEL_SMOOTH]  = { "level_smooth",  look_level_smooth,  1,                PICTURE_SIDE_MAX },
        [LOOK_INVERTED]      = { "inverted",      look_inverted,      1,                PICTURE_SIDE_MAX },
        [LOOK_INVERTED_HALF] = { "inverted_half", look_inverted_half, 1,                PICTURE_SIDE_MAX },
};
/* clang-format on */

static int search_look(struct search *s, enum look look, const struct picture *p,
                       struct symbol *ret_symbol)
{
        int r;

        if (p->width < looks[look].width_min || p->width > looks[look].width_max)
                return SCANNER_E_NOTHING;
        r = looks[look].run(s, p, ret_symbol);
        s->n_looks[look]++;
        if (r == 0)
                s->n_read[look]++;
        return r;
}

/* The order in which a still picture is tried. */
static const enum look still_looks[] = {
        LOOK_HALF,       LOOK_FULL,         LOOK_OTHER,    LOOK_SMOOTH,   LOOK_QUARTER,
        LOOK_EIGHTH,     LOOK_ENLARGED,     LOOK_CUT_HALF, LOOK_CUT,      LOOK_CUT_SHARP,
        LOOK_LEVEL_HALF, LOOK_LEVEL_SMOOTH, LOOK_LEVEL,    LOOK_INVERTED, LOOK_INVERTED_HALF};

int search_still(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        /* A foreign code does not end the search: the right one may be beside it, at another size.
         */
        s->offer_is_old = true;
        for (size_t i = 0; i < ELEMENTSOF(still_looks); i++) {
                int r = search_look(s, still_looks[i], p, ret_symbol);

                if (r < 0)
                        return r;
                if (!s->offer_is_old && offer_has_code(&s->offer) && still_looks[i] != LOOK_HALF)
                        return search_choose(s, ret_symbol);
        }
        if (!s->offer_is_old)
                return search_choose(s, ret_symbol);
        if (s->foreign != REASON_NONE)
                return s->foreign;
        return s->code_seen ? REASON_IMAGE_UNDECODABLE : REASON_IMAGE_NO_CODE;
}

/*
 * What is done with each of twenty frames, two seconds of a camera: the looks that cost little more
 * often than those that cost much, so that a second of frames 1280 wide costs less than 600
 * million instructions when there is no code in them.
 */
/* clang-format off */
static const struct {
        enum look first, second; /* LOOK_MAX: none */
} frame_looks[] = {
        {LOOK_OTHER_HALF, LOOK_CUT_HALF},
        {LOOK_HALF, LOOK_MAX},
        {LOOK_OTHER, LOOK_MAX},
        {LOOK_SMOOTH, LOOK_MAX},
        {LOOK_OTHER_HALF, LOOK_CUT_HALF},
        {LOOK_HALF, LOOK_MAX},
        {LOOK_INVERTED_HALF, LOOK_MAX},
        {LOOK_LEVEL_HALF, LOOK_MAX},
        {LOOK_OTHER_HALF, LOOK_MAX},
        {LOOK_OTHER, LOOK_MAX},

        {LOOK_OTHER_HALF, LOOK_CUT_HALF},
        {LOOK_HALF, LOOK_MAX},
        {LOOK_OTHER, LOOK_MAX},
        {LOOK_FULL, LOOK_MAX},
        {LOOK_LEVEL_SMOOTH, LOOK_MAX},
        {LOOK_OTHER_HALF, LOOK_MAX},
        {LOOK_INVERTED, LOOK_MAX},
        {LOOK_OTHER_HALF, LOOK_MAX},
        {LOOK_OTHER_HALF, LOOK_MAX},
        {LOOK_OTHER_HALF, LOOK_MAX},
};
/* clang-format on */

/* Where there is one code, full size may show another one beside it. */
static int search_try_frame(struct search *s, const struct picture *p, struct symbol *ret_symbol)
{
        size_t i = s->n_misses % ELEMENTSOF(frame_looks);
        enum look look = frame_looks[i].first;
        int r;

        r = search_look(s, look, p, ret_symbol);
        if (r > 0 && frame_looks[i].second != LOOK_MAX) {
                look = frame_looks[i].second;
                r = search_look(s, look, p, ret_symbol);
        }
        if (r > 0)
                s->n_misses++;
        if (r == 0 && look != LOOK_FULL)
                r = search_look(s, LOOK_FULL, p, ret_symbol);
        return r;
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

/* A reference is taken when the code itself, which may stand beside it, had its chance. */
static bool search_is_ripe(struct search *s)
{
        return offer_has_code(&s->offer) || ++s->n_references >= REFERENCE_FRAMES;
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
        if (!s->offer_is_old && search_is_ripe(s) && search_choose(s, ret_symbol) == 0)
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

void search_log(const struct search *s)
{
        for (enum look l = 0; l < LOOK_MAX; l++)
                if (s->n_looks[l] > 0)
                        log_debug("Looked at %s: %u times, read %u", looks[l].name, s->n_looks[l],
                                  s->n_read[l]);
}
