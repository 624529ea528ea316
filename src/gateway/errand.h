/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One thing that a device is asked: to take values (SET), to say some (GET), or to let itself go
 * (RELEASE); doc/protocol.md section 4.1. It is answered exactly once: by the device, or by the hub
 * when it gives up.
 */

#include <stddef.h>
#include <stdint.h>

#include "event/reading.h"
#include "reason/reason.h"
#include "util/defer.h"
#include "wire/message.h"

#define ERRAND_VALUES_MAX MESSAGE_CHANNELS_MAX

enum errand_kind {
        ERRAND_SET,
        ERRAND_GET,
        ERRAND_RELEASE,
};

struct errand_answer {
        enum reason why;   /* REASON_NONE: done */
        bool is_inferred;  /* done, it seems: the device has not said so (RELEASE only) */
        char text[256];    /* more about it, as reason_explain() takes it: a phrase; or "" */
        size_t n_readings; /* the values now in force, as far as the device has said them */
        const struct reading *readings;
};

/* @answer is valid during the call. */
typedef void (*errand_on_answer_t)(void *userdata, const struct errand_answer *answer);

struct errand {
        struct errand *next;
        enum errand_kind kind;
        bool is_patient;
        uint64_t until; /* when the hub gives up, as in time_now_usec() */
        size_t n_values;
        struct message_value values[ERRAND_VALUES_MAX]; /* of SET; of GET the channels only */
        uint8_t texts[ERRAND_VALUES_MAX * MESSAGE_TEXT_MAX];
        errand_on_answer_t on_answer;
        void *userdata;
};

/* What is asked: 1 to ERRAND_VALUES_MAX values, of which GET has only the channels; 0 for RELEASE.
 */
struct errand_wish {
        enum errand_kind kind;
        const struct message_value *values;
        size_t n_values;
        unsigned seconds; /* how long the answer may take, the way to the device included */
        bool is_patient;  /* nobody waits for it: it goes before no visit for readings */
};

/* Copies what is asked. 0; -EINVAL; -ENOMEM. */
int errand_new(const struct errand_wish *wish, errand_on_answer_t on_answer, void *userdata,
               struct errand **ret_errand);

/* Forgets it without an answer. Takes NULL, returns NULL. */
struct errand *errand_free(struct errand *errand);

/* Gives the answer and frees the errand. */
void errand_answer(struct errand *errand_take, const struct errand_answer *answer);

/* The same for one that has failed; @text is a phrase or a sentence about it, or NULL. */
void errand_fail(struct errand *errand_take, enum reason why, const char *text);

DEFINE_DEFER(struct errand *, errand_free);
