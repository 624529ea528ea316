/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person asked for beside the code, kept from the moment it was asked until it has become a
 * plan. Plain data: it may be copied.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "enrollment/plan.h"

#define REQUEST_GIVEN_MAX 16
#define REQUEST_WORD_SIZE (VALUES_TEXT_SIZE + 1) /* one more, so that what is too long stays so */

struct request {
        char transaction[EVENT_TRANSACTION_CHARS + 1]; /* "": there is no request */
        enum event_source source;
        uint64_t began_usec; /* util/time.h */
        bool dry_run;        /* check and preview the code only */
        bool has_name;
        char name[STORE_NAME_SIZE + 1];
        struct {
                char parameter[REQUEST_WORD_SIZE], value[REQUEST_WORD_SIZE];
        } given[REQUEST_GIVEN_MAX];
        size_t n_given;
        bool has_replaced;                       /* the device shall take the place of this one: */
        uint8_t replaced[STORE_DEVICE_ID_BYTES]; /* its id */
        bool other_model;                        /* even if that is another model */
};

/* A request of now with a new transaction. */
void request_init(struct request *request, enum event_source source);

/* The name the device shall have. */
void request_set_name(struct request *request, const char *name);

/* A value the person gave; what is too long is kept too long. -E2BIG above REQUEST_GIVEN_MAX. */
int request_give(struct request *request, const char *parameter, const char *value);

/* The wish of a plan; it points into @request and @given. */
struct plan_wish request_wish(const struct request *request, struct given given[REQUEST_GIVEN_MAX]);

/* An event of this request, with everything that is known from the start. */
struct event request_event(const struct request *request, enum event_status status,
                           enum reason reason, const char *text);
