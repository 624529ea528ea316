/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One request to enroll, from its code to its end: the code is read in a picture or by the camera,
 * or given; a reference is resolved, and fetched if need be; the rest is the enrollment's.
 *
 * A look is a job, too: nothing is reported of it before it has seen something.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/backend.h"
#include "enrollment/enrollment.h"
#include "enrollment/request.h"
#include "hub/herald.h"
#include "hub/librarian.h"
#include "hub/means.h"
#include "read/reader.h"
#include "site/settings.h"

struct intake;

/* Everything outlives the job. */
struct job_means {
        sd_event *event;
        const struct settings *settings;
        struct means *means;
        struct herald *herald;
        struct librarian *librarian; /* who knows the codes that references name */
};

/* The job is the userdata of each. */
struct job_handler {
        /*
         * Of its enrollment. on_ended() is also called, once, of a job that ends before it has one,
         * and frees the job.
         */
        struct enrollment_handler enrollment;
        /* Whether as many enrollments are running as the settings allow. */
        bool (*is_full)(void *userdata);
        /* The code reader has answered, or cannot be asked. */
        void (*on_reader)(void *userdata, bool has_answered);
};

/* Who has the camera look for codes that nobody has announced: the window. */
struct look_handler {
        /* A code was found: whether it is to be enrolled, and not one that has just been. */
        bool (*on_found)(void *userdata, const uint8_t *code, size_t n_code);
        /*
         * The look has ended: with a code that becomes an enrollment (REASON_NONE), or why it has
         * not. Whether that is to be reported; what had been reported before ends in any case.
         */
        bool (*on_ended)(void *userdata, enum reason why);
};

/* The intake reads it, and writes .next alone. */
struct job {
        const struct job_means *means;
        const struct job_handler *handler;
        struct intake *intake; /* whose it is */
        struct job *next;      /* in the order of their age */
        struct request request;
        struct reader *reader;           /* while its code is being read */
        uint64_t camera_until;           /* time_now_usec(); 0: it does not use the camera */
        bool is_quiet;                   /* nothing was reported of it: a look that saw nothing */
        const struct look_handler *look; /* of a look, while there is no code */
        void *look_userdata;
        struct enrollment *enrollment;         /* afterwards */
        struct shelf *shelf;                   /* in between, while the directory is searched, */
        struct fetching *fetching;             /* or the code is fetched that */
        char reference[REFERENCE_SIZE];        /* this names */
        struct store_entry fetched;            /* what came */
        bool is_fetched;                       /* and was good */
        enum reason unfetched;                 /* why it is not in the catalogue, */
        char unfetched_text[REASON_TEXT_SIZE]; /* for people */
        char others[REASON_TEXT_SIZE];         /* what several codes in one picture are, a list */
};

/*
 * @replaced: the id of the device whose place the new one takes; NULL: of none. 0, -ENOMEM, or
 * -E2BIG: @request gives more than a request holds.
 */
int job_new(const struct job_means *means, const struct job_handler *handler, struct intake *intake,
            const struct api_request *request, const uint8_t *replaced, struct job **ret_job);
void job_free(struct job *job);

/* What was typed or read: a code, or a reference to one. The job may be gone afterwards. */
void job_take(struct job *job, const uint8_t *code, size_t n_code);

/* Asks the reader to read a picture: as reader_image(). */
int job_read_picture(struct job *job, int fd);

/* Asks the reader to watch the camera: as reader_camera(). */
int job_watch(struct job *job, unsigned seconds);

/* The same, as a look: @look is kept, and not called during this call. */
int job_look(struct job *job, unsigned seconds, const struct look_handler *look, void *userdata);

/* Reports the end of a look to the one who wanted it, once: as its on_ended(). */
bool job_leave_look(struct job *job, enum reason why);

/* A look is over without a code. */
void job_end_look(struct job *job, enum reason why, const char *text);

void job_tell(struct job *job, enum event_status status, enum reason why, const char *text);

/* Ends it, before it has become an enrollment. */
void job_give_up(struct job *job, enum reason why, const char *text);

/* The device that it enrolls, once its code was found good; a dry run enrolls none. */
const struct store_device *job_device(const struct job *job);

/* Whether it is this one. */
bool job_is_for(const struct job *job, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Whether a device shall take the place of this one: from the request on, whatever its code is. */
bool job_replaces(const struct job *job, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
