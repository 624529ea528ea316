/* SPDX-License-Identifier: Apache-2.0 */

#include "api/backend.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/device.h"

#define RUNNING_ROOM 24 /* of a detail, for " and 64 more" */

struct api_answer api_accept(const char *transaction)
{
        struct api_answer answer = {.reason = REASON_NONE};

        (void)snprintf(answer.transaction, sizeof(answer.transaction), "%s", transaction);
        return answer;
}

struct api_answer api_refuse(enum reason reason)
{
        return (struct api_answer){.reason = reason};
}

/* What was cut off ends before a character, never within one: JSON and D-Bus take UTF-8 only. */
static void trim_partial(char *text)
{
        size_t n = strlen(text);

        while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
                n--;
        if (n > 0 && (unsigned char)text[n - 1] >= 0xc0)
                n--;
        text[n] = 0;
}

struct api_answer api_refuse_because(enum reason reason, const char *format, ...)
{
        struct api_answer answer = {.reason = reason};
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(answer.detail, sizeof(answer.detail), format, arguments);
        va_end(arguments);
        if (n >= (int)sizeof(answer.detail))
                trim_partial(answer.detail);
        return answer;
}

void api_settle(const struct api_later *later, struct api_answer answer)
{
        const struct api_outcome outcome = {.answer = answer};

        later->on_outcome(later->userdata, &outcome);
}

void api_list_running(const struct api_status *status, char *ret_text, size_t size)
{
        size_t n = 0;

        ret_text[0] = 0;
        for (size_t i = 0; i < status->n_enrollments; i++) {
                const struct api_enrollment *e = &status->enrollments[i];
                const char *open = e->device ? " (" : "", *close = e->device ? ")" : "";
                size_t need = strlen(e->transaction) + (e->device ? strlen(e->device) : 0) + 5;

                if (n + need + RUNNING_ROOM > size) {
                        (void)snprintf(ret_text + n, size - n, " and %zu more",
                                       status->n_enrollments - i);
                        return;
                }
                n += (size_t)snprintf(ret_text + n, size - n, "%s%s%s%s%s", i > 0 ? ", " : "",
                                      e->transaction, open, e->device ? e->device : "", close);
        }
}

struct api_answer api_cancel(const struct api_backend *backend, const char *transaction)
{
        struct api_status status = {.version = NULL};
        char running[API_DETAIL_SIZE - 60] = "";

        if (transaction && transaction[0])
                return backend->handler->on_cancel(backend->userdata, transaction);
        backend->handler->on_status(backend->userdata, &status);
        if (status.n_enrollments == 0)
                return api_refuse_because(REASON_REQUEST_INVALID, "no enrollment is running");
        if (status.n_enrollments == 1)
                return backend->handler->on_cancel(backend->userdata,
                                                   status.enrollments[0].transaction);
        api_list_running(&status, running, sizeof(running));
        return api_refuse_because(REASON_REQUEST_INVALID,
                                  "%zu enrollments are running, name the one to cancel: %s",
                                  status.n_enrollments, running);
}

struct api_answer api_rename(const struct api_backend *backend, const char *device,
                             const char *name)
{
        if (!store_name_valid(name, strlen(name)))
                return api_refuse_because(REASON_REQUEST_INVALID,
                                          "the new name is not 1 to 32 letters, digits, - and _, "
                                          "or it is bridge, which the hub needs for itself");
        return backend->handler->on_rename(backend->userdata, device, name);
}
