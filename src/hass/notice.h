/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The retained messages that announce a subject: one for the whole device, or one for each of its
 * entities. What was announced is remembered as a short text, from which follows what has to be
 * withdrawn when the subject changes or goes.
 */

#include <jansson.h>

#include "hass/subject.h"

enum notice_form {
        NOTICE_OFF,
        NOTICE_DEVICE, /* one for the device */
        NOTICE_ENTITY, /* one for each entity */
};

struct notice_handler {
        /* A message for "<prefix>/..." (TOPIC_DISCOVERY); "" removes the one that is there. */
        void (*on_message)(void *userdata, const char *name, const char *text);
};

/* How it is announced, and to whom. */
struct notice {
        enum notice_form form;
        const char *prefix;
        const struct notice_handler *handler;
        void *userdata;
};

/* Which entities a subject has: "sensor/temperature number/interval". A new text; NULL if memory is
 * short. */
json_t *notice_digest(const struct subject *subject);

/* @digest and, after it, the entities that only @more has. A new text; NULL if memory is short. */
json_t *notice_join(const char *digest, const char *more);

/*
 * Announces a subject. What @before, an earlier digest or NULL, has and the subject has not is
 * withdrawn first. 0 or -ENOMEM.
 */
int notice_announce(const struct notice *notice, const struct subject *subject, const char *before);

/* Withdraws everything of a subject; @before is its digest. */
void notice_withdraw(const struct notice *notice, const char *identifier, const char *before);

/* Calls @on_name with the name of each message that announces a subject; @digest is its digest. */
void notice_name_all(const struct notice *notice, const char *identifier, const char *digest,
                     void (*on_name)(const struct notice *notice, const char *name));
