/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/nfc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enrollment/request.h"
#include "tag/taps.h"
#include "util/log.h"

struct nfc {
        struct job_means means;
        struct intake *intake;
        struct taps *taps; /* NULL: the settings want none */
        char device[SETTINGS_PATH_SIZE];
        enum reason state;           /* REASON_NONE: there is a reader */
        enum reason problem;         /* that, if it is one */
        char name[TAP_NAME_MAX + 1]; /* of the reader, or "" */
};

static bool nfc_is_named(const struct nfc *nfc)
{
        return strcmp(nfc->device, "auto") != 0;
}

/*
 * With auto there need be neither a reader nor a service for it; a service that is there and fails
 * is a problem all the same.
 */
static bool nfc_is_problem(const struct nfc *nfc, enum reason state)
{
        if (state == REASON_NFC_UNAVAILABLE && !nfc_is_named(nfc))
                return access(nfc->means.means->places->tags, F_OK) == 0;
        return nfc_is_named(nfc);
}

static void nfc_set_state(struct nfc *nfc, enum reason state)
{
        nfc->state = state;
        herald_condition(nfc->means.herald, "NFC reader", &nfc->problem,
                         nfc_is_problem(nfc, state) ? state : REASON_NONE);
        herald_info_changed(nfc->means.herald);
}

static void nfc_on_state(void *userdata, enum taps_state state, const char *name)
{
        static const enum reason reasons[] = {
                [TAPS_UNAVAILABLE] = REASON_NFC_UNAVAILABLE,
                [TAPS_MISSING] = REASON_NFC_MISSING,
                [TAPS_READY] = REASON_NONE,
        };
        struct nfc *nfc = userdata;

        if (state == TAPS_READY)
                log_info("The NFC reader %s is there; tags can be held to it.", name);
        else if (nfc->name[0])
                log_info("The NFC reader %s is not there any more.", nfc->name);
        (void)snprintf(nfc->name, sizeof(nfc->name), "%s", name);
        nfc_set_state(nfc, reasons[state]);
}

/* A tap that starts no enrollment: the event says why, and what to do. */
static void nfc_tell(struct nfc *nfc, enum reason why, const char *text)
{
        struct request request;
        struct event event;

        request_init(&request, EVENT_SOURCE_TAP);
        event = request_event(&request, EVENT_FAILED, why, text);
        herald_event(nfc->means.herald, &event);
}

static void nfc_on_failed(void *userdata, enum reason why)
{
        nfc_tell(userdata, why, reason_text(why));
}

static void nfc_on_code(void *userdata, const uint8_t *code, size_t n_code)
{
        const struct api_request request = {.source = EVENT_SOURCE_TAP};
        struct nfc *nfc = userdata;
        struct api_answer answer;
        char text[API_DETAIL_SIZE + 200];

        answer = intake_enroll(nfc->intake, code, n_code, &request);
        if (answer.reason == REASON_NONE)
                return;
        if (answer.detail[0])
                (void)snprintf(text, sizeof(text), "The tag is not taken: %s.", answer.detail);
        else
                (void)snprintf(text, sizeof(text), "%s", reason_text(answer.reason));
        nfc_tell(nfc, answer.reason, text);
}

static const struct taps_handler nfc_taps_handler = {
        .on_state = nfc_on_state,
        .on_code = nfc_on_code,
        .on_failed = nfc_on_failed,
};

static int nfc_open(struct nfc *nfc)
{
        const char *device;

        (void)snprintf(nfc->device, sizeof(nfc->device), "%s", nfc->means.settings->nfc_device);
        nfc->name[0] = '\0';
        if (strcmp(nfc->device, "none") == 0) {
                nfc_set_state(nfc, REASON_NONE);
                return 0;
        }
        nfc->state = REASON_NFC_UNAVAILABLE; /* a problem only if it stays so */
        device = nfc_is_named(nfc) ? nfc->device : "";
        return taps_new(nfc->means.event, nfc->means.means->places->tags, device, &nfc_taps_handler,
                        nfc, &nfc->taps);
}

void nfc_reload(struct nfc *nfc)
{
        int r;

        if (strcmp(nfc->device, nfc->means.settings->nfc_device) == 0)
                return;
        nfc->taps = taps_free(nfc->taps);
        r = nfc_open(nfc);
        if (r < 0)
                (void)log_errno(r, "Cannot wait for taps");
}

void nfc_status(const struct nfc *nfc, struct api_status *status)
{
        status->has_nfc = nfc->taps != NULL;
        status->nfc_state = nfc->state;
        status->nfc_reader = nfc->name[0] ? nfc->name : NULL;
}

int nfc_new(const struct job_means *means, struct intake *intake, struct nfc **ret_nfc)
{
        _defer_(nfc_free) struct nfc *nfc = calloc(1, sizeof(*nfc));
        int r;

        if (!nfc)
                return -ENOMEM;
        nfc->means = *means;
        nfc->intake = intake;
        r = nfc_open(nfc);
        if (r < 0)
                return r;
        *ret_nfc = take(nfc);
        return 0;
}

struct nfc *nfc_free(struct nfc *nfc)
{
        if (!nfc)
                return NULL;
        nfc->taps = taps_free(nfc->taps);
        free(nfc);
        return NULL;
}
