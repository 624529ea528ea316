/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the faces (D-Bus, MQTT) can ask of the daemon. The hub fills it in; the faces know nothing
 * of what is behind it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "event/condition.h"
#include "event/event.h"
#include "event/reading.h"
#include "event/state.h"
#include "reason/reason.h"
#include "store/store.h"

#define API_VALUES_MAX      16
#define API_DETAIL_SIZE     200 /* bytes, with the NUL */
#define API_ADAPTERS_MAX    16
#define API_PORTS_MAX       64
#define API_ENROLLMENTS_MAX 64
#define API_UNFINISHED_MAX  64
#define API_STRAYS_MAX      64

/* What a person may say beside the code, or beside the device that is to be removed. */
struct api_request {
        enum event_source source;
        const char *name;     /* the device's name on this hub, or NULL: made from the model */
        const char *replaces; /* the device whose place it takes, as devices_resolve() takes it, or
                                 NULL; then it gets that name */
        bool other_model;     /* that device may be of another model */
        bool dry_run;         /* read, verify and preview; do not touch the device */
        bool force;           /* remove the device without releasing it */
        const char *hub;      /* whose topics are cleaned, or NULL: those of this hub */
        unsigned seconds;     /* how long to look at the camera, 0: the configured time */
        struct {
                const char *parameter,
                        *value; /* a parameter's name (doc/code.md section 4.2) and value as text */
        } values[API_VALUES_MAX];
        size_t n_values;
};

/* What became of a request. */
struct api_answer {
        enum reason reason;                            /* REASON_NONE: it was accepted */
        char transaction[EVENT_TRANSACTION_CHARS + 1]; /* of the enrollment it started, or "" */
        char detail[API_DETAIL_SIZE]; /* of a refusal: a phrase that says what exactly, or "" */
};

struct api_answer api_accept(const char *transaction);
struct api_answer api_refuse(enum reason reason);

/*
 * With a phrase that says what exactly stands in the way and, if that is known, until when: "the
 * camera is in use by 0011223344556677 until 2026-05-01T10:00:00Z at the latest".
 */
struct api_answer api_refuse_because(enum reason reason, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* What a request that takes its time has come to. */
struct api_outcome {
        struct api_answer answer;
        const struct reading *values; /* of a command that was done: what is in force now; valid */
        size_t n_values;              /* during the call */
        json_t *report;               /* of a cleaning; the same */
};

/*
 * Where that goes. Plain data, to be copied: the one to whom a request is passed calls on_outcome()
 * exactly once, before or after it returns, and when the hub is freed, before its faces are.
 */
struct api_later {
        void (*on_outcome)(void *userdata, const struct api_outcome *outcome);
        void *userdata;
};

/* The outcome that has no values. */
void api_settle(const struct api_later *later, struct api_answer answer);

struct api_adapter {
        const char *name;    /* "hci0", or the address that is configured where it is missing */
        enum reason state;   /* REASON_NONE: it works */
        const char *address; /* or NULL if it is not known */
};

struct api_port {
        const char *address; /* as configured */
        enum reason state;   /* REASON_NONE, or that it cannot be opened */
};

struct api_enrollment {
        const char *transaction;
        const char *device; /* its name, or NULL while it has none */
        enum event_step step;
};

/* An enrollment that the hub finishes by itself. */
struct api_unfinished {
        const char *device; /* its name */
        bool is_tried;      /* now; else it waits until the device is heard */
        bool is_looked_for; /* until .next_try; else from then on */
        int64_t next_try;   /* Unix time */
};

/* A device that was given up without being released, and will be when it is seen. */
struct api_stray {
        const char *device, *device_id; /* the name that it had; 32 hexadecimal digits */
        int64_t given_up_at;            /* Unix time */
};

/* The daemon's condition; strings live until its next turn. */
struct api_status {
        const char *version, *hub;
        int log_level;
        const char *broker;                      /* as configured, without a password */
        enum reason broker_state;                /* REASON_NONE: connected */
        enum reason bluetooth_state;             /* REASON_NONE: at least one adapter works */
        double interval_min_ms, interval_max_ms; /* that connections are asked for; 0: not known */
        struct api_adapter adapters[API_ADAPTERS_MAX];
        size_t n_adapters;
        struct api_adapter others[API_ADAPTERS_MAX]; /* that are there and not configured, if one */
        size_t n_others;                             /* that is configured is missing */
        struct api_port ports[API_PORTS_MAX];
        size_t n_ports;
        int64_t scan_until; /* Unix time until which the camera may look for a code; 0: it does not
                             */
        int64_t window_until; /* Unix time until which the window is open; 0: it is closed */
        enum event_source window_source; /* who opened it */
        enum reason reader_state;        /* REASON_NONE, or why it cannot be asked */
        enum reason button_state;        /* REASON_NONE, or why one cannot be read */
        unsigned n_buttons;              /* that are there */
        enum reason light_state;         /* REASON_NONE, or why it cannot be switched */
        bool has_nfc;                    /* taps are waited for; then: */
        enum reason nfc_state;           /* REASON_NONE: there is a reader for tags */
        const char *nfc_reader;          /* its name, or NULL */
        struct api_enrollment enrollments[API_ENROLLMENTS_MAX]; /* those that run */
        size_t n_enrollments;
        struct api_unfinished unfinished[API_UNFINISHED_MAX];
        size_t n_unfinished;
        struct api_stray strays[API_STRAYS_MAX];
        size_t n_strays;
        unsigned n_devices, n_outbox, n_unsettled, n_issuers;
        unsigned n_issuers_refused;    /* files */
        unsigned n_sessions;           /* with devices, that are open */
        unsigned n_entries, n_joining; /* of the catalogue; those whose devices may join */
        unsigned n_visits_waiting;     /* devices that wait for a visit */
        unsigned longest_wait_sec;     /* for a visit, since start */
        uint64_t n_enrolled, n_failed; /* since start */
};

/* Its enrollments for a sentence, "a1b2 (hall), c3d4 and 5 more", as many as fit. */
void api_list_running(const struct api_status *status, char *ret_text, size_t size);

struct command;
struct entries_handler;
struct store_delivery;

struct api_handler {
        /*
         * Start an enrollment: accepted with its transaction, or refused at once. Everything later
         * is an event. @code is the code's text or bytes; @fd is a picture, whose ownership passes
         * if the request is accepted.
         */
        struct api_answer (*on_enroll)(void *userdata, const uint8_t *code, size_t n_code,
                                       const struct api_request *request);
        struct api_answer (*on_enroll_picture)(void *userdata, int fd,
                                               const struct api_request *request);
        struct api_answer (*on_scan)(void *userdata, const struct api_request *request);
        /*
         * Opens the window, or gives it another end, for .seconds or the configured time; how many
         * seconds it is open from now on is in @ret_seconds if that was accepted. And closes it,
         * whether it is open or not, which ends no enrollment.
         */
        struct api_answer (*on_open_window)(void *userdata, const struct api_request *request,
                                            unsigned *ret_seconds);
        struct api_answer (*on_close_window)(void *userdata);
        /* Ends this enrollment; REASON_REQUEST_INVALID if it does not run. */
        struct api_answer (*on_cancel)(void *userdata, const char *transaction);
        /*
         * Gives a device, as devices_resolve() takes it, another name, which is a valid one. What
         * is published under its name follows before this returns.
         */
        struct api_answer (*on_rename)(void *userdata, const char *device, const char *name);
        /* Gives a device, named as above, these options. What is published follows likewise. */
        struct api_answer (*on_delivery)(void *userdata, const char *device,
                                         const struct store_delivery *delivery);
        /*
         * Releases a device and removes it. With @force it is removed without being released; that
         * is done when it is seen next.
         */
        void (*on_remove)(void *userdata, const char *device, bool force,
                          const struct api_later *later);
        /* Sends once more what was forwarded of a device; REASON_KEYS_MISSING if nothing was. */
        struct api_answer (*on_send_keys)(void *userdata, const char *device);
        /* Passes a command on whose device and channels are known (api/command.h); valid during the
         * call. */
        void (*on_command)(void *userdata, const struct command *command,
                           const struct api_later *later);
        /*
         * Removes what the broker keeps below the topics of .hub and that hub does not publish;
         * with .dry_run only looks. Another hub must not be running.
         */
        void (*on_clean)(void *userdata, const struct api_request *request,
                         const struct api_later *later);
        /* How much the daemon logs from now on, also after a restart: LOG_ERR to LOG_DEBUG. */
        struct api_answer (*on_log_level)(void *userdata, int level);
        /* Ends the daemon so that it is started again; refused where nothing would do that. */
        struct api_answer (*on_restart)(void *userdata);
        void (*on_status)(void *userdata, struct api_status *ret_status);
};

/* Whom a face asks, and what it reads by itself. Everything outlives the faces. */
struct api_backend {
        const struct api_handler *handler;
        void *userdata;
        struct store *store; /* for reading only */
        const struct state *state;
        const struct conditions *conditions;
        const struct entries_handler *entries; /* api/entries.h; NULL: there is no catalogue */
        void *catalogue;                       /* its userdata */
};

/*
 * Ends the enrollment @transaction, or with NULL or "" the one that runs. If none does, or several
 * do, the request is refused with a detail that says so.
 */
struct api_answer api_cancel(const struct api_backend *backend, const char *transaction);

/* As on_rename(), after checking @name. */
struct api_answer api_rename(const struct api_backend *backend, const char *device,
                             const char *name);
