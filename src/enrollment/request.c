/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/hex.h"
#include "util/time.h"
#include "wire/crypto.h"

void request_init(struct request *request, enum event_source source)
{
        uint8_t bytes[EVENT_TRANSACTION_CHARS / 2];

        memset(request, 0, sizeof(*request));
        crypto_random(bytes, sizeof(bytes));
        hex_encode(bytes, sizeof(bytes), request->transaction);
        request->source = source;
        request->began_usec = time_now_usec();
}

void request_set_name(struct request *request, const char *name)
{
        request->has_name = true;
        (void)snprintf(request->name, sizeof(request->name), "%s", name);
}

int request_give(struct request *request, const char *parameter, const char *value)
{
        if (request->n_given == REQUEST_GIVEN_MAX)
                return -E2BIG;
        (void)snprintf(request->given[request->n_given].parameter, REQUEST_WORD_SIZE, "%s",
                       parameter);
        (void)snprintf(request->given[request->n_given].value, REQUEST_WORD_SIZE, "%s", value);
        request->n_given++;
        return 0;
}

struct plan_wish request_wish(const struct request *request, struct given given[REQUEST_GIVEN_MAX])
{
        for (size_t i = 0; i < request->n_given; i++)
                given[i] = (struct given){request->given[i].parameter, request->given[i].value};
        return (struct plan_wish){
                .name = request->has_name ? request->name : NULL,
                .given = given,
                .n_given = request->n_given,
                .replaces = request->has_replaced ? request->replaced : NULL,
                .other_model = request->other_model,
                .now = time(NULL),
        };
}

struct event request_event(const struct request *request, enum event_status status,
                           enum reason reason, const char *text)
{
        struct event event = {
                .status = status,
                .reason = reason,
                .total_ms = (time_now_usec() - request->began_usec) / 1000,
                .time = time(NULL),
                .source = request->source,
                .text = text,
        };

        memcpy(event.transaction, request->transaction, sizeof(event.transaction));
        return event;
}
