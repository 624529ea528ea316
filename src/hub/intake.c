/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/free.h"
#include "util/log.h"
#include "util/time.h"

struct intake {
        struct job_means means;
        const struct intake_handler *handler;
        void *userdata;
        struct job *jobs;   /* the oldest first */
        bool reader_absent; /* its socket is not there */
        bool reader_failed; /* it gave no answer when it was asked last */
        enum reason reader_state;
        uint64_t n_failed; /* since start */
        bool stopping;
};

/* --- jobs --- */

static void intake_remove(struct job *job)
{
        struct intake *in = job->intake;

        for (struct job **at = &in->jobs; *at; at = &(*at)->next)
                if (*at == job) {
                        *at = job->next;
                        break;
                }
        job_free(job);
        herald_info_changed(in->means.herald);
        in->handler->on_ended(in->userdata);
        if (in->stopping && !in->jobs)
                in->handler->on_stopped(in->userdata);
}

static size_t intake_count(const struct intake *in)
{
        size_t n = 0;

        for (const struct job *job = in->jobs; job; job = job->next)
                n += !job->is_quiet;
        return n;
}

/* How many may run when one more comes from there: what nobody asks for leaves a place to people.
 */
static unsigned intake_limit(const struct intake *in, enum event_source source)
{
        unsigned limit = in->means.settings->limit_enrollments;

        return source == EVENT_SOURCE_CATALOGUE && limit > 1 ? limit - 1 : limit;
}

static bool intake_is_at_limit(const struct intake *in, enum event_source source)
{
        return intake_count(in) >= intake_limit(in, source);
}

static struct job *intake_find(const struct intake *in, const char *transaction)
{
        for (struct job *job = in->jobs; job; job = job->next)
                if (strcmp(job->request.transaction, transaction) == 0)
                        return job;
        return NULL;
}

const char *intake_transaction(const struct intake *intake,
                               const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        for (const struct job *job = intake->jobs; job; job = job->next)
                if (job_is_for(job, device_id) || job_replaces(job, device_id))
                        return job->request.transaction;
        return NULL;
}

bool intake_has_name(const struct intake *intake, const char *name)
{
        for (const struct job *job = intake->jobs; job; job = job->next) {
                const struct store_device *device = job_device(job);

                if (device && strcmp(device->name, name) == 0)
                        return true;
        }
        return false;
}

/* --- the code reader --- */

static void intake_reader_condition(struct intake *in, bool absent, bool failed)
{
        in->reader_absent = absent;
        in->reader_failed = failed;
        herald_condition(in->means.herald, "Code reader", &in->reader_state,
                         absent || failed ? REASON_READER_UNAVAILABLE : REASON_NONE);
}

/* A socket that appears mends its absence; a service that failed is mended by its next answer. */
static void intake_reader_gave_up(struct intake *in)
{
        bool absent = access(in->means.means->places->reader, F_OK) < 0;

        intake_reader_condition(in, absent, !absent);
}

static void intake_reader_answered(struct intake *in)
{
        intake_reader_condition(in, false, false);
}

/* --- what a job reports --- */

/* A code that was refused, and what a person did not want any more, are no failures of the hub. */
static bool is_failed_enrollment(const struct event *event)
{
        return event->status == EVENT_FAILED && event->step != EVENT_STEP_CODE &&
               event->reason != REASON_CANCELLED && event->reason != REASON_STOPPING &&
               event->reason != REASON_BUSY && event->reason != REASON_ALREADY_ENROLLED;
}

static void intake_on_event(void *userdata, const struct event *event)
{
        struct job *job = userdata;

        if (is_failed_enrollment(event))
                job->intake->n_failed++;
        herald_event(job->intake->means.herald, event);
}

static enum reason intake_on_claim(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                   char text[PLAN_TEXT_SIZE])
{
        struct job *self = userdata;
        struct intake *in = self->intake;

        for (const struct job *job = in->jobs; job; job = job->next)
                if (job != self && job_is_for(job, device_id)) {
                        (void)snprintf(text, PLAN_TEXT_SIZE, "%s is being enrolled already (%s).",
                                       job_device(job)->name, job->request.transaction);
                        return REASON_BUSY;
                } else if (job != self && job_replaces(job, device_id)) {
                        (void)snprintf(text, PLAN_TEXT_SIZE,
                                       "Another device is to take the place of this one (%s).",
                                       job->request.transaction);
                        return REASON_BUSY;
                }
        in->handler->on_claimed(in->userdata, device_id);
        return REASON_NONE;
}

static bool intake_is_name_taken(void *userdata, const char *name,
                                 const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct job *self = userdata;

        for (const struct job *job = self->intake->jobs; job; job = job->next) {
                const struct store_device *device = job_device(job);

                if (device && strcmp(device->name, name) == 0 && !job_is_for(job, device_id))
                        return true;
        }
        return false;
}

static void intake_on_replaced(void *userdata, const struct plan *plan)
{
        struct job *job = userdata;

        job->intake->handler->on_replaced(job->intake->userdata, plan);
}

static void intake_on_committed(void *userdata, const struct plan *plan)
{
        struct job *job = userdata;

        job->intake->handler->on_committed(job->intake->userdata, plan);
}

static int64_t intake_on_unfinished(void *userdata, const struct store_device *device)
{
        struct job *job = userdata;

        return job->intake->handler->on_unfinished(job->intake->userdata, device);
}

static void intake_on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        struct job *job = userdata;

        job->intake->handler->on_owned(job->intake->userdata, meeting_take, plan);
}

static void intake_on_dropped(void *userdata, const struct store_device *device)
{
        struct job *job = userdata;

        job->intake->handler->on_dropped(job->intake->userdata, device);
}

static void intake_on_ended(void *userdata, enum reason why)
{
        (void)why;
        intake_remove(userdata);
}

static bool intake_is_full(void *userdata)
{
        const struct job *job = userdata;

        return intake_is_at_limit(job->intake, job->request.source);
}

static void intake_on_reader(void *userdata, bool has_answered)
{
        struct intake *in = ((struct job *)userdata)->intake;

        if (has_answered)
                intake_reader_answered(in);
        else
                intake_reader_gave_up(in);
}

static const struct job_handler intake_job_handler = {
        .enrollment =
                {
                        .on_event = intake_on_event,
                        .on_claim = intake_on_claim,
                        .is_name_taken = intake_is_name_taken,
                        .on_replaced = intake_on_replaced,
                        .on_committed = intake_on_committed,
                        .on_unfinished = intake_on_unfinished,
                        .on_owned = intake_on_owned,
                        .on_dropped = intake_on_dropped,
                        .on_ended = intake_on_ended,
                },
        .is_full = intake_is_full,
        .on_reader = intake_on_reader,
};

/* --- requests --- */

static struct api_answer intake_refuse_one_more(const struct intake *in)
{
        unsigned limit = in->means.settings->limit_enrollments;
        struct api_status status = {.version = NULL};
        char running[API_DETAIL_SIZE - 80];

        intake_status(in, &status);
        api_list_running(&status, running, sizeof(running));
        return api_refuse_because(
                REASON_BUSY, "%u enrollment%s running, as many as [limits] enrollments allows: %s",
                limit, limit == 1 ? " is" : "s are", running);
}

/* What was given can be checked before there is a code; whether its device asks for it, cannot. */
static enum reason intake_check_values(const struct api_request *request,
                                       char ret_detail[GIVEN_DETAIL_SIZE])
{
        enum reason why = REASON_NONE;

        for (size_t i = 0; why == REASON_NONE && i < request->n_values; i++) {
                const struct given given = {request->values[i].parameter, request->values[i].value};

                why = given_check(&given, ret_detail);
        }
        return why;
}

/* Whether it may begin, and the id of the device whose place is to be taken, if one is. */
static struct api_answer intake_check(const struct intake *in, const struct api_request *request,
                                      uint8_t ret_replaced[STORE_DEVICE_ID_BYTES])
{
        char detail[GIVEN_DETAIL_SIZE];
        enum reason why;

        if (in->stopping)
                return api_refuse(REASON_STOPPING);
        if (intake_is_at_limit(in, request->source))
                return intake_refuse_one_more(in);
        why = intake_check_values(request, detail);
        if (why != REASON_NONE)
                return api_refuse_because(why, "%s", detail);
        if (request->replaces)
                return in->handler->on_replace(in->userdata, request->replaces, ret_replaced);
        return api_accept("");
}

/* Begins what every request begins with: the new job with @ret_answer, or NULL and a refusal. */
static struct job *intake_accept(struct intake *in, const struct api_request *request,
                                 struct api_answer *ret_answer)
{
        uint8_t replaced[STORE_DEVICE_ID_BYTES];
        struct job *job = NULL, **at;
        int r;

        *ret_answer = intake_check(in, request, replaced);
        if (ret_answer->reason != REASON_NONE)
                return NULL;
        r = job_new(&in->means, &intake_job_handler, in, request,
                    request->replaces ? replaced : NULL, &job);
        if (r < 0) {
                (void)log_errno(r, "A request cannot be taken");
                *ret_answer = api_refuse(r == -E2BIG ? REASON_REQUEST_INVALID : REASON_INTERNAL);
                return NULL;
        }
        for (at = &in->jobs; *at; at = &(*at)->next)
                ;
        *at = job;
        means_load_issuers(in->means.means);
        *ret_answer = api_accept(job->request.transaction);
        return job;
}

struct api_answer intake_enroll(struct intake *intake, const uint8_t *code, size_t n_code,
                                const struct api_request *request)
{
        struct api_answer answer;
        struct job *job = intake_accept(intake, request, &answer);

        if (!job)
                return answer;
        job_tell(job, EVENT_STARTED, REASON_NONE, "Checking the code.");
        job_take(job, code, n_code);
        return answer;
}

/* Takes back a job that could not begin; @r: what the reader said when it was asked. */
static struct api_answer intake_take_back(struct job *job, int r)
{
        if (r < 0 && r != -EINVAL)
                (void)log_errno(r, "The reader cannot be asked");
        intake_remove(job);
        return api_refuse(r > 0          ? (enum reason)r
                          : r == -EINVAL ? REASON_REQUEST_INVALID
                                         : REASON_INTERNAL);
}

/* @r: what the reader said when it was asked. */
static struct api_answer intake_read(struct job *job, int r, const char *text)
{
        if (r == REASON_READER_UNAVAILABLE)
                intake_reader_gave_up(job->intake);
        if (r != 0)
                return intake_take_back(job, r);
        job_tell(job, EVENT_STARTED, REASON_NONE, text);
        herald_info_changed(job->intake->means.herald);
        return api_accept(job->request.transaction);
}

struct api_answer intake_enroll_picture(struct intake *intake, int fd,
                                        const struct api_request *request)
{
        struct api_answer answer;
        struct job *job = intake_accept(intake, request, &answer);
        int r;

        if (!job)
                return answer;
        r = job_read_picture(job, fd);
        answer = intake_read(job, r, "Reading the picture.");
        if (answer.reason == REASON_NONE)
                (void)fd_close(fd);
        return answer;
}

/* The look that is under way, or NULL. */
static struct job *intake_find_look(const struct intake *in)
{
        struct job *job = in->jobs;

        while (job && !job->look)
                job = job->next;
        return job;
}

void intake_end_look(struct intake *intake)
{
        struct job *job = intake_find_look(intake);

        if (!job)
                return;
        if (job->is_quiet)
                intake_remove(job);
        else
                job_give_up(job, REASON_CANCELLED, reason_text(REASON_CANCELLED));
}

/* There is one camera: a second request for it is answered with how long the first may take. */
static bool intake_camera_is_used(const struct intake *in, struct api_answer *ret_answer)
{
        for (const struct job *job = in->jobs; job; job = job->next) {
                char until[TIME_TEXT_SIZE];

                if (job->camera_until == 0 || job->look)
                        continue;
                *ret_answer = api_refuse_because(
                        REASON_BUSY, "the camera is in use by %s until %s at the latest",
                        job->request.transaction, time_text(time_shown(job->camera_until), until));
                return true;
        }
        return false;
}

/* The camera is for somebody who has asked for a scan. */
static void intake_take_camera(struct intake *in)
{
        struct job *job = intake_find_look(in);

        if (job)
                job_end_look(job, REASON_BUSY, reason_text(REASON_BUSY));
}

struct api_answer intake_look(struct intake *intake, enum event_source source, unsigned seconds,
                              const struct look_handler *handler, void *userdata)
{
        const struct api_request request = {.source = source};
        struct api_answer answer;
        struct job *job;
        int r;

        if (intake_camera_is_used(intake, &answer))
                return answer;
        job = intake_accept(intake, &request, &answer);
        if (!job)
                return answer;
        r = job_look(job, seconds, handler, userdata);
        if (r == REASON_READER_UNAVAILABLE)
                intake_reader_gave_up(intake);
        if (r != 0)
                return intake_take_back(job, r);
        return answer;
}

struct api_answer intake_scan(struct intake *intake, const struct api_request *request)
{
        const struct settings *settings = intake->means.settings;
        unsigned seconds = request->seconds ? request->seconds : settings->camera_seconds;
        struct api_answer answer;
        struct job *job;
        char text[80];
        int r;

        if (intake_camera_is_used(intake, &answer))
                return answer;
        job = intake_accept(intake, request, &answer);
        if (!job)
                return answer;
        intake_take_camera(intake);
        r = job_watch(job, seconds);
        (void)snprintf(text, sizeof(text),
                       "Hold the code in front of the camera, which looks for %u s.", seconds);
        return intake_read(job, r, text);
}

struct api_answer intake_cancel(struct intake *intake, const char *transaction)
{
        struct job *job = intake_find(intake, transaction);

        if (!job)
                return api_refuse_because(REASON_REQUEST_INVALID,
                                          "there is no such enrollment, or it has ended");
        if (!job->enrollment) {
                if (job->look)
                        (void)job_leave_look(job, REASON_CANCELLED);
                job_give_up(job, REASON_CANCELLED, reason_text(REASON_CANCELLED));
                return api_accept("");
        }
        if (!enrollment_cancel(job->enrollment))
                return api_refuse(REASON_COMMITTED);
        return api_accept("");
}

void intake_stop(struct intake *intake)
{
        struct job *next;

        if (intake->stopping)
                return;
        if (!intake->jobs)
                intake->handler->on_stopped(intake->userdata);
        intake->stopping = true;
        intake_end_look(intake);
        for (struct job *job = intake->jobs; job; job = next) {
                next = job->next;
                if (job->enrollment)
                        enrollment_abandon(job->enrollment);
                else
                        job_give_up(job, REASON_STOPPING, reason_text(REASON_STOPPING));
        }
}

void intake_set_reader_absent(struct intake *intake, bool absent)
{
        intake_reader_condition(intake, absent, intake->reader_failed);
}

void intake_status(const struct intake *intake, struct api_status *status)
{
        status->reader_state = intake->reader_state;
        status->n_failed = intake->n_failed;
        for (const struct job *job = intake->jobs; job; job = job->next)
                if (job->camera_until > 0 && !job->look)
                        status->scan_until = time_shown(job->camera_until);
        for (const struct job *job = intake->jobs;
             job && status->n_enrollments < API_ENROLLMENTS_MAX; job = job->next) {
                const struct store_device *device =
                        job->enrollment ? enrollment_device(job->enrollment) : NULL;

                if (job->is_quiet)
                        continue;
                status->enrollments[status->n_enrollments++] = (struct api_enrollment){
                        .transaction = job->request.transaction,
                        .device = device && device->name[0] ? device->name : NULL,
                        .step = job->enrollment ? enrollment_step(job->enrollment)
                                                : EVENT_STEP_CODE,
                };
        }
}

/* --- beginning and end --- */

int intake_new(const struct job_means *means, const struct intake_handler *handler, void *userdata,
               struct intake **ret_intake)
{
        struct intake *in = calloc(1, sizeof(*in));

        if (!in)
                return -ENOMEM;
        in->means = *means;
        in->handler = handler;
        in->userdata = userdata;
        *ret_intake = in;
        return 0;
}

struct intake *intake_free(struct intake *intake)
{
        if (!intake)
                return NULL;
        while (intake->jobs) {
                struct job *job = intake->jobs;

                intake->jobs = job->next;
                job_free(job);
        }
        free(intake);
        return NULL;
}
