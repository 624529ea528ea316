/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code/code.h"
#include "util/log.h"
#include "util/time.h"

/* --- what is said of it --- */

void job_tell(struct job *job, enum event_status status, enum reason why, const char *text)
{
        const struct event event = request_event(&job->request, status, why, text);

        herald_event(job->means->herald, &event);
}

/* Before it has become an enrollment. */
static void job_end(struct job *job, enum reason why)
{
        job->handler->enrollment.on_ended(job, why);
}

void job_give_up(struct job *job, enum reason why, const char *text)
{
        job_tell(job, EVENT_FAILED, why, text);
        job_end(job, why);
}

/* A look becomes a request now, because it has seen something. */
static void job_speak(struct job *job, const char *text)
{
        if (!job->is_quiet)
                return;
        job->is_quiet = false;
        job->request.began_usec = time_now_usec();
        job_tell(job, EVENT_STARTED, REASON_NONE, text);
        herald_info_changed(job->means->herald);
}

/* --- its device --- */

const struct store_device *job_device(const struct job *job)
{
        if (!job->enrollment || job->request.dry_run)
                return NULL;
        return enrollment_device(job->enrollment);
}

bool job_is_for(const struct job *job, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct store_device *device = job_device(job);

        return device && memcmp(device->device_id, device_id, STORE_DEVICE_ID_BYTES) == 0;
}

bool job_replaces(const struct job *job, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        return job->request.has_replaced && !job->request.dry_run &&
               memcmp(job->request.replaced, device_id, STORE_DEVICE_ID_BYTES) == 0;
}

/* --- its enrollment --- */

/* The code is there: the rest is the enrollment's. */
static void job_enroll(struct job *job, const uint8_t *code, size_t n_code)
{
        int r;

        r = enrollment_new(&job->means->means->enrollment, &job->request, code, n_code,
                           &job->handler->enrollment, job, &job->enrollment);
        if (r < 0) {
                (void)log_errno(r, "An enrollment cannot be started");
                job_give_up(job, REASON_INTERNAL, reason_text(REASON_INTERNAL));
                return;
        }
        herald_info_changed(job->means->herald);
}

/* --- references --- */

/* What names the code is done with: it is there, or why not. */
static void job_use(struct job *job, enum reason why, const struct librarian_code *code)
{
        if (why != REASON_NONE) {
                job_give_up(job, why, code->text);
                return;
        }
        if (code->name[0] && !job->request.has_name && !job->request.has_replaced)
                request_set_name(&job->request, code->name);
        job_tell(job, EVENT_READING, REASON_NONE, code->text);
        job_enroll(job, code->bytes, code->n_bytes);
}

static void job_on_checked(void *userdata, const struct store_entry *entry)
{
        struct job *job = userdata;

        job->fetched = *entry;
        job->is_fetched = true;
}

static void job_on_fetched(void *userdata, const struct store_entry *entry)
{
        (void)userdata;
        (void)entry;
}

static void job_on_unfetched(void *userdata, const char *reference, enum reason why,
                             const char *detail)
{
        struct job *job = userdata;

        (void)reference;
        job->unfetched = why;
        reason_explain(why, detail, job->unfetched_text);
}

/* A code that the catalogue has no room for is good for this device all the same. */
static void job_use_fetched(struct job *job)
{
        struct librarian *librarian = job->means->librarian;
        struct librarian_code code;
        enum reason why;

        if (job->unfetched == REASON_NONE) {
                why = librarian_find(librarian, job->reference, &code);
        } else {
                log_warning("A code is used that the catalogue does not keep: %s",
                            job->unfetched_text);
                why = librarian_open(librarian, &job->fetched, "The web service", &code);
        }
        job_use(job, why, &code);
        librarian_wipe(&code);
}

static void job_on_all_fetched(void *userdata)
{
        struct job *job = userdata;

        job->fetching = fetching_free(job->fetching);
        librarian_changed(job->means->librarian);
        if (job->is_fetched)
                job_use_fetched(job);
        else
                job_give_up(job, job->unfetched, job->unfetched_text);
}

static const struct fetching_handler job_fetching_handler = {
        .on_checked = job_on_checked,
        .on_kept = job_on_fetched,
        .on_refused = job_on_unfetched,
        .on_done = job_on_all_fetched,
};

static void job_fetch(struct job *job)
{
        int r;

        job_tell(job, EVENT_READING, REASON_NONE, "The web service is asked for the code.");
        r = librarian_fetch(job->means->librarian, job->reference, &job_fetching_handler, job,
                            &job->fetching);
        if (r == 0)
                return;
        (void)log_errno(r, "A code cannot be fetched");
        job_give_up(job, REASON_INTERNAL, reason_text(REASON_INTERNAL));
}

/* What a directory has not is asked for. */
static void job_on_browsed(void *userdata, const struct line *line)
{
        struct job *job = userdata;
        struct librarian *librarian = job->means->librarian;
        struct librarian_code code;
        enum reason why;

        why = librarian_read(librarian, job->reference, line, &code);
        job->shelf = shelf_free(job->shelf);
        if (why == REASON_REFERENCE_UNKNOWN && librarian_has_service(librarian))
                job_fetch(job);
        else
                job_use(job, why, &code);
        librarian_wipe(&code);
}

static const struct shelf_handler job_shelf_handler = {.on_end = job_on_browsed};

static void job_browse(struct job *job)
{
        int r;

        r = librarian_browse(job->means->librarian, job->reference, &job_shelf_handler, job,
                             &job->shelf);
        if (r == 0)
                return;
        (void)log_errno(r, "A code cannot be looked for");
        job_give_up(job, REASON_INTERNAL, reason_text(REASON_INTERNAL));
}

/* The number names a code: of the catalogue, of a directory, or of the web service. */
static void job_resolve(struct job *job)
{
        struct librarian *librarian = job->means->librarian;
        struct librarian_code code;
        enum reason why;

        why = librarian_find(librarian, job->reference, &code);
        if (why == REASON_REFERENCE_UNKNOWN && librarian_has_directory(librarian))
                job_browse(job);
        else if (why == REASON_REFERENCE_UNKNOWN && librarian_has_service(librarian))
                job_fetch(job);
        else
                job_use(job, why, &code);
        librarian_wipe(&code);
}

void job_take(struct job *job, const uint8_t *code, size_t n_code)
{
        switch (reference_read(code, n_code, job->reference)) {
        case REFERENCE_DONE:
                job_resolve(job);
                break;
        case REFERENCE_WRONG_CHECK:
                job_give_up(job, REASON_REFERENCE_MISTYPED, reason_text(REASON_REFERENCE_MISTYPED));
                break;
        case REFERENCE_OTHER:
                job_enroll(job, code, n_code);
                break;
        }
}

/* --- looks --- */

bool job_leave_look(struct job *job, enum reason why)
{
        const struct look_handler *look = job->look;

        job->look = NULL;
        return look->on_ended(job->look_userdata, why);
}

void job_end_look(struct job *job, enum reason why, const char *text)
{
        if (!job_leave_look(job, why) && job->is_quiet) {
                job_end(job, why);
                return;
        }
        job_speak(job, reason_text(why));
        job_give_up(job, why, text);
}

/* A look has found a code: whether it goes on as an enrollment; if not, the job is gone. */
static bool job_take_found(struct job *job, const uint8_t *code, size_t n_code)
{
        bool is_one_too_many;

        if (!job->look->on_found(job->look_userdata, code, n_code)) {
                job_end_look(job, REASON_BUSY, "This code has just been read.");
                return false;
        }
        is_one_too_many = job->is_quiet && job->handler->is_full(job);
        job_speak(job, "Checking the code.");
        (void)job_leave_look(job, REASON_NONE);
        if (is_one_too_many)
                job_give_up(job, REASON_BUSY, reason_text(REASON_BUSY));
        return !is_one_too_many;
}

/* --- reading --- */

static void job_on_code(void *userdata, enum symbology symbology, const uint8_t *code,
                        size_t n_code)
{
        struct job *job = userdata;

        (void)symbology;
        job->handler->on_reader(job, true);
        job->camera_until = 0;
        if (!job->look || job_take_found(job, code, n_code))
                job_take(job, code, n_code);
}

/* How the cameras are is nothing that was shown to them. */
static bool is_seen(enum read_progress progress)
{
        return progress == READ_PROGRESS_CODE_SEEN || progress == READ_PROGRESS_FOREIGN ||
               progress == READ_PROGRESS_SEVERAL || progress >= READ_PROGRESS_KINDS;
}

static void job_on_reading(void *userdata, enum read_progress progress)
{
        struct job *job = userdata;

        job->handler->on_reader(job, true);
        if (job->is_quiet && !is_seen(progress)) {
                if (progress != READ_PROGRESS_WATCHING)
                        log_info("The window is open. %s", read_progress_text(progress));
                return;
        }
        job_speak(job, "The camera sees something.");
        job_tell(job, EVENT_READING, REASON_NONE, read_progress_text(progress));
}

/* Of several codes, what each is: as far as this hub can verify that. */
static void job_on_another(void *userdata, const uint8_t *code, size_t n_code)
{
        struct job *job = userdata;
        const struct means *means = job->means->means;
        const struct payload *p;
        char what[3 * (PAYLOAD_LABEL_MAX + 1)];
        size_t n = strlen(job->others);
        struct code opened;

        (void)snprintf(what, sizeof(what), "one that this hub does not trust");
        p = &opened.payload;
        if (code_open(&opened, code, n_code, means->enrollment.plan.issuers,
                      means->enrollment.plan.daemon) == REASON_NONE)
                (void)snprintf(what, sizeof(what), "%s %s%s%s", p->maker, p->model,
                               p->serial[0] ? " " : "", p->serial);
        code_done(&opened);
        (void)snprintf(job->others + n, sizeof(job->others) - n, "%s%s", n > 0 ? ", " : "", what);
}

static void job_on_unread(void *userdata, enum reason why)
{
        struct job *job = userdata;
        const char *device = job->means->settings->camera_device;
        char text[REASON_TEXT_SIZE];

        job->handler->on_reader(job, why != REASON_READER_UNAVAILABLE);
        reason_explain(why, why == REASON_SEVERAL_CODES ? job->others : "", text);
        if (why == REASON_CAMERA_MISSING && strcmp(device, "auto") != 0)
                (void)snprintf(text, sizeof(text), "There is no camera at %s.", device);
        if (job->look)
                job_end_look(job, why, text);
        else
                job_give_up(job, why, text);
}

static const struct reader_handler job_reader_handler = {
        .on_code = job_on_code,
        .on_progress = job_on_reading,
        .on_another = job_on_another,
        .on_failed = job_on_unread,
};

static int job_open_reader(struct job *job)
{
        const struct job_means *means = job->means;

        return reader_new(&job->reader, means->event, means->means->places->reader,
                          &job_reader_handler, job);
}

int job_read_picture(struct job *job, int fd)
{
        int r;

        r = job_open_reader(job);
        if (r == 0)
                r = reader_image(job->reader, fd);
        return r;
}

int job_watch(struct job *job, unsigned seconds)
{
        int r;

        r = job_open_reader(job);
        if (r == 0)
                r = reader_camera(job->reader, job->means->settings->camera_device, seconds);
        job->camera_until = time_now_usec() + (seconds + READER_GRACE_SEC) * UINT64_C(1000000);
        return r;
}

int job_look(struct job *job, unsigned seconds, const struct look_handler *look, void *userdata)
{
        int r;

        job->is_quiet = true;
        r = job_watch(job, seconds);
        if (r != 0)
                return r;
        job->look = look;
        job->look_userdata = userdata;
        return 0;
}

/* --- beginning and end --- */

int job_new(const struct job_means *means, const struct job_handler *handler, struct intake *intake,
            const struct api_request *request, const uint8_t *replaced, struct job **ret_job)
{
        struct job *job = calloc(1, sizeof(*job));

        if (!job)
                return -ENOMEM;
        job->means = means;
        job->handler = handler;
        job->intake = intake;
        request_init(&job->request, request->source);
        job->request.dry_run = request->dry_run;
        job->request.other_model = request->other_model;
        if (replaced) {
                job->request.has_replaced = true;
                memcpy(job->request.replaced, replaced, sizeof(job->request.replaced));
        }
        if (request->name)
                request_set_name(&job->request, request->name);
        for (size_t i = 0; i < request->n_values; i++)
                if (request_give(&job->request, request->values[i].parameter,
                                 request->values[i].value) < 0) {
                        job_free(job);
                        return -E2BIG;
                }
        *ret_job = job;
        return 0;
}

void job_free(struct job *job)
{
        job->reader = reader_free(job->reader);
        job->enrollment = enrollment_free(job->enrollment);
        job->shelf = shelf_free(job->shelf);
        job->fetching = fetching_free(job->fetching);
        free(job);
}
