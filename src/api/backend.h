/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the interfaces (D-Bus, MQTT requests) can ask of the daemon. The manager fills this table
 * in; the interfaces know nothing of what is behind it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "reason/reason.h"
#include "store/store.h"

#define REQUEST_VALUES_MAX 16

/* What a person may say beside the code. */
struct api_request {
        enum event_source source;
        const char *transaction; /* echoed in MQTT answers only; NULL: none was given */
        const char *name;        /* the device's name on this hub, or NULL: made from the model */
        bool dry_run;            /* read, verify and preview; do not touch the device */
        unsigned seconds;        /* how long to look at the camera, 0: the configured time */
        struct {
                const char *parameter,
                        *value; /* a parameter's name (doc/code.md section 4.2) and value as text */
        } values[REQUEST_VALUES_MAX];
        size_t n_values;
};

/* The daemon's condition; strings live as long as the daemon or until its next turn. */
struct api_status {
        const char *version, *hub;
        const char *broker;       /* as configured, without a password */
        enum reason broker_state; /* REASON_NONE: connected */
        const char *adapter;      /* "hci0", or NULL */
        enum reason adapter_state;
        enum reason reader_state; /* REASON_NONE, or why the last reading failed to start */
        const char *transaction;  /* of the running enrollment, or NULL */
        unsigned n_devices, n_outbox, n_unsettled, n_issuers;
        uint64_t n_enrolled, n_failed; /* since start */
};

struct api_backend {
        /*
         * Start an enrollment; REASON_NONE and the transaction's id, or at once why not (busy,
         * ...). Everything later is an event. @code is the code's text or bytes; @fd is a picture,
         * whose ownership passes on success.
         */
        enum reason (*enroll)(void *userdata, const uint8_t *code, size_t n_code,
                              const struct api_request *request,
                              char ret_transaction[EVENT_TRANSACTION_CHARS + 1]);
        enum reason (*enroll_picture)(void *userdata, int fd, const struct api_request *request,
                                      char ret_transaction[EVENT_TRANSACTION_CHARS + 1]);
        enum reason (*scan)(void *userdata, const struct api_request *request,
                            char ret_transaction[EVENT_TRANSACTION_CHARS + 1]);
        /* Ends the running enrollment; REASON_REQUEST_INVALID if @transaction is not it. */
        enum reason (*cancel)(void *userdata, const char *transaction);
        void (*status)(void *userdata, struct api_status *ret_status);
        /* The store, for reading only. */
        struct store *(*store)(void *userdata);
};
