/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What happens in an enrollment. D-Bus, MQTT and the journal report the same. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"

#define EVENT_TRANSACTION_CHARS 16 /* hexadecimal digits of 8 random bytes */
#define EVENT_STEPS             7
#define EVENT_ASKS_MAX          8
#define EVENT_CHANNELS_MAX      32
#define EVENT_PERSONAL_MAX      16
#define EVENT_WORD_SIZE         33 /* of a channel's words */
#define EVENT_WORDS_SIZE        256
#define EVENT_ROLES_MAX         4

enum event_status {
        EVENT_STARTED = 0, /* a request was accepted; step 0 */
        EVENT_READING,     /* the reader says something: code NULL, text for people; step 0 */
        EVENT_PREVIEW,  /* the code is good; text says who signed it and what it asks for; step 0 */
        EVENT_PROGRESS, /* a step begins (done false) or is done (done true) */
        EVENT_SUCCESSFUL, /* the last event of an enrollment that worked */
        EVENT_FAILED,     /* the last event of one that did not; reason says why */
        EVENT_STATUS_MAX,
};

/* The steps of an enrollment, as people see them; the FIG. 1 step ids of the application are in
 * brackets. */
enum event_step {
        EVENT_STEP_CODE = 0,  /* read and check the code: before the first step on the device */
        EVENT_STEP_FIND,      /* find the device (130) */
        EVENT_STEP_CONNECT,   /* connect to it, when its turn has come (130) */
        EVENT_STEP_PROVE,     /* prove the code, both sides (130) */
        EVENT_STEP_SUPPLY,    /* supply values to the device (140) */
        EVENT_STEP_CONFIGURE, /* the device configures itself and reports (140, 150) */
        EVENT_STEP_OWN,       /* take ownership (150, 160) */
        EVENT_STEP_GATEWAY,   /* the hub becomes the device's gateway (160) */
};

/* How a request came in. */
enum event_source {
        EVENT_SOURCE_NONE = 0, /* not said, or one that this program does not know */
        EVENT_SOURCE_CAMERA,   /* the hub's camera */
        EVENT_SOURCE_FILE,     /* a picture */
        EVENT_SOURCE_TEXT,     /* a code's text or bytes */
        EVENT_SOURCE_MQTT,     /* an MQTT request */
        EVENT_SOURCE_RESUME,   /* the hub finishes what was interrupted */
        EVENT_SOURCE_BUTTON,   /* the hub's button */
        EVENT_SOURCE_TAP,      /* a tag on the hub's reader */
        EVENT_SOURCE_DBUS,     /* a window that was opened over D-Bus */
        /* A code of the hub's catalogue, whose device was switched on; or codes are fetched. */
        EVENT_SOURCE_CATALOGUE,
        EVENT_SOURCE_MAX,
};

/* Which way the values of a channel go: a sum. */
enum event_access {
        EVENT_PUBLISH = 1, /* from the device to the hub */
        EVENT_COMMAND = 2, /* from the hub to the device */
};

/* A channel that a device has, or would have. */
struct event_channel {
        unsigned number;
        char property[EVENT_WORD_SIZE], device_class[EVENT_WORD_SIZE], unit[EVENT_WORD_SIZE];
        unsigned access;         /* a sum of enum event_access */
        unsigned period_s;       /* 0: on change */
        const char *type;        /* "number"; doc/code.md section 4.6 */
        const char *category;    /* "config" or "diagnostic"; NULL if neither */
        bool has_range;          /* low to high, times 10^exponent */
        int64_t low, high, step; /* step 0: any */
        int exponent;
        unsigned length;              /* of a text: bytes it has at most; else 0 */
        char words[EVENT_WORDS_SIZE]; /* that its value may be, with blanks between; or "" */
};

/* Channels that make up one thing. */
struct event_group {
        const char *kind; /* "light" */
        struct {
                const char *name; /* "brightness" */
                unsigned channel; /* its number */
        } roles[EVENT_ROLES_MAX];
        size_t n_roles;
};

/* What a code is for, before anything is done. */
struct event_preview {
        const char *issuer;
        const char *asks[EVENT_ASKS_MAX]; /* names of capabilities */
        size_t n_asks;
        struct event_channel channels[EVENT_CHANNELS_MAX];
        size_t n_channels;
        struct event_group groups[EVENT_CHANNELS_MAX];
        size_t n_groups;
        const char *presence; /* "mains" or "sleeps"; NULL if not known */
        unsigned sleep_s;     /* that it sleeps at most; else 0 */
        const char
                *personal[EVENT_PERSONAL_MAX]; /* what the device receives of the home, by name */
        size_t n_personal;
        char replaces[33]; /* the device_id of the device whose place this one takes, or "" */
        bool secret_key;   /* it goes to the recipient of the hub's settings, with the public key */
        bool erase;        /* the code works again only after a reset of the device */
        bool fuse;         /* the code never works again */
};

struct event {
        enum event_status status;
        enum event_step step;
        bool done;
        uint64_t step_ms;           /* how long the step took, if done */
        uint64_t total_ms;          /* since the request */
        int64_t time;               /* when it happened, Unix time, s */
        unsigned attempt, attempts; /* to reach the device, and how many there may be; 0: none */
        unsigned waited_sec, limit_sec; /* while a step waits; a limit of 0: there is none, or it is
                                           not known */
        enum reason reason;
        int64_t next_try; /* failed, and when the hub goes on by itself, Unix time; or 0 */

        char transaction[EVENT_TRANSACTION_CHARS + 1];
        enum event_source source;
        const char *text;                    /* one line for people; never NULL, never a secret */
        const char *device;                  /* name, or NULL while it has none */
        const char *device_id;               /* 32 hexadecimal digits, or NULL while unknown */
        const char *known_as;                /* to other programs: the same (store/device.h) */
        const char *maker, *model;           /* NULL before the preview */
        const struct event_preview *preview; /* of EVENT_PREVIEW, else NULL */
};

/* Whether it is the last event of its enrollment. */
bool event_is_over(const struct event *event);

/*
 * Stable names: "started", "reading", "preview", "progress", "successful", "failed"; "code",
 * "find", "connect", "prove", "supply", "configure", "own", "gateway"; "camera", "file", "text",
 * "mqtt", "resume", "button", "tap", "dbus", "catalogue". "" for no source, and a number that has
 * no name.
 */
const char *event_status_name(enum event_status status);
const char *event_step_name(enum event_step step);
const char *event_source_name(enum event_source source);

/* What a step is called for people. */
const char *event_step_title(enum event_step step);

/* The status with this name: 0, or -EINVAL if there is none. */
int event_status_from_name(const char *name, enum event_status *ret_status);

/* The source with this name, or EVENT_SOURCE_NONE. */
enum event_source event_source_from_name(const char *name);
